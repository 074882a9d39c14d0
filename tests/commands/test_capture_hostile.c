/* What a target may do to a capture. */
#include "capture.h"

static void every_misbehaviour_is_filed_with_its_words(void **state)
{
	static const struct {
		const char *mode;
		uint32_t held; /* beside the kernel's */
		const char *why, *manifest;
		int requests;
		bool foreign_page;
	} rows[] = {
		{"404", 0, "heap failed: HTTP 404", "HTTP 404: 404 page not found", 6,
		 true},
		{"pprof404", 0, "heap failed: HTTP 404", "Unknown profile", 6, false},
		{"401", 0, "heap failed: HTTP 401", "HTTP 401", 6, true},
		{"html", 0, "heap failed: HTTP 200, but no pprof",
		 "its index page is none of pprof", 2, true},
		{"empty", 0, "heap failed: HTTP 200, but nothing in it", "none of pprof",
		 2, true},
		{"hang", 0, "heap failed: ", "heap timed out after 500ms", 1, false},
		{"trickle", 0, "heap partial: ", "heap timed out after 500ms", 1, false},
		{"broken", 0, "heap partial: ", "heap.pb.gz.partial", 6, false},
		{"giga", 0, "heap partial: cut at max_bytes, 1048576 bytes",
		 "heap.pb.gz.partial", 2, true},
		{"chunked", 0, "heap partial: the profile is no whole gzip",
		 "heap.pb.gz.partial", 2, true},
		{"close", 0, "heap failed: Empty reply", "Empty reply", 6, false},
		{"noise", 0, "heap failed: ", "HTTP/0.9", 2, true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct job job = job_of(JOB_CAPTURE, rows[i].mode);
		struct job_result result;

		if (strstr(rows[i].manifest, "500ms"))
			job.capture.timeout_ms = 500;
		result = result_of(&job);
		expect(result.kind == RESULT_PARTIAL && result.filed &&
			       result.held == (rows[i].held | KERNEL),
		       "%s: %s, held %x, '%s'", rows[i].mode, result_table[result.kind],
		       result.held, result.why);
		expect(strstr(result.why, rows[i].why), "%s: '%s'", rows[i].mode,
		       result.why);
		expect(manifest_says(&job, rows[i].manifest), "%s", rows[i].mode);
		expect(server.seen->requests == rows[i].requests &&
			       result.foreign_page == rows[i].foreign_page,
		       "%s: %d requests: %s", rows[i].mode, server.seen->requests,
		       server.seen->paths);
	}
	staging_is_empty();
}

static void a_target_may_die_at_every_step(void **state)
{
	static const char *const whens[] = {"before", "mid", "after"};
	static const enum artifact order[] = {
		ARTIFACT_HEAP,    ARTIFACT_INDEX,    ARTIFACT_GOROUTINE,
		ARTIFACT_HEAP_GC, ARTIFACT_MEMSTATS, ARTIFACT_GOROUTINE_TEXT};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(whens) * ARRAY_SIZE(order); i++) {
		bool after = i % 3 == 2, last = i / 3 == ARRAY_SIZE(order) - 1;
		struct job_result result;
		uint32_t held = 0;
		char mode[32];
		struct job job;

		for (size_t k = 0; k < i / 3 + after; k++)
			held |= BIT(order[k]);
		(void)snprintf(mode, sizeof(mode), "die-%s-%zu", whens[i % 3], i / 3 + 1);
		job = job_of(JOB_CAPTURE, mode);
		result = result_of(&job);
		expect(result.kind == RESULT_GONE && result.filed, "%s: %s, '%s'", mode,
		       result_table[result.kind], result.why);
		/* What the kernel has of it was read first, tables only before the last
		 * step. */
		expect((result.held & HTTP) == held &&
			       (result.held & BIT(ARTIFACT_KERNEL)) &&
			       last == ((result.held & KERNEL) == KERNEL),
		       "%s: held %x", mode, result.held);
		expect(manifest_says(&job, "the target ended") || last, "%s", mode);
		hostile_stop(&server);
		hostile_start(&server);
	}
	staging_is_empty();
}

static void who_ended_before_its_job_is_filed_as_ended(void **state)
{
	struct job job = job_of(JOB_CAPTURE, "ok");
	struct job_result result;
	pid_t other = somebody();
	int fds[CHILD_FDS_MAX];

	(void)state;
	hold(other, fds);
	kill(other, SIGKILL);
	(void)waitpid(other, NULL, 0);
	job.target.pid = other;
	result = result_held(&job, fds);
	assert_int_equal(result.kind, RESULT_GONE);
	assert_true(result.filed);
	assert_int_equal(result.held, 0);
	assert_string_equal(result.why, "the target ended");
	assert_int_equal(server.seen->connections, 0);
	assert_true(manifest_says(&job,
				  "\"kind\": \"kernel\",\n     \"result\": \"skipped\""));
	/* Its program was held, so it is read: this one, which is none of Go. */
	assert_true(manifest_says(&job, "the program has no build information of Go"));
}

static void sigterm_keeps_what_is_whole(void **state)
{
	struct job job = job_of(JOB_CAPTURE, "trickle");
	struct job_result result = {.kind = RESULT_N};
	char text[4096];
	int fds[CHILD_FDS_MAX];

	(void)state;
	hold(job.target.pid, fds);
	spare_start();
	send_job(&job, fds);
	while (server.seen->requests == 0)
		usleep(1000); /* until it is in the middle */
	usleep(200000);       /* of the body: a chunk comes every 20 ms */
	kill(child_pid_for_kill, SIGTERM);
	while (hear(text))
		if (strncmp(text, "result.", 7) == 0)
			assert_int_equal(
				job_result_parse((struct span){text, strlen(text)},
						 &result),
				0);
	assert_int_equal(spare_end(), EXIT_PARTIAL);
	assert_int_equal(result.kind, RESULT_PARTIAL);
	assert_true(result.filed);
	assert_string_equal(result.why, "heap partial: stopped in the middle");
	assert_true(filed(&job, "01/heap.pb.gz.partial") > 0);
	assert_int_equal(server.seen->requests, 1);
	assert_true(manifest_says(&job, "leakdog was asked to stop"));
	staging_is_empty();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_misbehaviour_is_filed_with_its_words),
		cmocka_unit_test(a_target_may_die_at_every_step),
		cmocka_unit_test(who_ended_before_its_job_is_filed_as_ended),
		cmocka_unit_test(sigterm_keeps_what_is_whole),
	};

	leave_under_valgrind("it does not know pidfd_open");
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
