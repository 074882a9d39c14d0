/* Finding services among real processes: families, listeners, our own children. */
#include "edge/kernel/find.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

#define ALL (~UINT32_C(0))

static struct roots live;

static int setup(void **state)
{
	(void)state;
	return roots_open(NULL, &live);
}

static int teardown(void **state)
{
	(void)state;
	roots_fini(&live);
	return 0;
}

/* "20 31", "" for none, or the error's number. */
static const char *found(const struct roots *in, char *const selector[SELECTOR_N])
{
	static char text[256];
	struct scan *scan = NULL;
	int pids[16], r;
	size_t n = 0, len = 0;

	assert_int_equal(scan_new(in, ALL, &scan), 0);
	r = scan_match(scan, selector, pids, ARRAY_SIZE(pids), &n);
	scan_free(scan);
	text[0] = '\0';
	if (r != 0)
		snprintf(text, sizeof(text), "%d", r);
	for (size_t i = 0; i < n; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%d",
					i ? " " : "", pids[i]);
	return text;
}

enum act { WAITS, LISTENS, FORKS_A_LISTENER, FORKS_TWO_LISTENERS, FORKS };

static int listen_on_any(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fd, 1) < 0)
		_exit(1);
	return fd;
}

struct report {
	int pid;
	uint16_t port;
};

static void report_and_wait(int fd, int listener)
{
	struct sockaddr_in address = {0};
	socklen_t len = sizeof(address);
	struct report report = {.pid = getpid()};

	prctl(PR_SET_PDEATHSIG, SIGKILL); /* where the test fails, nobody is left */
	if (listener >= 0)
		(void)getsockname(listener, (struct sockaddr *)&address, &len);
	report.port = ntohs(address.sin_port);
	if (write(fd, &report, sizeof(report)) == sizeof(report))
		pause();
	_exit(1);
}

static void act(enum act what, int fd)
{
	int children = what == FORKS_TWO_LISTENERS ? 2 : what >= FORKS_A_LISTENER;

	prctl(PR_SET_NAME, "leakdog-prey");
	for (int i = 0; i < children; i++)
		if (fork() == 0)
			report_and_wait(fd, what == FORKS ? -1 : listen_on_any());
	report_and_wait(fd, what == LISTENS ? listen_on_any() : -1);
}

/* Starts a process (a family) and waits until all have said that they are there. */
static int start(enum act what, struct report reports[static 3])
{
	int ends[2], n = what == FORKS_TWO_LISTENERS ? 3 : 1 + (what >= FORKS_A_LISTENER);
	int pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		act(what, ends[1]);
	}
	setpgid(pid, pid);
	for (int i = 0; i < n; i++)
		assert_int_equal(read(ends[0], &reports[i], sizeof(*reports)),
				 sizeof(*reports));
	close(ends[0]);
	close(ends[1]);
	return pid;
}

static void stop(int pid)
{
	kill(-pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* A test is our child, and children of a leakdog never match: so look with other eyes. */
static const char *found_live(enum selector kind, const char *text)
{
	static char result[256];
	char *selector[SELECTOR_N] = {0};
	int ends[2], pid;
	ssize_t n;

	assert_int_equal(pipe(ends), 0);
	selector[kind] = (char *)text;
	pid = fork();
	if (pid == 0) {
		const char *pids = found(&live, selector);

		if (write(ends[1], pids, strlen(pids) + 1) < 0)
			_exit(1);
		_exit(0);
	}
	n = read(ends[0], result, sizeof(result));
	assert_true(n > 0);
	waitpid(pid, NULL, 0);
	close(ends[0]);
	close(ends[1]);
	return result;
}

static const char *number(int n)
{
	static char texts[4][16];
	static unsigned turn; /* so that one call may use two of them */
	char *text = texts[turn++ % ARRAY_SIZE(texts)];

	snprintf(text, sizeof(*texts), "%d", n);
	return text;
}

static void our_own_children_never_match(void **state)
{
	char *selector[SELECTOR_N] = {[SELECTOR_NAME] = (char *)"leakdog-prey"};
	struct report reports[3];
	int pid = start(WAITS, reports);

	(void)state;
	assert_string_equal(found(&live, selector), "");
	assert_string_equal(found_live(SELECTOR_NAME, "leakdog-prey"), number(pid));
	stop(pid);
}

static void a_listener_is_found_by_its_port(void **state)
{
	struct report reports[3];
	int pid = start(LISTENS, reports);
	char address[64];

	(void)state;
	assert_string_equal(found_live(SELECTOR_LISTEN, number(reports[0].port)),
			    number(pid));
	snprintf(address, sizeof(address), "127.0.0.1:%d", reports[0].port);
	assert_string_equal(found_live(SELECTOR_LISTEN, address), number(pid));
	snprintf(address, sizeof(address), "127.0.0.2:%d", reports[0].port);
	assert_string_equal(found_live(SELECTOR_LISTEN, address), "");
	stop(pid);
	snprintf(address, sizeof(address), "127.0.0.1:%d", reports[0].port);
	assert_string_equal(found_live(SELECTOR_LISTEN, address), "");
}

static void of_parent_and_child_the_listening_one_counts(void **state)
{
	struct report reports[3];
	int pid = start(FORKS_A_LISTENER, reports);
	int child = reports[0].pid == pid ? reports[1].pid : reports[0].pid;

	(void)state;
	assert_string_equal(found_live(SELECTOR_NAME, "leakdog-prey"), number(child));
	stop(pid);
}

static void of_parent_and_child_that_do_not_listen_the_parent_counts(void **state)
{
	struct report reports[3];
	int pid = start(FORKS, reports);

	(void)state;
	assert_string_equal(found_live(SELECTOR_NAME, "leakdog-prey"), number(pid));
	stop(pid);
}

static void two_children_that_listen_are_two(void **state)
{
	struct report reports[3];
	int pid = start(FORKS_TWO_LISTENERS, reports);
	const char *pids = found_live(SELECTOR_NAME, "leakdog-prey");

	(void)state;
	for (int i = 0; i < 3; i++) {
		bool in = strstr(pids, number(reports[i].pid)) != NULL;

		expect(in == (reports[i].pid != pid), "%d in '%s'", reports[i].pid, pids);
	}
	stop(pid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_own_children_never_match),
		cmocka_unit_test(a_listener_is_found_by_its_port),
		cmocka_unit_test(of_parent_and_child_the_listening_one_counts),
		cmocka_unit_test(
			of_parent_and_child_that_do_not_listen_the_parent_counts),
		cmocka_unit_test(two_children_that_listen_are_two),
	};

	leave_under_valgrind("its children are named valgrind");
	return cmocka_run_group_tests(tests, setup, teardown);
}
