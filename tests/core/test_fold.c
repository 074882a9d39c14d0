#include "core/fold.h"

#include <string.h>

#include "unit.h"

#define MINUTE INT64_C(60000)

static void fold_keeps_first_worst_and_newest(void **state)
{
	/* One digit a score, in the order of time; '*' a capture. What is left of it. */
	static const struct {
		const char *scores, *left;
		uint64_t keep;
	} rows[] = {
		{"111", "111", 3},
		{"1111", "111", 3},
		{"1911", "191", 3},
		{"19111111", "191", 3},
		{"91111112", "912",
		 3}, /* the worst is the first: the newest middle one */
		{"11111119", "119", 3},
		{"1922222", "19222", 5},
		{"1*9", "1*9", 3}, /* a capture is worth more than a number */
		{"1999*99", "1*9", 3},
		{"**1*1", "***1", 4}, /* what cost a capture goes later */
		{"***11**", "***", 3},
		{"1", "1", 3},
		{"", "", 3},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct fold_entry entries[16] = {0};
		size_t n = strlen(rows[i].scores), victim, len = 0;
		char left[17] = "";

		for (size_t j = 0; j < n; j++) {
			char c = rows[i].scores[j];

			entries[j].at_ms = (int64_t)j * MINUTE;
			entries[j].captured = c == '*';
			entries[j].score = c == '*' ? 1 : (uint64_t)(c - '0');
		}
		while ((victim = fold_next(entries, n, rows[i].keep)) < n) {
			assert_false(entries[victim].dropped);
			entries[victim].dropped = true;
		}
		for (size_t j = 0; j < n; j++) {
			if (!entries[j].dropped)
				left[len++] = rows[i].scores[j];
		}
		expect(!strcmp(left, rows[i].left), "row %zu: %s", i, left);
	}
}

/* As it happens: one comes, and if need be one goes. */
static void fold_of_a_long_loop_is_bounded(void **state)
{
	struct fold_entry entries[8];
	unsigned folded = 0;
	size_t n = 0;

	(void)state;
	for (unsigned life = 0; life < 900; life++) {
		size_t victim;

		entries[n++] = (struct fold_entry){
			.at_ms = life, .score = life == 450 ? 2000 : 1000 + life % 7};
		victim = fold_next(entries, n, 6);
		if (victim == n)
			continue;
		entries[victim] = entries[--n];
		folded++;
	}
	assert_int_equal(n, 6);
	assert_int_equal(n + folded, 900);
	assert_int_equal(entries[0].at_ms, 0);
	for (size_t i = 0; i < n; i++)
		folded += (entries[i].at_ms == 899) + (entries[i].score == 2000);
	assert_int_equal(n + folded, 902); /* the newest and the worst are there */
}

/* Hostile clocks: all at once, out of order. */
static void fold_takes_any_order(void **state)
{
	struct fold_entry same[5] = {
		{.at_ms = 7}, {.at_ms = 7}, {.at_ms = 7}, {.at_ms = 7}, {.at_ms = 7}};
	struct fold_entry back[4] = {{.at_ms = INT64_MAX, .score = UINT64_MAX},
				     {.at_ms = 0},
				     {.at_ms = -5},
				     {.at_ms = INT64_MIN}};

	(void)state;
	assert_true(fold_next(same, 5, 3) < 5);
	assert_int_equal(fold_next(back, 4, 3), 2);
	assert_int_equal(fold_next(back, 4, 0), 2);
	back[2].dropped = true;
	assert_int_equal(fold_next(back, 4, 0), 1);
	back[1].dropped = true;
	assert_int_equal(fold_next(back, 4, 0), 4); /* first and newest are never given */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fold_keeps_first_worst_and_newest),
		cmocka_unit_test(fold_of_a_long_loop_is_bounded),
		cmocka_unit_test(fold_takes_any_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
