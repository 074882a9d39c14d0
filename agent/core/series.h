#pragma once
/* What a signal was: three rings per target and signal, 1 s x 120, 1 min x 120, 1 h x 168,
 * each slot with its last value and the minimum. Memory is the caller's and constant. */

#include <stdbool.h>

#include "lib/def.h"

enum { RING_SECONDS, RING_MINUTES, RING_HOURS, RING_N };
#define RING_SECONDS_LEN 120
#define RING_MINUTES_LEN 120
#define RING_HOURS_LEN 168

struct slot {
	int64_t at_ms; /* start of the slot, monotonic; INT64_MIN: never filled */
	uint64_t last, min;
};

struct series {
	struct slot seconds[RING_SECONDS_LEN];
	struct slot minutes[RING_MINUTES_LEN];
	struct slot hours[RING_HOURS_LEN];
	int64_t first_ms; /* of the first push; INT64_MIN before */
};

void series_init(struct series *s);
/* Times never run backwards (an older one counts as the newest seen). Several pushes in
 * one slot keep the last value and the minimum. */
void series_push(struct series *s, int64_t now_ms, uint64_t value);
/* Minimum over [now - window, now], from the finest ring that reaches back far enough.
 * False where the series is younger than one slot of that window. */
bool series_min(const struct series *s, int64_t now_ms, int64_t window_ms, uint64_t *ret);
/* Robust growth in units per second over the last window (Theil-Sen over at most 30 points:
 * one outlier moves nothing). False below 3 points. Negative when shrinking. */
bool series_slope(const struct series *s, int64_t now_ms, int64_t window_ms, double *ret);
/* Oldest to newest filled slot of a ring: for (i = 0; series_at(s, ring, i, &slot); i++). */
bool series_at(const struct series *s, int ring, unsigned i, struct slot *ret);
