#include "core/series_ring.h"

#include <string.h>

#include "core/slope.h"

const struct ring series_rings[RING_N] = {
	[RING_SECONDS] = {1000, RING_SECONDS_LEN, 0},
	[RING_MINUTES] = {60000, RING_MINUTES_LEN, RING_SECONDS_LEN},
	[RING_HOURS] = {3600000, RING_HOURS_LEN, RING_SECONDS_LEN + RING_MINUTES_LEN},
};

static const unsigned shifts[UNIT_N] = {
	[UNIT_BYTES] = 12,
	[UNIT_THOUSANDTH] = STORED_FLOAT,
};

uint32_t series_stored(const struct series *s, uint64_t value)
{
	float number = (float)value;
	uint32_t bits;

	if (s->shift != STORED_FLOAT)
		return (uint32_t)MIN(value >> s->shift, EMPTY - 1);
	memcpy(&bits, &number, sizeof(bits));
	return bits;
}

uint64_t series_value(const struct series *s, uint32_t stored)
{
	float number;

	if (s->shift != STORED_FLOAT)
		return (uint64_t)stored << s->shift;
	memcpy(&number, &stored, sizeof(number));
	/* What a state file says may be any bits. */
	return number >= 0 && number < 0x1p64F ? (uint64_t)number : UINT64_MAX;
}

struct series *series_new(enum unit unit)
{
	struct series *s = malloc(sizeof(*s));

	if (!s)
		return NULL;
	for (int ring = 0; ring < RING_N; ring++)
		s->newest[ring] = NONE;
	s->pushed_ms = NONE;
	s->pushed = 0;
	s->speed = 0;
	s->shift = shifts[unit];
	memset(s->cells, 0xff, sizeof(s->cells)); /* all EMPTY */
	return s;
}

void series_free(struct series *s)
{
	free(s);
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

int64_t series_number(const struct ring *ring, int64_t at_ms)
{
	return floor_div(at_ms, ring->slot_ms);
}

size_t series_index(const struct ring *ring, int64_t number)
{
	int64_t rest = number % ring->len;

	return ring->at + (size_t)(rest < 0 ? rest + ring->len : rest);
}

void series_advance(struct series *s, int r, int64_t number)
{
	const struct ring *ring = &series_rings[r];
	int64_t oldest = number - ring->len + 1;

	if (s->newest[r] < oldest) /* or NONE */
		memset(s->cells + ring->at, 0xff, (size_t)ring->len * sizeof(*s->cells));
	else
		for (int64_t n = s->newest[r] + 1; n <= number; n++)
			s->cells[series_index(ring, n)] = (struct cell){EMPTY, EMPTY};
	s->newest[r] = number;
}

static void ring_push(struct series *s, int r, int64_t now_ms, uint32_t stored)
{
	int64_t number = series_number(&series_rings[r], now_ms);
	struct cell *cell;

	if (number > s->newest[r])
		series_advance(s, r, number);
	cell = &s->cells[series_index(&series_rings[r], s->newest[r])];
	cell->last = stored;
	cell->min = MIN(cell->min, stored);
}

void series_push(struct series *s, int64_t now_ms, uint64_t value)
{
	if (!s)
		return;
	for (int r = 0; r < RING_N; r++)
		ring_push(s, r, now_ms, series_stored(s, value));
	if (s->pushed_ms == NONE)
		s->pushed_ms = now_ms;
	if (now_ms > s->pushed_ms) {
		s->speed = ((double)value - (double)s->pushed) * 1000 /
			   (double)(now_ms - s->pushed_ms);
		s->pushed_ms = now_ms;
	}
	s->pushed = value;
}

int64_t series_pushed_ms(const struct series *s)
{
	return s ? s->pushed_ms : NONE;
}

double series_speed(const struct series *s)
{
	return s ? s->speed : 0;
}

/* The slots of a window: those that begin in it and that the ring still holds. */
struct range {
	const struct ring *ring;
	int64_t first, last; /* numbers; none where last < first */
};

static struct range window_range(const struct series *s, int64_t now_ms,
				 int64_t window_ms)
{
	const struct ring *ring;
	int64_t first;
	int r = 0;

	while (r < RING_N - 1 &&
	       window_ms > (series_rings[r].len - 1) * series_rings[r].slot_ms)
		r++;
	ring = &series_rings[r];
	if (s->newest[r] == NONE)
		return (struct range){ring, 0, -1};
	first = -floor_div(window_ms - now_ms, ring->slot_ms); /* rounded up */
	return (struct range){ring, MAX(first, s->newest[r] - ring->len + 1),
			      MIN(series_number(ring, now_ms), s->newest[r])};
}

/* EMPTY where all are. */
static uint32_t range_min(const struct series *s, struct range range)
{
	const struct cell *ring = s->cells + range.ring->at;
	size_t len = (size_t)range.ring->len;
	uint32_t min = EMPTY;
	size_t i;

	if (range.last < range.first)
		return EMPTY;
	i = series_index(range.ring, range.first) - range.ring->at;
	for (int64_t n = range.first; n <= range.last; n++) {
		min = MIN(min, ring[i].min);
		i = i + 1 == len ? 0 : i + 1;
	}
	return min;
}

bool series_min(const struct series *s, int64_t now_ms, int64_t window_ms, uint64_t *ret)
{
	uint32_t min;

	if (!s)
		return false;
	min = range_min(s, window_range(s, now_ms, window_ms));
	if (min == EMPTY)
		return false;
	*ret = series_value(s, min);
	return true;
}

/* The minima of equal parts of the window, newest first; x in seconds. */
static void slope_fill(const struct series *s, struct range range, struct slope *points)
{
	int64_t part = (range.last - range.first) / SLOPE_POINTS + 1;
	double slot_s = (double)range.ring->slot_ms / 1000;

	points->n = 0;
	for (int64_t end = range.last; end >= range.first; end -= part) {
		struct range slots = {range.ring, MAX(range.first, end - part + 1), end};
		uint32_t min = range_min(s, slots);

		if (min == EMPTY)
			continue;
		points->x[points->n] = (double)end * slot_s;
		points->y[points->n++] = (double)series_value(s, min);
	}
}

bool series_slope(const struct series *s, int64_t now_ms, int64_t window_ms, double *ret)
{
	struct slope points;

	if (!s)
		return false;
	slope_fill(s, window_range(s, now_ms, window_ms), &points);
	if (points.n < 3 ||
	    (points.x[0] - points.x[points.n - 1]) * 2000 < (double)window_ms)
		return false;
	*ret = slope_median(&points);
	return true;
}

bool series_at(const struct series *s, int r, unsigned i, struct slot *ret)
{
	const struct ring *ring = &series_rings[r];

	if (!s || s->newest[r] == NONE)
		return false;
	for (int64_t n = s->newest[r] - ring->len + 1; n <= s->newest[r]; n++) {
		const struct cell *cell = &s->cells[series_index(ring, n)];

		if (cell->last == EMPTY || i-- > 0)
			continue;
		*ret = (struct slot){n * ring->slot_ms, series_value(s, cell->last),
				     series_value(s, cell->min)};
		return true;
	}
	return false;
}
