#pragma once
/* What a signal was: three rings per target and signal, each slot with its last value and
 * the minimum. Times are monotonic milliseconds and come with each call.
 *
 * A ring has one slot more than it reaches back, because the slot in which "now" lies has
 * only begun. A slot is 8 bytes: its time follows from its place, memory is kept in pages
 * of 4 KiB (the unit that the kernel charges, so nothing is lost) and counts as they are,
 * both up to 2^32 - 2. A series is 3.3 KiB: 1,000 targets with 3 signals are 10 MiB.
 * Memory is taken in series_new only. Every function takes NULL for a series without
 * values. */

#include <stdbool.h>

#include "core/signal.h"
#include "lib/text.h"

enum { RING_SECONDS, RING_MINUTES, RING_HOURS, RING_N };
#define RING_SECONDS_LEN (120 + 1)
#define RING_MINUTES_LEN (120 + 1)
#define RING_HOURS_LEN (168 + 1)

/* The longest window of series_min and series_slope: the reach of the hour ring. */
#define SERIES_REACH_MS (168 * INT64_C(3600000))

struct series;

struct series *series_new(enum unit unit) must_check; /* NULL: no memory */
void series_free(struct series *s);

/* Only exact and fresh values belong here: an upper bound would look like growth. Times
 * never run backwards (an older one counts as the newest seen). Several pushes in one
 * slot keep the last value and the minimum. */
void series_push(struct series *s, int64_t now_ms, uint64_t value);
/* Minimum of the slots that begin in [now - window, now], in the finest ring that reaches
 * back far enough: never of a moment before the window; a value that lies less than a
 * slot (1 s up to 2m, 1 min up to 2h, 1 h up to 7d) inside of its far end may be left
 * out. False where nothing was pushed in that time. */
bool series_min(const struct series *s, int64_t now_ms, int64_t window_ms, uint64_t *ret);
/* Robust growth of the floor in units per second over the last window: the median of the
 * slopes between each two of at most 16 minima (Theil-Sen), so that neither an outlier
 * nor a collection of garbage moves it. Negative when shrinking. False below 3 points or
 * where they span less than half of the window. About a microsecond. */
bool series_slope(const struct series *s, int64_t now_ms, int64_t window_ms, double *ret);
/* Time of the last push, INT64_MIN before the first. */
int64_t series_pushed_ms(const struct series *s);
/* Growth in units per second between the last two pushes, 0 before: for the next tick. */
double series_speed(const struct series *s);

struct slot {
	int64_t at_ms; /* start of the slot */
	uint64_t last, min;
};
/* Filled slots of a ring, oldest first: for (i = 0; series_at(s, ring, i, &slot); i++) */
bool series_at(const struct series *s, int ring, unsigned i, struct slot *ret);

/* The hour ring as one line of a record, and back. Times are distances to now. For load,
 * at_ms is the moment of the save on today's clock (now, less the time since). 0,
 * -EBADMSG for a foreign text, -EEXIST after a push; unchanged after either. */
void series_save(const struct series *s, const char *key, int64_t now_ms, struct buf *to);
int series_load(struct series *s, struct span raw, int64_t at_ms) must_check;
