/* Whatever is folded, every sum stays what it was. */
#include "view/report_fold.h"

#include "unit.h"
#include "view/report_case.h"

struct fold_case {
	struct report_case c;
	struct fold fold;
};

static void setup(struct fold_case *f)
{
	memset(f, 0, sizeof(*f));
	f->c.dice = 5;
	assert_int_equal(symbols_new(64 << 20, &f->c.symbols), 0);
	stacks_init(&f->c.heap, f->c.symbols);
	case_heap_types(&f->c);
}

static void teardown(struct fold_case *f)
{
	fold_fini(&f->fold);
	stacks_fini(&f->c.heap);
	symbols_free(f->c.symbols);
}
#define AUTO_FOLD_CASE __attribute__((cleanup(teardown)))

static uint32_t frame(struct fold_case *f, unsigned n)
{
	char name[32];
	int len = snprintf(name, sizeof(name), "main.f%u", n);

	return case_frame(&f->c, (struct span){name, (size_t)len}, (struct span){"", 0},
			  n);
}

/* "1 2 3": frames from the root. */
static void add(struct fold_case *f, const char *path, int64_t base, int64_t now)
{
	uint32_t frames[64], turned[64];
	struct span rest = {path, strlen(path)}, word;
	size_t n = 0;

	while (text_next(&rest, ' ', &word))
		turned[n++] = frame(f, (unsigned)strtoul(word.at, NULL, 10));
	for (size_t i = 0; i < n; i++)
		frames[i] = turned[n - 1 - i];
	case_live(&f->c, frames, n, SIDE_BASE, base, 1);
	case_live(&f->c, frames, n, SIDE_NOW, now, 1);
}

static void fold(struct fold_case *f, double share, size_t min, size_t max)
{
	const struct fold_limits limits = {.share = share,
					   .stacks_min = min,
					   .stacks_max = max,
					   .small_max = 100,
					   .frames_max = 100000};

	fold_fini(&f->fold);
	assert_int_equal(fold_stacks(&f->c.heap, &limits, &f->fold), 0);
}

static int64_t sum(const struct fold_case *f, enum side side, size_t type)
{
	int64_t all = 0;

	for (size_t i = 0; i < f->fold.n; i++)
		all += f->fold.rows[i].values[side][type];
	return all;
}

static void totals_hold(const struct fold_case *f)
{
	for (size_t t = 0; t < f->c.heap.n_types; t++) {
		for (int side = 0; side < SIDE_N; side++)
			assert_int_equal(sum(f, side, t),
					 stacks_total(&f->c.heap, side, t));
	}
}

static void what_is_large_is_shown_alone_and_largest_first(void **state)
{
	AUTO_FOLD_CASE struct fold_case f;

	(void)state;
	setup(&f);
	add(&f, "1 2", 10, 20);
	add(&f, "1 3", 10, 500);
	fold(&f, 0.01, 0, 10);
	assert_int_equal(f.fold.n, 2);
	assert_int_equal(f.fold.folded, 0);
	assert_int_equal(f.fold.rows[0].values[SIDE_NOW][3], 500);
	assert_int_equal(f.fold.rows[0].small, 0);
	totals_hold(&f);
}

static void dust_is_added_up_below_what_it_shares_with_the_shown(void **state)
{
	AUTO_FOLD_CASE struct fold_case f;

	(void)state;
	setup(&f);
	add(&f, "1 2 3", 0, 100000);
	for (unsigned i = 0; i < 30; i++) {
		char path[32];

		(void)snprintf(path, sizeof(path), "1 2 %u", 100 + i);
		add(&f, path, 0, 90); /* each dust, together 2.7% */
	}
	fold(&f, 0.01, 0, 10);
	assert_int_equal(f.fold.n, 2);
	assert_int_equal(f.fold.folded, 30);
	assert_int_equal(f.fold.rows[1].small, 30);
	assert_int_equal(f.fold.rows[1].depth, 2);
	assert_int_equal(f.fold.rows[1].values[SIDE_NOW][3], 2700);
	totals_hold(&f);
}

static void dust_rises_until_it_is_dust_no_more(void **state)
{
	AUTO_FOLD_CASE struct fold_case f;

	(void)state;
	setup(&f);
	add(&f, "1 2 3", 0, 100000);
	add(&f, "1 2 4", 0, 3);
	add(&f, "1 5", 0, 4);
	add(&f, "9", 0, 5);
	fold(&f, 0.01, 0, 10);
	assert_int_equal(f.fold.n, 2);
	assert_int_equal(f.fold.rows[1].depth, 0);
	assert_int_equal(f.fold.rows[1].small, 3);
	totals_hold(&f);
}

/* 1000 -> 1: nothing of it is left, and nobody else has grown. */
static void what_only_shrank_or_only_allocated_is_no_dust(void **state)
{
	AUTO_FOLD_CASE struct fold_case f;
	const int64_t allocated[] = {0, 5000000, 0, 0};
	uint32_t churn;

	(void)state;
	setup(&f);
	churn = frame(&f, 7);
	add(&f, "1", 100000, 100000);
	add(&f, "2", 900, 0);
	assert_int_equal(stacks_add(&f.c.heap, &churn, 1, SIDE_NOW, allocated), 0);
	fold(&f, 0.01, 0, 10);
	assert_int_equal(f.fold.folded, 0);
	totals_hold(&f);
}

static void the_largest_are_shown_however_small(void **state)
{
	AUTO_FOLD_CASE struct fold_case f;

	(void)state;
	setup(&f);
	add(&f, "1", 0, 1000000);
	add(&f, "2", 0, 2);
	add(&f, "3", 0, 1);
	fold(&f, 0.01, 2, 10);
	assert_int_equal(f.fold.n, 3);
	assert_int_equal(f.fold.rows[1].values[SIDE_NOW][3], 2);
	assert_int_equal(f.fold.rows[2].small, 1);
	totals_hold(&f);
}

static void rows_are_bounded_and_totals_exact_for_any_stacks(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 20; round++) {
		AUTO_FOLD_CASE struct fold_case f;

		setup(&f);
		f.c.dice = round;
		for (unsigned i = 0; i < 1500; i++) {
			uint32_t frames[64];
			size_t n = 1 + case_dice(&f.c, 20);
			int64_t base = case_dice(&f.c, 1000);

			for (size_t k = 0; k < n; k++)
				frames[k] =
					frame(&f, case_dice(&f.c, 1u << MIN(k + 1, 6)));
			case_live(&f.c, frames, n, SIDE_BASE, base * base, 1);
			case_live(&f.c, frames, n, SIDE_NOW, base * 3, 1);
		}
		fold(&f, 0.0005, round, 50 * round);
		assert_true(f.fold.n <= 50 * round + 100);
		totals_hold(&f);
	}
}

static void deep_stacks_cannot_make_the_page_long(void **state)
{
	AUTO_FOLD_CASE struct fold_case f;
	uint32_t frames[1000];

	(void)state;
	setup(&f);
	for (unsigned i = 0; i < 300; i++) {
		for (unsigned k = 0; k < ARRAY_SIZE(frames); k++)
			frames[k] = frame(&f, (i * 7 + k) % 2000);
		case_live(&f.c, frames, ARRAY_SIZE(frames), SIDE_NOW, 1000 + i, 1);
	}
	fold(&f, 0.0005, 0, 5000);
	assert_int_equal(f.fold.folded, 200); /* 100 x 1000 frames are shown */
	totals_hold(&f);
}

static void nothing_folds_to_nothing(void **state)
{
	AUTO_FOLD_CASE struct fold_case f;

	(void)state;
	setup(&f);
	fold(&f, 0.0005, 500, 5000);
	assert_int_equal(f.fold.n, 0);
	add(&f, "1", 0, 0);
	fold(&f, 0.0005, 500, 5000);
	assert_int_equal(f.fold.n, 0);
}

/* Sums that overflow are clamped, as stacks_total clamps them. */
static void absurd_values_do_not_overflow(void **state)
{
	AUTO_FOLD_CASE struct fold_case f;
	uint32_t one, other;
	const int64_t most[] = {INT64_MAX, INT64_MAX, INT64_MIN, INT64_MIN};

	(void)state;
	setup(&f);
	one = frame(&f, 1);
	other = frame(&f, 2);
	assert_int_equal(stacks_add(&f.c.heap, &one, 1, SIDE_NOW, most), 0);
	assert_int_equal(stacks_add(&f.c.heap, &other, 1, SIDE_NOW, most), 0);
	assert_int_equal(stacks_add(&f.c.heap, &other, 1, SIDE_BASE, most), 0);
	fold(&f, 0.9, 0, 5000);
	for (size_t i = 0; i < f.fold.n; i++)
		assert_true(f.fold.rows[i].values[SIDE_NOW][0] >= 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_large_is_shown_alone_and_largest_first),
		cmocka_unit_test(dust_is_added_up_below_what_it_shares_with_the_shown),
		cmocka_unit_test(dust_rises_until_it_is_dust_no_more),
		cmocka_unit_test(what_only_shrank_or_only_allocated_is_no_dust),
		cmocka_unit_test(the_largest_are_shown_however_small),
		cmocka_unit_test(rows_are_bounded_and_totals_exact_for_any_stacks),
		cmocka_unit_test(deep_stacks_cannot_make_the_page_long),
		cmocka_unit_test(nothing_folds_to_nothing),
		cmocka_unit_test(absurd_values_do_not_overflow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
