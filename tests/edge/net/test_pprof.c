#include "edge/net/pprof.h"

#include <errno.h>
#include <sys/resource.h>
#include <time.h>

#include "hostile.h"
#include "lib/text.h"
#include "unit.h"

static struct hostile server;
static struct http *http;
static const struct endpoint nobody;

/* What the sink got: how much, and how it began. */
static struct {
	uint64_t bytes;
	char head[64];
	uint64_t fails_after; /* -ENOSPC from here on; 0: never */
	int stop_fd;          /* gets a byte for each call; 0: none */
} sunk;

static int sink(void *arg, const void *bytes, size_t len)
{
	(void)arg;
	if (sunk.bytes < sizeof(sunk.head))
		memcpy(sunk.head + sunk.bytes, bytes,
		       MIN(len, sizeof(sunk.head) - (size_t)sunk.bytes));
	sunk.bytes += len;
	if (sunk.stop_fd)
		assert_int_equal(write(sunk.stop_fd, "x", 1), 1);
	return sunk.fails_after && sunk.bytes >= sunk.fails_after ? -ENOSPC : 0;
}

static uint64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static struct pprof_request request_to(const char *mode, enum artifact artifact)
{
	struct pprof_request request = {
		.artifact = artifact,
		.endpoint = &nobody,
		.timeout_ms = 30000,
		.max_bytes = UINT64_C(256) << 20,
		.sink = sink,
	};

	(void)snprintf(request.url.text, sizeof(request.url.text),
		       "http://127.0.0.1:%d/%s/debug/pprof/%s", server.port, mode,
		       artifact_table[artifact].path);
	return request;
}

static struct pprof_reply ask(const struct pprof_request *request)
{
	uint64_t fails_after = sunk.fails_after;
	struct pprof_reply reply;

	memset(&sunk, 0, sizeof(sunk));
	sunk.fails_after = fails_after;
	pprof_get(http, request, -1, &reply);
	return reply;
}

static void every_answer_is_told_apart(void **state)
{
	static const struct {
		const char *mode;
		enum artifact artifact;
		enum answer answer;
		const char *says;
		uint64_t sunk; /* bytes */
	} rows[] = {
		{"ok", ARTIFACT_HEAP, ANSWER_OK, "", sizeof(hostile_profile) - 1},
		{"ok", ARTIFACT_HEAP_GC, ANSWER_OK, "", sizeof(hostile_profile) - 1},
		{"ok", ARTIFACT_GOROUTINE, ANSWER_OK, "", sizeof(hostile_profile) - 1},
		{"ok", ARTIFACT_MEMSTATS, ANSWER_OK, "", 41},
		{"ok", ARTIFACT_GOROUTINE_TEXT, ANSWER_OK, "", 35},
		{"ok", ARTIFACT_INDEX, ANSWER_OK, "", sizeof(hostile_index) - 1},
		{"chunked", ARTIFACT_HEAP, ANSWER_OK, "", 300000},
		{"chunked", ARTIFACT_GOROUTINE_TEXT, ANSWER_FOREIGN, "no pprof", 0},
		{"bomb", ARTIFACT_HEAP, ANSWER_OK, "", 8}, /* raw, not inflated */
		{"pprof404", ARTIFACT_GOROUTINELEAK, ANSWER_PPROF_ERROR,
		 "HTTP 404: Unknown profile", 0},
		{"404", ARTIFACT_HEAP, ANSWER_HTTP_ERROR, "HTTP 404: 404 page not found",
		 0},
		{"401", ARTIFACT_HEAP, ANSWER_HTTP_ERROR, "HTTP 401", 0},
		{"500flood", ARTIFACT_HEAP, ANSWER_HTTP_ERROR, "HTTP 500", 0},
		{"redirect", ARTIFACT_HEAP, ANSWER_HTTP_ERROR,
		 "HTTP 302: redirects are not followed", 0},
		{"html", ARTIFACT_HEAP, ANSWER_FOREIGN,
		 "it begins with \"<!DOCTYPE html><title>Welcome to nginx!<\"", 0},
		{"html", ARTIFACT_GOROUTINE_TEXT, ANSWER_FOREIGN, "no pprof", 0},
		{"html", ARTIFACT_MEMSTATS, ANSWER_FOREIGN, "no pprof", 0},
		{"nearly", ARTIFACT_HEAP, ANSWER_FOREIGN, "begins with \"\\x1f\"", 0},
		{"empty", ARTIFACT_HEAP, ANSWER_FOREIGN, "nothing in it", 0},
		{"noise", ARTIFACT_HEAP, ANSWER_FOREIGN, "HTTP/0.9", 0},
		{"broken", ARTIFACT_HEAP, ANSWER_BROKEN, "", 16},
		{"short", ARTIFACT_HEAP, ANSWER_BROKEN, "", 4},
		{"reset", ARTIFACT_HEAP, ANSWER_BROKEN, "reset", 16},
		{"close", ARTIFACT_HEAP, ANSWER_BROKEN, "Empty reply", 0},
		{"headers", ARTIFACT_HEAP, ANSWER_BROKEN, "header", 0},
		{"continue", ARTIFACT_HEAP, ANSWER_BROKEN, "header", 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct pprof_request request = request_to(rows[i].mode, rows[i].artifact);
		struct pprof_reply reply = ask(&request);

		expect(reply.answer == rows[i].answer && sunk.bytes == rows[i].sunk,
		       "%s, %s: %s, '%s', %llu bytes", rows[i].mode,
		       artifact_table[rows[i].artifact].name,
		       answer_table[reply.answer].name, reply.why,
		       (unsigned long long)sunk.bytes);
		expect(strstr(reply.why, rows[i].says) &&
			       (reply.answer == ANSWER_OK) == (reply.why[0] == '\0'),
		       "%s: '%s'", rows[i].mode, reply.why);
	}
}

static void a_foreign_message_is_one_escaped_line(void **state)
{
	struct pprof_request request = request_to("escape", ARTIFACT_HEAP);
	struct pprof_reply reply = ask(&request);

	(void)state;
	assert_string_equal(reply.why, "HTTP 500: \\x1b]0;owned\\x07\\x0d");
}

static void nobody_listens(void **state)
{
	struct pprof_request request = request_to("ok", ARTIFACT_HEAP);
	struct pprof_reply reply;

	(void)state;
	(void)text_copy(request.url.text, sizeof(request.url.text),
			"http://127.0.0.1:1/x");
	reply = ask(&request);
	assert_int_equal(reply.answer, ANSWER_REFUSED);
	(void)text_copy(request.url.socket, sizeof(request.url.socket),
			"/nowhere/x.sock");
	reply = ask(&request);
	assert_int_equal(reply.answer, ANSWER_REFUSED);
	assert_true(reply.why[0] != '\0');
}

static void a_unix_socket_is_asked_as_any_other(void **state)
{
	struct pprof_request request = request_to("ok", ARTIFACT_HEAP);

	(void)state;
	(void)text_copy(request.url.text, sizeof(request.url.text),
			"http://localhost/ok/heap");
	(void)text_copy(request.url.socket, sizeof(request.url.socket), server.socket);
	assert_int_equal(ask(&request).answer, ANSWER_OK);
	assert_int_equal(sunk.bytes, sizeof(hostile_profile) - 1);
}

static void the_time_out_ends_it_and_keeps_what_came(void **state)
{
	static const char *const modes[] = {"hang", "trickle"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		struct pprof_request request = request_to(modes[i], ARTIFACT_HEAP);
		uint64_t start = now_ms();
		struct pprof_reply reply;

		request.timeout_ms = 300;
		reply = ask(&request);
		expect(reply.answer == ANSWER_TIMEOUT, "%s: %s", modes[i], reply.why);
		expect(now_ms() - start >= 250 && now_ms() - start < 3000, "%s: %llu ms",
		       modes[i], (unsigned long long)(now_ms() - start));
		assert_int_equal(sunk.bytes > 0, i == 1);
	}
}

static void a_gigabyte_ends_at_the_cap_and_in_no_memory(void **state)
{
	struct pprof_request request = request_to("giga", ARTIFACT_HEAP);
	struct rusage before, after;
	struct pprof_reply reply;

	(void)state;
	(void)getrusage(RUSAGE_SELF, &before);
	request.max_bytes = 20000001;
	reply = ask(&request);
	assert_int_equal(reply.answer, ANSWER_CAP);
	assert_string_equal(reply.why, "cut at max_bytes, 20000001 bytes");
	assert_int_equal(sunk.bytes, 20000001);
	assert_int_equal(reply.bytes, 20000001);
	(void)getrusage(RUSAGE_SELF, &after);
	expect(after.ru_maxrss - before.ru_maxrss < 8192, "%ld KB more",
	       after.ru_maxrss - before.ru_maxrss);
}

static void exactly_the_cap_is_whole(void **state)
{
	struct pprof_request request = request_to("chunked", ARTIFACT_HEAP);

	(void)state;
	request.max_bytes = 300000;
	assert_int_equal(ask(&request).answer, ANSWER_OK);
	request.max_bytes = 299999;
	assert_int_equal(ask(&request).answer, ANSWER_CAP);
	assert_int_equal(sunk.bytes, 299999);
}

static void exactly_64_mib_of_text_are_cut(void **state)
{
	struct pprof_request request = request_to("cut64", ARTIFACT_GOROUTINE_TEXT);
	struct pprof_reply reply = ask(&request);

	(void)state;
	assert_int_equal(reply.answer, ANSWER_CUT);
	assert_string_equal(reply.why, "Go cuts this text at 64 MiB");
	assert_int_equal(sunk.bytes, 67108864);
	request = request_to("nearly64", ARTIFACT_GOROUTINE_TEXT);
	assert_int_equal(ask(&request).answer, ANSWER_OK);
}

static void a_full_disk_is_told_from_a_cap(void **state)
{
	struct pprof_request request = request_to("giga", ARTIFACT_HEAP);
	struct pprof_reply reply;

	(void)state;
	sunk.fails_after = 100000;
	reply = ask(&request);
	sunk.fails_after = 0;
	assert_int_equal(reply.answer, ANSWER_DISK);
	assert_string_equal(reply.why, strerror(ENOSPC));
}

static void a_stop_ends_it_at_once(void **state)
{
	struct pprof_request request = request_to("trickle", ARTIFACT_HEAP);
	uint64_t start = now_ms();
	struct pprof_reply reply;
	int stop[2];

	(void)state;
	assert_int_equal(pipe(stop), 0);
	memset(&sunk, 0, sizeof(sunk));
	sunk.stop_fd = stop[1]; /* as soon as some of the trickle is there */
	pprof_get(http, &request, stop[0], &reply);
	sunk.stop_fd = 0;
	assert_int_equal(reply.answer, ANSWER_STOPPED);
	assert_true(sunk.bytes > 0);
	assert_true(now_ms() - start < 3000);
	close(stop[0]);
	close(stop[1]);
}

static const char *ready(void *arg, int socket)
{
	assert_int_equal(socket, -1); /* it is no unix socket */
	return arg ? NULL : "it ended before it was asked";
}

static void who_ended_before_is_not_asked(void **state)
{
	struct pprof_request request = request_to("ok", ARTIFACT_HEAP);
	int requests = server.seen->requests;
	struct pprof_reply reply;

	request.ready = ready;
	reply = ask(&request);
	assert_int_equal(reply.answer, ANSWER_STOPPED);
	assert_string_equal(reply.why, "it ended before it was asked");
	assert_int_equal(server.seen->requests, requests);
	request.arg = &request;
	assert_int_equal(ask(&request).answer, ANSWER_OK);
	(void)state;
}

static void each_request_has_its_own_connection_and_is_sent_once(void **state)
{
	struct pprof_request request = request_to("close", ARTIFACT_HEAP);
	int connections = server.seen->connections, requests = server.seen->requests;

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(ask(&request).answer, ANSWER_BROKEN);
	request = request_to("redirect", ARTIFACT_HEAP);
	assert_int_equal(ask(&request).answer, ANSWER_HTTP_ERROR);
	assert_int_equal(server.seen->connections - connections, 4);
	assert_int_equal(server.seen->requests - requests, 4);
}

static void the_environment_s_proxy_is_not_asked(void **state)
{
	struct pprof_request request = request_to("ok", ARTIFACT_HEAP);

	(void)state;
	(void)setenv("http_proxy", "http://127.0.0.1:1", 1);
	(void)setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
	assert_int_equal(ask(&request).answer, ANSWER_OK);
	(void)unsetenv("http_proxy");
	(void)unsetenv("ALL_PROXY");
	assert_null(strcasestr(server.seen->request, "accept-encoding"));
	assert_non_null(strstr(server.seen->request, " HTTP/1.1\r\n"));
	assert_non_null(strstr(server.seen->request, "User-Agent: leakdog/"));
}

static void link_local_is_never_connected_to(void **state)
{
	static const char *const rows[] = {"http://169.254.169.254/x",
					   "http://[fe80::1]/x",
					   "http://[::ffff:169.254.169.254]/x"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct pprof_request request = request_to("ok", ARTIFACT_HEAP);
		struct pprof_reply reply;

		(void)text_copy(request.url.text, sizeof(request.url.text), rows[i]);
		reply = ask(&request);
		expect(reply.answer == ANSWER_REFUSED && strstr(reply.why, "link-local"),
		       "%s: %s", rows[i], reply.why);
	}
}

static int set_up(void **state)
{
	(void)state;
	hostile_start(&server);
	return http_new(1, 512 << 10, &http);
}

static int tear_down(void **state)
{
	(void)state;
	http_free(http);
	hostile_stop(&server);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_answer_is_told_apart),
		cmocka_unit_test(a_foreign_message_is_one_escaped_line),
		cmocka_unit_test(nobody_listens),
		cmocka_unit_test(a_unix_socket_is_asked_as_any_other),
		cmocka_unit_test(the_time_out_ends_it_and_keeps_what_came),
		cmocka_unit_test(a_gigabyte_ends_at_the_cap_and_in_no_memory),
		cmocka_unit_test(exactly_the_cap_is_whole),
		cmocka_unit_test(exactly_64_mib_of_text_are_cut),
		cmocka_unit_test(a_full_disk_is_told_from_a_cap),
		cmocka_unit_test(a_stop_ends_it_at_once),
		cmocka_unit_test(who_ended_before_is_not_asked),
		cmocka_unit_test(each_request_has_its_own_connection_and_is_sent_once),
		cmocka_unit_test(the_environment_s_proxy_is_not_asked),
		cmocka_unit_test(link_local_is_never_connected_to),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
