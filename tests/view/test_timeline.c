#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "lib/num.h"
#include "lib/stamp.h"
#include "lib/text.h"
#include "view/timeline.h"

#define UNIX_MS INT64_C(1795291924000) /* 2026-11-21T20:12:04Z */

struct play {
	struct series *series[SIGNAL_N];
	struct buf text;
};

static void play_init(struct play *play)
{
	*play = (struct play){0};
	play->series[SIGNAL_MEMORY] = series_new(UNIT_BYTES);
	play->series[SIGNAL_THREADS] = series_new(UNIT_COUNT);
	assert_non_null(play->series[SIGNAL_MEMORY]);
	assert_non_null(play->series[SIGNAL_THREADS]);
	buf_init(&play->text, 1 << 20);
}

static void play_fini(struct play *play)
{
	for (int s = 0; s < SIGNAL_N; s++)
		series_free(play->series[s]);
	buf_fini(&play->text);
}

/* Line n (from 0) of the text, without its newline. */
static struct span line(const struct play *play, unsigned n)
{
	struct span rest = {play->text.data, play->text.len}, found = {0};

	for (unsigned i = 0; i <= n; i++)
		assert_true(text_next(&rest, '\n', &found));
	return found;
}

static unsigned lines(const struct play *play)
{
	struct span rest = {play->text.data, play->text.len}, found;
	unsigned n = 0;

	while (text_next(&rest, '\n', &found))
		n++;
	return n;
}

static void only_known_signals_have_columns(void **state)
{
	struct play play;

	(void)state;
	play_init(&play);
	timeline_csv(play.series, 0, UNIX_MS, &play.text);
	assert_string_equal(play.text.data,
			    "at,step_s,memory,memory_min,threads,threads_min\n");
	play_fini(&play);
}

static void unknown_is_empty_and_never_zero(void **state)
{
	struct play play;

	(void)state;
	play_init(&play);
	series_push(play.series[SIGNAL_MEMORY], 10000, 4096);
	series_push(play.series[SIGNAL_MEMORY], 11000, 8192);
	series_push(play.series[SIGNAL_THREADS], 11000, 7);
	timeline_csv(play.series, 11000, UNIX_MS, &play.text);
	assert_true(span_is(line(&play, lines(&play) - 2),
			    "2026-11-21T20:12:03.000Z,1,4096,4096,,"));
	assert_true(span_is(line(&play, lines(&play) - 1),
			    "2026-11-21T20:12:04.000Z,1,8192,8192,7,7"));
	play_fini(&play);
}

static void rows_are_in_order_of_time(void **state)
{
	struct span rest, row;
	char last[STAMP_MAX] = "";
	struct play play;

	(void)state;
	play_init(&play);
	for (int64_t now = 0; now < INT64_C(3) * 3600 * 1000; now += 1000)
		series_push(play.series[SIGNAL_MEMORY], now, (uint64_t)now * 4096);
	timeline_csv(play.series, INT64_C(3) * 3600 * 1000, UNIX_MS, &play.text);
	rest = (struct span){play.text.data, play.text.len};
	assert_true(text_next(&rest, '\n', &row));
	while (text_next(&rest, '\n', &row)) {
		assert_true(memcmp(last, row.at, 24) < 0);
		memcpy(last, row.at, 24);
	}
	assert_true(lines(&play) > 200);
	play_fini(&play);
}

/* Of what only rises every row is above the one before: the minute and the hour that have
 * begun hold today's value, and would say that it was reached at their start. */
static void no_value_stands_before_its_time(void **state)
{
	const int64_t begin = INT64_C(90) * 1000, end = begin + INT64_C(200) * 1000;
	uint64_t before = 0, value;
	struct play play;

	(void)state;
	play_init(&play);
	for (int64_t now = begin; now < end; now += 1000)
		series_push(play.series[SIGNAL_MEMORY], now, (uint64_t)now * 4096);
	timeline_csv(play.series, end, UNIX_MS, &play.text);
	assert_true(lines(&play) > 120);
	for (unsigned i = 1; i < lines(&play); i++) {
		struct span rest = line(&play, i), cell;

		for (int column = 0; column < 3; column++)
			assert_true(text_next(&rest, ',', &cell));
		assert_int_equal(num_u64(cell.at, cell.len, &value), 0);
		assert_true(value > before);
		before = value;
	}
	play_fini(&play);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_known_signals_have_columns),
		cmocka_unit_test(unknown_is_empty_and_never_zero),
		cmocka_unit_test(rows_are_in_order_of_time),
		cmocka_unit_test(no_value_stands_before_its_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
