/* The rings are held against a model that keeps every value and knows no rings. */
#include "core/series.h"

#include <math.h>

#include "dice.h"
#include "unit.h"

#define PAGE 4096
#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)

#define MODEL_MAX 20000
struct model {
	int64_t at_ms[MODEL_MAX];
	uint64_t value[MODEL_MAX];
	size_t n;
};

static int64_t slot_of(int64_t window_ms)
{
	return window_ms <= 120 * SECOND   ? SECOND
	       : window_ms <= 120 * MINUTE ? MINUTE
					   : HOUR;
}

/* Minimum of what was pushed in slots that begin in the window. */
static bool model_min(const struct model *model, int64_t now_ms, int64_t window_ms,
		      uint64_t *ret)
{
	int64_t slot_ms = slot_of(window_ms);
	bool found = false;

	for (size_t i = 0; i < model->n; i++) {
		int64_t start = model->at_ms[i] - model->at_ms[i] % slot_ms;

		if (start < now_ms - window_ms)
			continue;
		*ret = found ? MIN(*ret, model->value[i]) : model->value[i];
		found = true;
	}
	return found;
}

/* Steps from 10 ms to hours, as ticks, pauses and a sleeping machine make them. */
static int64_t random_step(struct dice *dice)
{
	static const uint64_t most[] = {20, 1000, 1000, 5000, 70000, 4000000};

	return (int64_t)dice_in(dice, 1, most[dice_in(dice, 0, ARRAY_SIZE(most) - 1)]);
}

static void series_min_is_that_of_every_value_in_the_window(void **state)
{
	static const int64_t windows[] = {
		2 * SECOND,  10 * SECOND, MINUTE,   2 * MINUTE, 2 * MINUTE + 1,
		10 * MINUTE, HOUR,        2 * HOUR, 3 * HOUR,   SERIES_REACH_MS,
	};
	static struct model model;

	(void)state;
	for (uint64_t seed = 0; seed < 100; seed++) {
		struct series *s = series_new(UNIT_BYTES);
		struct dice dice = dice_of(seed);
		int64_t now = (int64_t)dice_in(&dice, 0, 10000000000);

		model.n = 0;
		for (int i = 0; i < 1000; i++) {
			int64_t window =
				windows[dice_in(&dice, 0, ARRAY_SIZE(windows) - 1)];
			uint64_t value = dice_in(&dice, 0, 1 << 20) * PAGE;
			uint64_t min = 0, want = 0;
			bool has, found;

			now += random_step(&dice);
			series_push(s, now, value);
			model.at_ms[model.n] = now;
			model.value[model.n++] = value;
			now += random_step(&dice) / 2;
			found = model_min(&model, now, window, &want);
			has = series_min(s, now, window, &min);
			expect(has == found && min == want,
			       "seed %d, push %d, window %lld: %d %llu, want %d %llu",
			       (int)seed, i, (long long)window, has,
			       (unsigned long long)min, found, (unsigned long long)want);
		}
		series_free(s);
	}
}

static void series_min_never_reaches_behind_its_window(void **state)
{
	(void)state;
	for (int64_t phase = 0; phase < 70000; phase += 977) {
		struct series *s = series_new(UNIT_COUNT);
		uint64_t min = 0;

		series_push(s, phase, 1);
		series_push(s, phase + 3 * MINUTE, 9);
		assert_true(series_min(s, phase + 3 * MINUTE + 1, 3 * MINUTE, &min));
		expect(min == 9, "phase %lld", (long long)phase);
		/* What lies a slot inside is always seen. */
		assert_true(series_min(s, phase + 3 * MINUTE, 4 * MINUTE, &min));
		expect(min == 1, "phase %lld", (long long)phase);
		series_free(s);
	}
}

static void series_without_values_says_nothing(void **state)
{
	struct series *s = series_new(UNIT_COUNT);
	struct slot slot;
	uint64_t min;
	double slope;

	(void)state;
	assert_false(series_min(s, 0, MINUTE, &min));
	assert_false(series_slope(s, 0, MINUTE, &slope));
	assert_false(series_at(s, RING_SECONDS, 0, &slot));
	assert_true(series_speed(s) == 0);
	series_push(s, 5 * SECOND, 3);
	assert_false(series_min(s, 4 * HOUR, MINUTE, &min));
	series_free(s);

	series_push(NULL, 0, 1);
	assert_false(series_min(NULL, 0, MINUTE, &min));
	assert_false(series_slope(NULL, 0, MINUTE, &slope));
	assert_false(series_at(NULL, RING_HOURS, 0, &slot));
	assert_true(series_speed(NULL) == 0);
	series_free(NULL);
}

static void series_takes_an_older_time_for_the_newest(void **state)
{
	struct series *s = series_new(UNIT_COUNT);
	struct slot slot;
	uint64_t min = 0;

	(void)state;
	series_push(s, 100 * SECOND, 7);
	series_push(s, 20 * SECOND, 5);
	assert_true(series_at(s, RING_SECONDS, 0, &slot));
	assert_int_equal(slot.at_ms, 100 * SECOND);
	assert_int_equal(slot.last, 5);
	assert_false(series_at(s, RING_SECONDS, 1, &slot));
	assert_true(series_min(s, 100 * SECOND, 10 * SECOND, &min));
	assert_int_equal(min, 5);
	assert_true(series_speed(s) == 0);
	series_free(s);
}

static void series_keeps_last_and_minimum_of_a_slot(void **state)
{
	struct series *s = series_new(UNIT_COUNT);
	struct slot slot;

	(void)state;
	series_push(s, 61000, 5);
	series_push(s, 61500, 2);
	series_push(s, 61999, 9);
	series_push(s, 63000, 4);
	assert_true(series_at(s, RING_SECONDS, 0, &slot));
	assert_int_equal(slot.at_ms, 61000);
	assert_int_equal(slot.last, 9);
	assert_int_equal(slot.min, 2);
	assert_true(series_at(s, RING_SECONDS, 1, &slot)); /* 62 was never filled */
	assert_int_equal(slot.at_ms, 63000);
	assert_false(series_at(s, RING_SECONDS, 2, &slot));
	assert_true(series_at(s, RING_MINUTES, 0, &slot));
	assert_int_equal(slot.at_ms, 60000);
	assert_int_equal(slot.last, 4);
	assert_int_equal(slot.min, 2);
	series_free(s);
}

static void series_forgets_the_oldest_slots(void **state)
{
	struct series *s = series_new(UNIT_COUNT);
	struct slot slot;
	unsigned n = 0;

	(void)state;
	for (int64_t i = 0; i < 500; i++)
		series_push(s, i * SECOND, (uint64_t)i);
	while (series_at(s, RING_SECONDS, n, &slot)) {
		expect(slot.last == 500 - RING_SECONDS_LEN + n, "slot %u", n);
		n++;
	}
	assert_int_equal(n, RING_SECONDS_LEN);
	series_free(s);
}

static void series_holds_pages_and_counts_up_to_its_cap(void **state)
{
	static const struct {
		enum unit unit;
		uint64_t pushed, kept;
	} rows[] = {
		{UNIT_BYTES, 0, 0},
		{UNIT_BYTES, 5 * PAGE, 5 * PAGE},
		{UNIT_BYTES, 5 * PAGE + 4095, 5 * PAGE},
		{UNIT_BYTES, UINT64_C(1) << 43, UINT64_C(1) << 43},
		{UNIT_BYTES, UINT64_MAX, UINT64_C(0xfffffffe) * PAGE},
		{UNIT_COUNT, 4095, 4095},
		{UNIT_COUNT, UINT64_MAX, 0xfffffffe},
		{UNIT_CENTIPERCENT, 10000, 10000},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct series *s = series_new(rows[i].unit);
		uint64_t min = 1;

		series_push(s, 0, rows[i].pushed);
		assert_true(series_min(s, 0, SECOND, &min));
		expect(min == rows[i].kept, "row %zu: %llu", i, (unsigned long long)min);
		series_free(s);
	}
}

static void series_slope_is_robust(void **state)
{
	static const struct {
		const char *what;
		double per_s;       /* of the ramp */
		uint64_t period_s;  /* of a sawtooth on it; 0: none */
		uint64_t amplitude; /* counts */
		int outliers;       /* one of so many pushes is absurd; 0: none */
		double low, high;   /* what is fine */
	} rows[] = {
		{"flat", 0, 0, 0, 0, 0, 0},
		{"ramp", 100, 0, 0, 0, 99, 101},
		{"fall", -100, 0, 0, 0, -101, -99},
		{"ramp with outliers", 100, 0, 0, 20, 85, 115},
		{"collector of 2 s", 0, 2, 50000, 0, -1, 1},
		{"collector of 3 s", 0, 3, 50000, 0, -1, 1},
		{"ramp under a collector of 3 s", 100, 3, 50000, 0, 90, 110},
	};

	(void)state;
	for (size_t row = 0; row < ARRAY_SIZE(rows); row++) {
		struct series *s = series_new(UNIT_COUNT);
		double slope = -1e9;

		for (int64_t i = 0; i <= 60; i++) {
			double v = 100000 + rows[row].per_s * (double)i;

			if (rows[row].period_s)
				v += (double)(((uint64_t)i % rows[row].period_s) *
					      rows[row].amplitude / rows[row].period_s);
			if (rows[row].outliers && i % rows[row].outliers == 5)
				v = 0;
			series_push(s, i * SECOND, (uint64_t)v);
		}
		assert_true(series_slope(s, 60 * SECOND, MINUTE, &slope));
		expect(slope >= rows[row].low && slope <= rows[row].high, "%s: %f",
		       rows[row].what, slope);
		series_free(s);
	}
}

static void series_slope_needs_half_of_its_window(void **state)
{
	struct series *s = series_new(UNIT_COUNT);
	double slope = 0;

	(void)state;
	for (int64_t i = 0; i < 28; i++) {
		series_push(s, i * SECOND, (uint64_t)i);
		expect(!series_slope(s, i * SECOND, MINUTE, &slope), "after %d s",
		       (int)i);
	}
	series_push(s, 32 * SECOND, 32);
	assert_true(series_slope(s, 32 * SECOND, MINUTE, &slope));
	assert_true(slope > 0.99 && slope < 1.01);
	series_free(s);

	s = series_new(UNIT_COUNT); /* two points are a line, not a slope */
	series_push(s, 0, 0);
	series_push(s, 55 * SECOND, 55);
	assert_false(series_slope(s, 55 * SECOND, MINUTE, &slope));
	series_push(s, 59 * SECOND, 59);
	assert_true(series_slope(s, 59 * SECOND, MINUTE, &slope));
	series_free(s);
}

static void series_speed_is_that_of_the_last_step(void **state)
{
	struct series *s = series_new(UNIT_BYTES);

	(void)state;
	series_push(s, 1000, 100 * PAGE);
	assert_true(series_speed(s) == 0);
	series_push(s, 1010, 200 * PAGE);
	assert_true(series_speed(s) == 100.0 * PAGE * 100);
	series_push(s, 1010, 300 * PAGE); /* no time has passed: no speed */
	assert_true(series_speed(s) == 100.0 * PAGE * 100);
	series_push(s, 3010, 100 * PAGE);
	assert_true(series_speed(s) == -100.0 * PAGE);
	series_free(s);
}

/* A metric counts shares as well as bytes: each keeps its first seven digits, and their
 * order. */
static void a_metric_may_be_small_or_large(void **state)
{
	static const uint64_t values[] = {
		0,
		1,
		500,
		999999,
		16777217,
		4294967296,
		5368709120000,
		1795291924123000,
		UINT64_MAX / 2,
		UINT64_MAX - 3,
	};
	int64_t now_ms = 0;
	struct slot slot;
	uint64_t before = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		struct series *s = series_new(UNIT_THOUSANDTH);

		now_ms += SECOND;
		series_push(s, now_ms, values[i]);
		assert_true(series_at(s, RING_SECONDS, 0, &slot));
		expect(slot.last >= before &&
			       fabs((double)slot.last - (double)values[i]) <=
				       (double)values[i] * 1e-7,
		       "%llu: %llu", (unsigned long long)values[i],
		       (unsigned long long)slot.last);
		before = slot.last;
		series_free(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(series_min_is_that_of_every_value_in_the_window),
		cmocka_unit_test(series_min_never_reaches_behind_its_window),
		cmocka_unit_test(series_without_values_says_nothing),
		cmocka_unit_test(series_takes_an_older_time_for_the_newest),
		cmocka_unit_test(series_keeps_last_and_minimum_of_a_slot),
		cmocka_unit_test(series_forgets_the_oldest_slots),
		cmocka_unit_test(series_holds_pages_and_counts_up_to_its_cap),
		cmocka_unit_test(series_slope_is_robust),
		cmocka_unit_test(series_slope_needs_half_of_its_window),
		cmocka_unit_test(series_speed_is_that_of_the_last_step),
		cmocka_unit_test(a_metric_may_be_small_or_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
