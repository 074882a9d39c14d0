#include "prof/memory_case.h"

/* With GOGC=off Go is at GOMEMLIMIT most of the time, and nothing leaks. */
/* Garbage is told from live objects only by a collection that has just ended. */
static void parts_and_remainder_are_the_total(void **state)
{
	static const struct {
		const char *what;
		struct numbers now;
		int64_t part[PART_N]; /* MB */
		const char *unknown;  /* one letter per part: ? where it is not known */
		double coverage;
	} rows[] = {
		{"all known",
		 {5200, 5170, 10, 0, 20, 5190, 5180, 30, 5000, 60, 40, 2, 28, 4900, 70},
		 {4900, 100, 60, 30, 2, 28, 50, 10, 0, 20, 0},
		 "...........",
		 4900.0 / 5200},
		{"Go counts more than there is",
		 {5200, 5000, 10, 0, 20, 5010, 5000, 0, 5000, 60, 40, 2, 28, 4900, 70},
		 {4900, 100, 60, 0, 2, 28, 0, 10, 0, 20, 80},
		 "...........",
		 4900.0 / 5200},
		{"a profile larger than the heap",
		 {5200, 5170, 10, 0, 20, 5190, 5180, 0, 5000, 60, 40, 2, 28, 5300, 70},
		 {5300, 0, 60, 0, 2, 28, 80, 10, 0, 20, -300},
		 "...........",
		 1},
		{"no smaps",
		 {5200, 5170, 10, 0, 20, 5190, 5180, -1, 5000, 60, 40, 2, 28, 4900, 70},
		 {4900, 100, 60, 0, 2, 28, 80, 10, 0, 20, 0},
		 "...?.......",
		 4900.0 / 5200},
		{"no MemStats",
		 {5200, 5170, 10, 0, 20, 5190, 5180, 0, -1, 0, 0, 0, 0, 4900, 70},
		 {4900, 0, 0, 0, 0, 0, 0, 10, 0, 20, 270},
		 ".??????....",
		 4900.0 / 5200},
		{"no profile",
		 {5200, 5170, 10, 0, 20, 5190, 5180, 0, 5000, 60, 40, 2, 28, -1, 70},
		 {0, 5000, 60, 0, 2, 28, 80, 10, 0, 20, 0},
		 "?..........",
		 -1},
		{"no cgroup: the process",
		 {-1, -1, -1, -1, -1, 5190, 5180, 30, 5000, 60, 40, 2, 28, 4900, 70},
		 {4900, 100, 60, 30, 2, 28, 60, 10, 0, 0, 0},
		 "........??.",
		 4900.0 / 5190},
		{"a cgroup of old, without anon",
		 {5200, -1, -1, -1, -1, 5190, 5180, 0, 5000, 60, 40, 2, 28, 4900, 70},
		 {4900, 100, 60, 0, 2, 28, 0, 0, 0, 0, 110},
		 "......????.",
		 4900.0 / 5200},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct memory_input input = input_of(NULL, &rows[i].now);
		struct memory_account account;
		int64_t sum = 0;

		memory_account(&input, &account);
		for (size_t p = 0; p < PART_N; p++) {
			expect(account.known[p] == (rows[i].unknown[p] == '.'), "%s: %s",
			       rows[i].what, memory_part_table[p]);
			expect(account.part[p] == rows[i].part[p] * (int64_t)MB,
			       "%s: %s is %lld", rows[i].what, memory_part_table[p],
			       (long long)(account.part[p] / (int64_t)MB));
			sum += account.part[p];
		}
		assert_int_equal(sum, account.total);
		assert_true(account.of ==
			    (rows[i].now.usage < 0 ? ACCOUNT_RSS : ACCOUNT_CGROUP));
		expect(account.coverage > rows[i].coverage - 1e-9 &&
			       account.coverage < rows[i].coverage + 1e-9,
		       "%s: %f", rows[i].what, account.coverage);
		assert_int_equal(account.gc_age_ms, rows[i].now.inuse < 0 ? -1 : 1000);
	}
}

/* Numbers of a target are anything; the sum must still be one. */
static void hostile_numbers_harm_nobody(void **state)
{
	static const uint64_t bytes[] = {0, 1, MB, INT64_MAX, UINT64_MAX - 1, UINT64_MAX};

	(void)state;
	for (size_t i = 0; i < 216; i++) {
		struct memory_input input = input_of(&healthy, &healthy);
		uint64_t *stats = (uint64_t *)&input.stats_now;
		uint64_t *kernel = (uint64_t *)&input.now;
		struct memory_account account;

		for (size_t j = 0; j < sizeof(input.stats_now) / sizeof(*stats); j++)
			stats[j] = bytes[(i + j * (i / 36)) % 6];
		for (size_t j = 0; j < sizeof(input.now) / sizeof(*kernel); j++)
			kernel[j] = bytes[(i / 6 + j * (i % 6)) % 6];
		input.heap_now = (int64_t)bytes[i % 6];
		input.goroutines_now = bytes[i / 6 % 6];
		input.gomemlimit = bytes[i / 36 % 6];
		memory_account(&input, &account);
		assert_true(account.label < LABEL_N && account.why[0]);
		assert_true(account.coverage <= 1);
	}
}

/* --- Ranking and label ------------------------------------------------------ */

static struct grew grew_of(int64_t heap, int64_t goroutines)
{
	struct grew grew = {.n = 3};

	grew.list[0] = (struct suspect){.kind = SUSPECT_SOCKETS, .now = 1000};
	grew.list[1] = (struct suspect){.kind = SUSPECT_GOROUTINES, .now = goroutines};
	grew.list[2] = (struct suspect){.kind = SUSPECT_HEAP, .now = heap};
	return grew;
}

static void the_label_and_what_grew_agree(void **state)
{
	static const struct {
		enum memory_label label;
		int64_t heap; /* MB of 1000 */
		size_t n;
		enum suspect_kind first;
	} rows[] = {
		{LABEL_HEAP_GROWTH, 10, 3, SUSPECT_HEAP},
		{LABEL_GOROUTINE_GROWTH, 900, 3, SUSPECT_GOROUTINES},
		{LABEL_UNCLEAR, 10, 3, SUSPECT_SOCKETS},
		{LABEL_FREED_NOT_RETURNED, 249, 2, SUSPECT_SOCKETS},
		{LABEL_FREED_NOT_RETURNED, 250, 3, SUSPECT_SOCKETS},
		{LABEL_PAGE_CACHE, 100, 2, SUSPECT_SOCKETS},
		{LABEL_NOT_THE_GO_HEAP, 100, 2, SUSPECT_SOCKETS},
		{LABEL_AT_GOMEMLIMIT, 100, 2, SUSPECT_SOCKETS},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct memory_account account = {
			.of = ACCOUNT_RSS, .total = 1000 * MB, .label = rows[i].label};
		struct grew grew = grew_of(rows[i].heap * (int64_t)MB, 4000);

		memory_follow(&account, &grew);
		expect(grew.n == rows[i].n && grew.list[0].kind == rows[i].first,
		       "row %zu: %zu, %s", i, grew.n, suspect_table[grew.list[0].kind]);
		assert_int_equal(grew.rest[SUSPECT_HEAP],
				 grew.n == 3 ? 0 : rows[i].heap * (int64_t)MB);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_and_remainder_are_the_total),
		cmocka_unit_test(hostile_numbers_harm_nobody),
		cmocka_unit_test(the_label_and_what_grew_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
