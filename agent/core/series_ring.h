#pragma once
/* The inside of a series, for series.c and series_text.c only.
 *
 * Slots are numbered by their time (start / length), so a slot needs no time of its own
 * and a gap is the slots that were skipped. They stand in one array, ring behind ring,
 * each slot at its number modulo the ring's length. */

#include "core/series.h"

#define EMPTY UINT32_MAX
#define NONE INT64_MIN

struct cell {
	uint32_t last, min; /* in units of 1 << shift; EMPTY: nothing was pushed */
};

struct ring {
	int64_t slot_ms;
	int64_t len;
	size_t at; /* first cell */
};
extern const struct ring series_rings[RING_N];

struct series {
	int64_t newest[RING_N]; /* number of the newest slot; NONE: no slot is filled */
	int64_t pushed_ms;      /* time and value of the last push; NONE before it */
	uint64_t pushed;
	double speed;
	unsigned shift; /* STORED_FLOAT: cells hold the bits of a float */
	struct cell cells[RING_SECONDS_LEN + RING_MINUTES_LEN + RING_HOURS_LEN];
};

/* A metric counts anything, from shares to bytes: as a float it keeps seven digits of
 * each, and those of numbers that are not negative are in the order of their bits. */
#define STORED_FLOAT 63

uint32_t series_stored(const struct series *s, uint64_t value);
uint64_t series_value(const struct series *s, uint32_t stored);
/* The slot in which a time lies. */
int64_t series_number(const struct ring *ring, int64_t at_ms);
/* Where it stands in cells. */
size_t series_index(const struct ring *ring, int64_t number);
/* Makes a newer slot the newest: what is a whole round older than it is forgotten. */
void series_advance(struct series *s, int ring, int64_t number);
