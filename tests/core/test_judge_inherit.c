/* A process that follows one whose rule was captured. */
#include "world.h"

static void inherited_cooldown_is_quiet_and_then_fires(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, "memory > 5G");
	judge_inherit(&w.state, w.now_ms + 5 * MINUTE);
	assert_int_equal(world_at(&w, SECOND, GIB)->phase, PHASE_COOLING);
	assert_false(world_at(&w, MINUTE, 6 * GIB)->fires);
	assert_false(world_at(&w, MINUTE, 6 * GIB)->fires);
	/* It has never been back in this life, and need not have been. */
	assert_int_equal(world_at(&w, 3 * MINUTE, 6 * GIB)->phase, PHASE_ARMED);
	assert_true(world_at(&w, SECOND, 6 * GIB)->fires);
	/* Its own cooldown is like any other. */
	judge_captured(&w.rule, &w.state, w.now_ms);
	assert_int_equal(world_at(&w, 20 * MINUTE, 6 * GIB)->phase, PHASE_COOLING);
	assert_int_equal(world_at(&w, SECOND, GIB)->phase, PHASE_ARMED);
	world_fini(&w);
}

static void inherited_cooldown_lets_for_run(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, "memory > 5G for 2m");
	judge_inherit(&w.state, w.now_ms + 10 * MINUTE);
	for (int i = 0; i < 10; i++)
		assert_false(world_at(&w, MINUTE, 6 * GIB)->fires);
	assert_true(world_at(&w, SECOND, 6 * GIB)->fires);
	world_fini(&w);
}

/* One crash loop for a day, a life of 4 minutes each, above from the second one on. */
static void crash_loop_is_captured_once_in_a_cooldown(void **state)
{
	int64_t cool_until_ms = NEVER_MS, at_ms = 0;
	unsigned captures = 0;
	struct world w;

	(void)state;
	for (unsigned life = 0; life < 360; life++) {
		world_init(&w, "memory > 5G");
		w.now_ms = at_ms;
		if (cool_until_ms > w.now_ms)
			judge_inherit(&w.state, cool_until_ms);
		(void)world_at(&w, 0, GIB);
		for (unsigned minute = 1; minute < 4; minute++) {
			if (!world_at(&w, MINUTE, 6 * GIB)->fires)
				continue;
			judge_captured(&w.rule, &w.state, w.now_ms);
			cool_until_ms = w.state.cool_until_ms;
			captures++;
		}
		at_ms = w.now_ms + MINUTE;
		world_fini(&w);
	}
	/* At most one in 10 minutes, and one life later at the latest. */
	expect(captures <= 144 && captures >= 24 * 60 / 14, "%u", captures);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(inherited_cooldown_is_quiet_and_then_fires),
		cmocka_unit_test(inherited_cooldown_lets_for_run),
		cmocka_unit_test(crash_loop_is_captured_once_in_a_cooldown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
