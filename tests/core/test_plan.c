#include "core/plan.h"

#include <errno.h>
#include <string.h>

#include "unit.h"

#define MB (UINT64_C(1) << 20)
#define BIT(artifact) (UINT32_C(1) << (artifact))
#define ALL ((UINT32_C(1) << ARTIFACT_N) - 1)
#define VALUE(v) ((struct reading){.value = (v), .have = HAVE_VALUE})

static const struct capture_conf everything = {
	.artifacts = ALL,
	.debug2_at_most = 10000,
	.timeout_ms = 30000,
	.max_bytes = 256 * MB,
};

static struct plan_state calm(enum job_kind kind)
{
	return (struct plan_state){
		.kind = kind,
		.capture = &everything,
		.pprof = true,
		.headroom = VALUE(3072 * MB),
		.memory = VALUE(5120 * MB),
		.goroutines = VALUE(68),
	};
}

/* Walks to the end as the child does: "kernel heap -goroutine ", skipped ones with '-'.
 */
static const char *walk(struct plan_state state)
{
	static char text[512];
	size_t len = 0;
	struct plan_step step;

	for (unsigned guard = 0; guard <= ARTIFACT_N + 1; guard++) {
		plan_next(&state, &step);
		if (step.act == PLAN_END) {
			text[len ? len - 1 : 0] = '\0';
			return text;
		}
		if (step.act == PLAN_HOLD) {
			assert_true(state.hold);
			state.hold = false;
			len += (size_t)snprintf(text + len, sizeof(text) - len, "HOLD ");
			continue;
		}
		assert_false(state.done & BIT(step.artifact));
		assert_int_equal(step.act == PLAN_SKIP, step.why[0] != '\0');
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s ",
					step.act == PLAN_SKIP ? "-" : "",
					artifact_table[step.artifact].name);
		state.done |= BIT(step.artifact);
	}
	fail_msg("the plan does not end: %s", text);
	return NULL;
}

static const char *why(struct plan_state state, enum artifact artifact)
{
	static struct plan_step step;

	state.done = ALL & ~BIT(artifact);
	plan_next(&state, &step);
	return step.act == PLAN_SKIP ? step.why : step.act == PLAN_TAKE ? "taken" : "end";
}

static void the_limit_is_raised_as_soon_as_the_plain_heap_is_safe(void **state)
{
	struct plan_state s = calm(JOB_CAPTURE);

	(void)state;
	s.hold = true;
	assert_string_equal(walk(s),
			    "kernel heap HOLD index goroutine heap-gc memstats sockets "
			    "smaps fds build goenv goroutine-text");
	s.held = BIT(ARTIFACT_HEAP);
	assert_string_equal(walk(s),
			    "kernel HOLD index goroutine heap-gc memstats sockets "
			    "smaps fds build goenv goroutine-text");
}

static void the_limit_stays_where_nothing_more_is_asked_for(void **state)
{
	struct plan_state s = calm(JOB_CAPTURE);

	(void)state;
	s.hold = true;
	s.pprof = false;
	assert_null(strstr(walk(s), "HOLD"));
	s.pprof = true;
	s.http_closed = "heap timed out";
	assert_null(strstr(walk(s), "HOLD"));
	s.http_closed = NULL;
	s.ended = "the target ended";
	assert_null(strstr(walk(s), "HOLD"));
	s = calm(JOB_BASE);
	s.hold = true;
	assert_null(strstr(walk(s), "HOLD"));
}

static void the_cheapest_and_most_valuable_comes_first(void **state)
{
	struct plan_state s = calm(JOB_CAPTURE);

	(void)state;
	assert_string_equal(walk(s),
			    "kernel heap index goroutine heap-gc memstats sockets "
			    "smaps fds build goenv goroutine-text");
	s.leaks_offered = true;
	assert_string_equal(walk(s),
			    "kernel heap index goroutine heap-gc memstats "
			    "goroutineleak sockets smaps fds build goenv goroutine-text");
	assert_string_equal(
		walk(calm(JOB_BASE)),
		"kernel heap-gc heap index goroutine memstats sockets smaps fds "
		"build goenv goroutine-text");
	assert_string_equal(walk(calm(JOB_RECORD)), "heap");
	assert_string_equal(walk(calm(JOB_SEAL)), "");
}

static void what_does_not_apply_is_passed_over_in_silence(void **state)
{
	static const struct capture_conf heap_only = {.artifacts = BIT(ARTIFACT_KERNEL) |
								   BIT(ARTIFACT_HEAP),
						      .debug2_at_most = 10000};
	struct plan_state s = calm(JOB_CAPTURE);

	(void)state;
	s.pprof = false;
	assert_string_equal(walk(s), "kernel sockets smaps fds build goenv");
	s.kind = JOB_RECORD;
	assert_string_equal(walk(s), "");

	s = calm(JOB_CAPTURE);
	s.capture = &heap_only;
	assert_string_equal(walk(s), "kernel heap");

	s = calm(JOB_CAPTURE); /* one more try of a capture that failed half way */
	s.held = BIT(ARTIFACT_KERNEL) | BIT(ARTIFACT_HEAP) | BIT(ARTIFACT_INDEX) |
		 BIT(ARTIFACT_SOCKETS) | BIT(ARTIFACT_SMAPS) | BIT(ARTIFACT_FDS) |
		 BIT(ARTIFACT_BUILD) | BIT(ARTIFACT_GOENV);
	assert_string_equal(walk(s),
			    "kernel index goroutine heap-gc memstats goroutine-text");
}

static void a_recorder_needs_no_artifact_configured(void **state)
{
	static const struct capture_conf kernel_only = {.artifacts =
								BIT(ARTIFACT_KERNEL)};
	struct plan_state s = calm(JOB_RECORD);

	(void)state;
	s.capture = &kernel_only;
	assert_string_equal(walk(s), "heap");
}

static void dumps_of_goroutines_need_headroom(void **state)
{
	static const struct {
		const char *what;
		struct reading headroom, memory, goroutines;
		const char *binary, *text;
	} rows[] = {
		{"calm", VALUE(3072 * MB), VALUE(5120 * MB), VALUE(68), "taken", "taken"},
		{"100,000 with 100 MB: the binary one passes (66.6 MB), the text never",
		 VALUE(100 * MB), VALUE(400 * MB), VALUE(100000), "taken",
		 "100000 goroutines, debug2_at_most is 10000"},
		{"100,000 with 48 MB", VALUE(48 * MB), VALUE(400 * MB), VALUE(100000),
		 "headroom 48.0M, and 100000 goroutines need more than 66.6M",
		 "100000 goroutines, debug2_at_most is 10000"},
		{"10,000 at the most, headroom short of 57 MB", VALUE(50 * MB),
		 VALUE(200 * MB), VALUE(10000), "taken",
		 "headroom 50.0M, and 10000 goroutines need more than 57.0M"},
		{"one goroutine more than the most", VALUE(3072 * MB), VALUE(200 * MB),
		 VALUE(10001), "taken", "10001 goroutines, debug2_at_most is 10000"},
		{"exactly the floor is not more", VALUE(8 * MB), VALUE(MB), VALUE(0),
		 "headroom 8.0M, and 0 goroutines need more than 8.0M",
		 "headroom 8.0M, and 0 goroutines need more than 16.0M"},
		{"one byte more than the floor", VALUE(8 * MB + 1), VALUE(MB), VALUE(0),
		 "taken", "headroom 8.0M, and 0 goroutines need more than 16.0M"},
		{"at the limit", VALUE(0), VALUE(MB), VALUE(3),
		 "headroom 0, and 3 goroutines need more than 8.0M",
		 "headroom 0, and 3 goroutines need more than 16.0M"},
		{"no limit",
		 {0},
		 VALUE(MB),
		 VALUE(1000000),
		 "taken",
		 "1000000 goroutines, debug2_at_most is 10000"},
		{"no limit, few", {0}, {0}, VALUE(10), "taken", "taken"},
		{"a count nobody can have", VALUE(UINT64_MAX), VALUE(MB),
		 VALUE(UINT64_MAX),
		 "headroom 16777216T, and 18446744073709551615 goroutines need more than "
		 "16777216T",
		 "18446744073709551615 goroutines, debug2_at_most is 10000"},
		{"headroom unreadable",
		 {.have = HAVE_ERROR, .error = EACCES},
		 VALUE(MB),
		 VALUE(5),
		 "the headroom below the memory limit cannot be read",
		 "the headroom below the memory limit cannot be read"},
		{"no index page: bounded by the memory",
		 VALUE(3072 * MB),
		 VALUE(5120 * MB),
		 {0},
		 "taken",
		 "up to 2621440 goroutines, debug2_at_most is 10000"},
		{"no index page, little headroom",
		 VALUE(64 * MB),
		 VALUE(1024 * MB),
		 {0},
		 "headroom 64.0M, and at most 524288 goroutines need more than 315M",
		 "up to 524288 goroutines, debug2_at_most is 10000"},
		{"no index page, small service",
		 VALUE(512 * MB),
		 VALUE(16 * MB),
		 {0},
		 "taken",
		 "taken"},
		{"nothing known",
		 VALUE(512 * MB),
		 {0},
		 {0},
		 "neither goroutines nor memory are known, so the headroom that it needs "
		 "is "
		 "not",
		 "the number of goroutines is unknown"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct plan_state s = calm(JOB_CAPTURE);

		s.headroom = rows[i].headroom;
		s.memory = rows[i].memory;
		s.goroutines = rows[i].goroutines;
		expect(strcmp(why(s, ARTIFACT_GOROUTINE), rows[i].binary) == 0, "%s: %s",
		       rows[i].what, why(s, ARTIFACT_GOROUTINE));
		expect(strcmp(why(s, ARTIFACT_GOROUTINE_TEXT), rows[i].text) == 0,
		       "%s: %s", rows[i].what, why(s, ARTIFACT_GOROUTINE_TEXT));
	}
}

static void heaps_need_no_headroom(void **state)
{
	struct plan_state s = calm(JOB_CAPTURE);

	(void)state;
	s.headroom = VALUE(0);
	assert_string_equal(why(s, ARTIFACT_HEAP), "taken");
	assert_string_equal(why(s, ARTIFACT_HEAP_GC), "taken");
	assert_string_equal(why(s, ARTIFACT_MEMSTATS), "taken");
}

static void after_a_time_out_only_the_kernel_is_asked(void **state)
{
	char reason[PLAN_WHY_MAX] = "untouched";
	struct plan_state s = calm(JOB_CAPTURE);

	(void)state;
	assert_true(plan_closes(ARTIFACT_HEAP, ANSWER_TIMEOUT, 30000, reason));
	assert_string_equal(reason,
			    "heap timed out after 30s: the target may still be at "
			    "work on it, so it is asked for nothing more");
	s.http_closed = reason;
	s.done = BIT(ARTIFACT_KERNEL) | BIT(ARTIFACT_HEAP);
	assert_string_equal(walk(s),
			    "-index -goroutine -heap-gc -memstats sockets smaps fds "
			    "build goenv -goroutine-text");
	assert_string_equal(why(s, ARTIFACT_HEAP_GC), reason);
}

static void only_time_out_and_foreign_index_close(void **state)
{
	(void)state;
	for (enum artifact a = 0; a < ARTIFACT_N; a++) {
		for (enum answer answer = 0; answer < ANSWER_N; answer++) {
			char reason[PLAN_WHY_MAX] = "untouched";
			bool closes = plan_closes(a, answer, 2000, reason);

			expect(closes == (answer == ANSWER_TIMEOUT ||
					  (answer == ANSWER_FOREIGN &&
					   a == ARTIFACT_INDEX)),
			       "%s, %s", artifact_table[a].name,
			       answer_table[answer].name);
			assert_int_equal(closes, strcmp(reason, "untouched") != 0);
		}
	}
}

static void a_target_that_ended_is_asked_for_nothing(void **state)
{
	struct plan_state s = calm(JOB_CAPTURE);

	(void)state;
	s.done = BIT(ARTIFACT_HEAP);
	s.ended = "the target ended";
	s.http_closed = "closed";
	assert_string_equal(walk(s),
			    "kernel -index -goroutine -heap-gc -memstats -sockets -smaps "
			    "-fds -build -goenv -goroutine-text");
	assert_string_equal(why(s, ARTIFACT_GOROUTINE), "the target ended");
	s.program = true; /* the file of its program is held */
	assert_string_equal(walk(s),
			    "kernel -index -goroutine -heap-gc -memstats -sockets -smaps "
			    "-fds build -goenv -goroutine-text");
}

/* Where there is one. It is read where nothing that races the kill is late for it, and of
 * a target that ended it is the best there is. */
static void a_log_is_kept_before_the_dearest_step(void **state)
{
	struct plan_state s = calm(JOB_CAPTURE);

	(void)state;
	s.log = true;
	assert_string_equal(walk(s),
			    "kernel heap index goroutine heap-gc memstats sockets "
			    "smaps fds build goenv log goroutine-text");
	s.ended = "the target ended";
	assert_non_null(strstr(walk(s), " log "));
	s = calm(JOB_BASE);
	s.log = true;
	assert_null(strstr(walk(s), "log"));
}

static void without_a_process_only_http_and_the_log_are_asked(void **state)
{
	struct plan_state s = calm(JOB_CAPTURE);

	(void)state;
	s.far = s.log = true;
	assert_string_equal(walk(s),
			    "-kernel heap index goroutine heap-gc memstats -sockets "
			    "-smaps -fds -build -goenv log goroutine-text");
	assert_string_equal(why(s, ARTIFACT_SOCKETS),
			    "the service has no process selector: it is watched over "
			    "HTTP alone");
}

static void every_answer_has_a_name(void **state)
{
	(void)state;
	for (enum answer answer = 0; answer < ANSWER_N; answer++)
		assert_non_null(answer_table[answer].name);
}

static void what_comes_is_told_before_its_turn(void **state)
{
	struct plan_state s = calm(JOB_RECORD);

	(void)state;
	assert_true(plan_comes(&s, ARTIFACT_HEAP));
	assert_false(plan_comes(&s, ARTIFACT_KERNEL)); /* a recording has one file */
	assert_false(plan_comes(&s, ARTIFACT_FDS));
	s.kind = JOB_CAPTURE;
	assert_true(plan_comes(&s, ARTIFACT_KERNEL));
	s.held = s.done = BIT(ARTIFACT_FDS);
	assert_false(plan_comes(&s, ARTIFACT_FDS));
	s.pprof = false;
	assert_false(plan_comes(&s, ARTIFACT_HEAP));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_comes_is_told_before_its_turn),
		cmocka_unit_test(the_cheapest_and_most_valuable_comes_first),
		cmocka_unit_test(the_limit_is_raised_as_soon_as_the_plain_heap_is_safe),
		cmocka_unit_test(the_limit_stays_where_nothing_more_is_asked_for),
		cmocka_unit_test(what_does_not_apply_is_passed_over_in_silence),
		cmocka_unit_test(a_recorder_needs_no_artifact_configured),
		cmocka_unit_test(dumps_of_goroutines_need_headroom),
		cmocka_unit_test(heaps_need_no_headroom),
		cmocka_unit_test(after_a_time_out_only_the_kernel_is_asked),
		cmocka_unit_test(only_time_out_and_foreign_index_close),
		cmocka_unit_test(a_target_that_ended_is_asked_for_nothing),
		cmocka_unit_test(a_log_is_kept_before_the_dearest_step),
		cmocka_unit_test(without_a_process_only_http_and_the_log_are_asked),
		cmocka_unit_test(every_answer_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
