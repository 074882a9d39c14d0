/* The rings overlap: hours reach back furthest, seconds are finest. A slot of a coarser
 * ring is written only where it has ended before a finer ring begins: the last value of
 * one that has not would stand before its time, as a peak that never was. */
#include "view/timeline.h"

#include <inttypes.h>

#include "lib/stamp.h"

static const int step_s[] = {
	[RING_SECONDS] = 1, [RING_MINUTES] = 60, [RING_HOURS] = 3600};

static void header(struct series *const series[SIGNAL_N], struct buf *to)
{
	buf_adds(to, "at,step_s");
	for (int s = 0; s < SIGNAL_N; s++) {
		if (series[s])
			buf_addf(to, ",%s,%s_min", signal_table[s].name,
				 signal_table[s].name);
	}
	buf_addc(to, '\n');
}

/* The first moment that a ring knows of any signal; INT64_MAX: none. */
static int64_t ring_begin(struct series *const series[SIGNAL_N], int ring)
{
	int64_t first = INT64_MAX;
	struct slot slot;

	for (int s = 0; s < SIGNAL_N; s++) {
		if (series[s] && series_at(series[s], ring, 0, &slot))
			first = MIN(first, slot.at_ms);
	}
	return first;
}

/* The slot of a signal that starts at a moment; *cursor only moves forward. */
static bool slot_at(const struct series *series, int ring, int64_t at_ms,
		    unsigned *cursor, struct slot *ret)
{
	while (series_at(series, ring, *cursor, ret)) {
		if (ret->at_ms >= at_ms)
			return ret->at_ms == at_ms;
		(*cursor)++;
	}
	return false;
}

static int64_t next_moment(struct series *const series[SIGNAL_N], int ring,
			   const unsigned cursors[SIGNAL_N])
{
	int64_t next = INT64_MAX;
	struct slot slot;

	for (int s = 0; s < SIGNAL_N; s++) {
		if (series[s] && series_at(series[s], ring, cursors[s], &slot))
			next = MIN(next, slot.at_ms);
	}
	return next;
}

static void row(struct series *const series[SIGNAL_N], int ring, int64_t at_ms,
		unsigned cursors[SIGNAL_N], struct buf *to)
{
	struct slot slot;

	for (int s = 0; s < SIGNAL_N; s++) {
		if (!series[s])
			continue;
		if (slot_at(series[s], ring, at_ms, &cursors[s], &slot)) {
			buf_addf(to, ",%" PRIu64 ",%" PRIu64, slot.last, slot.min);
			cursors[s]++;
		} else {
			buf_adds(to, ",,");
		}
	}
	buf_addc(to, '\n');
}

static void ring_csv(struct series *const series[SIGNAL_N], int ring, int64_t until_ms,
		     int64_t unix_offset_ms, struct buf *to)
{
	unsigned cursors[SIGNAL_N] = {0};
	char stamp[STAMP_MAX];
	int64_t at;

	/* until_ms - step: no overflow where next_moment says that there is none. */
	while ((at = next_moment(series, ring, cursors)) <=
	       until_ms - step_s[ring] * INT64_C(1000)) {
		buf_addf(to, "%s,%d", stamp_format(at + unix_offset_ms, stamp),
			 step_s[ring]);
		row(series, ring, at, cursors, to);
	}
}

void timeline_csv(struct series *const series[SIGNAL_N], int64_t now_ms, int64_t unix_ms,
		  struct buf *to)
{
	int64_t minutes = ring_begin(series, RING_MINUTES);
	int64_t seconds = ring_begin(series, RING_SECONDS);
	int64_t offset = unix_ms - now_ms;

	header(series, to);
	ring_csv(series, RING_HOURS, minutes, offset, to);
	ring_csv(series, RING_MINUTES, seconds, offset, to);
	ring_csv(series, RING_SECONDS, INT64_MAX, offset, to);
}
