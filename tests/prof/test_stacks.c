#include "prof/stacks.h"

#include <errno.h>
#include <string.h>

#include "unit.h"

/* Two types, "objects" and "space"; functions a to e, one frame each with the number of
 * its place. */
struct fixture {
	struct symbols *symbols;
	struct stacks stacks;
	uint32_t name[5];
};

static void begin(struct fixture *f)
{
	static const char *const names[] = {"a", "b", "c", "d", "e"};
	uint32_t frame;

	assert_int_equal(symbols_new(1 << 20, &f->symbols), 0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		assert_int_equal(
			symbols_name(f->symbols, (struct span){names[i], 1}, &f->name[i]),
			0);
		assert_int_equal(symbols_frame(f->symbols,
					       &(struct frame){f->name[i], 0, 0}, &frame),
				 0);
		assert_int_equal(frame, i);
	}
	stacks_init(&f->stacks, f->symbols);
	f->stacks.n_types = 2;
	assert_int_equal(symbols_name(f->symbols, (struct span){"objects", 7},
				      &f->stacks.types[0].name),
			 0);
	assert_int_equal(symbols_name(f->symbols, (struct span){"space", 5},
				      &f->stacks.types[1].name),
			 0);
}

static void end(struct fixture *f)
{
	stacks_fini(&f->stacks);
	symbols_free(f->symbols);
}

/* frames: "ba" is b called by a. */
static void add(struct fixture *f, const char *frames, enum side side, int64_t objects,
		int64_t space)
{
	uint32_t numbers[8];
	int64_t values[] = {objects, space};

	for (size_t i = 0; frames[i]; i++)
		numbers[i] = (uint32_t)(frames[i] - 'a');
	assert_int_equal(stacks_add(&f->stacks, numbers, strlen(frames), side, values),
			 0);
}

static const struct share *share(const struct fixture *f, const struct shares *shares,
				 char function)
{
	for (size_t i = 0; i < shares->n; i++) {
		if (shares->list[i].function == f->name[function - 'a'])
			return &shares->list[i];
	}
	return NULL;
}

static void expect_share(const struct fixture *f, const struct shares *shares,
			 char function, const int64_t expected[4])
{
	const struct share *found = share(f, shares, function);
	int64_t is[4];

	expect(found, "%c", function);
	memcpy(is, found->flat, sizeof(found->flat));
	memcpy(is + 2, found->cum, sizeof(found->cum));
	for (size_t i = 0; i < 4; i++)
		expect(is[i] == expected[i], "%c[%zu] is %lld", function, i,
		       (long long)is[i]);
}

static void equal_stacks_are_one_row_with_both_sides(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	add(&f, "ba", SIDE_BASE, 1, 100);
	add(&f, "ba", SIDE_NOW, 2, 200);
	add(&f, "ba", SIDE_NOW, 3, 300);
	add(&f, "ca", SIDE_NOW, 1, 10);
	assert_int_equal(f.stacks.n, 2);
	assert_int_equal(f.stacks.n_frames, 4);
	assert_int_equal(stacks_type(&f.stacks, "space"), 1);
	assert_int_equal(stacks_type(&f.stacks, "spac"), -ENOENT);
	assert_int_equal(stacks_total(&f.stacks, SIDE_BASE, 1), 100);
	assert_int_equal(stacks_total(&f.stacks, SIDE_NOW, 1), 510);
	assert_int_equal(stacks_total(&f.stacks, SIDE_NOW, 0), 6);
	assert_int_equal(stacks_pprof_total(&f.stacks, 1), 410);
	end(&f);
}

static void a_stack_is_not_its_beginning(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	add(&f, "a", SIDE_NOW, 1, 1);
	add(&f, "aa", SIDE_NOW, 1, 1);
	add(&f, "", SIDE_NOW, 1, 1);
	add(&f, "", SIDE_NOW, 1, 1);
	assert_int_equal(f.stacks.n, 3);
	end(&f);
}

static void recursion_counts_once(void **state)
{
	static const int64_t a[] = {0, 5, 0, 5}, b[] = {0, 0, 0, 5};
	AUTO_SHARES struct shares shares = {0};
	struct fixture f;

	(void)state;
	begin(&f);
	add(&f, "ababa", SIDE_NOW, 5, 0);
	assert_int_equal(stacks_shares(&f.stacks, 0, &shares), 0);
	assert_int_equal(shares.n, 2);
	expect_share(&f, &shares, 'a', a);
	expect_share(&f, &shares, 'b', b);
	end(&f);
}

static void shares_show_growth_shrinking_and_a_side_that_is_empty(void **state)
{
	static const int64_t a[] = {0, 0, 170, 350}, b[] = {100, 300, 100, 300},
			     c[] = {70, 0, 70, 0}, d[] = {0, 50, 0, 50};
	AUTO_SHARES struct shares shares = {0};
	struct fixture f;

	(void)state;
	begin(&f);
	add(&f, "ba", SIDE_BASE, 0, 100);
	add(&f, "ca", SIDE_BASE, 0, 70);
	add(&f, "ba", SIDE_NOW, 0, 300);
	add(&f, "da", SIDE_NOW, 0, 50);
	add(&f, "ea", SIDE_NOW, 7, 0); /* nothing of this type: not shown */
	assert_int_equal(stacks_shares(&f.stacks, 1, &shares), 0);
	assert_int_equal(shares.n, 4);
	assert_ptr_equal(share(&f, &shares, 'b'), &shares.list[0]); /* +200 */
	assert_ptr_equal(share(&f, &shares, 'c'), &shares.list[1]); /* -70 */
	assert_ptr_equal(share(&f, &shares, 'd'), &shares.list[2]); /* +50 */
	expect_share(&f, &shares, 'a', a);
	expect_share(&f, &shares, 'b', b);
	expect_share(&f, &shares, 'c', c);
	expect_share(&f, &shares, 'd', d);
	end(&f);
}

static void equal_growth_is_ordered_by_cum_and_name(void **state)
{
	AUTO_SHARES struct shares shares = {0};
	struct fixture f;

	(void)state;
	begin(&f);
	add(&f, "ce", SIDE_NOW, 5, 0);
	add(&f, "b", SIDE_BASE, 5, 0);
	add(&f, "a", SIDE_NOW, 5, 0);
	assert_int_equal(stacks_shares(&f.stacks, 0, &shares), 0);
	assert_int_equal(shares.n, 4);
	for (size_t i = 0; i < 4; i++)
		expect(shares.list[i].function == f.name["abce"[i] - 'a'], "%zu", i);
	end(&f);
}

static void pprof_total_counts_what_moved_in_both_directions(void **state)
{
	static const uint32_t frame = 0;
	int64_t values[] = {0, 100};
	struct stack_sample sample = {&frame, 1, values, 17};
	struct fixture f;

	(void)state;
	begin(&f);
	assert_int_equal(stacks_add_sample(&f.stacks, &sample, SIDE_BASE), 0);
	sample.key = 18; /* the same stack at another address */
	assert_int_equal(stacks_add_sample(&f.stacks, &sample, SIDE_NOW), 0);
	assert_int_equal(f.stacks.n, 1);
	assert_int_equal(stacks_pprof_total(&f.stacks, 1), 200);
	sample.key = 17;
	assert_int_equal(stacks_add_sample(&f.stacks, &sample, SIDE_NOW), 0);
	assert_int_equal(stacks_pprof_total(&f.stacks, 1), 100);
	end(&f);
}

static void sums_stop_at_the_ends(void **state)
{
	AUTO_SHARES struct shares shares = {0};
	struct fixture f;

	(void)state;
	begin(&f);
	add(&f, "ba", SIDE_NOW, INT64_MAX, INT64_MIN);
	add(&f, "ba", SIDE_NOW, INT64_MAX, INT64_MIN);
	add(&f, "ca", SIDE_NOW, INT64_MAX, INT64_MIN);
	add(&f, "ca", SIDE_BASE, INT64_MIN, INT64_MAX);
	assert_int_equal(stacks_total(&f.stacks, SIDE_NOW, 0), INT64_MAX);
	assert_int_equal(stacks_total(&f.stacks, SIDE_NOW, 1), INT64_MIN);
	assert_int_equal(stacks_shares(&f.stacks, 0, &shares), 0);
	assert_int_equal(share(&f, &shares, 'a')->cum[SIDE_NOW], INT64_MAX);
	end(&f);
}

/* A sum that goes beyond an end and comes back, and the other side, which is the same. */
static void what_is_the_same_on_both_sides_has_not_grown(void **state)
{
	static const int64_t values[] = {INT64_MAX, INT64_MAX, INT64_MIN, INT64_MIN, 5};
	struct fixture f;

	(void)state;
	begin(&f);
	for (enum side side = SIDE_BASE; side < SIDE_N; side++)
		for (size_t i = 0; i < ARRAY_SIZE(values); i++)
			add(&f, "ba", side, values[i], 1);
	assert_int_equal(stacks_pprof_total(&f.stacks, 0), 0);
	end(&f);
}

static void a_stack_that_is_too_deep_loses_its_roots_and_says_so(void **state)
{
	static uint32_t deep[STACK_DEPTH_MAX + 3];
	static const int64_t values[2] = {1, 1};
	struct fixture f;

	(void)state;
	begin(&f);
	deep[STACK_DEPTH_MAX] = 1;
	assert_int_equal(stacks_add(&f.stacks, deep, STACK_DEPTH_MAX, SIDE_NOW, values),
			 0);
	assert_int_equal(f.stacks.cut[SIDE_NOW], 0);
	assert_int_equal(stacks_add(&f.stacks, deep, ARRAY_SIZE(deep), SIDE_NOW, values),
			 0);
	assert_int_equal(f.stacks.cut[SIDE_NOW], 1);
	assert_int_equal(f.stacks.n, 1);
	assert_int_equal(f.stacks.list[0].depth, STACK_DEPTH_MAX);
	end(&f);
}

static void many_stacks_are_told_apart_in_any_order(void **state)
{
	static const uint32_t steps[] = {1, 19999, 7}; /* forth, back, to and fro */
	uint32_t frames[3];
	struct fixture f;

	(void)state;
	begin(&f);
	for (uint32_t i = 0; i < 20000 * ARRAY_SIZE(steps); i++) {
		uint32_t stack = (uint32_t)((uint64_t)i * steps[i / 20000] % 20000);
		const int64_t values[2] = {1, stack};

		for (uint32_t at = 0; at < 3; at++)
			frames[at] = stack * (at + 1);
		assert_int_equal(stacks_add(&f.stacks, frames, 3,
					    i < 20000 ? SIDE_BASE : SIDE_NOW, values),
				 0);
	}
	assert_int_equal(f.stacks.n, 20000);
	assert_int_equal(stacks_total(&f.stacks, SIDE_BASE, 0), 20000);
	assert_int_equal(stacks_total(&f.stacks, SIDE_NOW, 0), 40000);
	for (size_t s = 0; s < f.stacks.n; s++)
		expect(f.stacks.values[SIDE_NOW][2 * s + 1] ==
			       2 * f.stacks.values[SIDE_BASE][2 * s + 1],
		       "%zu", s);
	assert_int_equal(stacks_pprof_total(&f.stacks, 1), 19999 * 20000 / 2);
	end(&f);
}

static void nothing_at_all_is_fine(void **state)
{
	AUTO_SHARES struct shares shares = {0};
	struct fixture f;

	(void)state;
	begin(&f);
	assert_int_equal(stacks_total(&f.stacks, SIDE_NOW, 0), 0);
	assert_int_equal(stacks_shares(&f.stacks, 0, &shares), 0);
	assert_int_equal(shares.n, 0);
	end(&f);
	end(&(struct fixture){0});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_stacks_are_one_row_with_both_sides),
		cmocka_unit_test(a_stack_is_not_its_beginning),
		cmocka_unit_test(recursion_counts_once),
		cmocka_unit_test(shares_show_growth_shrinking_and_a_side_that_is_empty),
		cmocka_unit_test(equal_growth_is_ordered_by_cum_and_name),
		cmocka_unit_test(pprof_total_counts_what_moved_in_both_directions),
		cmocka_unit_test(sums_stop_at_the_ends),
		cmocka_unit_test(what_is_the_same_on_both_sides_has_not_grown),
		cmocka_unit_test(a_stack_that_is_too_deep_loses_its_roots_and_says_so),
		cmocka_unit_test(many_stacks_are_told_apart_in_any_order),
		cmocka_unit_test(nothing_at_all_is_fine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
