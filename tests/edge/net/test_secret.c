#include "edge/net/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "edge/net/pprof.h"
#include "hostile.h"
#include "lib/text.h"
#include "unit.h"

static struct hostile server;
static struct http *http;
static char dir[] = "/tmp/leakdog-secret-XXXXXX";

/* A file of the directory with these bytes and this mode: its path into `to`. */
static void put(char to[static 256], const char *name, const char *bytes, mode_t mode)
{
	int fd;

	(void)snprintf(to, 256, "%s/%s", dir, name);
	(void)unlink(to);
	fd = open(to, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_int_equal(write(fd, bytes, strlen(bytes)), strlen(bytes));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static int sink(void *arg, const void *bytes, size_t len)
{
	(void)arg, (void)bytes, (void)len;
	return 0;
}

static struct pprof_reply ask(const struct endpoint *endpoint)
{
	struct pprof_request request = {
		.artifact = ARTIFACT_HEAP,
		.endpoint = endpoint,
		.timeout_ms = 30000,
		.max_bytes = 1000,
		.sink = sink,
	};
	struct pprof_reply reply;

	(void)snprintf(request.url.text, sizeof(request.url.text),
		       "http://127.0.0.1:%d/ok/p", server.port);
	hostile_forget(&server);
	pprof_get(http, &request, -1, &reply);
	return reply;
}

static bool sent(const char *line)
{
	return strstr(server.seen->request, line) != NULL;
}

static void basic_and_bearer_are_sent_from_files(void **state)
{
	struct endpoint endpoint = {.auth_kind = "basic"};

	(void)state;
	put(endpoint.auth_file, "basic", "user:pass:word\n", 0640);
	assert_int_equal(ask(&endpoint).answer, ANSWER_OK);
	assert_true(sent("\r\nAuthorization: Basic dXNlcjpwYXNzOndvcmQ=\r\n"));

	(void)text_copy(endpoint.auth_kind, sizeof(endpoint.auth_kind), "bearer");
	put(endpoint.auth_file, "bearer", "abc.def-123\n\n", 0400);
	assert_int_equal(ask(&endpoint).answer, ANSWER_OK);
	assert_true(sent("\r\nAuthorization: Bearer abc.def-123\r\n"));

	put(endpoint.auth_file, "bearer", "rotated", 0400); /* read at each use */
	assert_int_equal(ask(&endpoint).answer, ANSWER_OK);
	assert_true(sent("\r\nAuthorization: Bearer rotated\r\n"));

	endpoint = (struct endpoint){0};
	assert_int_equal(ask(&endpoint).answer, ANSWER_OK);
	assert_false(sent("Authorization"));
}

static void headers_are_sent_from_a_file(void **state)
{
	struct endpoint endpoint = {0};

	(void)state;
	put(endpoint.headers_file, "headers",
	    "X-Tenant: a b\n\n  X-Empty:  \r\nHost: other\n", 0600);
	assert_int_equal(ask(&endpoint).answer, ANSWER_OK);
	assert_true(sent("\r\nX-Tenant: a b\r\n"));
	assert_true(sent("\r\nHost: other\r\n"));
}

static void a_secret_that_is_none_is_not_sent(void **state)
{
	static const struct {
		const char *bytes;
		mode_t mode;
		int result;
		const char *says;
	} rows[] = {
		{"user:s3cret", 0644, -EPERM, "with mode 0644 others may read it"},
		{"user:s3cret", 0604, -EPERM, "with mode 0604"},
		{"user:s3cret", 0620, -EPERM, "the group may write it"},
		{"user", 0600, -EINVAL, "is not user:password"},
		{"", 0600, -EINVAL, "is empty"},
		{"\n\n", 0600, -EINVAL, "is empty"},
		{"user:s3cret\nX-Forged: 1", 0600, -EINVAL, "more than one line"},
		{"user:s3cret\r\nX", 0600, -EINVAL, "more than one line"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct endpoint endpoint = {.auth_kind = "basic"};
		char fault[SECRET_FAULT_MAX] = "";
		struct pprof_reply reply;
		struct secret secret;
		int r;

		put(endpoint.auth_file, "bad", rows[i].bytes, rows[i].mode);
		r = secret_read(&endpoint, &secret, fault);
		expect(r == rows[i].result && strstr(fault, rows[i].says) &&
			       secret.text[0] == '\0',
		       "%zu: %d, %s", i, r, fault);
		expect(!strstr(fault, "s3cret") && !strstr(fault, "Forged"), "%s", fault);
		reply = ask(&endpoint);
		assert_int_equal(reply.answer, ANSWER_LOCAL);
		assert_string_equal(reply.why, fault);
		assert_int_equal(server.seen->connections, 0);
	}
}

static void what_is_no_file_is_told(void **state)
{
	struct endpoint endpoint = {.auth_kind = "bearer"};
	char fault[SECRET_FAULT_MAX] = "", fifo[256], long_text[SECRET_MAX + 2];
	struct secret secret;

	(void)state;
	(void)text_copy(endpoint.auth_file, sizeof(endpoint.auth_file), "/nowhere/token");
	assert_int_equal(secret_read(&endpoint, &secret, fault), -ENOENT);
	assert_string_equal(fault, "/nowhere/token: No such file or directory");
	(void)snprintf(fifo, sizeof(fifo), "%s/fifo", dir);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	(void)text_copy(endpoint.auth_file, sizeof(endpoint.auth_file), fifo);
	assert_int_equal(secret_read(&endpoint, &secret, fault),
			 -EINVAL); /* and no hang */
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	put(endpoint.auth_file, "long", long_text, 0600);
	assert_int_equal(secret_read(&endpoint, &secret, fault), -EFBIG);
	endpoint = (struct endpoint){.auth_kind = "digest"};
	assert_int_equal(secret_read(&endpoint, &secret, fault), -EINVAL);
}

static void a_forged_header_is_refused(void **state)
{
	static const char *const rows[] = {
		"no colon", ": no name", "Bad Name: x", "X-A: a\rX-B: b",
		"X: \x01",  "X: \x7f",   "\xc3\xa4: x",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct endpoint endpoint = {0};
		char fault[SECRET_FAULT_MAX] = "";
		struct secret secret;
		int r;

		put(endpoint.headers_file, "forged", rows[i], 0600);
		r = secret_read(&endpoint, &secret, fault);
		expect(r == -EINVAL && strstr(fault, "\"Name: value\""), "'%s': %d, %s",
		       rows[i], r, fault);
	}
}

static int set_up(void **state)
{
	(void)state;
	hostile_start(&server);
	return !mkdtemp(dir) || http_new(1, 64 << 10, &http);
}

static int tear_down(void **state)
{
	char rm[] = "rm", rf[] = "-rf", *argv[] = {rm, rf, dir, NULL};
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		(void)execvp(rm, argv);
		_exit(127);
	}
	(void)waitpid(pid, NULL, 0);
	http_free(http);
	hostile_stop(&server);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(basic_and_bearer_are_sent_from_files),
		cmocka_unit_test(headers_are_sent_from_a_file),
		cmocka_unit_test(a_secret_that_is_none_is_not_sent),
		cmocka_unit_test(what_is_no_file_is_told),
		cmocka_unit_test(a_forged_header_is_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
