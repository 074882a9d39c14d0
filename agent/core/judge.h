#pragma once
/* The life of a rule on one target: armed -> firing -> cooling -> armed. Blind lies
 * over each of them.
 *
 * armed -> firing: the condition held for `for`, that is at every judgement in between.
 * firing -> cooling: the capture has ended, whatever its result (judge_captured). cooling
 * -> armed: the cooldown is over and the value is back by 5 % of the threshold (grows,
 * time to limit: false for one window). One that never comes back stays cooling: quiet.
 *
 * What cannot be read neither fires nor re-arms: a blind judgement keeps the phase, but
 * `for` and the window start anew. A reading that is not fresh is no judgement at all.
 * One that is not exact is an upper bound: under a threshold it says no, over it nothing.
 * Time is an argument; the state is plain data that survives a restart as text. */

#include "core/rule.h"
#include "lib/record.h"

enum phase {
	PHASE_ARMED,
	PHASE_FIRING,
	PHASE_COOLING,
	PHASE_BLIND, /* shown instead of the others; a state keeps what is below */
	PHASE_N,
};
extern const char *const phase_table[PHASE_N];

#define NEVER_MS INT64_MIN

struct rule_state {
	enum phase phase;      /* never PHASE_BLIND; see rule_state_phase */
	enum blind blind;      /* of the last judgement */
	int64_t true_since_ms; /* the condition has held since; or NEVER_MS */
	int64_t calm_since_ms; /* it has been back by the margin since; or NEVER_MS */
	int64_t cool_until_ms; /* with PHASE_COOLING */
	bool inherited;        /* with PHASE_COOLING: the capture was an earlier life's */
	int64_t seen_ms;       /* last fresh reading; NEVER_MS before the first */
	/* What the last judgement asks of the next look; UINT64_MAX: nothing. */
	uint64_t exact_from; /* from this usage on, memory must be read exactly */
	uint64_t distance;   /* bytes until a look is worth it */
};

struct judgement {
	bool fires; /* became PHASE_FIRING just now: capture, join or open an incident */
	bool changed; /* the shown phase or the blindness changed: log it once */
	bool holds;   /* the condition is true, as of the last reading that could tell */
	bool calm;    /* it is back by its margin, likewise; false while blind */
	enum phase phase; /* as shown: PHASE_BLIND while blind */
	enum blind blind;
	uint64_t value;     /* rule_unit(), time to limit: UINT64_MAX is never */
	uint64_t threshold; /* rule_unit(); both are 0 while blind */
};

/* Armed. */
void rule_state_init(struct rule_state *state);
/* As it is shown. */
enum phase rule_state_phase(const struct rule_state *state);
/* Judges one rule; the readings have been pushed to their series before. The built-in
 * rule is never true: the end of a target decides it. */
void judge(const struct rule *rule, struct rule_state *state,
	   const struct rule_view *view, int64_t now_ms, struct judgement *ret);
/* The capture for this firing has ended. Also for a state that was loaded as firing, when
 * its capture died with the agent. */
void judge_captured(const struct rule *rule, struct rule_state *state, int64_t now_ms);

/* A new incarnation: while the cooldown of its service's rule lasts it is cooling. After
 * that it is armed whatever the value is, because it began anew below the threshold. Only
 * for a state that is as rule_state_init left it. */
void judge_inherit(struct rule_state *state, int64_t cool_until_ms);

/* What the rules of a target ask of its next look, as of their last judgements.
 *
 * The usage from which on memory must be read exactly: below it no rule can be true, and
 * none that has been true can be back. 0 before the first judgement, for "memory < V" and
 * while a history that is looked at grows old; UINT64_MAX: no rule looks at memory. */
uint64_t judge_nearest(const struct rule *rules, const struct rule_state *states,
		       size_t n);
/* How many bytes memory may still grow until the first armed memory rule (memory, rss,
 * anon, usage, time to limit) is worth a look. UINT64_MAX: none. A rule over a time is
 * worth a look a small part of that time later. */
uint64_t judge_ahead(const struct rule *rules, const struct rule_state *states, size_t n);
/* The same, or until the limit: it counts as a rule that is always armed, so that the
 * last sample before a kill is young. */
uint64_t judge_distance(const struct rule *rules, const struct rule_state *states,
			size_t n, const struct sample *sample);
/* The next tick in ms: clamp(distance / R, 10 ms, longest) with R = max(2 GB/s, 4 x
 * speed). */
#define JUDGE_TICK_LEAST_MS 10
int64_t judge_next_ms(uint64_t distance_bytes, double speed, int64_t longest_ms);
/* While memory stands still and is read exactly every 10 s, nothing of them changes by
 * time alone: each is armed, no `for` runs, and no history of memory is so short that
 * this would be too rare for it. */
bool judge_rests(const struct rule *rules, const struct rule_state *states, size_t n);
/* When the first running `for` of a memory rule is over (others are not read at every
 * tick); INT64_MAX: none runs. */
int64_t judge_deadline(const struct rule *rules, const struct rule_state *states,
		       size_t n);

/* One line "rule=..." of a record, and back from its value. Times are distances to now;
 * for load, at_ms is the moment of the save on today's clock (now, less the time since).
 * Blindness is judged anew. 0, STATE_OTHER_RULE (a rule is recognised by its text) or
 * -EBADMSG; *ret is set with 0 only. */
enum { STATE_OTHER_RULE = 1 };
#define STATE_TEXT_MAX (RULE_TEXT_MAX + 96)
void rule_state_save(const struct rule *rule, const struct rule_state *state,
		     int64_t now_ms, struct buf *to);
int rule_state_load(const char *saved, const struct rule *rule, int64_t at_ms,
		    struct rule_state *ret) must_check;
