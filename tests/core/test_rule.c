#include "core/rule.h"

#include <errno.h>

#include "world.h"

enum { NO_LIMIT, LIMIT_8G, LIMIT_ERROR };

static const struct reading limits[] = {
	[NO_LIMIT] = {.have = HAVE_ABSENT},
	[LIMIT_8G] = {.have = HAVE_VALUE, .value = 8 * GIB},
	[LIMIT_ERROR] = {.have = HAVE_ERROR, .error = EIO},
};

static void rule_threshold_is_what_must_be_passed(void **state)
{
	static const struct {
		const char *rule;
		int limit;
		uint64_t base; /* 0: none */
		enum blind blind;
		uint64_t threshold;
	} rows[] = {
		{"memory > 5G", LIMIT_8G, 0, BLIND_NOT, 5 * GIB},
		{"memory > 5G", NO_LIMIT, 0, BLIND_NOT, 5 * GIB},
		{"memory > 5G", LIMIT_ERROR, 0, BLIND_NOT, 5 * GIB},
		{"memory > 8G", LIMIT_8G, 0, BLIND_ABOVE_LIMIT, 0},
		{"memory > 8191M", LIMIT_8G, 0, BLIND_NOT, 8191 * MIB},
		{"memory > 9G", LIMIT_8G, 0, BLIND_ABOVE_LIMIT, 0},
		{"memory < 9G", LIMIT_8G, 0, BLIND_NOT, 9 * GIB},
		{"rss > 9G", LIMIT_8G, 0, BLIND_ABOVE_LIMIT, 0},
		{"memory > 50%", LIMIT_8G, 0, BLIND_NOT, 4 * GIB},
		{"usage > 92.5%", LIMIT_8G, 0, BLIND_NOT, 7945689497},
		{"memory > 50%", NO_LIMIT, 0, BLIND_NO_LIMIT, 0},
		{"memory > 50%", LIMIT_ERROR, 0, BLIND_UNREADABLE, 0},
		{"fds > 50%", LIMIT_8G, 0, BLIND_NO_LIMIT, 0},
		{"goroutines > 5x base", NO_LIMIT, 1000, BLIND_NOT, 5000},
		{"goroutines > 5x base", NO_LIMIT, 125, BLIND_NOT, 625},
		{"goroutines > 5x base", NO_LIMIT, 124, BLIND_NOT, 624},
		{"goroutines > 5x base", NO_LIMIT, 68, BLIND_NOT, 568},
		{"goroutines > 5x base", NO_LIMIT, 0, BLIND_NO_BASE, 0},
		{"goroutines < 0.5x base", NO_LIMIT, 100, BLIND_NOT, 50},
		{"memory > 2x base", LIMIT_8G, GIB, BLIND_NOT, 2 * GIB},
		{"memory > 2x base", LIMIT_8G, 20 * MIB, BLIND_NOT, 84 * MIB},
		{"memory > 5x base", LIMIT_8G, 2 * GIB, BLIND_ABOVE_LIMIT, 0},
		{"memory > 1000x base", NO_LIMIT, UINT64_MAX / 2, BLIND_ABOVE_LIMIT, 0},
		/* grows: the minimum of the window, 1G, and the amount */
		{"memory grows 500M in 1m", LIMIT_8G, 0, BLIND_NOT, GIB + 500 * MIB},
		{"memory grows 10% in 1m", LIMIT_8G, 0, BLIND_NOT, GIB + 858993459},
		{"memory grows 10% in 1m", NO_LIMIT, 0, BLIND_NO_LIMIT, 0},
		{"memory grows 2x base in 1m", LIMIT_8G, GIB, BLIND_NOT, 3 * GIB},
		{"memory grows 2x base in 1m", LIMIT_8G, MIB, BLIND_NOT, GIB + 64 * MIB},
		{"memory grows 7500M in 1m", LIMIT_8G, 0, BLIND_NOT, GIB + 7500 * MIB},
		{"memory grows 8G in 1m", LIMIT_8G, 0, BLIND_ABOVE_LIMIT, 0},
		{"rss grows 500M in 1m", LIMIT_8G, 0, BLIND_NOT_YET, 0},
		{"time to limit < 2m", LIMIT_8G, 0, BLIND_NOT, 120000},
		{"time to limit < 2m", NO_LIMIT, 0, BLIND_NO_LIMIT, 0},
		{"time to limit < 2m", LIMIT_ERROR, 0, BLIND_UNREADABLE, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t threshold = 0;
		enum blind blind;
		struct world w;

		world_init(&w, rows[i].rule);
		w.sample.ceiling[CEILING_LIMIT] = limits[rows[i].limit];
		w.sample.headroom = limits[rows[i].limit];
		if (rows[i].base)
			w.base[w.rule.signal] = reading_of(rows[i].base);
		series_push(w.series[SIGNAL_MEMORY], w.now_ms, GIB);
		blind = rule_threshold(&w.rule, &w.view, w.now_ms, &threshold);
		expect(blind == rows[i].blind && threshold == rows[i].threshold,
		       "'%s', row %zu: %s, %llu", rows[i].rule, i, blind_table[blind],
		       (unsigned long long)threshold);
		world_fini(&w);
	}
}

static void rule_percent_is_of_the_own_ceiling(void **state)
{
	static const struct {
		const char *rule;
		enum blind blind;
		uint64_t threshold;
	} rows[] = {
		{"fds > 80%", BLIND_NOT, 819},
		{"fds > 1023", BLIND_NOT, 1023},
		{"fds > 1024", BLIND_ABOVE_LIMIT, 0},
		{"tasks > 50%", BLIND_NOT, 2000},
		{"tasks > 4000", BLIND_ABOVE_LIMIT, 0},
		{"threads > 4000", BLIND_NOT, 4000},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t threshold = 0;
		enum blind blind;
		struct world w;

		world_init(&w, rows[i].rule);
		w.sample.ceiling[CEILING_NOFILE] = reading_of(1024);
		w.sample.ceiling[CEILING_PIDS] = reading_of(4000);
		blind = rule_threshold(&w.rule, &w.view, w.now_ms, &threshold);
		expect(blind == rows[i].blind && threshold == rows[i].threshold,
		       "'%s': %s, %llu", rows[i].rule, blind_table[blind],
		       (unsigned long long)threshold);
		world_fini(&w);
	}
}

static void rule_without_a_base_at_all_is_blind(void **state)
{
	uint64_t threshold = 0;
	struct world w;

	(void)state;
	world_init(&w, "goroutines > 5x base");
	w.view.base = NULL;
	assert_int_equal(rule_threshold(&w.rule, &w.view, 0, &threshold), BLIND_NO_BASE);
	w.view.base = w.base;
	w.base[SIGNAL_GOROUTINES] = reading_error(EIO);
	assert_int_equal(rule_threshold(&w.rule, &w.view, 0, &threshold), BLIND_NO_BASE);
	world_fini(&w);
}

static void rule_signal_says_why_it_says_nothing(void **state)
{
	static const struct {
		const char *rule;
		enum have have;
		bool pprof, foreign_page;
		enum blind blind;
		bool awaited;
	} rows[] = {
		{"memory > 5G", HAVE_VALUE, false, false, BLIND_NOT, false},
		{"memory > 5G", HAVE_ABSENT, true, false, BLIND_NO_SIGNAL, false},
		{"memory > 5G", HAVE_ABSENT, true, false, BLIND_NOT_YET, true},
		{"memory > 5G", HAVE_ERROR, true, true, BLIND_UNREADABLE, false},
		{"goroutines > 500", HAVE_VALUE, true, false, BLIND_NOT, false},
		{"goroutines > 500", HAVE_ABSENT, true, false, BLIND_NOT_YET, false},
		{"goroutines > 500", HAVE_ERROR, true, false, BLIND_UNREADABLE, false},
		{"goroutines > 500", HAVE_VALUE, false, false, BLIND_NO_PPROF, false},
		{"goroutines > 500", HAVE_ERROR, false, false, BLIND_NO_PPROF, false},
		{"goroutines > 500", HAVE_ERROR, true, true, BLIND_FOREIGN_PAGE, false},
		{"tasks > 500", HAVE_ABSENT, false, true, BLIND_NO_SIGNAL, false},
		{"time to limit < 2m", HAVE_ERROR, false, false, BLIND_UNREADABLE, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		enum blind blind;
		struct world w;

		world_init(&w, rows[i].rule);
		w.sample.v[w.rule.signal].have = (uint8_t)rows[i].have;
		w.view.pprof = rows[i].pprof;
		w.view.foreign_page = rows[i].foreign_page;
		w.view.awaited = rows[i].awaited;
		blind = rule_signal(&w.rule, &w.view);
		expect(blind == rows[i].blind, "row %zu, '%s': %s", i, rows[i].rule,
		       blind_table[blind]);
		world_fini(&w);
	}
}

static void rule_unit_is_that_of_value_and_threshold(void **state)
{
	struct rule rule;

	(void)state;
	rule = rule_of("memory > 92%");
	assert_int_equal(rule_unit(&rule), UNIT_BYTES);
	rule = rule_of("goroutines > 5x base");
	assert_int_equal(rule_unit(&rule), UNIT_COUNT);
	rule = rule_of("pressure > 10");
	assert_int_equal(rule_unit(&rule), UNIT_CENTIPERCENT);
	rule = rule_of("time to limit < 2m");
	assert_int_equal(rule_unit(&rule), UNIT_MS);
	rule_oom_kill(&rule);
	assert_int_equal(rule_unit(&rule), UNIT_COUNT);
}

static void rule_every_blindness_has_its_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < BLIND_N; i++)
		expect(blind_table[i] && *blind_table[i], "blindness %zu", i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rule_threshold_is_what_must_be_passed),
		cmocka_unit_test(rule_percent_is_of_the_own_ceiling),
		cmocka_unit_test(rule_without_a_base_at_all_is_blind),
		cmocka_unit_test(rule_signal_says_why_it_says_nothing),
		cmocka_unit_test(rule_unit_is_that_of_value_and_threshold),
		cmocka_unit_test(rule_every_blindness_has_its_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
