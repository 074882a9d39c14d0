/* A judgement in two steps: judge_look says what the readings say about the condition
 * (yes, no, or nothing), and the life of the rule follows from that alone. */
#include "core/judge.h"

#include "core/judge_look.h"
#include "lib/num.h"

const char *const phase_table[PHASE_N] = {
	[PHASE_ARMED] = "armed",
	[PHASE_FIRING] = "firing",
	[PHASE_COOLING] = "cooling",
	[PHASE_BLIND] = "blind",
};

/* A slower leak than 2 GB/s is noticed within the shortest tick: each tick leaves at
 * least half of the distance. A Go service on a large machine was measured at 1 GB/s. */
#define RATE_LEAST 2e9
#define RATE_TIMES 4
#define BRIEF_MS 60000

void rule_state_init(struct rule_state *state)
{
	*state = (struct rule_state){.phase = PHASE_ARMED,
				     .true_since_ms = NEVER_MS,
				     .calm_since_ms = NEVER_MS,
				     .seen_ms = NEVER_MS,
				     .distance = UINT64_MAX};
}

enum phase rule_state_phase(const struct rule_state *state)
{
	return state->blind == BLIND_NOT ? state->phase : PHASE_BLIND;
}

static int64_t since(int64_t before_ms, bool is, int64_t now_ms)
{
	if (!is)
		return NEVER_MS;
	return before_ms == NEVER_MS ? now_ms : before_ms;
}

/* Whether it has been so for a time. */
static bool lasts(int64_t since_ms, uint64_t time_ms, int64_t now_ms)
{
	return since_ms != NEVER_MS && now_ms - since_ms >= (int64_t)time_ms;
}

static void live(const struct rule *rule, struct rule_state *state, int64_t now_ms)
{
	bool looks_back = rule->kind == RULE_GROWS || rule->kind == RULE_TIME_TO_LIMIT;
	uint64_t calm_ms = looks_back ? rule->window_ms : 0;

	if (state->phase == PHASE_ARMED &&
	    lasts(state->true_since_ms, rule->for_ms, now_ms))
		state->phase = PHASE_FIRING;
	if (state->phase == PHASE_COOLING && now_ms >= state->cool_until_ms &&
	    (state->inherited || lasts(state->calm_since_ms, calm_ms, now_ms))) {
		state->phase = PHASE_ARMED;
		state->inherited = false;
	}
}

static void take(const struct rule *rule, struct rule_state *state,
		 const struct look *look, int64_t now_ms)
{
	state->blind = look->blind;
	state->exact_from = look->exact_from;
	state->distance = look->distance;
	if (look->blind != BLIND_NOT) {
		state->true_since_ms = NEVER_MS;
		state->calm_since_ms = NEVER_MS;
	} else if (look->truth != TRUTH_UNKNOWN) {
		state->true_since_ms =
			since(state->true_since_ms, look->truth == TRUTH_YES, now_ms);
		state->calm_since_ms = since(state->calm_since_ms, look->back, now_ms);
		live(rule, state, now_ms);
	}
}

void judge(const struct rule *rule, struct rule_state *state,
	   const struct rule_view *view, int64_t now_ms, struct judgement *ret)
{
	struct rule_state before = *state;
	struct look look = {.blind = BLIND_NOT};

	if (rule->kind != RULE_OOM_KILL) {
		judge_look(rule, state, view, now_ms, &look);
		take(rule, state, &look, now_ms);
	}
	*ret = (struct judgement){
		.fires = before.phase == PHASE_ARMED && state->phase == PHASE_FIRING,
		.changed = rule_state_phase(&before) != rule_state_phase(state) ||
			   before.blind != state->blind,
		.holds = state->true_since_ms != NEVER_MS,
		.calm = state->calm_since_ms != NEVER_MS,
		.phase = rule_state_phase(state),
		.blind = state->blind,
		.value = look.value,
		.threshold = look.threshold,
	};
}

void judge_captured(const struct rule *rule, struct rule_state *state, int64_t now_ms)
{
	if (state->phase != PHASE_FIRING)
		return;
	state->phase = PHASE_COOLING;
	state->cool_until_ms = now_ms + (int64_t)rule->cooldown_ms;
}

void judge_inherit(struct rule_state *state, int64_t cool_until_ms)
{
	state->phase = PHASE_COOLING;
	state->cool_until_ms = cool_until_ms;
	state->inherited = true;
}

uint64_t judge_nearest(const struct rule *rules, const struct rule_state *states,
		       size_t n)
{
	uint64_t nearest = UINT64_MAX;

	for (size_t i = 0; i < n; i++) {
		if (rules[i].kind != RULE_OOM_KILL && rules[i].signal == SIGNAL_MEMORY)
			nearest = MIN(nearest, states[i].exact_from);
	}
	return nearest;
}

/* Armed, and its `for` is not running. */
static bool rests(const struct rule_state *state)
{
	return state->phase == PHASE_ARMED && state->true_since_ms == NEVER_MS;
}

static bool waits(const struct rule_state *state)
{
	return rests(state) && state->blind == BLIND_NOT;
}

/* See history_ages of judge_look.c: with one value in 10 s a minute has enough. */
static bool is_brief(const struct rule *rule)
{
	return rule->signal == SIGNAL_MEMORY && rule->window_ms &&
	       rule->window_ms < BRIEF_MS;
}

bool judge_rests(const struct rule *rules, const struct rule_state *states, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!rests(&states[i]) || is_brief(&rules[i]))
			return false;
	}
	return true;
}

uint64_t judge_ahead(const struct rule *rules, const struct rule_state *states, size_t n)
{
	uint64_t ahead = UINT64_MAX;

	for (size_t i = 0; i < n; i++) {
		if (signal_table[rules[i].signal].unit == UNIT_BYTES && waits(&states[i]))
			ahead = MIN(ahead, states[i].distance);
	}
	return ahead;
}

uint64_t judge_distance(const struct rule *rules, const struct rule_state *states,
			size_t n, const struct sample *sample)
{
	const struct reading *limit = &sample->ceiling[CEILING_LIMIT];
	uint64_t distance = judge_ahead(rules, states, n), memory;

	if (limit->have == HAVE_VALUE && sample_memory_most(sample, &memory))
		distance = MIN(distance, num_sub(limit->value, memory));
	return distance;
}

int64_t judge_next_ms(uint64_t distance_bytes, double speed, int64_t longest_ms)
{
	double rate = MAX(RATE_LEAST, RATE_TIMES * speed);
	double ms = (double)distance_bytes * 1000 / rate;

	if (ms >= (double)longest_ms)
		return MAX(longest_ms, (int64_t)JUDGE_TICK_LEAST_MS);
	return MAX((int64_t)ms, (int64_t)JUDGE_TICK_LEAST_MS);
}

int64_t judge_deadline(const struct rule *rules, const struct rule_state *states,
		       size_t n)
{
	int64_t first = INT64_MAX;

	for (size_t i = 0; i < n; i++) {
		if (rule_state_phase(&states[i]) == PHASE_ARMED &&
		    states[i].true_since_ms != NEVER_MS &&
		    signal_table[rules[i].signal].unit == UNIT_BYTES)
			first = MIN(first,
				    states[i].true_since_ms + (int64_t)rules[i].for_ms);
	}
	return first;
}
