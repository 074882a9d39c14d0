/* The hour ring as text: "AGE SHIFT CELL,CELL,...". AGE is that of the newest slot's
 * start in ms; the slots follow from new to old, each as nothing, as its last value, or
 * as last:min where they differ. */
#include <errno.h>
#include <stdio.h>

#include "core/series_ring.h"
#include "lib/num.h"
#include "lib/record.h"

#define TEXT_MAX (64 + RING_HOURS_LEN * (2 * 10 + 2))
#define AGE_MAX_MS (INT64_C(3653) * 24 * 3600 * 1000) /* ten years: a sane clock */

static int cell_format(const struct cell *cell, char *to, size_t size)
{
	if (cell->last == EMPTY) { /* most are, and snprintf takes its time */
		to[0] = ',';
		to[1] = '\0';
		return 1;
	}
	if (cell->last == cell->min)
		return snprintf(to, size, "%u,", cell->last);
	return snprintf(to, size, "%u:%u,", cell->last, cell->min);
}

void series_save(const struct series *s, const char *key, int64_t now_ms, struct buf *to)
{
	const struct ring *ring = &series_rings[RING_HOURS];
	char text[TEXT_MAX];
	int64_t newest;
	int len;

	if (!s || s->newest[RING_HOURS] == NONE)
		return;
	newest = s->newest[RING_HOURS];
	len = snprintf(text, sizeof(text), "%lld %u ",
		       (long long)(now_ms - newest * ring->slot_ms), s->shift);
	for (int64_t n = newest; n > newest - ring->len; n--)
		len += cell_format(&s->cells[series_index(ring, n)], text + len,
				   sizeof(text) - (size_t)len);
	while (text[len - 1] == ',')
		text[--len] = '\0';
	record_add(to, key, text);
}

static int cell_parse(struct span text, struct cell *ret)
{
	uint64_t last, min;
	struct span number;

	*ret = (struct cell){EMPTY, EMPTY};
	if (text.len == 0)
		return 0;
	if (!text_next(&text, ':', &number) || num_u64(number.at, number.len, &last) < 0)
		return -EBADMSG;
	min = last;
	if (text.len && num_u64(text.at, text.len, &min) < 0)
		return -EBADMSG;
	if (last >= EMPTY || min > last)
		return -EBADMSG;
	*ret = (struct cell){(uint32_t)last, (uint32_t)min};
	return 0;
}

/* The part up to the next blank as a number in [-most, most]. */
static int field_parse(struct span *rest, int64_t most, int64_t *ret)
{
	struct span field;

	if (!text_next(rest, ' ', &field) || num_i64(field.at, field.len, ret) < 0)
		return -EBADMSG;
	return *ret < -most || *ret > most ? -EBADMSG : 0;
}

int series_load(struct series *s, struct span raw, int64_t at_ms)
{
	const struct ring *ring = &series_rings[RING_HOURS];
	struct cell cells[RING_HOURS_LEN];
	int64_t age_ms, shift, n = 0;
	struct span text;

	if (!s)
		return 0;
	if (s->newest[RING_HOURS] != NONE)
		return -EEXIST;
	if (field_parse(&raw, AGE_MAX_MS, &age_ms) < 0 ||
	    field_parse(&raw, 63, &shift) < 0 || shift != s->shift)
		return -EBADMSG;
	for (; text_next(&raw, ',', &text); n++) {
		if (n == ring->len || cell_parse(text, &cells[n]) < 0)
			return -EBADMSG;
	}
	if (n == 0 || cells[0].last == EMPTY)
		return -EBADMSG;
	/* On another clock the slots begin elsewhere: take the nearest. */
	series_advance(s, RING_HOURS,
		       series_number(ring, at_ms - age_ms + ring->slot_ms / 2));
	while (n-- > 0)
		s->cells[series_index(ring, s->newest[RING_HOURS] - n)] = cells[n];
	return 0;
}
