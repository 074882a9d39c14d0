#include "edge/roots.h"

#include "tree.h"
#include "unit.h"

static void the_machine_is_live(void **state)
{
	struct roots roots;

	(void)state;
	assert_int_equal(roots_open(NULL, &roots), 0);
	assert_true(roots.live);
	roots_fini(&roots);
	assert_int_equal(roots.proc, -1);
}

static void a_captured_tree_is_not(void **state)
{
	struct tree tree;
	struct roots roots;
	struct stat root, dir;

	(void)state;
	tree_make(&tree);
	tree_put(&tree, "proc/stat", "btime 1\n");
	assert_int_equal(roots_open(tree.dir, &roots), 0);
	assert_false(roots.live);
	assert_int_equal(fstat(roots.root, &root), 0);
	assert_int_equal(stat(tree.dir, &dir), 0);
	assert_int_equal(root.st_ino, dir.st_ino);
	roots_fini(&roots);
	tree_drop(&tree);
}

static void a_procfs_of_ours_seen_elsewhere_is_live(void **state)
{
	struct roots roots;
	struct stat root, real;

	(void)state;
	assert_int_equal(roots_open("/proc/self/root/.", &roots), 0);
	assert_true(roots.live);
	assert_int_equal(fstat(roots.root, &root), 0);
	assert_int_equal(stat("/", &real), 0);
	assert_int_equal(root.st_ino, real.st_ino);
	roots_fini(&roots);
}

static void what_has_no_proc_is_no_root(void **state)
{
	struct roots roots = {.root = 77};
	struct tree tree;

	(void)state;
	tree_make(&tree);
	assert_int_equal(roots_open(tree.dir, &roots), -ENOENT);
	assert_int_equal(roots.root, 77);
	assert_int_equal(roots_open("/nowhere/at/all", &roots), -ENOENT);
	tree_drop(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_machine_is_live),
		cmocka_unit_test(a_captured_tree_is_not),
		cmocka_unit_test(a_procfs_of_ours_seen_elsewhere_is_live),
		cmocka_unit_test(what_has_no_proc_is_no_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
