#include "prof/memory.h"

#include <string.h>

#include "unit.h"

#define MB UINT64_C(1048576)
#define NO MEMORY_UNKNOWN

/* One side in MB; -1: not known. */
struct numbers {
	int64_t usage, anon, file, shmem, kernel;             /* of the cgroup */
	int64_t rss, rss_anon, lazy;                          /* of the process */
	int64_t inuse, idle, released, stacks, runtime, live; /* of Go */
	int64_t goroutines;                                   /* count */
};

static uint64_t mb(int64_t n)
{
	return n < 0 ? NO : (uint64_t)n * MB;
}

static void fill(const struct numbers *n, struct kernel_memory *kernel,
		 struct memstats *stats)
{
	memset(kernel, 0xff, sizeof(*kernel));
	memset(stats, 0xff, sizeof(*stats));
	kernel->limit = 8192 * MB;
	kernel->usage = mb(n->usage);
	kernel->anon = mb(n->anon);
	kernel->file = n->file < 0 ? NO : mb(n->file + MAX(n->shmem, 0));
	kernel->shmem = mb(n->shmem);
	kernel->kernel = mb(n->kernel);
	kernel->rss = mb(n->rss);
	kernel->rss_anon = mb(n->rss_anon);
	kernel->rss_file = n->rss < 0 ? NO : mb(n->rss - n->rss_anon);
	kernel->lazy_free = mb(n->lazy);
	if (n->inuse < 0)
		return;
	*stats = (struct memstats){
		.heap_alloc = mb(n->inuse),
		.heap_inuse = mb(n->inuse),
		.heap_idle = mb(n->idle + n->released),
		.heap_released = mb(n->released),
		.heap_sys = mb(n->inuse + n->idle + n->released),
		.stack_inuse = mb(n->stacks),
		.stack_sys = mb(n->stacks),
		.gc_sys = mb(n->runtime),
		.sys = mb(n->inuse + n->idle + n->released + n->stacks + n->runtime),
		.last_gc_ns = UINT64_C(999000) * 1000000,
	};
}

static struct memory_input input_of(const struct numbers *base, const struct numbers *now)
{
	static const struct numbers none = {-1, -1, -1, -1, -1, -1, -1, -1,
					    -1, -1, -1, -1, -1, -1, -1};
	struct memory_input input = {.captured_ms = 1000000};

	base = base ? base : &none;
	fill(base, &input.base, &input.stats_base);
	fill(now, &input.now, &input.stats_now);
	input.heap_base = base->live < 0 ? -1 : base->live * (int64_t)MB;
	input.heap_now = now->live < 0 ? -1 : now->live * (int64_t)MB;
	input.goroutines_base = base->goroutines < 0 ? NO : (uint64_t)base->goroutines;
	input.goroutines_now = now->goroutines < 0 ? NO : (uint64_t)now->goroutines;
	return input;
}

/* usage anon file shmem kernel  rss rss_anon lazy  inuse idle released stacks runtime
 * live goroutines */
static const struct numbers healthy = {210, 190, 10, 0, 10, 200, 190, 0,
				       100, 60,  40, 2, 20, 80,  68};

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

/* With GOGC=off Go is at GOMEMLIMIT most of the time, and nothing leaks. */
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

/* Garbage is told from live objects only by a collection that has just ended. */
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
		cmocka_unit_test(the_label_says_where_the_growth_is),
		cmocka_unit_test(a_heap_at_its_limit_is_no_leak_unless_it_is_live),
		cmocka_unit_test(stale_numbers_do_not_say_freed),
		cmocka_unit_test(parts_and_remainder_are_the_total),
		cmocka_unit_test(hostile_numbers_harm_nobody),
		cmocka_unit_test(the_label_and_what_grew_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
