/* Who listens where, asked of real sockets of our own. */
#include "edge/kernel/listening.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "edge/fs.h"
#include "unit.h"

#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

static struct listening *listening;
static int self = -1;

static int open_process(int pid)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d", pid);
	return fs_open_dir_at(AT_FDCWD, path);
}

static int setup(void **state)
{
	(void)state;
	self = open_process(getpid());
	return listening_new(&listening) || self < 0;
}

static int teardown(void **state)
{
	(void)state;
	fs_close(&self);
	listening_free(listening);
	return 0;
}

/* A listener on any port of the loopback; its descriptor. */
static int listen_tcp(struct listen_at *ret)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char text[32];

	assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	snprintf(text, sizeof(text), "127.0.0.1:%d", ntohs(address.sin_port));
	assert_int_equal(listen_parse(text, ret), 0);
	return fd;
}

static void own_listeners_are_found_by_port_and_by_any(void **state)
{
	static const struct listen_at anywhere = {.any = true};
	AUTO_CLOSE int first = -1, second = -1;
	struct listen_at at[2];

	(void)state;
	first = listen_tcp(&at[0]);
	second = listen_tcp(&at[1]);
	assert_int_equal(listening_asked(listening, getpid(), self, &at[0]), 1);
	assert_int_equal(listening_asked(listening, getpid(), self, &at[1]), 1);
	assert_int_equal(listening_asked(listening, getpid(), self, &anywhere), 1);
}

static void what_another_has_open_is_not_ours(void **state)
{
	AUTO_CLOSE int fd = -1, parent = -1;
	struct listen_at at;

	(void)state;
	fd = listen_tcp(&at);
	parent = open_process(getppid());
	assert_int_equal(listening_asked(listening, getppid(), parent, &at), 0);
	assert_int_equal(listening_anyone(listening, parent, &at), 1);
}

static void a_port_where_nobody_listens_is_nobodys(void **state)
{
	struct listen_at at;

	(void)state;
	close(listen_tcp(&at));
	assert_int_equal(listening_anyone(listening, self, &at), 0);
	assert_int_equal(listening_asked(listening, getpid(), self, &at), 0);
}

static void unix_listeners_are_found_by_path(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct listen_at at = {.path = address.sun_path}, other = {.path = "/no/such"};

	(void)state;
	snprintf(address.sun_path, sizeof(address.sun_path), "/tmp/listening-%d.sock",
		 getpid());
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(listening_asked(listening, getpid(), self, &at), 1);
	assert_int_equal(listening_asked(listening, getpid(), self, &other), 0);
	unlink(address.sun_path);
}

/* What makes it cheap: a thousand connections are read once, not once per service. */
static void the_first_answer_stands(void **state)
{
	struct listen_at at;
	int fd = listen_tcp(&at);

	(void)state;
	assert_int_equal(listening_asked(listening, getpid(), self, &at), 1);
	close(fd);
	assert_int_equal(listening_asked(listening, getpid(), self, &at), 1);
}

static int count_port(void *arg, const struct socket_row *row)
{
	const struct listen_at *at = ((void **)arg)[0];
	int *count = ((void **)arg)[1];

	*count += listen_reaches(at, row);
	return 0;
}

static int refuse_row(void *arg, const struct socket_row *row)
{
	(void)arg;
	(void)row;
	return 7;
}

static void each_own_listener_is_passed_once_and_no_others(void **state)
{
	AUTO_CLOSE int fd = -1, parent = -1;
	struct listen_at at;
	int count = 0;
	void *arg[] = {&at, &count};

	(void)state;
	fd = listen_tcp(&at);
	assert_int_equal(
		listening_each(listening, getpid(), self, false, count_port, arg), 0);
	assert_int_equal(count, 1);
	parent = open_process(getppid());
	assert_int_equal(
		listening_each(listening, getppid(), parent, false, count_port, arg), 0);
	assert_int_equal(count, 1);
	assert_int_equal(
		listening_each(listening, getpid(), self, false, refuse_row, NULL), 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(own_listeners_are_found_by_port_and_by_any),
		EACH(what_another_has_open_is_not_ours),
		EACH(a_port_where_nobody_listens_is_nobodys),
		EACH(unix_listeners_are_found_by_path),
		EACH(the_first_answer_stands),
		EACH(each_own_listener_is_passed_once_and_no_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
