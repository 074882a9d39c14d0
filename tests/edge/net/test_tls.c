/* https with an authority of our own, against openssl's server. */
#include "edge/net/pprof.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "hostile.h"
#include "lib/text.h"
#include "unit.h"

static char dir[] = "/tmp/leakdog-tls-XXXXXX";
static char ca[64], other_ca[64];
static struct http *http;
static pid_t server;
static int port;

static pid_t run(char *const argv[], bool wait_for_it)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		int null = open("/dev/null", O_RDWR);

		(void)dup2(null, STDOUT_FILENO);
		(void)dup2(null, STDERR_FILENO);
		if (chdir(dir) == 0)
			(void)execvp(argv[0], argv);
		_exit(127);
	}
	if (wait_for_it) {
		(void)waitpid(pid, &status, 0);
		assert_int_equal(status, 0);
	}
	return pid;
}

#define RUN(wait_for_it, ...) run((char *const[]){__VA_ARGS__, NULL}, wait_for_it)
#define S(text) ((char *)(uintptr_t)(text))

/* A certificate that is its own authority, for 127.0.0.1. */
static void make_certificate(const char *key, const char *certificate)
{
	(void)RUN(true, S("openssl"), S("req"), S("-x509"), S("-newkey"), S("rsa:2048"),
		  S("-nodes"), S("-days"), S("2"), S("-subj"), S("/CN=leakdog test"),
		  S("-addext"), S("subjectAltName=IP:127.0.0.1"), S("-keyout"), S(key),
		  S("-out"), S(certificate));
}

static int free_port(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);
	int fd = hostile_listen(AF_INET, &at, sizeof(at));

	(void)getsockname(fd, (struct sockaddr *)&at, &len);
	close(fd);
	return ntohs(at.sin_port);
}

/* What openssl s_server -HTTP sends for GET /heap. */
static void make_answer(void)
{
	int dir_fd = open(dir, O_DIRECTORY | O_RDONLY);
	int fd = openat(dir_fd, "heap", O_WRONLY | O_CREAT, 0600);

	assert_true(dprintf(fd, "HTTP/1.0 200 OK\r\nContent-Length: %zu\r\n\r\n",
			    sizeof(hostile_profile) - 1) > 0);
	assert_true(write(fd, hostile_profile, sizeof(hostile_profile) - 1) > 0);
	close(fd);
	close(dir_fd);
}

static int sink(void *arg, const void *bytes, size_t len)
{
	(void)bytes;
	*(size_t *)arg += len;
	return 0;
}

static struct pprof_reply ask(const char *ca_file, const char *scheme, size_t *ret_bytes)
{
	struct endpoint endpoint = {0};
	struct pprof_request request = {
		.artifact = ARTIFACT_HEAP,
		.endpoint = &endpoint,
		.timeout_ms = 10000,
		.max_bytes = 1000,
		.sink = sink,
		.arg = ret_bytes,
	};
	struct pprof_reply reply;

	*ret_bytes = 0;
	(void)text_copy(endpoint.ca_file, sizeof(endpoint.ca_file), ca_file);
	(void)snprintf(request.url.text, sizeof(request.url.text),
		       "%s://127.0.0.1:%d/heap", scheme, port);
	pprof_get(http, &request, -1, &reply);
	return reply;
}

static void only_the_given_authority_is_trusted(void **state)
{
	size_t bytes;
	struct pprof_reply reply = ask(ca, "https", &bytes);

	(void)state;
	expect(reply.answer == ANSWER_OK && bytes == sizeof(hostile_profile) - 1,
	       "%s: %s", answer_table[reply.answer].name, reply.why);
	reply = ask(other_ca, "https", &bytes);
	expect(reply.answer == ANSWER_TLS && bytes == 0, "%s: %s",
	       answer_table[reply.answer].name, reply.why);
	reply = ask("", "https", &bytes); /* the machine's own authorities */
	assert_int_equal(reply.answer, ANSWER_TLS);
	assert_non_null(strstr(reply.why, "certificate"));
}

static void a_missing_authority_is_told(void **state)
{
	size_t bytes;
	struct pprof_reply reply = ask("/nowhere/ca.pem", "https", &bytes);

	(void)state;
	assert_int_equal(reply.answer, ANSWER_TLS);
	assert_non_null(strstr(reply.why, "/nowhere/ca.pem"));
}

static void http_and_https_do_not_mix(void **state)
{
	struct hostile plain;
	int tls_port = port;
	size_t bytes;

	(void)state;
	assert_int_not_equal(ask(ca, "http", &bytes).answer, ANSWER_OK);
	hostile_start(&plain);
	port = plain.port;
	/* A server that waits for the rest of our greeting: no connection within 2 s. */
	assert_int_equal(ask(ca, "https", &bytes).answer, ANSWER_REFUSED);
	assert_int_equal(plain.seen->requests, 0);
	port = tls_port;
	hostile_stop(&plain);
}

static int set_up(void **state)
{
	char accept[16];

	(void)state;
	if (!mkdtemp(dir) || http_new(1, 64 << 10, &http))
		return -1;
	(void)snprintf(ca, sizeof(ca), "%s/cert.pem", dir);
	(void)snprintf(other_ca, sizeof(other_ca), "%s/other.pem", dir);
	make_certificate("key.pem", "cert.pem");
	make_certificate("other-key.pem", "other.pem");
	make_answer();
	port = free_port();
	(void)snprintf(accept, sizeof(accept), "%d", port);
	server = RUN(false, S("openssl"), S("s_server"), S("-quiet"), S("-HTTP"),
		     S("-key"), S("key.pem"), S("-cert"), S("cert.pem"), S("-accept"),
		     accept);
	for (unsigned i = 0; i < 1000; i++) {
		size_t bytes;

		if (ask(ca, "https", &bytes).answer != ANSWER_REFUSED)
			return 0;
		usleep(10000); /* until it listens */
	}
	return -1;
}

static int tear_down(void **state)
{
	(void)state;
	kill(server, SIGKILL);
	(void)waitpid(server, NULL, 0);
	http_free(http);
	(void)RUN(true, S("rm"), S("-rf"), dir);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_the_given_authority_is_trusted),
		cmocka_unit_test(a_missing_authority_is_told),
		cmocka_unit_test(http_and_https_do_not_mix),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
