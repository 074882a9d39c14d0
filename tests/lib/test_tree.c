#include "lib/tree.h"

#include <string.h>

#include "unit.h"

static void tree_get_finds_a_key(void **state)
{
	struct tree a_key = {.text = (char[]){"a"}}, b_key = {.text = (char[]){"b"}};
	struct tree b = {.key = &b_key}, a = {.key = &a_key, .next = &b};
	struct tree map = {.kind = TREE_MAP, .first = &a};
	struct tree empty = {.kind = TREE_MAP};

	(void)state;
	assert_ptr_equal(tree_get(&map, "a"), &a);
	assert_ptr_equal(tree_get(&map, "b"), &b);
	assert_null(tree_get(&map, "c"));
	assert_null(tree_get(&empty, "a"));
}

static void source_ends_twice_without_harm(void **state)
{
	struct source source = {.text = strdup("a"),
				.tree = calloc(1, sizeof(struct tree))};

	(void)state;
	source_fini(&source);
	assert_null(source.text);
	assert_null(source.tree);
	source_fini(&source);
	tree_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tree_get_finds_a_key),
		cmocka_unit_test(source_ends_twice_without_harm),
	};

	return cmocka_run_group_tests_name("tree", tests, NULL, NULL);
}
