/* When a target is looked at: each crossing, out of any calm and at any rate that a
 * service can reach, is seen in time. */
#include "core/pace.h"

#include "dice.h"
#include "lib/num.h"
#include "world.h"

static void pace_is_what_a_look_adds_to_the_one_before(void **state)
{
	struct sample sample = {0};
	struct pace pace = {0};

	(void)state;
	pace_note(&pace, &sample, 1000); /* nothing was read */
	assert_int_equal(pace.at_ms, 0);
	sample.v[SIGNAL_MEMORY] = reading_of(100 * MIB);
	pace_note(&pace, &sample, 1000);
	assert_true(pace.speed == 0);
	assert_int_equal(pace_reach_ms(&pace, 0), INT64_MAX);
	sample.v[SIGNAL_MEMORY] = reading_of(200 * MIB);
	pace_note(&pace, &sample, 1009); /* too soon for a measure */
	assert_true(pace.speed == 0);
	pace_note(&pace, &sample, 1100);
	assert_true(pace.speed == 1000.0 * MIB);
	assert_int_equal(pace_reach_ms(&pace, 5000 * MIB), 5000);
	assert_int_equal(pace_reach_ms(&pace, 0), 0);
	sample.v[SIGNAL_MEMORY] = reading_of(100 * MIB);
	pace_note(&pace, &sample, 1200);
	assert_int_equal(pace_reach_ms(&pace, 1), INT64_MAX); /* it falls */
	/* In a domain it is the usage: memory is not read at every look. */
	sample.v[SIGNAL_USAGE] = reading_of(100 * MIB);
	pace_note(&pace, &sample, 1300);
	assert_true(pace.speed == 0);
}

static void pace_aims_behind_the_crossing(void **state)
{
	static const struct {
		uint64_t value;
		double speed;
		int64_t next_ms;
	} rows[] = {
		{500 * MIB, 1e9, 131},        /* the law of judge_next_ms */
		{990 * MIB, 0, 10},           /* and its shortest tick */
		{999 * MIB, 0, 10},           /* so near, but still */
		{999 * MIB, -1e9, 10},        /* and further away soon */
		{999 * MIB, 1e6, 10},         /* slowly nearer */
		{995 * MIB, 1000.0 * MIB, 6}, /* 5 MiB, and 1 MiB behind */
		{999 * MIB, 1000.0 * MIB, 2},
		{1000 * MIB, 1000.0 * MIB, 1},
		{1000 * MIB, 9e9, 1},
		{1000 * MIB, 50.0 * MIB, 10},
		{1001 * MIB, 1000.0 * MIB, 10}, /* seen: nothing to aim at */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct pace pace = {1, 0, rows[i].speed};
		struct world w;
		int64_t next_ms;

		world_init(&w, "memory > 1000M");
		world_limit(&w, 1010 * MIB);
		(void)world_at(&w, 0, rows[i].value);
		next_ms = pace_next_ms(&pace, &(struct pace_rules){&w.rule, &w.state, 1},
				       &w.sample, w.now_ms, 1000);
		expect(next_ms - w.now_ms == rows[i].next_ms, "row %zu: %lld", i,
		       (long long)(next_ms - w.now_ms));
		world_fini(&w);
	}
}

static void pace_keeps_a_deadline(void **state)
{
	struct pace pace = {0};
	struct world w;

	(void)state;
	world_init(&w, "memory > 1000M for 2500ms");
	world_limit(&w, 9 * GIB);
	(void)world_at(&w, 0, 2 * GIB);
	(void)world_at(&w, 2 * SECOND, 2 * GIB);
	assert_int_equal(pace_next_ms(&pace, &(struct pace_rules){&w.rule, &w.state, 1},
				      &w.sample, w.now_ms, 1000),
			 w.now_ms + 500);
	world_fini(&w);
}

/* ------------------------------------------------------------------ growth */

/* What a service does: it stands, with files that the kernel could drop and a sawtooth of
 * its collector, and then it grows in steps, at a rate, with or without a rest between.
 */
struct growth {
	uint64_t files, calm, saw;
	uint64_t rate; /* bytes per us */
	uint64_t step, rest_us;
	uint64_t begin_us;
};

static uint64_t memory_at(const struct growth *g, uint64_t us)
{
	uint64_t saw = g->saw ? us / 1000 * 7919 % g->saw : 0, grown_us, steps;

	if (us <= g->begin_us)
		return g->calm - saw;
	us -= g->begin_us;
	grown_us = g->step / g->rate;
	steps = us / (grown_us + g->rest_us);
	us -= steps * (grown_us + g->rest_us);
	return g->calm + steps * grown_us * g->rate + MIN(us, grown_us) * g->rate;
}

static uint64_t crossed_us(const struct growth *g, uint64_t threshold)
{
	uint64_t from = g->begin_us, to = g->begin_us + 600000000;

	while (to - from > 1) {
		uint64_t at = from + (to - from) / 2;

		if (memory_at(g, at) > threshold)
			to = at;
		else
			from = at;
	}
	return to;
}

/* Looks as the pace asks for them; the agent is always a little late, by up to 1 ms. The
 * time of the look that sees the crossing, in us. */
static uint64_t seen_us(struct world *w, const struct growth *g, struct dice *dice)
{
	const struct pace_rules of = {&w->rule, &w->state, 1};
	struct pace pace = {0};
	uint64_t us = dice_in(dice, 1, 1000000);

	for (;;) {
		int64_t now_ms = (int64_t)(us / 1000);
		uint64_t memory = memory_at(g, us);

		w->sample.exact =
			memory + g->files >= judge_nearest(&w->rule, &w->state, 1);
		w->sample.v[SIGNAL_USAGE] = reading_of(memory + g->files);
		w->now_ms = now_ms;
		if (world_at(w, 0, w->sample.exact ? memory : g->calm)->fires)
			return us;
		pace_note(&pace, &w->sample, now_ms);
		us = (uint64_t)pace_next_ms(&pace, &of, &w->sample, now_ms, 1000) * 1000 +
		     dice_in(dice, 0, 999);
	}
}

static struct growth growth_of(struct dice *dice, uint64_t threshold)
{
	static const uint64_t rates[] = {1, 20, 50, 300, 1000};
	struct growth g = {.rate = rates[dice_in(dice, 0, ARRAY_SIZE(rates) - 1)],
			   .files = dice_in(dice, 0, 3) * 100 * MIB,
			   .begin_us = dice_in(dice, 1, 200) * 1000000 +
				       dice_in(dice, 0, 999999)};

	/* Anywhere, near below the threshold, or right at it. */
	g.calm = threshold - dice_in(dice, 0, dice_in(dice, 0, 1) ? threshold : 30 * MIB);
	g.saw = MIN(g.calm, dice_in(dice, 0, 64) * MIB);
	g.step = dice_in(dice, 0, 1) ? 600000000 * g.rate : dice_in(dice, 8, 256) * MIB;
	g.rest_us = dice_in(dice, 0, 2000) * 1000;
	if (g.rate == 1) /* else it takes an hour */
		g.calm = MAX(g.calm, num_sub(threshold, 200 * MIB));
	return g;
}

static void every_crossing_is_seen_within_ten_milliseconds(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 400; seed++) {
		struct dice dice = dice_of(seed);
		uint64_t threshold = dice_in(&dice, 64, 4096) * MIB, crossed, seen;
		struct growth g = growth_of(&dice, threshold);
		char rule[64];
		struct world w;

		(void)snprintf(rule, sizeof(rule), "memory > %lluM",
			       (unsigned long long)(threshold / MIB));
		world_init(&w, rule);
		world_limit(&w, threshold + dice_in(&dice, 1, 4096) * MIB);
		crossed = crossed_us(&g, threshold);
		seen = seen_us(&w, &g, &dice);
		/* 10 ms, and the millisecond by which the agent is late. */
		expect(seen >= crossed && seen - crossed <= 11000,
		       "seed %d, %llu MB/s: %lld us late", (int)seed,
		       (unsigned long long)g.rate, (long long)(seen - crossed));
		world_fini(&w);
	}
}

/* What has been growing for a while is seen by its bytes: 1 MiB, and a late agent. */
static void steady_growth_is_seen_a_mebibyte_behind(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 100; seed++) {
		struct dice dice = dice_of(seed);
		struct growth g = {.calm = dice_in(&dice, 0, 500) * MIB,
				   .rate = dice_in(&dice, 200, 1000),
				   .step = UINT64_C(1) << 50,
				   .begin_us = dice_in(&dice, 1000000, 9000000)};
		uint64_t late_us;
		struct world w;

		world_init(&w, "memory > 640M");
		world_limit(&w, GIB);
		late_us = seen_us(&w, &g, &dice) - crossed_us(&g, 640 * MIB);
		expect(late_us <= MIB / g.rate + 2000, "seed %d, %llu MB/s: %llu us",
		       (int)seed, (unsigned long long)g.rate,
		       (unsigned long long)late_us);
		world_fini(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pace_is_what_a_look_adds_to_the_one_before),
		cmocka_unit_test(pace_aims_behind_the_crossing),
		cmocka_unit_test(pace_keeps_a_deadline),
		cmocka_unit_test(every_crossing_is_seen_within_ten_milliseconds),
		cmocka_unit_test(steady_growth_is_seen_a_mebibyte_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
