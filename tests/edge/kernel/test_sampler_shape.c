/* What a look reads anyway, and says of an exec. */
#include "edge/kernel/sampler.h"
#include "tree.h"
#include "unit.h"

static int look_at(struct sampler *s, enum look_depth how, struct sample *ret)
{
	const struct sampler_look look = {.how = how};

	return sampler_read(s, &look, ret);
}

static void less_memory_or_other_code_may_be_an_exec(void **state)
{
	static const struct {
		const char *statm;
		bool reshaped;
	} rows[] = {
		{"1000 500 100 5 0 100 0\n", false}, {"1001 900 100 5 0 100 0\n", false},
		{"1000 500 100 5 0 100 0\n", true},  {"1000 1 1 5 0 100 0\n", false},
		{"2000 500 100 6 0 100 0\n", true},
	};
	struct sample sample = {0};
	struct process process;
	struct sampler s;
	struct roots roots;
	struct tree tree;

	(void)state;
	tree_make(&tree);
	tree_put_process(&tree, &(struct tree_process){.pid = 10});
	assert_int_equal(roots_open(tree.dir, &roots), 0);
	assert_int_equal(process_open(&roots, 10, &process), 0);
	assert_int_equal(sampler_init(&s, &process, NULL, 0), 0);
	assert_int_equal(look_at(&s, LOOK_FAST, &sample), 0);
	assert_true(sampler_reshaped(&s)); /* nothing was known before */
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		tree_put(&tree, "proc/10/statm", "%s", rows[i].statm);
		assert_int_equal(look_at(&s, LOOK_FAST, &sample), 0);
		assert_int_equal(look_at(&s, LOOK_WHOLE, &sample),
				 0); /* it stays known */
		expect(sampler_reshaped(&s) == rows[i].reshaped, "row %zu", i);
	}
	sampler_fini(&s);
	process_fini(&process);
	roots_fini(&roots);
	tree_drop(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(less_memory_or_other_code_may_be_an_exec),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
