/* The incidents that leakdog exists for, 100 times each out of stated ranges: every rule
 * fires at the very tick at which an independent oracle says it must, and once. */
#include "oracle.h"
#include "replay.h"

/* Whether each rule did at this tick what its oracle says. */
static void check_above(const struct replay *r, size_t rule, struct oracle_above *oracle,
			uint64_t value, uint64_t seed)
{
	bool must = oracle_above(oracle, r->now_ms, value);

	expect(r->said[rule].fires == must,
	       "seed %d, '%s' at %lld, value %llu: %d, must %d", (int)seed,
	       r->rules[rule].text, (long long)r->now_ms, (unsigned long long)value,
	       r->said[rule].fires, must);
}

static void check_grows(const struct replay *r, size_t rule, struct oracle_grows *oracle,
			enum signal signal, uint64_t value, uint64_t seed)
{
	bool exact = signal == SIGNAL_MEMORY ? r->sample.exact
					     : r->sample.fresh & (1u << signal);
	bool must;

	if (exact)
		oracle_grows_push(oracle, r->now_ms, value);
	must = oracle_grows(oracle, r->now_ms, value);
	expect(r->said[rule].fires == must,
	       "seed %d, '%s' at %lld, value %llu: %d, must %d", (int)seed,
	       r->rules[rule].text, (long long)r->now_ms, (unsigned long long)value,
	       r->said[rule].fires, must);
}

/* A: 200 MB (150-250) to 10-20 GB in 4-6 minutes after 1-5 calm ones, 8G limit, 0-2 GB
 * of droppable files. */
static void replay_ramp_of_the_cron_job(void **state)
{
	static const char *const rules[] = {"memory > 5G", "memory > 92% for 10s",
					    "memory grows 500M in 1m",
					    "time to limit < 2m", NULL};
	unsigned held = 0;

	(void)state;
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		static struct oracle_grows grows;
		struct oracle_above five = {5 * GIB, 0, -1, false};
		struct oracle_above most = {8 * GIB * 92 / 100, 10 * SECOND, -1, false};
		struct dice dice = dice_of(seed);
		double low = dice_between(&dice, 150e6, 250e6);
		double rate = (dice_between(&dice, 10e9, 20e9) - low) /
			      dice_between(&dice, 4 * 60e3, 6 * 60e3); /* bytes per ms */
		struct moment m = {.files = pages(dice_between(&dice, 0, 2e9)),
				   .goroutines = 70};
		int64_t begin;
		struct replay r;

		memset(&grows, 0, sizeof(grows));
		grows.amount = 500 * MIB;
		grows.window_ms = MINUTE;
		grows.slot_ms = SECOND;
		replay_init(&r, 8 * GIB, rules);
		r.now_ms += (int64_t)dice_in(&dice, 0, 100000);
		begin = r.now_ms + (int64_t)dice_in(&dice, MINUTE, 5 * MINUTE);
		for (; m.memory < r.limit; replay_next(&r)) {
			double ms = (double)MAX(r.now_ms - begin, 0);

			m.memory = pages(low + rate * ms);
			replay_tick(&r, &m);
			check_above(&r, 0, &five, m.memory, seed);
			check_above(&r, 1, &most, m.memory, seed);
			check_grows(&r, 2, &grows, SIGNAL_MEMORY, m.memory, seed);
			if (r.said[0].fires) /* 2 % of limit - threshold */
				expect(m.memory - 5 * GIB <= 3 * GIB / 50,
				       "seed %d: %llu over", (int)seed,
				       (unsigned long long)(m.memory - 5 * GIB));
			if (r.said[3].fires) {
				double left = ((double)r.limit - (double)m.memory) / rate;

				expect(left <= 121e3 && left >= 90e3,
				       "seed %d: %f ms left", (int)seed, left);
			}
		}
		expect(r.fired[0] == 1 && r.fired[2] == 1 && r.fired[3] == 1,
		       "seed %d: %u %u %u", (int)seed, r.fired[0], r.fired[2],
		       r.fired[3]);
		held += r.fired[1];
		replay_fini(&r);
	}
	assert_true(held > SEEDS / 2); /* else the kernel was quicker than 10 s */
}

/* C: steps of 450-550 MB within 0.2-10 s, 10-120 s apart, until the kill: from 200-500
 * MB, limit 4-5 GB. */
static void replay_steps_of_the_report(void **state)
{
	static const char *const rules[] = {"memory grows 400M in 1m", "memory > 62%",
					    NULL};

	(void)state;
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		static struct oracle_grows grows;
		struct oracle_above most = {0, 0, -1, false};
		struct dice dice = dice_of(seed);
		double low = dice_between(&dice, 200e6, 500e6), high = low;
		struct moment m = {.memory = pages(low), .files = 100 * MIB};
		int64_t begin = 0, end = 1;
		struct replay r;

		memset(&grows, 0, sizeof(grows));
		grows.amount = 400 * MIB;
		grows.window_ms = MINUTE;
		grows.slot_ms = SECOND;
		replay_init(&r, pages(dice_between(&dice, 4e9, 5e9)), rules);
		most.threshold = r.limit * 62 / 100;
		for (; m.memory < r.limit; replay_next(&r)) {
			double part;

			if (r.now_ms >= end) { /* the next step */
				low = high;
				high += dice_between(&dice, 450e6, 550e6);
				begin = r.now_ms + (int64_t)dice_in(&dice, 10000, 120000);
				end = begin + (int64_t)dice_in(&dice, 200, 10000);
			}
			part = (double)(r.now_ms - begin) / (double)(end - begin);
			m.memory = pages(low + (high - low) * MIN(MAX(part, 0), 1));
			replay_tick(&r, &m);
			check_grows(&r, 0, &grows, SIGNAL_MEMORY, m.memory, seed);
			grows.done = grows.done && r.states[0].phase != PHASE_ARMED;
			check_above(&r, 1, &most, m.memory, seed);
		}
		expect(r.fired[0] >= 1 && r.fired[1] == 1, "seed %d: %u %u", (int)seed,
		       r.fired[0], r.fired[1]);
		replay_fini(&r);
	}
}

/* D: 60-80 goroutines become 1,000-1,400 in 120 days, with a daily swing of 5-20; memory
 * grows by 150-250 MB, without a limit. A look every 10 minutes. */
static void replay_slope_of_four_months(void **state)
{
	static const char *const rules[] = {"goroutines > 5x base",
					    "goroutines grows 45 in 7d",
					    "memory grows 8M in 7d", NULL};

	(void)state;
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		static struct oracle_grows many, more;
		struct oracle_above five = {568, 0, -1, false}; /* base 68 + 500 */
		struct dice dice = dice_of(seed);
		double first = dice_between(&dice, 60, 80);
		double leak =
			(dice_between(&dice, 1000, 1400) - first) / (120 * (double)DAY);
		double bytes = dice_between(&dice, 150e6, 250e6) / (120 * (double)DAY);
		uint64_t swing = dice_in(&dice, 5, 20);
		struct moment m = {.files = 300 * MIB};
		struct replay r;

		memset(&many, 0, sizeof(many));
		memset(&more, 0, sizeof(more));
		many.amount = 45;
		more.amount = 8 * MIB;
		many.window_ms = more.window_ms = 7 * DAY;
		many.slot_ms = more.slot_ms = HOUR;
		replay_init(&r, UINT64_C(1) << 50, rules);
		r.longest_ms = 10 * MINUTE;
		for (; r.now_ms < 121 * DAY; replay_next(&r)) {
			double ms = (double)(r.now_ms - DAY);

			m.goroutines = (uint64_t)(first + leak * ms) +
				       swing * (uint64_t)(r.now_ms / HOUR % 24) / 24;
			m.memory = pages(100e6 + bytes * ms);
			replay_tick(&r, &m);
			check_above(&r, 0, &five, m.goroutines, seed);
			check_grows(&r, 1, &many, SIGNAL_GOROUTINES, m.goroutines, seed);
			many.done = many.done && r.states[1].phase != PHASE_ARMED;
			check_grows(&r, 2, &more, SIGNAL_MEMORY, m.memory, seed);
			more.done = more.done && r.states[2].phase != PHASE_ARMED;
		}
		expect(r.fired[0] == 1 && r.fired[1] >= 1 && r.fired[2] >= 1,
		       "seed %d: %u %u %u", (int)seed, r.fired[0], r.fired[1],
		       r.fired[2]);
		replay_fini(&r);
	}
}

/* Any calm state, then 1 GB/s: noticed within 10 ms or 2 % of what is left, whichever is
 * more. Limit 256M-64G, calm at 0-60 %, files fill 0-100 % of the rest. */
static void replay_sudden_leak_is_noticed_in_time(void **state)
{
	static const char *const rules[] = {"memory > 62%", NULL};

	(void)state;
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		struct dice dice = dice_of(seed);
		uint64_t limit = pages(0x1p28 * dice_between(&dice, 1, 256));
		double calm = dice_between(&dice, 0, 0.6) * (double)limit;
		double files = dice_between(&dice, 0, 1) * ((double)limit - calm);
		uint64_t over, most = 0;
		struct moment m = {0};
		struct replay r;
		int64_t begin;

		replay_init(&r, limit, rules);
		begin = r.now_ms + (int64_t)dice_in(&dice, 20000, 40000);
		while (r.fired[0] == 0 && m.memory < limit) {
			m.memory = pages(calm + 1e6 * (double)MAX(r.now_ms - begin, 0));
			m.files = MIN(pages(files), limit - MIN(limit, m.memory));
			replay_tick(&r, &m);
			if (!r.fired[0])
				replay_next(&r);
		}
		over = m.memory - MIN(m.memory, r.said[0].threshold);
		most = MAX(UINT64_C(10000000), (limit - r.said[0].threshold) / 50) + PAGE;
		expect(r.fired[0] == 1 && over <= most, "seed %d: limit %llu, %llu over",
		       (int)seed, (unsigned long long)limit, (unsigned long long)over);
		replay_fini(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replay_ramp_of_the_cron_job),
		cmocka_unit_test(replay_steps_of_the_report),
		cmocka_unit_test(replay_slope_of_four_months),
		cmocka_unit_test(replay_sudden_leak_is_noticed_in_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
