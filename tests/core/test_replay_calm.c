/* What healthy services do, 100 times each out of stated ranges: no default rule ever
 * fires, and looking is cheap all the while. */
#include "replay.h"

static const char *const defaults[] = {"memory > 62%", "memory > 92%",
				       "goroutines > 5x base", NULL};

static void expect_calm(const struct replay *r, uint64_t seed)
{
	for (size_t i = 0; i < r->n; i++)
		expect(r->fired[i] == 0, "seed %d: '%s' fired", (int)seed,
		       r->rules[i].text);
}

/* The heap grows by 10-60 % of the way to the threshold (62 %) and falls back when it is
 * collected, every 1-300 s, each time a little different. Limit 128M-32G, low at 5-40 %;
 * requests come and go with 30-450 goroutines around a base of 68. */
static void calm_collector_fires_nothing(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		struct dice dice = dice_of(seed);
		double limit = 0x1p27 * dice_between(&dice, 1, 256);
		double low = limit * dice_between(&dice, 0.05, 0.4);
		double high = low + (limit * 0.62 - low) * dice_between(&dice, 0.1, 0.6);
		double period = dice_between(&dice, 1000, 300000), began = 0, length = 1;
		struct moment m = {.files = pages(limit * dice_between(&dice, 0, 0.5))};
		int64_t first, last;
		struct replay r;

		replay_init(&r, pages(limit), defaults);
		first = r.now_ms;
		last = first + MAX(2 * MINUTE, (int64_t)(3 * period));
		for (; r.now_ms < last; replay_next(&r)) {
			double now = (double)(r.now_ms - first);

			if (now >= began + length) {
				began = now;
				length = period * dice_between(&dice, 0.8, 1);
			}
			m.memory = pages(low + (high - low) * (now - began) / length);
			m.goroutines = dice_in(&dice, 30, 450);
			replay_tick(&r, &m);
		}
		expect_calm(&r, seed);
		replay_fini(&r);
	}
}

/* A backup reads files at 10-1000 MB/s until they fill the cgroup, whose usage then stays
 * at its limit; anonymous memory stays at 5-50 % of it with 2 MB of noise. Limit
 * 256M-32G. */
static void calm_page_cache_fires_nothing(void **state)
{
	static const char *const rules[] = {
		"memory > 62%",           "memory > 92%",       "goroutines > 5x base",
		"memory grows 20% in 1m", "time to limit < 1m", NULL};

	(void)state;
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		struct dice dice = dice_of(seed);
		double limit = 0x1p28 * dice_between(&dice, 1, 128);
		double anon = limit * dice_between(&dice, 0.05, 0.5);
		double rate = dice_between(&dice, 10e3, 1000e3); /* bytes per ms */
		double left = MIN(limit * 0.62 - anon, limit * 0.2) - 2e6;
		struct moment m = {.goroutines = 70};
		int64_t first, last, full = 0;
		unsigned long ticks = 0;
		struct replay r;

		replay_init(&r, pages(limit), rules);
		first = r.now_ms;
		last = first + (int64_t)(limit / rate) + 5 * MINUTE;
		for (; r.now_ms < last; replay_next(&r)) {
			m.memory = pages(anon + dice_between(&dice, 0, 2e6));
			m.files = MIN(pages(rate * (double)(r.now_ms - first)),
				      r.limit - m.memory);
			replay_tick(&r, &m);
			if (m.memory + m.files < r.limit)
				continue;
			full = full ? full : r.now_ms;
			ticks++;
		}
		expect_calm(&r, seed);
		/* Memory says how often to look, not the files: 2 GB/s for what is left.
		 */
		expect((double)ticks / (double)(last - full) <=
			       1 / MAX(10, MIN(1000, left / 2e6) - 1) + 0.0001,
		       "seed %d: %lu ticks", (int)seed, ticks);
		replay_fini(&r);
	}
}

/* GOMEMLIMIT at 30-60 % of the limit, below the lowest rule: the heap runs up to it at
 * 1-500 MB/s and then the collector works ever harder, freeing 0.1-5 % at a time, and
 * overshoots by up to 1 %. Limit 256M-32G. */
static void calm_gomemlimit_plateau_fires_nothing(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		struct dice dice = dice_of(seed);
		double limit = 0x1p28 * dice_between(&dice, 1, 128);
		double top = limit * dice_between(&dice, 0.3, 0.6);
		double heap = limit * 0.05, overshoot = 1.01 * top;
		double rate = dice_between(&dice, 1e3, 500e3); /* bytes per ms */
		struct moment m = {.files = pages(limit * 0.2), .goroutines = 70};
		int64_t first, last, before;
		struct replay r;
		int collected = 0;

		replay_init(&r, pages(limit), defaults);
		before = first = r.now_ms;
		last = first + (int64_t)(top / rate) + MINUTE;
		for (; r.now_ms < last; replay_next(&r)) {
			heap += rate * (double)(r.now_ms - before);
			before = r.now_ms;
			if (heap > top) {
				heap = MIN(heap, overshoot);
				m.memory = pages(heap);
				heap = top * (1 - dice_between(&dice, 0.001, 0.05));
				collected++;
			} else {
				m.memory = pages(heap);
			}
			replay_tick(&r, &m);
		}
		expect_calm(&r, seed);
		assert_true(collected > 1);
		replay_fini(&r);
	}
}

/* A look at a calm target far from its rules is one pread a second, and an exact one
 * every 10 s. */
static void calm_target_costs_a_tick_a_second(void **state)
{
	struct moment m = {400 * MIB, 100 * MIB, 70};
	struct replay r;

	(void)state;
	replay_init(&r, 8 * GIB, defaults);
	for (int64_t end = r.now_ms + HOUR; r.now_ms < end; replay_next(&r))
		replay_tick(&r, &m);
	assert_int_equal(r.ticks, 3600);
	assert_int_equal(r.exact_ticks, 360);
	replay_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calm_collector_fires_nothing),
		cmocka_unit_test(calm_page_cache_fires_nothing),
		cmocka_unit_test(calm_gomemlimit_plateau_fires_nothing),
		cmocka_unit_test(calm_target_costs_a_tick_a_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
