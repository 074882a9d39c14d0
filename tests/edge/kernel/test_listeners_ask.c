/* Asking the kernel for listeners gives what reading its tables gives. */
#include "edge/kernel/listeners.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit.h"

/* A listener of either family; its port is chosen where *port is 0. */
static int listen_on(const char *host, uint16_t *port)
{
	bool v6 = strchr(host, ':');
	struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(*port)};
	struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(*port)};
	struct sockaddr *to = v6 ? (struct sockaddr *)&six : (struct sockaddr *)&four;
	socklen_t len = v6 ? sizeof(six) : sizeof(four);
	int fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	(void)inet_pton(AF_INET6, host, &six.sin6_addr);
	(void)inet_pton(AF_INET, host, &four.sin_addr);
	if (v6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, to, len) < 0 || listen(fd, 1) < 0 || getsockname(fd, to, &len) < 0)
		fail_msg("cannot listen on %s", host);
	*port = ntohs(v6 ? six.sin6_port : four.sin_port);
	return fd;
}

static uint64_t inode_of(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return st.st_ino;
}

static bool has(const struct listeners *listeners, uint64_t inode)
{
	for (size_t i = 0; i < listeners->n; i++)
		if (listeners->inode[i] == inode)
			return true;
	return false;
}

static void both_ways_find_the_same(void **state)
{
	static const char *const hosts[] = {"127.0.0.1", "localhost", "::1",
					    "0.0.0.0",   "127.0.0.2", "10.1.2.3"};
	static const char *const at[] = {"127.0.0.1", "::1", "0.0.0.0", "::"};
	int self = open("/proc/self", O_PATH | O_DIRECTORY);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(at); i++) {
		uint16_t port = 0;
		int fd = listen_on(at[i], &port);

		for (size_t k = 0; k < ARRAY_SIZE(hosts); k++) {
			struct listen_at where = {.port = port};
			static struct listeners asked, found;

			assert_int_equal(listen_host(hosts[k], &where), 0);
			assert_int_equal(listeners_ask(&where, &asked), 0);
			assert_int_equal(listeners_find(self, &where, &found), 0);
			expect(asked.n == found.n &&
				       memcmp(asked.inode, found.inode,
					      asked.n * sizeof(*asked.inode)) == 0,
			       "%s on %s: %zu, %zu", hosts[k], at[i], asked.n, found.n);
			assert_true(asked.n <= 1);
			assert_int_equal(has(&asked, inode_of(fd)), asked.n);
		}
		close(fd);
	}
	close(self);
}

static void who_is_connected_does_not_listen(void **state)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	static struct listeners asked;
	struct listen_at where;
	uint16_t port = 0;
	int listener = listen_on("127.0.0.1", &port), from, at;

	(void)state;
	from = socket(AF_INET, SOCK_STREAM, 0);
	to.sin_port = htons(port);
	assert_int_equal(connect(from, (struct sockaddr *)&to, sizeof(to)), 0);
	at = accept(listener, NULL, NULL);
	where = (struct listen_at){.port = port, .any = true};
	assert_int_equal(listeners_ask(&where, &asked), 0);
	assert_int_equal(asked.n, 1);
	assert_int_equal(asked.inode[0], inode_of(listener));
	close(listener);
	assert_int_equal(listeners_ask(&where, &asked), 0);
	assert_int_equal(asked.n, 0);
	close(from);
	close(at);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ways_find_the_same),
		cmocka_unit_test(who_is_connected_does_not_listen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
