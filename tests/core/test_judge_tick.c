/* What rules ask of the next look, and the one rule that looks ahead. */
#include "core/judge.h"

#include "dice.h"
#include "world.h"

static void judge_asks_for_exact_memory_where_it_matters(void **state)
{
	static const struct {
		const char *rule;
		uint64_t value;
		uint64_t nearest;
	} rows[] = {
		{"memory > 1000M", GIB / 2,
		 950 * MIB + 1}, /* from there it is not back */
		{"memory > 1000M", 2 * GIB, 950 * MIB + 1},
		{"memory > 50%", GIB, 4 * GIB - 4 * GIB / 20 + 1},
		{"memory < 1000M", 2 * GIB, 0},
		{"memory grows 100M in 1m", 300 * MIB, 400 * MIB},
		{"memory grows 100M in 10s", 300 * MIB, 0}, /* at every tick */
		{"memory > 9G", GIB, UINT64_MAX},           /* blind */
		{"rss > 1000M", 900 * MIB, UINT64_MAX},
		{"threads > 10", 100, UINT64_MAX},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t nearest;
		struct world w;

		world_init(&w, rows[i].rule);
		world_limit(&w, 8 * GIB);
		(void)world_at(&w, 0, rows[i].value);
		nearest = judge_nearest(&w.rule, &w.state, 1);
		expect(nearest == rows[i].nearest, "'%s': %llu", rows[i].rule,
		       (unsigned long long)nearest);
		world_fini(&w);
	}
}

static void judge_rests_where_only_memory_can_change_it(void **state)
{
	static const struct {
		const char *rule;
		uint64_t value;
		bool rests;
	} rows[] = {
		{"memory > 1000M", GIB / 2, true},
		{"memory > 1000M", 2 * GIB, false},        /* fires, cools down */
		{"memory > 1000M for 1m", 2 * GIB, false}, /* its `for` runs */
		{"memory > 9G", GIB, true},                /* blind */
		{"memory grows 100M in 30s", GIB, false},  /* ages in between */
		{"memory grows 100M in 1m", GIB, true},
		{"threads grows 10 in 30s", 100, true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct world w;
		bool is;

		world_init(&w, rows[i].rule);
		world_limit(&w, 8 * GIB);
		(void)world_at(&w, 0, rows[i].value);
		is = judge_rests(&w.rule, &w.state, 1);
		expect(is == rows[i].rests, "'%s': %d", rows[i].rule, is);
		world_fini(&w);
	}
}

static void judge_asks_before_a_history_grows_old(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, "memory grows 100M in 1m");
	assert_int_equal(judge_nearest(&w.rule, &w.state, 1), 0); /* never judged */
	(void)world_at(&w, 0, 300 * MIB);
	w.sample.exact = false;
	w.sample.v[SIGNAL_USAGE] = reading_of(300 * MIB);
	(void)world_at(&w, 14 * SECOND, 300 * MIB);
	assert_int_equal(judge_nearest(&w.rule, &w.state, 1), 400 * MIB);
	(void)world_at(&w, SECOND, 300 * MIB);
	assert_int_equal(judge_nearest(&w.rule, &w.state, 1), 0);
	w.sample.exact = true;
	(void)world_at(&w, SECOND, 300 * MIB);
	assert_int_equal(judge_nearest(&w.rule, &w.state, 1), 400 * MIB);
	world_fini(&w);
}

static void judge_distance_is_to_the_first_armed_rule_or_the_limit(void **state)
{
	struct rule rules[] = {rule_of("memory > 5G"), rule_of("memory > 7G for 10s"),
			       rule_of("rss > 3G"),    rule_of("goroutines > 10"),
			       rule_of("memory < 1G"), rule_of("memory > 9G")};
	struct rule_state states[ARRAY_SIZE(rules)];
	struct judgement said;
	struct world w;

	(void)state;
	world_init(&w, "memory > 5G");
	world_limit(&w, 8 * GIB);
	w.sample.v[SIGNAL_MEMORY] = reading_of(2 * GIB);
	w.sample.v[SIGNAL_RSS] = reading_of(GIB / 2);
	w.sample.v[SIGNAL_GOROUTINES] = reading_of(9);
	w.sample.fresh = UINT32_MAX;
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		rule_state_init(&states[i]);
#define LOOK()                                                                           \
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)                                   \
	judge(&rules[i], &states[i], &w.view, w.now_ms, &said)
#define DISTANCE() judge_distance(rules, states, ARRAY_SIZE(rules), &w.sample)

	assert_int_equal(DISTANCE(), 6 * GIB); /* not judged yet: the limit */
	LOOK();
	assert_int_equal(DISTANCE(), 5 * GIB / 2); /* rss */
	w.sample.v[SIGNAL_RSS] = reading_of(4 * GIB);
	LOOK();
	assert_int_equal(states[2].phase, PHASE_FIRING);
	assert_int_equal(DISTANCE(), 3 * GIB); /* 5G */
	w.sample.v[SIGNAL_MEMORY] = reading_of(6 * GIB);
	LOOK();
	assert_int_equal(DISTANCE(), GIB); /* 7G */
	w.sample.v[SIGNAL_MEMORY] = reading_of(15 * GIB / 2);
	LOOK();
	assert_int_equal(DISTANCE(), GIB / 2); /* its `for` runs: the limit */
	w.sample.v[SIGNAL_MEMORY] = reading_of(9 * GIB);
	LOOK();
	assert_int_equal(DISTANCE(), 0);
	w.sample.ceiling[CEILING_LIMIT] = (struct reading){.have = HAVE_ABSENT};
	w.sample.v[SIGNAL_RSS] = reading_of(4 * GIB);
	assert_int_equal(DISTANCE(), UINT64_MAX);
	world_fini(&w);
}

static void judge_distance_takes_usage_where_memory_is_not_exact(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, "memory > 5G");
	w.sample.exact = false;
	w.sample.v[SIGNAL_USAGE] = reading_of(4 * GIB);
	(void)world_at(&w, 0, GIB);
	assert_int_equal(judge_distance(&w.rule, &w.state, 1, &w.sample), GIB);
	world_limit(&w, 9 * GIB / 2);
	assert_int_equal(judge_distance(&w.rule, &w.state, 1, &w.sample), GIB / 2);
	world_fini(&w);
}

/* A small leak over days is no reason to look every 10 ms. */
static void judge_distance_of_grows_is_a_part_of_its_window(void **state)
{
	static const struct {
		const char *rule;
		int64_t next_ms;
	} rows[] = {
		{"memory grows 500M in 1m", 262}, {"memory grows 2M in 1m", 10},
		{"memory grows 2M in 5m", 49},    {"memory grows 2M in 1h", 599},
		{"memory grows 2M in 2h", 1000},  {"memory grows 2M in 7d", 1000},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t distance;
		struct world w;

		world_init(&w, rows[i].rule);
		(void)world_at(&w, 0, 100 * MIB);
		distance = judge_distance(&w.rule, &w.state, 1, &w.sample);
		expect(judge_next_ms(distance, 0, 1000) == rows[i].next_ms, "'%s': %llu",
		       rows[i].rule, (unsigned long long)distance);
		world_fini(&w);
	}
}

static void judge_next_tick_leaves_half_of_the_distance(void **state)
{
	static const struct {
		uint64_t distance;
		double speed;
		int64_t longest_ms, next_ms;
	} rows[] = {
		{UINT64_MAX, 0, 1000, 1000},
		{UINT64_MAX, 1e12, 1000, 1000},
		{2000000000, 0, 1000, 1000},
		{1999999999, 0, 1000, 999},
		{200000000, 0, 1000, 100},
		{20000000, 0, 1000, 10},
		{19999999, 0, 1000, 10},
		{0, 0, 1000, 10},
		{2000000000, 500e6, 1000, 1000},
		{2000000000, 1e9, 1000, 500},
		{2000000000, 4e9, 1000, 125},
		{2000000000, -9e9, 1000, 1000},
		{200000000000, 0, 60000, 60000},
		{20000000000, 0, 60000, 10000},
		{0, 0, 1, 10},
		{UINT64_MAX, 0, 1, 10},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int64_t next = judge_next_ms(rows[i].distance, rows[i].speed,
					     rows[i].longest_ms);

		expect(next == rows[i].next_ms, "row %zu: %lld", i, (long long)next);
	}
}

/* headroom 1000M, slope 10M/s: 100 s */
static void time_world(struct world *w, const char *rule, uint64_t usage_more)
{
	world_init(w, rule);
	for (uint64_t i = 0; i <= 60; i++) {
		w->sample.headroom = reading_of((1600 - i * 10) * MIB);
		w->sample.v[SIGNAL_USAGE] = reading_of((400 + i * 10) * MIB + usage_more);
		(void)world_at(w, SECOND, (400 + i * 10) * MIB);
	}
}

static void judge_time_to_limit_is_headroom_by_slope(void **state)
{
	struct world w;

	(void)state;
	time_world(&w, "time to limit < 101s", 0);
	assert_int_equal(w.said.value, 100000);
	assert_int_equal(w.said.threshold, 101000);
	assert_true(w.said.holds);
	world_fini(&w);
	time_world(&w, "time to limit < 100s", 0);
	assert_false(w.said.holds); /* at it is not below it */
	assert_int_equal(judge_nearest(&w.rule, &w.state, 1), 0);
	assert_int_equal(judge_distance(&w.rule, &w.state, 1, &w.sample),
			 100000 * UINT64_C(20000)); /* a hundredth of it at 2 GB/s */
	world_fini(&w);
	time_world(&w, "time to limit < 50s", 0);
	assert_int_equal(w.said.phase, PHASE_ARMED);
	assert_int_equal(judge_distance(&w.rule, &w.state, 1, &w.sample),
			 50000 * UINT64_C(20000));
	assert_int_equal(judge_nearest(&w.rule, &w.state, 1), (1000 + 500) * MIB);
	world_fini(&w);
}

/* Files that the kernel can drop fill the domain: there is room all the same. */
static void judge_time_to_limit_counts_droppable_files_as_room(void **state)
{
	struct world w;

	(void)state;
	time_world(&w, "time to limit < 101s", 500 * MIB);
	assert_int_equal(w.said.value, 150000);
	assert_false(w.said.holds);
	w.sample.exact = false; /* then nobody knows */
	w.sample.v[SIGNAL_USAGE] = reading_of(1500 * MIB);
	(void)world_at(&w, SECOND, 1000 * MIB);
	assert_int_equal(w.said.value, 100000);
	assert_false(w.said.fires || w.said.holds);
	world_fini(&w);
}

/* The headroom over all ancestors is read every 10 s, the usage at every tick. */
static void judge_time_to_limit_takes_the_nearer_of_headroom_and_limit(void **state)
{
	static const struct {
		uint64_t headroom, limit, time_ms;
	} rows[] = {
		{1000 * MIB, 2000 * MIB, 100000}, /* both of now */
		{1090 * MIB, 2000 * MIB, 100000}, /* 9 s old */
		{600 * MIB, 2000 * MIB, 60000},   /* an ancestor is nearer */
		{600 * MIB, 900 * MIB, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct world w;

		time_world(&w, "time to limit < 2m", 0);
		w.sample.headroom = reading_of(rows[i].headroom);
		world_limit(&w, rows[i].limit);
		(void)world_at(&w, 0, 1000 * MIB);
		expect(w.said.value == rows[i].time_ms, "row %zu: %llu", i,
		       (unsigned long long)w.said.value);
		world_fini(&w);
	}
}

static void judge_time_to_limit_lives_and_rearms(void **state)
{
	struct world w;

	(void)state;
	time_world(&w, "time to limit < 2m", 0);
	assert_int_equal(w.said.phase, PHASE_FIRING);
	judge_captured(&w.rule, &w.state, w.now_ms);
	for (int i = 0; i < 10 * 60; i++)
		(void)world_at(&w, SECOND, 1000 * MIB);
	assert_int_equal(w.said.value, UINT64_MAX); /* never */
	assert_int_equal(w.said.phase, PHASE_ARMED);
	w.now_ms += HOUR; /* nothing was seen: no slope */
	assert_int_equal(world_at(&w, 0, 1000 * MIB)->blind, BLIND_NOT_YET);
	assert_int_equal(w.said.threshold, 0);
	assert_int_equal(judge_nearest(&w.rule, &w.state, 1), 0);
	w.sample.headroom = reading_error(5);
	assert_int_equal(world_at(&w, 0, 1000 * MIB)->blind, BLIND_UNREADABLE);
	w.sample.headroom = (struct reading){.have = HAVE_ABSENT};
	assert_int_equal(world_at(&w, 0, 1000 * MIB)->blind, BLIND_NO_LIMIT);
	world_fini(&w);
}

/* 1 GB/s out of any calm state: noticed within 10 ms, whatever lies between. */
static void judge_schedule_notices_a_leak_in_time(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 1000; seed++) {
		struct dice dice = dice_of(seed);
		uint64_t threshold = dice_in(&dice, 64, 4 * 1024) * MIB;
		uint64_t calm = dice_in(&dice, 0, threshold);
		/* The leak begins anywhere between two ticks. */
		uint64_t wait_us = dice_roll(&dice);
		uint64_t now_us = 0, crossed_us = (threshold - calm) / 1000;
		int64_t next = judge_next_ms(threshold - calm, 0, 1000);
		uint64_t before = calm, memory = calm;

		now_us = (uint64_t)next * 1000 - wait_us % ((uint64_t)next * 1000);
		while ((memory = calm + now_us * 1000) <= threshold) {
			double speed = (double)(memory - before) * 1000 / (double)next;

			next = judge_next_ms(threshold - memory, speed, 1000);
			before = memory;
			now_us += (uint64_t)next * 1000;
		}
		expect(now_us - crossed_us <= 10000, "seed %d: %llu us late", (int)seed,
		       (unsigned long long)(now_us - crossed_us));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judge_asks_for_exact_memory_where_it_matters),
		cmocka_unit_test(judge_rests_where_only_memory_can_change_it),
		cmocka_unit_test(judge_asks_before_a_history_grows_old),
		cmocka_unit_test(judge_distance_is_to_the_first_armed_rule_or_the_limit),
		cmocka_unit_test(judge_distance_takes_usage_where_memory_is_not_exact),
		cmocka_unit_test(judge_distance_of_grows_is_a_part_of_its_window),
		cmocka_unit_test(judge_next_tick_leaves_half_of_the_distance),
		cmocka_unit_test(judge_time_to_limit_is_headroom_by_slope),
		cmocka_unit_test(judge_time_to_limit_counts_droppable_files_as_room),
		cmocka_unit_test(
			judge_time_to_limit_takes_the_nearer_of_headroom_and_limit),
		cmocka_unit_test(judge_time_to_limit_lives_and_rearms),
		cmocka_unit_test(judge_schedule_notices_a_leak_in_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
