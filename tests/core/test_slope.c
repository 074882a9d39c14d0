#include "core/slope.h"

#include "unit.h"

static void slope_is_the_median_of_all_pairs(void **state)
{
	static const struct {
		struct slope points;
		double median;
	} rows[] = {
		{{{0, 1}, {0, 5}, 2}, 5},
		{{{0, 1, 2}, {0, 1, 5}, 3}, 2.5},     /* 1 2.5 4 */
		{{{0, 1, 2, 3}, {0, 0, 1, 3}, 4}, 1}, /* 0 .5 1 1 1.5 2 */
		{{{0, 1, 2, 3}, {0, 1, 4, 9}, 4}, 3}, /* 1 2 3 3 4 5 */
		{{{0, 1, 2, 4}, {0, 0, 2, 2}, 4},
		 0.5833333333333333}, /* 0 0 .5 .67 1 2 */
		{{{4, 2, 1, 0}, {2, 2, 0, 0}, 4}, 0.5833333333333333}, /* newest first */
		{{{0, 1, 2, 3, 4}, {0, -1, -2, 900, -4}, 5}, -1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		double median = slope_median(&rows[i].points);

		expect(median > rows[i].median - 1e-12 && median < rows[i].median + 1e-12,
		       "row %zu: %.15f", i, median);
	}
}

static void slope_takes_as_many_points_as_it_says(void **state)
{
	struct slope points = {.n = SLOPE_POINTS};

	(void)state;
	for (int i = 0; i < SLOPE_POINTS; i++) {
		points.x[i] = i;
		points.y[i] = i == 3 || i == 11 ? 1e9 : 7 * i;
	}
	assert_true(slope_median(&points) > 6.9 && slope_median(&points) < 7.1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slope_is_the_median_of_all_pairs),
		cmocka_unit_test(slope_takes_as_many_points_as_it_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
