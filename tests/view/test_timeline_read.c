/* timeline.csv back into points. */
#include "unit.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "view/timeline.h"
#include "view/timeline_read.h"

#define UNIX_MS INT64_C(1795291924000) /* 2026-11-21T20:12:04Z */

static struct span text_of(const char *text)
{
	return (struct span){text, strlen(text)};
}

static void what_is_written_is_read(void **state)
{
	struct series *series[SIGNAL_N] = {[SIGNAL_MEMORY] = series_new(UNIT_BYTES),
					   [SIGNAL_GOROUTINES] = series_new(UNIT_COUNT)};
	AUTO_BUF struct buf text;
	AUTO_FREE struct report_point *points = NULL;
	size_t n = 0;

	(void)state;
	buf_init(&text, 1 << 20);
	for (int64_t s = 0; s < 90; s++) {
		series_push(series[SIGNAL_MEMORY], s * 1000,
			    (1000000 + (uint64_t)s) * 4096);
		if (s % 10 == 0)
			series_push(series[SIGNAL_GOROUTINES], s * 1000,
				    100 + (uint64_t)s);
	}
	timeline_csv(series, 89000, UNIX_MS, &text);
	assert_int_equal(timeline_read((struct span){text.data, text.len}, &points, &n),
			 0);
	assert_int_equal(n, 90);
	for (size_t i = 0; i < n; i++) {
		expect(points[i].at_ms == UNIX_MS - 89000 + (int64_t)i * 1000, "%zu", i);
		expect(points[i].value[SIGNAL_MEMORY] == (1e6 + (double)i) * 4096, "%zu",
		       i);
		expect(isnan(points[i].value[SIGNAL_RSS]), "%zu", i);
		if (i % 10 == 0)
			expect(points[i].value[SIGNAL_GOROUTINES] == 100.0 + (double)i,
			       "%zu", i);
		else
			expect(isnan(points[i].value[SIGNAL_GOROUTINES]), "%zu", i);
	}
	series_free(series[SIGNAL_MEMORY]);
	series_free(series[SIGNAL_GOROUTINES]);
}

static void columns_of_other_versions_are_skipped(void **state)
{
	static const char text[] =
		"at,step_s,dreams,memory,memory_min\n2026-11-21T20:12:04.000Z,1,9,77,5\n"
		"2026-11-21T20:12:05.000Z,1\n";
	AUTO_FREE struct report_point *points = NULL;
	size_t n = 0;

	(void)state;
	assert_int_equal(timeline_read(text_of(text), &points, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(points[0].at_ms, UNIX_MS);
	assert_true(points[0].value[SIGNAL_MEMORY] == 77);
	assert_true(isnan(points[1].value[SIGNAL_MEMORY])); /* cells that are missing */
}

static void damaged_files_are_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"x,memory\n",
		"at,memory\nyesterday,1\n",
		"at,memory\n2026-11-21T20:12:04.000Z,-1\n",
		"at,memory\n2026-11-21T20:12:04.000Z,1e9\n",
		"at,memory\n\n",
		"at,memory\n2026-11-21T20:12:04.000Z2026-11-21T20:12:04.000Z2026-11,1\n",
		"at,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,x\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct report_point *points = NULL;
		size_t n = 0;

		expect(timeline_read(text_of(bad[i]), &points, &n) == -EBADMSG, "row %zu",
		       i);
		assert_null(points);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(columns_of_other_versions_are_skipped),
		cmocka_unit_test(damaged_files_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
