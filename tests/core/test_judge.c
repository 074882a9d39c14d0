/* Each way from one phase to another, and what must not open one. */
#include "core/judge.h"

#include <errno.h>

#include "world.h"

static void judge_fires_once_until_rearmed(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, "memory > 5G");
	assert_false(world_at(&w, 0, 5 * GIB)->fires); /* at it is not above it */
	assert_int_equal(w.said.phase, PHASE_ARMED);
	assert_false(w.said.changed || w.said.holds || w.said.calm);
	assert_true(world_at(&w, SECOND, 5 * GIB + PAGE)->fires);
	assert_int_equal(w.said.phase, PHASE_FIRING);
	assert_true(w.said.changed && w.said.holds);
	assert_int_equal(w.said.value, 5 * GIB + PAGE);
	assert_int_equal(w.said.threshold, 5 * GIB);
	assert_false(world_at(&w, SECOND, 6 * GIB)->fires);
	assert_false(w.said.changed);
	assert_false(world_at(&w, SECOND, GIB)->fires); /* back, but the capture runs */
	assert_true(w.said.calm);
	assert_false(world_at(&w, SECOND, 6 * GIB)->fires);

	judge_captured(&w.rule, &w.state, w.now_ms);
	assert_int_equal(rule_state_phase(&w.state), PHASE_COOLING);
	assert_false(world_at(&w, SECOND, 7 * GIB)->fires);
	assert_false(world_at(&w, SECOND, GIB)->fires); /* back, but it cools */
	assert_int_equal(w.said.phase, PHASE_COOLING);
	assert_false(world_at(&w, 10 * MINUTE, 5 * GIB)->fires); /* cooled, not back */
	assert_int_equal(w.said.phase, PHASE_COOLING);
	assert_false(world_at(&w, SECOND, 5 * GIB - 5 * GIB / 20)->fires);
	assert_int_equal(w.said.phase, PHASE_ARMED);
	assert_true(w.said.changed);
	assert_true(world_at(&w, SECOND, 6 * GIB)->fires);
	world_fini(&w);
}

static void judge_needs_the_margin_to_rearm(void **state)
{
	static const struct {
		const char *rule;
		uint64_t at, fires, short_of, back;
	} rows[] = {
		{"memory > 1000M", 1000 * MIB, 1001 * MIB, 951 * MIB, 950 * MIB},
		{"memory < 1000M", 1000 * MIB, 999 * MIB, 1049 * MIB, 1050 * MIB},
		{"threads > 500", 500, 501, 476, 475},
		{"threads > 10", 10, 11, 11, 10}, /* 5 % of 10 is nothing */
		{"pressure > 10", 1000, 1001, 951, 950},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct world w;

		world_init(&w, rows[i].rule);
		expect(!world_at(&w, 0, rows[i].at)->holds, "%s", rows[i].rule);
		expect(world_at(&w, SECOND, rows[i].fires)->fires, "%s", rows[i].rule);
		judge_captured(&w.rule, &w.state, w.now_ms);
		(void)world_at(&w, HOUR, rows[i].short_of);
		expect(w.said.phase == PHASE_COOLING && !w.said.calm, "%s", rows[i].rule);
		(void)world_at(&w, SECOND, rows[i].back);
		expect(w.said.phase == PHASE_ARMED && w.said.calm, "%s", rows[i].rule);
		world_fini(&w);
	}
}

static void judge_for_needs_every_judgement(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, "memory > 5G for 10s");
	assert_false(world_at(&w, 0, 6 * GIB)->fires);
	assert_true(w.said.holds);
	assert_int_equal(w.said.phase, PHASE_ARMED);
	assert_int_equal(judge_deadline(&w.rule, &w.state, 1), w.now_ms + 10 * SECOND);
	assert_false(world_at(&w, 5 * SECOND, 6 * GIB)->fires);
	assert_false(world_at(&w, 4 * SECOND, 5 * GIB)->fires); /* once not: anew */
	assert_int_equal(judge_deadline(&w.rule, &w.state, 1), INT64_MAX);
	assert_false(world_at(&w, SECOND, 6 * GIB)->fires);
	assert_false(world_at(&w, 9999, 6 * GIB)->fires);
	assert_true(world_at(&w, 1, 6 * GIB)->fires);
	assert_int_equal(judge_deadline(&w.rule, &w.state, 1), INT64_MAX);
	world_fini(&w);
}

static void judge_deadline_is_of_what_every_tick_reads(void **state)
{
	struct rule rules[] = {rule_of("threads > 500 for 10s"),
			       rule_of("rss > 1G for 30s"), rule_of("anon > 1G for 20s")};
	struct rule_state states[3];

	(void)state;
	for (size_t i = 0; i < 3; i++)
		rule_state_init(&states[i]);
	assert_int_equal(judge_deadline(rules, states, 3), INT64_MAX);
	states[0].true_since_ms = 1000;
	assert_int_equal(judge_deadline(rules, states, 3), INT64_MAX);
	states[1].true_since_ms = 1000;
	states[2].true_since_ms = 1000;
	assert_int_equal(judge_deadline(rules, states, 3), 21000);
	states[2].blind = BLIND_UNREADABLE;
	assert_int_equal(judge_deadline(rules, states, 3), 31000);
	states[1].phase = PHASE_COOLING;
	assert_int_equal(judge_deadline(rules, states, 3), INT64_MAX);
}

/* What cannot be read neither fires, nor lets `for` run on, nor re-arms. */
static void judge_unreadable_changes_no_phase(void **state)
{
	static const struct reading none[] = {
		{.have = HAVE_ERROR, .error = EIO},
		{.have = HAVE_ABSENT},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
		struct world w;

		world_init(&w, "memory > 5G for 10s");
		(void)world_at(&w, 0, 6 * GIB);
		w.now_ms += 5 * SECOND;
		assert_false(world_read(&w, none[i])->fires);
		assert_int_equal(w.said.phase, PHASE_BLIND);
		assert_true(w.said.changed && !w.said.holds && !w.said.calm);
		assert_int_equal(w.said.value, 0);
		assert_int_equal(w.said.threshold, 0);
		w.now_ms += 5 * SECOND;
		assert_false(world_read(&w, none[i])->changed);
		assert_false(world_at(&w, SECOND, 6 * GIB)->fires); /* `for` anew */
		assert_true(w.said.changed);
		assert_int_equal(w.said.phase, PHASE_ARMED);
		assert_true(world_at(&w, 10 * SECOND, 6 * GIB)->fires);

		(void)world_read(&w, none[i]); /* blind in the middle of the capture */
		judge_captured(&w.rule, &w.state, w.now_ms);
		assert_int_equal(rule_state_phase(&w.state), PHASE_BLIND);
		w.now_ms += HOUR;
		assert_false(world_read(&w, none[i])->changed); /* cooled, but not back */
		(void)world_at(&w, SECOND, 6 * GIB);
		assert_int_equal(w.said.phase, PHASE_COOLING);
		(void)world_at(&w, SECOND, GIB);
		assert_int_equal(w.said.phase, PHASE_ARMED);
		world_fini(&w);
	}
}

static void judge_says_every_change_of_blindness_once(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, "goroutines > 5x base");
	assert_true(world_at(&w, 0, 100)->changed);
	assert_int_equal(w.said.blind, BLIND_NO_BASE);
	assert_false(world_at(&w, SECOND, 100)->changed);
	w.view.foreign_page = true;
	assert_true(world_at(&w, SECOND, 100)->changed);
	assert_int_equal(w.said.blind, BLIND_FOREIGN_PAGE);
	assert_int_equal(w.said.phase, PHASE_BLIND);
	w.view.foreign_page = false;
	w.base[SIGNAL_GOROUTINES] = reading_of(68);
	assert_true(world_at(&w, SECOND, 568)->changed);
	assert_int_equal(w.said.phase, PHASE_ARMED);
	assert_true(world_at(&w, SECOND, 569)->fires);
	world_fini(&w);
}

static void judge_stale_reading_is_no_judgement(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, "goroutines > 500 for 20s");
	w.sample.v[SIGNAL_GOROUTINES] = reading_of(900);
	judge(&w.rule, &w.state, &w.view, w.now_ms, &w.said);
	assert_int_equal(w.said.blind, BLIND_NOT_YET); /* a value, but of another life */

	assert_false(world_at(&w, SECOND, 900)->fires);
	for (int i = 1; i <= 59; i++) {
		w.sample.fresh = 0;
		w.now_ms += SECOND;
		judge(&w.rule, &w.state, &w.view, w.now_ms, &w.said);
		expect(!w.said.fires && w.said.holds && !w.said.changed, "after %d s", i);
	}
	assert_true(world_at(&w, SECOND, 900)->fires);

	/* Nor does a stale one re-arm. */
	judge_captured(&w.rule, &w.state, w.now_ms);
	(void)world_at(&w, 9 * MINUTE, 100);
	w.sample.fresh = 0;
	w.now_ms += 50 * SECOND;
	judge(&w.rule, &w.state, &w.view, w.now_ms, &w.said);
	assert_int_equal(w.said.phase, PHASE_COOLING);
	(void)world_at(&w, 10 * SECOND, 100);
	assert_int_equal(w.said.phase, PHASE_ARMED);
	world_fini(&w);
}

static void judge_is_blind_for_what_is_too_old(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, "goroutines > 500");
	(void)world_at(&w, 0, 100);
	w.sample.fresh = 0;
	w.now_ms += MINUTE;
	judge(&w.rule, &w.state, &w.view, w.now_ms, &w.said);
	assert_int_equal(w.said.phase, PHASE_ARMED);
	w.now_ms += 1;
	judge(&w.rule, &w.state, &w.view, w.now_ms, &w.said);
	assert_int_equal(w.said.blind, BLIND_STALE);
	assert_true(world_at(&w, 5 * MINUTE, 900)->fires);
	world_fini(&w);
}

/* An inexact memory is at most the usage: it can say no, and nothing else. */
static void judge_inexact_says_no_or_nothing(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, "memory > 1000M");
	w.sample.exact = false;
	w.sample.v[SIGNAL_USAGE] = reading_of(2000 * MIB);
	assert_false(world_at(&w, 0, 2000 * MIB)->fires);
	assert_false(world_at(&w, SECOND, 500 * MIB)->holds); /* usage bounds it */
	assert_false(w.said.calm);
	w.sample.exact = true;
	assert_true(world_at(&w, SECOND, 1001 * MIB)->fires);

	judge_captured(&w.rule, &w.state, w.now_ms);
	w.now_ms += HOUR;
	w.sample.exact = false;
	assert_true(world_at(&w, 0, 1001 * MIB)->holds); /* as it was */
	w.sample.v[SIGNAL_USAGE] = reading_of(951 * MIB);
	assert_int_equal(world_at(&w, 0, 500 * MIB)->phase, PHASE_COOLING);
	w.sample.v[SIGNAL_USAGE] = reading_of(950 * MIB);
	assert_int_equal(world_at(&w, 0, 500 * MIB)->phase, PHASE_ARMED);
	world_fini(&w);

	world_init(&w, "memory < 1000M");
	w.sample.exact = false;
	assert_false(world_at(&w, 0, 500 * MIB)->fires);
	w.sample.exact = true;
	assert_true(world_at(&w, 0, 500 * MIB)->fires);
	world_fini(&w);

	world_init(&w, "memory grows 500M in 1m");
	(void)world_at(&w, 0, 100 * MIB);
	w.sample.exact = false;
	assert_false(world_at(&w, SECOND, 600 * MIB)->holds);
	w.sample.exact = true;
	assert_true(world_at(&w, SECOND, 600 * MIB)->fires);
	world_fini(&w);
}

/* A window is not over while nobody could see. */
static void judge_window_begins_anew_after_blindness(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, "rss grows 500M in 1m");
	w.rule.cooldown_ms = 0;
	(void)world_at(&w, 0, 100 * MIB);
	assert_true(world_at(&w, SECOND, 700 * MIB)->fires);
	judge_captured(&w.rule, &w.state, w.now_ms);
	(void)world_at(&w, MINUTE, 700 * MIB);
	w.now_ms += 30 * SECOND;
	(void)world_read(&w, reading_error(EIO));
	(void)world_at(&w, 29 * SECOND, 700 * MIB);
	assert_int_equal(world_at(&w, 59 * SECOND, 700 * MIB)->phase, PHASE_COOLING);
	assert_int_equal(world_at(&w, SECOND, 700 * MIB)->phase, PHASE_ARMED);
	world_fini(&w);
}

static void judge_grows_from_the_minimum_of_its_window(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, "memory grows 500M in 1m");
	assert_false(world_at(&w, 0, 300 * MIB)->fires);
	assert_false(world_at(&w, 20 * SECOND, 100 * MIB)->fires);
	assert_false(world_at(&w, 20 * SECOND, 599 * MIB)->fires);
	assert_int_equal(w.said.threshold, 600 * MIB);
	assert_true(world_at(&w, SECOND, 600 * MIB)->fires);
	judge_captured(&w.rule, &w.state, w.now_ms);
	/* It must be false for one window, after the cooldown. */
	(void)world_at(&w, 9 * MINUTE + 30 * SECOND, 600 * MIB);
	assert_true(w.said.calm);
	(void)world_at(&w, 30 * SECOND, 600 * MIB);
	assert_int_equal(w.said.phase, PHASE_COOLING);
	(void)world_at(&w, 20 * SECOND, 1100 * MIB);
	assert_false(w.said.calm);
	(void)world_at(&w, 41 * SECOND, 1100 * MIB);
	(void)world_at(&w, 59 * SECOND, 1100 * MIB);
	assert_int_equal(w.said.phase, PHASE_COOLING);
	(void)world_at(&w, SECOND, 1100 * MIB);
	assert_int_equal(w.said.phase, PHASE_ARMED);
	world_fini(&w);
}

static void judge_is_blind_above_the_limit(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, "memory > 5G");
	world_limit(&w, 5 * GIB);
	assert_false(world_at(&w, 0, 6 * GIB)->fires);
	assert_int_equal(w.said.blind, BLIND_ABOVE_LIMIT);
	world_limit(&w, 8 * GIB); /* raised meanwhile */
	assert_true(world_at(&w, SECOND, 6 * GIB)->fires);
	world_fini(&w);
}

static void judge_built_in_is_never_true(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, "memory > 5G");
	rule_oom_kill(&w.rule);
	assert_false(world_at(&w, 0, UINT64_MAX)->fires);
	assert_false(w.said.changed);
	assert_int_equal(w.said.phase, PHASE_ARMED);
	assert_int_equal(judge_nearest(&w.rule, &w.state, 1), UINT64_MAX);
	world_fini(&w);
}

static void judge_captured_ends_firing_only(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, "memory > 5G");
	judge_captured(&w.rule, &w.state, 0);
	assert_int_equal(rule_state_phase(&w.state), PHASE_ARMED);
	(void)world_at(&w, 0, 6 * GIB);
	judge_captured(&w.rule, &w.state, 1000);
	assert_int_equal(w.state.cool_until_ms, 1000 + 10 * MINUTE);
	judge_captured(&w.rule, &w.state, 2000); /* again: the cooldown runs on */
	assert_int_equal(w.state.cool_until_ms, 1000 + 10 * MINUTE);
	world_fini(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(judge_fires_once_until_rearmed),
		cmocka_unit_test(judge_needs_the_margin_to_rearm),
		cmocka_unit_test(judge_for_needs_every_judgement),
		cmocka_unit_test(judge_deadline_is_of_what_every_tick_reads),
		cmocka_unit_test(judge_unreadable_changes_no_phase),
		cmocka_unit_test(judge_says_every_change_of_blindness_once),
		cmocka_unit_test(judge_stale_reading_is_no_judgement),
		cmocka_unit_test(judge_is_blind_for_what_is_too_old),
		cmocka_unit_test(judge_inexact_says_no_or_nothing),
		cmocka_unit_test(judge_window_begins_anew_after_blindness),
		cmocka_unit_test(judge_grows_from_the_minimum_of_its_window),
		cmocka_unit_test(judge_is_blind_above_the_limit),
		cmocka_unit_test(judge_built_in_is_never_true),
		cmocka_unit_test(judge_captured_ends_firing_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
