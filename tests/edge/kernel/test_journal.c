#include "edge/kernel/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tree.h"
#include "unit.h"

#define DISK "var/log/journal/0123"
#define BOOT "run/log/journal/0123"

static struct tree tree;
static int root;

static int begin(void **state)
{
	(void)state;
	tree_make(&tree);
	root = open(tree.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return root < 0;
}

static int end(void **state)
{
	(void)state;
	close(root);
	tree_drop(&tree);
	return 0;
}

/* Asked by a child that is not root. */
static int asked_by_nobody(void)
{
	int pid, status;

	assert_int_equal(fchmod(root, 0755), 0);
	pid = fork();
	if (pid == 0)
		_exit(setgid(65534) < 0 || setuid(65534) < 0 ? 255
							     : -journal_access_at(root));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return -WEXITSTATUS(status);
}

static void where_there_is_none_it_is_said(void **state)
{
	(void)state;
	assert_int_equal(journal_access_at(root), -ENOENT);
	tree_put(&tree, DISK "/user-7.journal", "x");
	assert_int_equal(journal_access_at(root), -ENOENT);
}

static void it_stands_on_the_disk_or_in_run(void **state)
{
	(void)state;
	tree_put(&tree, BOOT "/system.journal", "x");
	assert_int_equal(journal_access_at(root), 0);
	tree_put(&tree, DISK "/system.journal", "x");
	assert_int_equal(journal_access_at(root), 0);
}

static void what_is_closed_is_told_from_what_is_not_there(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	tree_put(&tree, DISK "/system.journal", "x");
	assert_int_equal(fchmodat(root, DISK "/system.journal", 0600, 0), 0);
	assert_int_equal(asked_by_nobody(), -EACCES);
	assert_int_equal(fchmodat(root, DISK "/system.journal", 0644, 0), 0);
	assert_int_equal(asked_by_nobody(), 0);
	assert_int_equal(fchmodat(root, DISK, 0700, 0), 0);
	assert_int_equal(asked_by_nobody(), -EACCES);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		CASE(where_there_is_none_it_is_said),
		CASE(it_stands_on_the_disk_or_in_run),
		CASE(what_is_closed_is_told_from_what_is_not_there),
	};

	return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
