#include "core/series.h"

#include <errno.h>
#include <string.h>

#include "dice.h"
#include "lib/record.h"
#include "unit.h"

#define PAGE 4096
#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)

/* The value of the one line of a saved series. */
static struct span saved(const struct buf *b)
{
	struct span rest = {b->data, b->len};
	struct record_line line = {0};
	int error = 0;

	assert_true(record_next(&rest, &line, &error));
	assert_true(span_is(line.key, "series.memory"));
	return line.raw;
}

static void series_hour_ring_survives_a_restart(void **state)
{
	static const int64_t clocks[] = {0, 5 * HOUR, -2 * HOUR};

	(void)state;
	for (uint64_t seed = 0; seed < 30; seed++) {
		struct series *s = series_new(UNIT_BYTES);
		struct dice dice = dice_of(seed);
		AUTO_BUF struct buf b;
		int64_t now = 300 * HOUR;

		buf_init(&b, 1 << 16);
		for (int i = 0; i < 400; i++) {
			now += (int64_t)dice_in(&dice, 1, 4 * (uint64_t)HOUR);
			series_push(s, now, dice_in(&dice, 0, UINT32_MAX) * PAGE);
		}
		series_save(s, "series.memory", now, &b);
		assert_int_equal(buf_error(&b), 0);
		for (size_t c = 0; c < ARRAY_SIZE(clocks); c++) {
			struct series *loaded = series_new(UNIT_BYTES);
			struct slot a, e;
			unsigned n = 0;

			assert_int_equal(series_load(loaded, saved(&b), now + clocks[c]),
					 0);
			for (; series_at(s, RING_HOURS, n, &e); n++) {
				assert_true(series_at(loaded, RING_HOURS, n, &a));
				expect(a.at_ms == e.at_ms + clocks[c] &&
					       a.last == e.last && a.min == e.min,
				       "seed %d, slot %u", (int)seed, n);
			}
			assert_true(n > 20);
			assert_false(series_at(loaded, RING_HOURS, n, &a));
			series_free(loaded);
		}
		series_free(s);
	}
}

static void series_goes_on_where_it_was_saved(void **state)
{
	struct series *s = series_new(UNIT_COUNT), *loaded = series_new(UNIT_COUNT);
	AUTO_BUF struct buf b;
	uint64_t min = 0;

	(void)state;
	buf_init(&b, 4096);
	series_push(s, 10 * HOUR, 100);
	series_push(s, 12 * HOUR + MINUTE, 200);
	series_save(s, "series.memory", 12 * HOUR + 2 * MINUTE, &b);
	assert_string_equal(b.data, "series.memory=120000 0 200,,100\n");
	assert_int_equal(series_load(loaded, saved(&b), 12 * HOUR + 2 * MINUTE), 0);
	series_push(loaded, 12 * HOUR + 3 * MINUTE, 300);
	assert_true(series_min(loaded, 12 * HOUR + 3 * MINUTE, 3 * HOUR, &min));
	assert_int_equal(min, 100);
	assert_int_equal(series_load(loaded, saved(&b), 13 * HOUR), -EEXIST);
	assert_int_equal(series_load(NULL, saved(&b), 13 * HOUR), 0);
	series_free(s);
	series_free(loaded);
}

/* Another clock: its hours begin elsewhere, the nearest slot is taken. */
static void series_takes_the_nearest_slot_of_another_clock(void **state)
{
	static const struct {
		int64_t shift_ms, at_ms;
	} rows[] = {
		{0, 10 * HOUR},           {29 * MINUTE, 10 * HOUR},
		{30 * MINUTE, 11 * HOUR}, {-30 * MINUTE, 10 * HOUR},
		{-31 * MINUTE, 9 * HOUR}, {-11 * HOUR, -1 * HOUR},
	};
	struct series *s = series_new(UNIT_COUNT);
	AUTO_BUF struct buf b;

	(void)state;
	buf_init(&b, 4096);
	series_push(s, 10 * HOUR + 5, 100);
	series_save(s, "series.memory", 10 * HOUR + 5, &b);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct series *loaded = series_new(UNIT_COUNT);
		struct slot slot;

		assert_int_equal(
			series_load(loaded, saved(&b), 10 * HOUR + 5 + rows[i].shift_ms),
			0);
		assert_true(series_at(loaded, RING_HOURS, 0, &slot));
		expect(slot.at_ms == rows[i].at_ms && slot.last == 100, "row %zu: %lld",
		       i, (long long)slot.at_ms);
		series_free(loaded);
	}
	series_free(s);
}

static void series_saves_nothing_before_the_first_push(void **state)
{
	struct series *s = series_new(UNIT_COUNT);
	AUTO_BUF struct buf b;

	(void)state;
	buf_init(&b, 4096);
	series_save(s, "series.memory", 0, &b);
	series_save(NULL, "series.memory", 0, &b);
	assert_int_equal(b.len, 0);
	series_free(s);
}

static void series_refuses_a_foreign_text(void **state)
{
	static const char *const rows[] = {
		"",
		"0",
		"0 12",
		"0 12 ",
		"0 12 ,5",
		"0 0 5",
		"0 64 5",
		"0 -12 5",
		"x 12 5",
		"999999999999999999 12 5",
		"-999999999999999999 12 5",
		"99999999999999999999 12 5",
		"0 12 5:6",
		"0 12 5:x",
		"0 12 :5",
		"0 12 5:4:3",
		"0 12 -5",
		"0 12 4294967295",
		"0 12 99999999999999999999",
		"0 12 5 6",
		"0 12 5;6",
	};
	AUTO_BUF struct buf many;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct series *s = series_new(UNIT_BYTES);
		struct slot slot;
		int r = series_load(s, (struct span){rows[i], strlen(rows[i])}, HOUR);

		expect(r == -EBADMSG, "'%s': %d", rows[i], r);
		assert_false(series_at(s, RING_HOURS, 0, &slot));
		series_free(s);
	}
	buf_init(&many, 4096);
	buf_adds(&many, "0 12 1");
	for (int i = 1; i < RING_HOURS_LEN; i++)
		buf_adds(&many, ",1");
	for (int extra = 0; extra < 2; extra++) {
		struct series *s = series_new(UNIT_BYTES);

		assert_int_equal(series_load(s, (struct span){many.data, many.len}, HOUR),
				 extra ? -EBADMSG : 0);
		buf_adds(&many, ",1");
		series_free(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(series_hour_ring_survives_a_restart),
		cmocka_unit_test(series_goes_on_where_it_was_saved),
		cmocka_unit_test(series_takes_the_nearest_slot_of_another_clock),
		cmocka_unit_test(series_saves_nothing_before_the_first_push),
		cmocka_unit_test(series_refuses_a_foreign_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
