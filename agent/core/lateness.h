#pragma once
/* How late looks were, as a share of them: whether the agent keeps up with its targets. A
 * row of counters by bounds; what is old fades, so that an hour of trouble a week ago
 * does not colour today. */

#include "lib/def.h"

#define LATENESS_N 16

struct lateness {
	uint64_t count[LATENESS_N];
	uint64_t n;
	uint64_t worst_ms; /* ever */
};

/* Less than nothing is in time. */
void lateness_add(struct lateness *lateness, int64_t late_ms);
/* The bound in ms that so many percent of the looks kept; 0 before the first. Where they
 * kept none, the worst. */
uint64_t lateness_ms(const struct lateness *lateness, unsigned percent);
