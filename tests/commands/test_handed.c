#include "commands/handed.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "edge/fs.h"
#include "edge/kernel/child.h"
#include "unit.h"

static const struct filing_place place = {
	.dir = "/var/lib/leakdog",
	.group = "ops",
	.policy = {.max_use = 7, .keep_free = 8, .max_incidents = 9},
};
static const struct job job = {
	.kind = JOB_CAPTURE,
	.service = "cron",
	.key = "0a1b2c3d-7-7",
	.incident = "i1",
	.target.pid = 7,
	.number = 1,
};

static pid_t somebody(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		pause();
		_exit(0);
	}
	return pid;
}

static void end(pid_t pid)
{
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* What comes of a message with this descriptor, which is closed; -1: with none. */
static int hand(const char *text, int fd, struct handed *ret)
{
	const int fds[CHILD_FDS_MAX] = {fd, -1, -1};
	AUTO_CLOSE int from = -1, to = -1;
	struct roots roots;
	int pair[2], r;

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	from = pair[0];
	to = pair[1];
	assert_int_equal(roots_open(NULL, &roots), 0);
	assert_int_equal(
		child_send(&(struct child){.socket = from}, text, strlen(text), fds), 0);
	r = handed_receive(to, ret);
	if (r == 0)
		r = handed_open(&roots, ret);
	roots_fini(&roots);
	if (fd >= 0)
		close(fd);
	return r;
}

static void message(struct buf *to)
{
	buf_init(to, HANDED_TEXT_MAX);
	assert_int_equal(job_format(&job, to), 0);
	assert_int_equal(handed_format(&place, to), 0);
}

static int pidfd_of(pid_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	assert_true(fd >= 0);
	return fd;
}

static void a_job_comes_with_its_target_and_place(void **state)
{
	AUTO_BUF struct buf text;
	struct handed handed;
	pid_t pid;

	skip_under_valgrind(state, "it does not know pidfd_open");
	pid = somebody();
	message(&text);
	assert_int_equal(hand(text.data, pidfd_of(pid), &handed), 0);
	assert_string_equal(handed.job.service, "cron");
	assert_int_equal(handed.process.pid, pid);
	assert_true(handed.process.pidfd >= 0);
	assert_string_equal(handed.place.dir, "/var/lib/leakdog");
	assert_string_equal(handed.place.group, "ops");
	assert_int_equal(handed.place.policy.max_use, 7);
	assert_int_equal(handed.place.policy.keep_free, 8);
	assert_int_equal(handed.place.policy.max_incidents, 9);
	assert_true(handed.place.locked);
	process_fini(&handed.process);
	end(pid);
}

/* Its number may be somebody else's by now: nobody is looked up by it. */
static void who_has_ended_is_gone(void **state)
{
	AUTO_BUF struct buf text;
	struct handed handed;
	pid_t pid;
	int fd;

	skip_under_valgrind(state, "it does not know pidfd_open");
	pid = somebody();
	fd = pidfd_of(pid);
	end(pid);
	message(&text);
	assert_int_equal(hand(text.data, fd, &handed), PROCESS_GONE);
	assert_string_equal(handed.job.service, "cron");
}

static void only_a_pidfd_names_a_target(void **state)
{
	static const char *const paths[] = {"/proc/self", "/proc/1", "/", "/dev/null",
					    "/proc/self/ns/net"};
	AUTO_BUF struct buf text;
	struct handed handed;

	skip_under_valgrind(state, "it does not know pidfd_open");
	message(&text);
	assert_int_equal(hand(text.data, -1, &handed), -EBADF);
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		int fd = open(paths[i], O_RDONLY | O_CLOEXEC);
		int r = hand(text.data, fd, &handed);

		expect(r == -EBADF, "%s: %d", paths[i], r);
	}
}

static void what_is_no_job_is_refused(void **state)
{
	static const char head[] = "kind=capture\nservice=cron\nkey=0a1b2c3d-7-7\n"
				   "incident=i1\nnumber=1\n"
				   "target.pid=7\n\n";
	static const struct {
		const char *head, *rest;
		int result;
	} rows[] = {
		{head, "archive=/a\n\n", 0},
		{head, "archive=/a\nnewer=1\n\n", 0},
		{head, "", -EBADMSG}, /* filed nowhere */
		{head, "archive=a\n\n", -EBADMSG},
		{head, "archive=/a\nmax_use=x\n\n", -EINVAL},
		{head, "archive=/a\ngroup=\\xZZ\n\n", -EBADMSG},
		{head, "archive=/a", -EBADMSG}, /* cut */
		{"kind=seal\nservice=cron\nkey=0a1b2c3d-7-7\nincident=i1\nnumber=1\n"
		 "target.pid=7\n\n",
		 "archive=/a\n\n", -EBADMSG},
		{"kind=capture\nservice=../etc\nkey=k\nincident=i1\nnumber=1\n"
		 "target.pid=7\n\n",
		 "archive=/a\n\n", -EBADMSG},
		{"x", "", -EBADMSG},
	};
	char text[512];
	pid_t pid;

	skip_under_valgrind(state, "it does not know pidfd_open");
	pid = somebody();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct handed handed;
		int r;

		(void)snprintf(text, sizeof(text), "%s%s", rows[i].head, rows[i].rest);
		r = hand(text, pidfd_of(pid), &handed);
		expect(r == rows[i].result, "row %zu: %d", i, r);
		if (r == 0)
			process_fini(&handed.process);
	}
	end(pid);
}

static void a_place_may_come_before_the_job(void **state)
{
	static const struct {
		const char *text;
		int result;
	} rows[] = {
		{"archive=/a\ngroup=\nmax_use=7\n\n", HANDED_AHEAD},
		{"archive=a\n\n", -EBADMSG},
		{"archive=/a", -EBADMSG},
		{"archive=/a\nmax_use=x\n\n", -EINVAL},
		{"max_use=7\n\n", -EBADF},
		{"\n", -EBADF},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct handed handed;
		int r = hand(rows[i].text, -1, &handed);

		expect(r == rows[i].result, "row %zu: %d", i, r);
		assert_int_equal(handed.pidfd, -1);
	}
}

static void the_job_is_filed_where_its_peer_said_before(void **state)
{
	struct handed a, b;

	(void)state;
	assert_int_equal(hand("archive=/a\nmax_use=7\n\n", -1, &a), HANDED_AHEAD);
	assert_int_equal(hand("archive=/a\nmax_use=7\n\n", -1, &b), HANDED_AHEAD);
	assert_true(handed_same_place(&a, &b));
	assert_int_equal(hand("archive=/b\nmax_use=7\n\n", -1, &b), HANDED_AHEAD);
	assert_false(handed_same_place(&a, &b));
	assert_int_equal(hand("archive=/a\nmax_use=8\n\n", -1, &b), HANDED_AHEAD);
	assert_false(handed_same_place(&a, &b));
	assert_int_equal(hand("archive=/a\nmax_use=7\ngroup=x\n\n", -1, &b),
			 HANDED_AHEAD);
	assert_false(handed_same_place(&a, &b));
}

static void a_peer_that_ends_wants_nothing(void **state)
{
	struct handed handed;
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	close(pair[0]);
	assert_int_equal(handed_receive(pair[1], &handed), HANDED_END);
	close(pair[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_job_comes_with_its_target_and_place),
		cmocka_unit_test(who_has_ended_is_gone),
		cmocka_unit_test(only_a_pidfd_names_a_target),
		cmocka_unit_test(what_is_no_job_is_refused),
		cmocka_unit_test(a_place_may_come_before_the_job),
		cmocka_unit_test(the_job_is_filed_where_its_peer_said_before),
		cmocka_unit_test(a_peer_that_ends_wants_nothing),
	};

	return cmocka_run_group_tests_name("handed", tests, NULL, NULL);
}
