#pragma once
/* The pace of memory: how fast it rises from one look to the next, and from that the time
 * of the next look. The law is judge_next_ms; where that ends, at the shortest tick, the
 * pace goes on: a look lies just behind the moment in which the threshold will be
 * crossed. So a leak at 1 GB/s is seen 1 to 2 ms after the crossing, a slower one within
 * the shortest tick, and who stands still in front of a threshold costs no more than
 * that tick. Time is an argument. */

#include "core/judge.h"

struct pace {
	int64_t at_ms;  /* of the look that counts; 0: there was none */
	uint64_t bytes; /* usage, or without a domain memory */
	double speed;   /* bytes per second since the look before; negative: it falls */
};

/* The rules of a target and what became of them. */
struct pace_rules {
	const struct rule *rules;
	const struct rule_state *states;
	size_t n;
};

/* After each look. Looks that follow each other faster than the shortest tick are no
 * measure: the kernel counts in batches. */
void pace_note(struct pace *pace, const struct sample *sample, int64_t now_ms);
/* In how many ms memory will have risen by so many bytes; INT64_MAX: never. */
int64_t pace_reach_ms(const struct pace *pace, uint64_t bytes);
/* When to look next, never later than in longest_ms. */
int64_t pace_next_ms(const struct pace *pace, const struct pace_rules *of,
		     const struct sample *sample, int64_t now_ms, int64_t longest_ms);
