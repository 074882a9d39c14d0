#include "edge/kernel/inside.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "edge/fs.h"
#include "edge/kernel/endpoint_check.h"
#include "edge/peer.h"
#include "tree.h"
#include "unit.h"

static int listen_at(const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(fd, 8), 0);
	return fd;
}

static int dial(const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(at.sun_path, sizeof(at.sun_path), "%s", path);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	return fd;
}

struct box {
	struct tree tree;
	int root, listener;
};

static const char *in(const struct box *box, const char *name)
{
	static char path[512];

	(void)snprintf(path, sizeof(path), "%s/%s", box->tree.dir, name);
	return path;
}

static void box_make(struct box *box)
{
	tree_make(&box->tree);
	tree_put(&box->tree, "run/file", "x");
	tree_put(&box->tree, "var/log/x", "x");

	box->listener = listen_at(in(box, "run/s.sock"));
	tree_link(&box->tree, "var/run", "/run");
	tree_link(&box->tree, "var/up", "../../../../../run");
	tree_link(&box->tree, "run/link", "s.sock");
	tree_link(&box->tree, "run/out", "/etc/passwd");
	tree_link(&box->tree, "run/loop", "loop");
	assert_int_equal(mkfifo(in(box, "run/fifo"), 0600), 0);
	box->root = open(box->tree.dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(box->root >= 0);
}

static void box_drop(struct box *box)
{
	close(box->root);
	close(box->listener);
	tree_drop(&box->tree);
}

static void only_a_socket_below_the_root_is_taken_up(void **state)
{
	static const struct {
		const char *path;
		int result; /* 0: a descriptor */
	} rows[] = {
		{"/run/s.sock", 0},
		{"/var/run/s.sock", 0},   /* a link on the way stays in there, */
		{"/var/up/s.sock", 0},    /* also one that goes up */
		{"/../../run/s.sock", 0}, /* and so does the path itself */
		{"/run/link", -ELOOP},    /* but the socket is no link */
		{"/run/out", -ELOOP},
		{"/run/loop", -ELOOP},
		{"/run/loop/s.sock", -ELOOP},
		{"/run/fifo", -ENOTSOCK},
		{"/run/file", -ENOTSOCK},
		{"/run", -ENOTSOCK},
		{"/", -ENOTSOCK},
		{"/run/none", -ENOENT},
		{"/none/s.sock", -ENOENT},
		{"/run/file/s.sock", -ENOTDIR},
	};
	struct box box;

	skip_under_valgrind(state, "it does not know openat2");
	box_make(&box);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_CLOSE int fd = inside_socket(box.root, rows[i].path);

		expect(rows[i].result ? fd == rows[i].result : fd >= 0, "%s: %d",
		       rows[i].path, fd);
	}
	box_drop(&box);
}

static void no_path_leads_through_a_process(void **state)
{
	AUTO_CLOSE int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct box box;
	char path[600];

	skip_under_valgrind(state, "it does not know openat2");
	box_make(&box);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d/run/s.sock", box.root);
	assert_int_equal(inside_socket(root, path), -ELOOP);
	(void)snprintf(path, sizeof(path), "/proc/self/root%s", in(&box, "run/s.sock"));
	assert_int_equal(inside_socket(root, path), -ELOOP);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", box.listener);
	assert_int_equal(inside_socket(root, path), -ELOOP);
	box_drop(&box);
}

static void what_was_found_is_connected_to_whatever_stands_there_now(void **state)
{
	AUTO_CLOSE int found = -1, later = -1, dialled = -1, met = -1;
	char path[INSIDE_PATH_MAX];
	struct box box;

	skip_under_valgrind(state, "it does not know openat2");
	box_make(&box);
	found = inside_socket(box.root, "/run/s.sock");
	assert_true(found >= 0);
	assert_int_equal(unlink(in(&box, "run/s.sock")), 0);
	later = listen_at(in(&box, "run/s.sock"));
	inside_path(found, path);
	dialled = dial(path);
	met = accept4(box.listener, NULL, NULL, SOCK_CLOEXEC);
	assert_true(met >= 0);
	box_drop(&box);
}

/* A process that waits, and listens where it is told. */
static pid_t listener_start(const char *path)
{
	int ends[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (path)
			(void)listen_at(path);
		(void)!write(ends[1], "", 1);
		pause();
		_exit(0);
	}
	assert_int_equal(read(ends[0], &byte, 1), 1);
	close(ends[0]);
	close(ends[1]);
	return pid;
}

static void listener_stop(pid_t pid)
{
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static enum endpoint_state whose(pid_t target, int fd)
{
	enum endpoint_state state;
	struct process process;
	struct roots roots;

	assert_int_equal(roots_open(NULL, &roots), 0);
	assert_int_equal(process_open(&roots, target, &process), 0);
	state = endpoint_peer(&roots, &process, peer_pid(fd));
	process_fini(&process);
	roots_fini(&roots);
	return state;
}

static void who_listens_is_told_by_the_connection(void **state)
{
	AUTO_CLOSE int ours = -1, its = -1;
	pid_t target, other;
	struct box box;

	skip_under_valgrind(state, "it does not know pidfd_open");
	box_make(&box);
	target = listener_start(in(&box, "run/t.sock"));
	other = listener_start(NULL);
	its = dial(in(&box, "run/t.sock"));
	ours = dial(in(&box, "run/s.sock"));
	assert_int_equal(whose(target, its), ENDPOINT_VERIFIED);
	assert_int_equal(whose(getpid(), its), ENDPOINT_VERIFIED); /* of a child */
	assert_int_equal(whose(other, its), ENDPOINT_FOREIGN);
	assert_int_equal(whose(target, ours), ENDPOINT_UNVERIFIED); /* of an ancestor */
	listener_stop(target);
	assert_int_equal(whose(other, its), ENDPOINT_UNVERIFIED); /* nobody's any more */
	listener_stop(other);
	box_drop(&box);
}

static void ones_own_root_is_ours(void **state)
{
	struct process process;
	struct roots roots;
	int root = 7;

	skip_under_valgrind(state, "it does not know pidfd_open");
	assert_int_equal(roots_open(NULL, &roots), 0);
	assert_int_equal(process_open(&roots, getpid(), &process), 0);
	assert_int_equal(inside_root(&process, &root), INSIDE_OURS);
	assert_int_equal(root, 7);
	process_fini(&process);
	roots_fini(&roots);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_socket_below_the_root_is_taken_up),
		cmocka_unit_test(no_path_leads_through_a_process),
		cmocka_unit_test(
			what_was_found_is_connected_to_whatever_stands_there_now),
		cmocka_unit_test(who_listens_is_told_by_the_connection),
		cmocka_unit_test(ones_own_root_is_ours),
	};

	return cmocka_run_group_tests_name("inside", tests, NULL, NULL);
}
