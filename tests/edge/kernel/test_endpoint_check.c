/* Who owns an address: real processes that listen, inherit, fork and take over. */
#include "edge/kernel/endpoint_check.h"

#include <arpa/inet.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "edge/fs.h"
#include "tree.h"
#include "unit.h"

static struct roots roots;

static int setup(void **state)
{
	(void)state;
	return roots_open(NULL, &roots);
}

static int teardown(void **state)
{
	(void)state;
	roots_fini(&roots);
	return 0;
}

static int listen_on(uint16_t port, bool share)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_port = htons(port),
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	if (share)
		setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(fd, 1) < 0)
		return -1;
	return fd;
}

static uint16_t port_of(int fd)
{
	struct sockaddr_in address;
	socklen_t len = sizeof(address);

	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	return ntohs(address.sin_port);
}

/* What a child of the test does before it waits to be killed. */
enum act { NOTHING, LISTENS, SHARES, FORKS_A_LISTENER, LEAVES_THE_NETWORK };

struct actor {
	int pid;
	uint16_t port; /* 0: it does not listen */
};

static void act(enum act what, uint16_t port, int report)
{
	int fd = -1;

	prctl(PR_SET_PDEATHSIG, SIGKILL); /* where the test fails, nobody is left */
	if (what == LISTENS || what == SHARES)
		fd = listen_on(port, what == SHARES);
	if (what == FORKS_A_LISTENER && fork() == 0)
		fd = listen_on(port, false);
	else if (what == FORKS_A_LISTENER)
		pause();
	port = fd >= 0 ? port_of(fd) : 0;
	if (what == LEAVES_THE_NETWORK)
		port = unshare(CLONE_NEWNET) == 0;
	if (write(report, &port, sizeof(port)) == sizeof(port))
		pause();
	_exit(1);
}

static struct actor start(enum act what, uint16_t port)
{
	struct actor actor;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	actor.pid = fork();
	if (actor.pid == 0) {
		setpgid(0, 0);
		act(what, port, ends[1]);
	}
	setpgid(actor.pid, actor.pid);
	assert_int_equal(read(ends[0], &actor.port, sizeof(actor.port)),
			 sizeof(actor.port));
	close(ends[0]);
	close(ends[1]);
	return actor;
}

static void stop(struct actor actor)
{
	kill(-actor.pid, SIGKILL);
	waitpid(actor.pid, NULL, 0);
}

static enum endpoint_state check(int pid, const char *host, uint16_t port,
				 const char *path)
{
	struct process process;
	enum endpoint_state answer;

	assert_int_equal(process_open(&roots, pid, &process), 0);
	answer = endpoint_check(&roots, &process, host, port, path);
	process_fini(&process);
	return answer;
}

static void own_listener_is_verified(void **state)
{
	static const char *const hosts[] = {"127.0.0.1", "localhost", "0.0.0.0", "[::]"};
	struct actor actor = start(LISTENS, 0);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++)
		expect(check(actor.pid, hosts[i], actor.port, NULL) == ENDPOINT_VERIFIED,
		       "%s", hosts[i]);
	stop(actor);
}

static void another_process_on_the_port_is_foreign(void **state)
{
	struct actor target = start(NOTHING, 0), thief = start(LISTENS, 0);

	(void)state;
	assert_int_equal(check(target.pid, "127.0.0.1", thief.port, NULL),
			 ENDPOINT_FOREIGN);
	assert_int_equal(check(target.pid, "localhost", thief.port, NULL),
			 ENDPOINT_FOREIGN);
	stop(thief);
	assert_int_equal(check(target.pid, "127.0.0.1", thief.port, NULL),
			 ENDPOINT_UNVERIFIED);
	stop(target);
}

static void a_listening_child_of_the_target_is_verified(void **state)
{
	struct actor target = start(FORKS_A_LISTENER, 0);

	(void)state;
	assert_true(target.port > 0);
	assert_int_equal(check(target.pid, "127.0.0.1", target.port, NULL),
			 ENDPOINT_VERIFIED);
	stop(target);
}

static void a_listening_parent_of_the_target_is_not_foreign(void **state)
{
	int fd = listen_on(0, false);
	struct actor inherits, closes;
	uint16_t port = port_of(fd);

	(void)state;
	inherits = start(NOTHING, 0); /* the descriptor came with the fork */
	assert_int_equal(check(inherits.pid, "127.0.0.1", port, NULL), ENDPOINT_VERIFIED);
	stop(inherits);
	close(fd);
	closes = start(NOTHING, 0);
	fd = listen_on(0, false);
	assert_int_equal(check(closes.pid, "127.0.0.1", port_of(fd), NULL),
			 ENDPOINT_UNVERIFIED);
	stop(closes);
	close(fd);
}

static void a_shared_port_is_unverified(void **state)
{
	struct actor one = start(SHARES, 0), two = start(SHARES, one.port);

	(void)state;
	assert_int_equal(two.port, one.port);
	assert_int_equal(check(one.pid, "127.0.0.1", one.port, NULL),
			 ENDPOINT_UNVERIFIED);
	stop(two);
	assert_int_equal(check(one.pid, "127.0.0.1", one.port, NULL), ENDPOINT_VERIFIED);
	stop(one);
}

static void what_cannot_be_known_is_unverified(void **state)
{
	struct actor target = start(NOTHING, 0), other = start(LISTENS, 0);

	(void)state;
	assert_int_equal(check(target.pid, "example.org", other.port, NULL),
			 ENDPOINT_UNVERIFIED);
	assert_int_equal(check(target.pid, "192.0.2.1", other.port, NULL),
			 ENDPOINT_UNVERIFIED);
	stop(other);
	stop(target);
}

static void a_target_in_another_network_is_unverified(void **state)
{
	struct actor target = start(LEAVES_THE_NETWORK, 0), proxy = start(LISTENS, 0);
	enum endpoint_state answer = check(target.pid, "127.0.0.1", proxy.port, NULL);
	bool left = target.port != 0;

	(void)state;
	stop(proxy);
	stop(target);
	if (!left)
		skip(); /* needs CAP_SYS_ADMIN */
	assert_int_equal(answer, ENDPOINT_UNVERIFIED);
}

static void a_unix_socket_has_an_owner_too(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct actor other;
	struct tree tree;
	int fd;

	(void)state;
	tree_make(&tree);
	other = start(NOTHING, 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/s", tree.dir);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(check(getpid(), NULL, 0, address.sun_path), ENDPOINT_UNVERIFIED);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(check(getpid(), NULL, 0, address.sun_path), ENDPOINT_VERIFIED);
	assert_int_equal(check(other.pid, NULL, 0, address.sun_path),
			 ENDPOINT_UNVERIFIED); /* an ancestor's */
	assert_int_equal(check(getpid(), NULL, 0, "/nowhere"), ENDPOINT_UNVERIFIED);
	close(fd);
	stop(other);
	tree_drop(&tree);
}

static void a_captured_tree_tells_nothing(void **state)
{
	struct roots captured = roots;
	struct process process;

	(void)state;
	captured.live = false;
	assert_int_equal(process_open(&roots, getpid(), &process), 0);
	assert_int_equal(endpoint_check(&captured, &process, "127.0.0.1", 1, NULL),
			 ENDPOINT_UNVERIFIED);
	process_fini(&process);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(own_listener_is_verified),
		cmocka_unit_test(another_process_on_the_port_is_foreign),
		cmocka_unit_test(a_listening_child_of_the_target_is_verified),
		cmocka_unit_test(a_listening_parent_of_the_target_is_not_foreign),
		cmocka_unit_test(a_shared_port_is_unverified),
		cmocka_unit_test(what_cannot_be_known_is_unverified),
		cmocka_unit_test(a_target_in_another_network_is_unverified),
		cmocka_unit_test(a_unix_socket_has_an_owner_too),
		cmocka_unit_test(a_captured_tree_tells_nothing),
	};

	leave_under_valgrind("it does not know pidfd_open");
	return cmocka_run_group_tests(tests, setup, teardown);
}
