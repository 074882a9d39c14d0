#include "edge/kernel/evidence.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "edge/fs.h"
#include "tree.h"
#include "unit.h"

static struct evidence_files evidence; /* 262 KiB: not for the stack */

static const struct evidence_item *item_of(const char *name)
{
	for (size_t i = 0; i < evidence.n; i++)
		if (!strcmp(evidence.item[i].name, name))
			return &evidence.item[i];
	return NULL;
}

static void want_text(const char *name, const char *text)
{
	const struct evidence_item *item = item_of(name);

	expect(item && item->error == 0, "%s", name);
	expect(item->len == strlen(text), "%s: %zu bytes", name, item->len);
	assert_memory_equal(evidence.bytes + item->at, text, item->len);
}

static void a_capture_gets_process_cgroup_and_what_is_above(void **state)
{
	struct domain *domain = NULL;
	struct process process;
	struct roots roots;
	struct tree tree;

	(void)state;
	tree_make(&tree);
	tree_put(&tree, "proc/self/mountinfo",
		 "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
	tree_put(&tree, "sys/fs/cgroup/pods/a/memory.current", "5\n");
	tree_put(&tree, "sys/fs/cgroup/pods/a/memory.max", "max\n");
	tree_put(&tree, "sys/fs/cgroup/pods/a/memory.stat", "file 0\n");
	tree_put(&tree, "sys/fs/cgroup/pods/memory.current", "6\n");
	tree_put(&tree, "sys/fs/cgroup/pods/memory.max", "100\n");
	tree_put_process(&tree,
			 &(struct tree_process){.pid = 10, .cgroup = "0::/pods/a\n"});
	assert_int_equal(roots_open(tree.dir, &roots), 0);
	assert_int_equal(process_open(&roots, 10, &process), 0);
	assert_int_equal(domain_open(&roots, &process, &domain), 0);
	evidence_init(&evidence);
	assert_int_equal(evidence_take(&evidence, &process, domain), 0);
	want_text("proc/statm", "1000 500 100 5 0 100 0\n");
	want_text("proc/cgroup", "0::/pods/a\n");
	want_text("cgroup/memory.current", "5\n");
	want_text("cgroup/memory.max", "max\n");
	want_text("cgroup/parent-1/memory.current", "6\n");
	want_text("cgroup/parent-1/memory.max", "100\n");
	assert_null(item_of("cgroup/memory.events"));
	assert_null(item_of("proc/cmdline"));
	assert_int_equal(evidence_take(&evidence, &process, NULL), 0);
	assert_null(item_of("cgroup/memory.current"));
	domain_free(domain);
	process_fini(&process);
	roots_fini(&roots);
	tree_drop(&tree);
}

static void a_file_too_large_is_cut_and_says_so(void **state)
{
	struct process process;
	struct roots roots;
	struct tree tree;
	char *large = malloc(EVIDENCE_CAP + 10);

	(void)state;
	memset(large, 'x', EVIDENCE_CAP + 10);
	tree_make(&tree);
	tree_put_process(&tree, &(struct tree_process){.pid = 10});
	assert_int_equal(roots_open(tree.dir, &roots), 0);
	assert_int_equal(process_open(&roots, 10, &process), 0);
	tree_put_bytes(&tree, "proc/10/limits", large, EVIDENCE_CAP + 10);
	evidence_init(&evidence);
	assert_int_equal(evidence_take(&evidence, &process, NULL), 0);
	assert_non_null(item_of("proc/limits"));
	assert_int_equal(item_of("proc/limits")->error, -EFBIG);
	assert_true(evidence.len < sizeof(evidence.bytes));
	for (size_t i = 0; i < evidence.n; i++)
		assert_true(evidence.item[i].at + evidence.item[i].len <= evidence.len);
	process_fini(&process);
	roots_fini(&roots);
	tree_drop(&tree);
	free(large);
}

static void of_a_live_process_everything_is_there_until_it_ends(void **state)
{
	struct process process;
	struct roots roots;
	int pid;

	skip_under_valgrind(state, "it does not know pidfd_open");
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pause();
		_exit(0);
	}
	assert_int_equal(roots_open(NULL, &roots), 0);
	assert_int_equal(process_open(&roots, pid, &process), 0);
	evidence_init(&evidence);
	assert_int_equal(evidence_take(&evidence, &process, NULL), 0);
	assert_non_null(item_of("proc/limits"));
	assert_int_equal(item_of("proc/status")->error, 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_int_equal(evidence_take(&evidence, &process, NULL), PROCESS_GONE);
	assert_int_equal(evidence.n, 0);
	process_fini(&process);
	roots_fini(&roots);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_capture_gets_process_cgroup_and_what_is_above),
		cmocka_unit_test(a_file_too_large_is_cut_and_says_so),
		cmocka_unit_test(of_a_live_process_everything_is_there_until_it_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
