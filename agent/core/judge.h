#pragma once
/* The life of a rule on one target: armed -> firing -> cooling -> armed, or blind.
 *
 * armed -> firing: the condition held for `for`. firing -> cooling: the capture has ended,
 * whatever its result (judge_captured). cooling -> armed: the cooldown is over and the
 * value is back by 5 % of the threshold (grows, time to limit: false for one window).
 * Time is an argument; the state is plain data that survives a restart of the agent as text. */

#include "core/rule.h"
#include "lib/record.h"

enum phase {
	PHASE_ARMED,
	PHASE_FIRING,
	PHASE_COOLING,
	PHASE_BLIND,
	PHASE_N,
};
extern const char *const phase_table[PHASE_N];

struct rule_state {
	enum phase phase;
	enum blind blind;        /* with PHASE_BLIND */
	enum phase before_blind; /* a rule that saw nothing for a while goes on where it was */
	int64_t true_since_ms;   /* the condition has held since; INT64_MIN: it does not */
	int64_t calm_since_ms;   /* it has been back by the margin since; INT64_MIN: it is not */
	int64_t cool_until_ms;   /* with PHASE_COOLING */
	bool quiet; /* at_most was reached: no capture until re-armed */
};

struct judgement {
	bool fires;   /* became PHASE_FIRING just now: capture, join or open an incident */
	bool changed; /* the phase or the blindness changed: log it once */
	enum phase phase;
	enum blind blind;
	uint64_t value;     /* of the signal (time to limit: ms); 0 while blind */
	uint64_t threshold; /* 0 while blind */
};

void rule_state_init(struct rule_state *state);
/* Judges one rule. A signal that is not exact or not fresh may be judged false, never true. */
void judge(const struct rule *rule, struct rule_state *state, const struct rule_view *view,
	   int64_t now_ms, struct judgement *ret);
/* The capture for this firing has ended. */
void judge_captured(const struct rule *rule, struct rule_state *state, int64_t now_ms);

/* The lowest value of a memory signal at which any of n rules may become true next,
 * UINT64_MAX where none can: below it, a reading need not be exact. */
uint64_t judge_nearest(const struct rule *rules, size_t n, enum signal signal,
		       const struct rule_view *view, int64_t now_ms);
/* The next tick: clamp(distance / R, 10 ms, longest) with R = max(2 GB/s, 4 x slope per
 * second); distance is the one of memory to its nearest rule, in bytes. */
int64_t judge_next_ms(uint64_t distance_bytes, double slope_per_s, int64_t longest_ms);

/* State as record lines and back. Times are stored as distances to now, so that they
 * survive a restart of the agent. A rule is recognised by its text. */
void rule_state_save(const struct rule *rule, const struct rule_state *state, int64_t now_ms,
		     struct buf *to);
int rule_state_load(const char *saved, const struct rule *rule, int64_t now_ms,
		    struct rule_state *ret) must_check;
