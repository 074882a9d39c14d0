/* What tells one build of a program from another, and an end from an exec. */
#include "edge/kernel/process.h"

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "edge/fs.h"
#include "tree.h"
#include "unit.h"

static struct tree tree;
static struct roots live;

static int setup(void **state)
{
	(void)state;
	tree_make(&tree);
	return roots_open(NULL, &live);
}

static int teardown(void **state)
{
	(void)state;
	roots_fini(&live);
	tree_drop(&tree);
	return 0;
}

static void install_program(void)
{
	AUTO_BUF struct buf program;
	AUTO_CLOSE int fd = open("/bin/sleep", O_RDONLY | O_CLOEXEC);

	buf_init(&program, 16 << 20);
	assert_int_equal(fs_read_buf(fd, &program), 0);
	tree_put_bytes(&tree, "program.new", program.data, program.len);
	assert_int_equal(chmod(tree_path(&tree, "program.new"), 0755), 0);
	assert_int_equal(chdir(tree.dir), 0);
	assert_int_equal(rename("program.new", "program"), 0);
}

/* Runs what is installed until `told`; what its build is called. */
static int run_program(struct process *p, char build[static PROCESS_BUILD_MAX])
{
	const char *program = tree_path(&tree, "program");
	char exe[512] = "";
	int pid = fork();

	if (pid == 0) {
		execl(program, program, "600", (char *)NULL);
		_exit(127);
	}
	for (int i = 0; i < 2000 && !strstr(exe, "program"); i++) {
		usleep(5000); /* until its exec there is nothing to wait for */
		assert_int_equal(process_open(&live, pid, p), 0);
		assert_int_equal(process_exe(p, exe, sizeof(exe)), 0);
		if (!strstr(exe, "program"))
			process_fini(p);
	}
	assert_int_equal(process_build(p, build), 0);
	return pid;
}

static void end_program(struct process *p, int pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	process_fini(p);
}

static void a_replaced_program_is_another_build(void **state)
{
	char first[PROCESS_BUILD_MAX], same[PROCESS_BUILD_MAX], second[PROCESS_BUILD_MAX],
		still[PROCESS_BUILD_MAX];
	struct process old, other;
	int old_pid, pid;

	skip_under_valgrind(state, "it does not know pidfd_open");
	install_program();
	old_pid = run_program(&old, first);
	pid = run_program(&other, same);
	assert_string_equal(same, first);
	end_program(&other, pid);
	install_program(); /* the same bytes: it is the file that was replaced */
	pid = run_program(&other, second);
	assert_string_not_equal(second, first);
	assert_int_equal(process_build(&old, still), 0);
	assert_string_equal(still, first);
	end_program(&other, pid);
	end_program(&old, old_pid);
	assert_int_equal(process_build(&old, still), -ENOTSUP); /* closed */
}

static void a_captured_tree_tells_no_build(void **state)
{
	char build[PROCESS_BUILD_MAX] = "untouched";
	struct roots roots;
	struct process p;

	(void)state;
	tree_put(&tree, "proc/sys/kernel/random/boot_id", "%s", "");
	tree_put_process(&tree, &(struct tree_process){.pid = 10, .ppid = 1});
	assert_int_equal(symlink("/bin/sleep", tree_path(&tree, "proc/10/exe")), 0);
	assert_int_equal(roots_open(tree.dir, &roots), 0);
	assert_int_equal(process_open(&roots, 10, &p), 0);
	assert_int_equal(process_build(&p, build), -ENOTSUP);
	assert_int_equal(process_program(&p), -ENOTSUP);
	assert_string_equal(build, "untouched");
	process_fini(&p);
	roots_fini(&roots);
}

static void a_program_that_is_held_stays_the_one_that_runs(void **state)
{
	struct stat of_process, of_program;
	char build[PROCESS_BUILD_MAX];
	struct process p;
	int pid, program;

	skip_under_valgrind(state, "it does not know pidfd_open");
	install_program();
	pid = run_program(&p, build);
	program = process_program(&p);
	assert_true(program >= 0);
	assert_int_equal(fstatat(p.dirfd, "exe", &of_process, 0), 0);
	install_program(); /* another file of the same name */
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(fstat(program, &of_program), 0);
	assert_int_equal(of_process.st_ino, of_program.st_ino);
	assert_int_equal(process_program(&p), -ESRCH);
	close(program);
	process_fini(&p);
}

static void who_frees_its_memory_is_no_other_program(void **state)
{
	struct tree_process process = {.pid = 11, .ppid = 1};
	struct roots roots;
	struct process p;

	(void)state;
	tree_put(&tree, "proc/sys/kernel/random/boot_id", "%s", "");
	tree_put_process(&tree, &process);
	assert_int_equal(roots_open(tree.dir, &roots), 0);
	assert_int_equal(process_open(&roots, 11, &p), 0);
	assert_false(process_exited(&p));
	process.text_kb = 999; /* an exec */
	tree_put_process(&tree, &process);
	assert_int_equal(process_check(&p), PROCESS_GONE);
	assert_false(process_exited(&p));
	tree_put(&tree, "proc/11/status", "Name:\tservice\nState:\tR (running)\n");
	assert_int_equal(process_check(&p), PROCESS_GONE);
	assert_true(process_exited(&p));
	process_fini(&p);
	roots_fini(&roots);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_replaced_program_is_another_build),
		cmocka_unit_test(a_captured_tree_tells_no_build),
		cmocka_unit_test(who_frees_its_memory_is_no_other_program),
		cmocka_unit_test(a_program_that_is_held_stays_the_one_that_runs),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
