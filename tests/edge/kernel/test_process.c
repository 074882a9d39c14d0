/* Identity and its ends: in trees written here, and with real processes. */
#include "edge/kernel/process.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <threads.h>
#include <time.h>

#include "edge/fs.h"
#include "tree.h"
#include "unit.h"

static struct tree tree;
static struct roots roots; /* of the tree */
static struct roots live;

static int setup(void **state)
{
	(void)state;
	tree_make(&tree);
	tree_put(&tree, "proc/stat",
		 "cpu 1 2 3\nintr 5\nbtime 1700000000\nprocesses 9\n");
	tree_put(&tree, "proc/sys/kernel/random/boot_id",
		 "01234567-89ab-cdef-0123-456789abcdef\n");
	return roots_open(tree.dir, &roots) || roots_open(NULL, &live);
}

static int teardown(void **state)
{
	(void)state;
	roots_fini(&roots);
	roots_fini(&live);
	tree_drop(&tree);
	return 0;
}

/* Both rights: with addresses of code and stack, and without. */
static const struct tree_process seen = {
	.pid = 10,
	.ppid = 1,
	.start_ticks = 4242,
	.start_code = 7000,
	.start_stack = 9000,
};
static const struct tree_process unseen = {.pid = 10, .ppid = 1, .start_ticks = 4242};

static void process_is_read_from_a_captured_tree(void **state)
{
	struct process p;
	char boot_id[BOOT_ID_MAX];
	int64_t started;

	(void)state;
	tree_put_process(&tree, &seen);
	assert_int_equal(process_open(&roots, 10, &p), 0);
	assert_int_equal(p.pid, 10);
	assert_int_equal(p.ppid, 1);
	assert_int_equal(p.pidfd, -1);
	assert_int_equal(p.start_ticks, 4242);
	assert_string_equal(p.comm, "service");
	assert_int_equal(process_check(&p), 0);
	assert_int_equal(process_started(&roots, &p, &started), 0);
	assert_int_equal(started, INT64_C(1700000042420));
	assert_int_equal(process_boot_id(&roots, boot_id), 0);
	assert_string_equal(boot_id, "01234567-89ab-cdef-0123-456789abcdef");
	process_fini(&p);
	assert_int_equal(process_open(&roots, 11, &p), PROCESS_GONE);
}

struct change {
	const char *what;
	struct tree_process after;
	int expected;
};

static void check_changes(const struct tree_process *before, const struct change *rows,
			  size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct process p;
		int r;

		tree_put_process(&tree, before);
		assert_int_equal(process_open(&roots, 10, &p), 0);
		tree_put_process(&tree, &rows[i].after);
		r = process_check(&p);
		expect(r == rows[i].expected, "%s: %d", rows[i].what, r);
		process_fini(&p);
	}
}

static void exec_shows_in_the_addresses_where_they_are_seen(void **state)
{
	const struct change rows[] = {
		{"nothing", seen, 0},
		{"the peak rose",
		 {.pid = 10, .start_code = 7000, .start_stack = 9000, .peak_kb = 5000},
		 0},
		{"title",
		 {.pid = 10,
		  .start_code = 7000,
		  .start_stack = 9000,
		  .comm = "idle",
		  .cmdline = "idle"},
		 0},
		{"same program again",
		 {.pid = 10, .start_code = 7000, .start_stack = 9100},
		 PROCESS_GONE},
		{"code",
		 {.pid = 10, .start_code = 7100, .start_stack = 9000},
		 PROCESS_GONE},
		{"zombie",
		 {.pid = 10, .state = 'Z', .start_code = 7000, .start_stack = 9000},
		 PROCESS_GONE},
		{"rights lost, same program", {.pid = 10}, 0},
		{"rights lost, other program", {.pid = 10, .text_kb = 24}, PROCESS_GONE},
	};

	(void)state;
	check_changes(&seen, rows, ARRAY_SIZE(rows));
}

static void exec_shows_in_the_sizes_where_addresses_are_not_seen(void **state)
{
	const struct change rows[] = {
		{"nothing", unseen, 0},
		{"the peak rose", {.pid = 10, .peak_kb = 5000}, 0},
		{"the peak fell", {.pid = 10, .peak_kb = 3000}, PROCESS_GONE},
		{"text", {.pid = 10, .text_kb = 24, .peak_kb = 5000}, PROCESS_GONE},
		{"title", {.pid = 10, .comm = "idle", .cmdline = "idle"}, 0},
		{"a library loaded", {.pid = 10, .lib_kb = 1600}, 0},
		{"a thread named itself and loaded a library",
		 {.pid = 10, .comm = "idle", .cmdline = "service", .lib_kb = 1600},
		 0},
		{"all but the sizes",
		 {.pid = 10, .comm = "other", .cmdline = "other", .lib_kb = 1600},
		 PROCESS_GONE},
		{"zombie", {.pid = 10, .state = 'Z'}, PROCESS_GONE},
	};

	(void)state;
	check_changes(&unseen, rows, ARRAY_SIZE(rows));
}

static void exec_without_rights_is_measured_from_the_highest_peak(void **state)
{
	struct tree_process now = unseen;
	struct process p;

	(void)state;
	tree_put_process(&tree, &now);
	assert_int_equal(process_open(&roots, 10, &p), 0);
	now.peak_kb = 9000;
	tree_put_process(&tree, &now);
	assert_int_equal(process_check(&p), 0);
	now.peak_kb = 8000; /* over the first, under the highest */
	tree_put_process(&tree, &now);
	assert_int_equal(process_check(&p), PROCESS_GONE);
	process_fini(&p);
}

static void zombies_and_kernel_threads_are_no_processes(void **state)
{
	struct process p;

	(void)state;
	tree_put_process(&tree, &(struct tree_process){.pid = 20, .state = 'Z'});
	tree_put_process(&tree, &(struct tree_process){.pid = 21, .flags = 0x200000});
	assert_int_equal(process_open(&roots, 20, &p), PROCESS_GONE);
	assert_int_equal(process_open(&roots, 21, &p), PROCESS_GONE);
}

static void a_broken_tree_is_an_error(void **state)
{
	struct process p;

	(void)state;
	tree_put_process(&tree, &(struct tree_process){.pid = 30});
	tree_put(&tree, "proc/30/stat", "30 (x) S\n");
	assert_int_equal(process_open(&roots, 30, &p), -EBADMSG);
}

/* --- the machine itself
 * ------------------------------------------------------------------- */

static int count_fds(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void this_process_lives(void **state)
{
	int64_t started, now = (int64_t)time(NULL) * 1000;
	int fds = count_fds();
	struct process p;
	char exe[512];

	skip_under_valgrind(state, "it does not know pidfd_open");
	assert_int_equal(process_open(&live, getpid(), &p), 0);
	assert_int_equal(p.pid, getpid());
	assert_int_equal(p.ppid, getppid());
	assert_true(p.pidfd >= 0);
	assert_int_equal(process_check(&p), 0);
	assert_int_equal(process_started(&live, &p, &started), 0);
	expect(started > now - 600000 && started < now + 3000, "%lld",
	       (long long)started);
	assert_int_equal(process_exe(&p, exe, sizeof(exe)), 0);
	assert_non_null(strstr(exe, "test_process"));
	assert_int_equal(process_exe(&p, exe, 4), -ENAMETOOLONG);
	process_fini(&p);
	assert_int_equal(count_fds(), fds);
}

static void await_end(const struct process *p)
{
	struct pollfd poll_fd = {.fd = p->pidfd, .events = POLLIN};

	assert_int_equal(poll(&poll_fd, 1, 10000), 1);
}

static void an_end_is_seen_before_and_after_the_burial(void **state)
{
	struct process p, again;
	int pid;

	skip_under_valgrind(state, "it does not know pidfd_open");
	pid = fork();
	if (pid == 0)
		_exit(pause());
	assert_int_equal(process_open(&live, pid, &p), 0);
	kill(pid, SIGKILL);
	await_end(&p);
	assert_int_equal(process_check(&p), PROCESS_GONE); /* a zombie */
	assert_int_equal(process_open(&live, pid, &again), PROCESS_GONE);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(process_check(&p), PROCESS_GONE);
	assert_int_equal(process_open(&live, pid, &again), PROCESS_GONE);
	process_fini(&p);
}

static void descriptors_can_be_handed_to_another(void **state)
{
	struct process p, q;
	int fds = count_fds();

	skip_under_valgrind(state, "it does not know pidfd_open");
	assert_int_equal(process_open(&live, getppid(), &p), 0);
	assert_int_equal(process_adopt(dup(p.dirfd), dup(p.pidfd), &q), 0);
	assert_int_equal(q.pid, getppid());
	assert_int_equal(q.start_ticks, p.start_ticks);
	assert_int_equal(process_check(&q), 0);
	process_fini(&q);
	process_fini(&p);
	assert_int_equal(count_fds(), fds);
}

static int say_tid_and_wait(void *pipe_ends)
{
	int *ends = pipe_ends, tid = gettid();
	char byte;

	if (write(ends[1], &tid, sizeof(tid)) != sizeof(tid))
		return 1;
	return read(ends[2], &byte, 1) == 0 ? 0 : 1;
}

static void a_thread_is_no_process(void **state)
{
	int ends[4], tid, result;
	struct process p;
	thrd_t thread;

	skip_under_valgrind(state, "it does not know pidfd_open");
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(pipe(ends + 2), 0);
	assert_int_equal(thrd_create(&thread, say_tid_and_wait, ends), thrd_success);
	assert_int_equal(read(ends[0], &tid, sizeof(tid)), sizeof(tid));
	assert_int_equal(process_open(&live, tid, &p), PROCESS_GONE);
	close(ends[3]);
	thrd_join(thread, &result);
	assert_int_equal(result, 0);
	for (int i = 0; i < 3; i++)
		close(ends[i]);
}

/* A child that executes this program again with the same arguments, or takes a name, each
 * time it is told. */
static int start_repeater(int *ret_control)
{
	int ends[2], pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		dup2(ends[0], 0);
		close(ends[1]);
		execl("/proc/self/exe", "repeater", (char *)NULL);
		_exit(127);
	}
	close(ends[0]);
	*ret_control = ends[1];
	return pid;
}

static int repeat(void)
{
	char name[2] = "";

	if (read(0, name, 1) != 1)
		return 0;
	if (name[0] == '!')
		execl("/proc/self/exe", "repeater", (char *)NULL);
	prctl(PR_SET_NAME, name);
	return repeat();
}

static int await_check(struct process *p, int wanted)
{
	int r = -1;

	for (int i = 0; i < 2000; i++) {
		r = process_check(p);
		if (r == wanted)
			break;
		usleep(5000); /* the other process has no other way to say that it is done
			       */
	}
	return r;
}

static void give_name(struct process *p, int control, const char *name)
{
	char comm[32] = "";

	assert_int_equal(write(control, name, 1), 1);
	for (int i = 0; i < 2000 && comm[0] != name[0]; i++) {
		usleep(5000);
		assert_true(fs_read_at(p->dirfd, "comm", comm, sizeof(comm)) > 0);
	}
	assert_int_equal(comm[0], name[0]);
}

static void exec_of_the_same_program_with_the_same_arguments_ends_a_life(void **state)
{
	struct process p, next;
	int control, pid;

	skip_under_valgrind(state, "it execs as valgrind itself");
	pid = start_repeater(&control);
	assert_int_equal(process_open(&live, pid, &p), 0);
	give_name(&p, control,
		  "a"); /* its first exec, from the fork of this test, is done */
	process_fini(&p);
	assert_int_equal(process_open(&live, pid, &p), 0);
	give_name(&p, control, "b");
	assert_int_equal(process_check(&p), 0);
	assert_int_equal(write(control, "!", 1), 1);
	assert_int_equal(await_check(&p, PROCESS_GONE), PROCESS_GONE);
	assert_int_equal(process_open(&live, pid, &next), 0);
	assert_int_equal(next.start_ticks, p.start_ticks); /* which proves nothing */
	assert_int_equal(process_check(&next), 0);
	process_fini(&next);
	process_fini(&p);
	close(control);
	waitpid(pid, NULL, 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(process_is_read_from_a_captured_tree),
		cmocka_unit_test(exec_shows_in_the_addresses_where_they_are_seen),
		cmocka_unit_test(exec_shows_in_the_sizes_where_addresses_are_not_seen),
		cmocka_unit_test(exec_without_rights_is_measured_from_the_highest_peak),
		cmocka_unit_test(zombies_and_kernel_threads_are_no_processes),
		cmocka_unit_test(a_broken_tree_is_an_error),
		cmocka_unit_test(this_process_lives),
		cmocka_unit_test(an_end_is_seen_before_and_after_the_burial),
		cmocka_unit_test(descriptors_can_be_handed_to_another),
		cmocka_unit_test(a_thread_is_no_process),
		cmocka_unit_test(
			exec_of_the_same_program_with_the_same_arguments_ends_a_life),
	};

	if (argc > 0 && strcmp(argv[0], "repeater") == 0)
		return repeat();
	return cmocka_run_group_tests(tests, setup, teardown);
}
