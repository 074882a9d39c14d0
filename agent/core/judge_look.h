#pragma once
/* The inside of judge: what the readings of one moment say about a rule's condition. */

#include "core/judge.h"

enum truth {
	TRUTH_UNKNOWN, /* not fresh, or not exact and over what could be told */
	TRUTH_NO,
	TRUTH_YES,
};

struct look {
	enum blind blind;
	enum truth truth;
	bool back;                     /* by the margin; with TRUTH_NO and TRUTH_YES */
	uint64_t value, threshold;     /* 0 while blind */
	uint64_t exact_from, distance; /* see struct rule_state */
};

/* Notes in the state when the signal was fresh last; nothing else of it changes. */
void judge_look(const struct rule *rule, struct rule_state *state,
		const struct rule_view *view, int64_t now_ms, struct look *ret);
/* What memory is at most: the reading where it is exact, else the usage, which is never
 * below it. False where it was not read. */
bool sample_memory_most(const struct sample *sample, uint64_t *ret);
