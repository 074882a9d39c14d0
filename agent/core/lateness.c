#include "core/lateness.h"

/* Half of what is remembered fades at this many looks: of a thousand targets in a minute.
 */
#define FADE_AT (UINT64_C(1) << 16)

/* The largest lateness that a counter counts. */
static const uint64_t bound_ms[LATENESS_N] = {
	0, 1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 100, 200, 500, 1000, UINT64_MAX};

static void fade(struct lateness *lateness)
{
	lateness->n = 0;
	for (size_t i = 0; i < LATENESS_N; i++) {
		lateness->count[i] /= 2;
		lateness->n += lateness->count[i];
	}
}

void lateness_add(struct lateness *lateness, int64_t late_ms)
{
	uint64_t late = late_ms > 0 ? (uint64_t)late_ms : 0;
	size_t i = 0;

	while (late > bound_ms[i])
		i++;
	lateness->count[i]++;
	lateness->worst_ms = MAX(lateness->worst_ms, late);
	if (++lateness->n >= FADE_AT)
		fade(lateness);
}

uint64_t lateness_ms(const struct lateness *lateness, unsigned percent)
{
	uint64_t needed = (lateness->n * percent + 99) / 100, n = 0;

	for (size_t i = 0; i < LATENESS_N; i++) {
		n += lateness->count[i];
		if (n >= needed)
			return MIN(bound_ms[i], lateness->worst_ms);
	}
	return lateness->worst_ms;
}
