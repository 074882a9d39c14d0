#include "edge/kernel/rights.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tree.h"
#include "unit.h"

static void own_process_denies_nothing(void **state)
{
	uint64_t its = 0, own = 1;
	struct process process;
	struct roots roots;

	skip_under_valgrind(state, "it does not know pidfd_open");
	assert_int_equal(roots_open(NULL, &roots), 0);
	assert_int_equal(process_open(&roots, getpid(), &process), 0);
	assert_int_equal(rights_missing(&process), 0);
	assert_int_equal(rights_netns(&process, &its), 0);
	assert_int_equal(rights_own_netns(&roots, &own), 0);
	assert_true(own != 0 && own == its);
	process_fini(&process);
	roots_fini(&roots);
}

/* Looks at its parent as somebody else; the result is its exit code. */
static int look_as_nobody(pid_t parent)
{
	struct process process;
	struct roots roots;
	uint64_t netns;
	int wanted = RIGHT_EXE | RIGHT_FDS | RIGHT_SMAPS | RIGHT_NETNS;

	if (setgid(65534) < 0 || setuid(65534) < 0)
		return 1;
	if (roots_open(NULL, &roots) < 0 || process_open(&roots, parent, &process) != 0)
		return 2;
	if (rights_missing(&process) != (uint32_t)wanted)
		return 3;
	return rights_netns(&process, &netns) == -EACCES ? 0 : 4;
}

static void process_of_another_user_denies_all(void **state)
{
	pid_t parent = getpid(), child;
	int status;

	skip_under_valgrind(state, "it does not know pidfd_open");
	if (geteuid() != 0) { /* only root can become somebody else */
		skip();
		return;
	}
	child = fork();
	if (child == 0)
		_exit(look_as_nobody(parent));
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void ended_process_is_gone(void **state)
{
	struct process process;
	struct roots roots;
	uint64_t netns;
	pid_t child;

	skip_under_valgrind(state, "it does not know pidfd_open");
	child = fork();
	if (child == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* whatever becomes of the test */
		pause();
		_exit(0);
	}
	assert_int_equal(roots_open(NULL, &roots), 0);
	assert_int_equal(process_open(&roots, child, &process), 0);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_int_equal(rights_netns(&process, &netns), PROCESS_GONE);
	assert_int_equal(rights_missing(&process), 0);
	process_fini(&process);
	roots_fini(&roots);
}

static void links_of_a_captured_tree_are_read_as_numbers_only(void **state)
{
	static const struct {
		const char *link;
		int result;
		uint64_t netns;
	} rows[] = {
		{"net:[4026531840]", 0, 4026531840},
		{"net:[]", -EINVAL, 77},
		{"net:[x]", -EINVAL, 77},
		{"net:[1", -EBADMSG, 77},
		{"mnt:[1]", -EBADMSG, 77},
		{"net:[99999999999999999999]", -ERANGE, 77},
		{"/etc/passwd", -EBADMSG, 77},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t netns = 77;
		struct roots roots;
		struct tree tree;
		int r;

		tree_make(&tree);
		tree_link(&tree, "proc/self/ns/net", rows[i].link);
		assert_int_equal(roots_open(tree.dir, &roots), 0);
		r = rights_own_netns(&roots, &netns);
		expect(r == rows[i].result && netns == rows[i].netns, "%s: %d",
		       rows[i].link, r);
		roots_fini(&roots);
		tree_drop(&tree);
	}
}

static void ones_own_files_are_the_same(void **state)
{
	struct process process;
	struct roots roots;

	skip_under_valgrind(state, "it does not know pidfd_open");
	assert_int_equal(roots_open(NULL, &roots), 0);
	assert_int_equal(process_open(&roots, getpid(), &process), 0);
	assert_true(rights_same_files(&process));
	process_fini(&process);
	roots_fini(&roots);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(own_process_denies_nothing),
		cmocka_unit_test(process_of_another_user_denies_all),
		cmocka_unit_test(ended_process_is_gone),
		cmocka_unit_test(links_of_a_captured_tree_are_read_as_numbers_only),
		cmocka_unit_test(ones_own_files_are_the_same),
	};

	return cmocka_run_group_tests_name("rights", tests, NULL, NULL);
}
