#include "prof/memory_case.h"

static void the_label_says_where_the_growth_is(void **state)
{
	static const struct row {
		const char *what;
		const struct numbers *base;
		struct numbers now;
		enum memory_label label;
	} rows[] = {
		/* A: 5G of 8G, fresh. */
		{"millions of records",
		 &healthy,
		 {5200, 5170, 10, 0, 20, 5190, 5180, 0, 5000, 60, 40, 2, 60, 4900, 70},
		 LABEL_HEAP_GROWTH},
		/* The profile is as of the last collection and shows 0.31. */
		{"a stale profile",
		 &healthy,
		 {5200, 5170, 10, 0, 20, 5190, 5180, 0, 5000, 60, 40, 2, 60, 1640, 70},
		 LABEL_HEAP_GROWTH},
		{"less than a quarter is live, fresh or not",
		 &healthy,
		 {5210, 5170, 10, 0, 20, 5190, 5180, 0, 5000, 60, 40, 2, 60, 1320, 70},
		 LABEL_FREED_NOT_RETURNED},
		{"a heap without base",
		 NULL,
		 {5200, 5170, 10, 0, 20, 5190, 5180, 0, 5000, 60, 40, 2, 60, 4900, 70},
		 LABEL_HEAP_GROWTH},
		{"a heap without MemStats",
		 &healthy,
		 {5200, 5170, 10, 0, 20, 5190, 5180, -1, -1, 0, 0, 0, 0, 1900, 70},
		 LABEL_HEAP_GROWTH},
		{"less of a heap without MemStats",
		 &healthy,
		 {5200, 5170, 10, 0, 20, 5190, 5180, -1, -1, 0, 0, 0, 0, 1650, 70},
		 LABEL_UNCLEAR},
		{"a heap without cgroup",
		 &healthy,
		 {-1, -1, -1, -1, -1, 5190, 5180, 0, 5000, 60, 40, 2, 60, 4900, 70},
		 LABEL_HEAP_GROWTH},
		/* B at 150 MB. */
		{"transport buffers of 4,000 goroutines",
		 &healthy,
		 {350, 330, 10, 0, 10, 340, 330, 0, 210, 60, 40, 30, 20, 190, 4068},
		 LABEL_HEAP_GROWTH},
		/* C3. */
		{"stacks of 100,000 goroutines",
		 &healthy,
		 {560, 540, 10, 0, 10, 550, 540, 0, 160, 60, 40, 260, 30, 130, 100068},
		 LABEL_GOROUTINE_GROWTH},
		{"few more bytes, many more goroutines",
		 &healthy,
		 {214, 194, 10, 0, 10, 204, 194, 0, 100, 60, 40, 6, 20, 80, 1068},
		 LABEL_GOROUTINE_GROWTH},
		{"249 goroutines more",
		 &healthy,
		 {214, 194, 10, 0, 10, 204, 194, 0, 100, 60, 40, 6, 20, 80, 317},
		 LABEL_UNCLEAR},
		{"250 goroutines more",
		 &healthy,
		 {214, 194, 10, 0, 10, 204, 194, 0, 100, 60, 40, 6, 20, 80, 318},
		 LABEL_GOROUTINE_GROWTH},
		{"goroutines that stand for 20 MB each",
		 &healthy,
		 {8210, 8190, 10, 0, 10, 8200, 8190, 0, 8100, 60, 40, 4, 20, 3900, 468},
		 LABEL_HEAP_GROWTH},
		/* C1 after it is freed. */
		{"idle",
		 &healthy,
		 {5200, 5170, 10, 0, 20, 5190, 5180, 0, 110, 4900, 40, 2, 60, 90, 70},
		 LABEL_FREED_NOT_RETURNED},
		{"LazyFree",
		 &healthy,
		 {5200, 5170, 10, 0, 20, 5190, 5180, 4900, 110, 60, 4940, 2, 60, 90, 70},
		 LABEL_FREED_NOT_RETURNED},
		{"gaps after a collection",
		 &healthy,
		 {5200, 5170, 10, 0, 20, 5190, 5180, 0, 4900, 60, 40, 2, 60, 90, 70},
		 LABEL_FREED_NOT_RETURNED},
		{"freed, and no profile to prove it",
		 &healthy,
		 {5200, 5170, 10, 0, 20, 5190, 5180, 0, 110, 4900, 40, 2, 60, -1, 70},
		 LABEL_UNCLEAR},
		/* cgo, mmap. */
		{"anonymous and not Go's",
		 &healthy,
		 {5200, 5170, 10, 0, 20, 5190, 5180, 0, 110, 60, 40, 2, 60, 90, 70},
		 LABEL_NOT_THE_GO_HEAP},
		{"another process of the cgroup",
		 &healthy,
		 {5200, 5170, 10, 0, 20, 200, 190, 0, 110, 60, 40, 2, 60, 90, 70},
		 LABEL_NOT_THE_GO_HEAP},
		{"tmpfs",
		 &healthy,
		 {5200, 200, 10, 4970, 20, 200, 190, 0, 110, 60, 40, 2, 60, 90, 70},
		 LABEL_NOT_THE_GO_HEAP},
		{"slab",
		 &healthy,
		 {5200, 200, 10, 0, 4990, 200, 190, 0, 110, 60, 40, 2, 60, 90, 70},
		 LABEL_NOT_THE_GO_HEAP},
		{"anonymous, and no MemStats to say whose",
		 &healthy,
		 {5200, 5170, 10, 0, 20, 5190, 5180, -1, -1, 0, 0, 0, 0, 90, 70},
		 LABEL_UNCLEAR},
		{"cached files",
		 &healthy,
		 {5200, 190, 5000, 0, 10, 200, 190, 0, 100, 60, 40, 2, 20, 80, 68},
		 LABEL_PAGE_CACHE},
		{"half of one, half of another",
		 &healthy,
		 {2210, 1150, 960, 0, 100, 1160, 1150, 0, 1000, 60, 40, 2, 20, 450, 68},
		 LABEL_UNCLEAR},
		{"nothing grew",
		 &healthy,
		 {217, 197, 10, 0, 10, 207, 197, 0, 107, 60, 40, 2, 20, 87, 68},
		 LABEL_UNCLEAR},
		{"it shrank",
		 &healthy,
		 {110, 90, 10, 0, 10, 100, 90, 0, 50, 20, 40, 2, 20, 40, 68},
		 LABEL_UNCLEAR},
		{"no numbers at all",
		 NULL,
		 {-1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, -1, -1},
		 LABEL_UNCLEAR},
		{"a profile alone",
		 NULL,
		 {-1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 500, 68},
		 LABEL_UNCLEAR},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct memory_input input = input_of(rows[i].base, &rows[i].now);
		struct memory_account account;

		memory_account(&input, &account);
		expect(account.label == rows[i].label, "%s: %s (%s)", rows[i].what,
		       memory_label_table[account.label], account.why);
		expect(account.why[0] && strlen(account.why) < sizeof(account.why) - 1,
		       "%s: %s", rows[i].what, account.why);
	}
}

static void a_heap_at_its_limit_is_no_leak_unless_it_is_live(void **state)
{
	static const struct {
		uint64_t limit;
		int64_t inuse, live;
		enum memory_label label;
	} rows[] = {
		{4096, 3900, 1000, LABEL_AT_GOMEMLIMIT},
		{4096, 3900, 2867, LABEL_AT_GOMEMLIMIT}, /* 69.99 % */
		{4096, 3900, 2868, LABEL_HEAP_GROWTH},
		{4096, 3700, 1000, LABEL_FREED_NOT_RETURNED}, /* 94 % of it */
		{0, 3900, 1000, LABEL_FREED_NOT_RETURNED},
		{8192, 3900, 2000, LABEL_HEAP_GROWTH},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct numbers now = {4100, 4080,          10, 0,  10, 4090, 4080,
				      0,    rows[i].inuse, 60, 40, 2,  60,   rows[i].live,
				      70};
		struct memory_input input = input_of(&healthy, &now);
		struct memory_account account;

		input.gomemlimit = rows[i].limit * MB;
		memory_account(&input, &account);
		expect(account.label == rows[i].label, "row %zu: %s (%s)", i,
		       memory_label_table[account.label], account.why);
	}
}

static void stale_numbers_do_not_say_freed(void **state)
{
	static const struct numbers now = {5200, 5170, 10, 0, 20, 5190, 5180, 0,
					   4900, 60,   40, 2, 60, 90,   70};
	struct memory_input input = input_of(&healthy, &now);
	struct memory_account account;

	(void)state;
	input.captured_ms += 5000 - 1000;
	memory_account(&input, &account);
	assert_int_equal(account.gc_age_ms, 5000);
	assert_int_equal(account.label, LABEL_FREED_NOT_RETURNED);
	input.captured_ms++;
	memory_account(&input, &account);
	assert_int_equal(account.label, LABEL_UNCLEAR);
	assert_non_null(strstr(account.why, "newer than the last collection"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_label_says_where_the_growth_is),
		cmocka_unit_test(a_heap_at_its_limit_is_no_leak_unless_it_is_live),
		cmocka_unit_test(stale_numbers_do_not_say_freed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
