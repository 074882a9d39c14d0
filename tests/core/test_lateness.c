#include "core/lateness.h"

#include "unit.h"

static void share_that_is_in_time_is_told_by_its_bound(void **state)
{
	struct lateness l = {0};

	(void)state;
	assert_int_equal(lateness_ms(&l, 99), 0);
	for (int i = 0; i < 99; i++)
		lateness_add(&l, i < 50 ? 0 : 4);
	lateness_add(&l, 400);
	assert_int_equal(lateness_ms(&l, 50), 0);
	assert_int_equal(lateness_ms(&l, 51), 5);
	assert_int_equal(lateness_ms(&l, 99), 5);
	assert_int_equal(lateness_ms(&l, 100), 400); /* none was later */
	assert_int_equal(l.worst_ms, 400);
}

static void early_is_in_time(void **state)
{
	struct lateness l = {0};

	(void)state;
	lateness_add(&l, -20);
	assert_int_equal(lateness_ms(&l, 100), 0);
	lateness_add(&l, INT64_MAX);
	assert_int_equal(lateness_ms(&l, 100), INT64_MAX);
}

static void old_trouble_fades(void **state)
{
	struct lateness l = {0};

	(void)state;
	for (int i = 0; i < 100000; i++)
		lateness_add(&l, 2000);
	for (int i = 0; i < 4000000; i++)
		lateness_add(&l, 1);
	assert_int_equal(lateness_ms(&l, 50), 1);
	assert_true(lateness_ms(&l, 100) > 1000 || l.count[LATENESS_N - 1] == 0);
	for (int i = 0; i < 20000000; i++)
		lateness_add(&l, 1);
	assert_int_equal(lateness_ms(&l, 100), 1);
	assert_int_equal(l.worst_ms, 2000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(share_that_is_in_time_is_told_by_its_bound),
		cmocka_unit_test(early_is_in_time),
		cmocka_unit_test(old_trouble_fades),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
