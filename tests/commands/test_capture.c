/* One capture from its job to its directory. */
#include "capture.h"

static void a_spare_waits_and_ends_with_its_agent(void **state)
{
	char text[4096];

	(void)state;
	spare_start();
	assert_true(hear(text));
	assert_int_equal(spare_end(), EXIT_OK); /* our end of the socket is closed */
	spare_start();
	assert_true(hear(text));
	kill(child_pid_for_kill, SIGTERM);
	assert_false(hear(text));
	assert_int_equal(spare_end(), EXIT_OK);
}

static void a_capture_is_taken_in_the_order_of_the_plan(void **state)
{
	struct job job = job_of(JOB_CAPTURE, "ok");
	struct job_result result = result_of(&job);

	(void)state;
	expect(result.kind == RESULT_COMPLETE && result.filed, "%s", result.why);
	assert_int_equal(result.held, HTTP | KERNEL);
	assert_int_equal(result.goroutines, 68);
	assert_string_equal(server.seen->paths, "p/heap p/ p/goroutine p/heap?gc=1 "
						"p/heap?debug=1 p/goroutine?debug=2 ");
	assert_true(filed(&job, "01/heap.pb.gz") > 0);
	assert_true(filed(&job, "01/proc/status") > 0);
	assert_true(filed(&job, "01/sockets.csv") > 0);
	assert_true(manifest_says(&job, "\"endpoint\": \"verified\""));
	staging_is_empty();
}

static void a_base_and_a_recording_are_taken_in_theirs(void **state)
{
	struct job job = job_of(JOB_BASE, "ok");
	struct job_result result = result_of(&job);

	(void)state;
	expect(result.kind == RESULT_COMPLETE && result.filed, "%s", result.why);
	assert_string_equal(server.seen->paths, "p/heap?gc=1 p/heap p/ p/goroutine "
						"p/heap?debug=1 p/goroutine?debug=2 ");
	job = job_of(JOB_RECORD, "ok");
	result = result_of(&job);
	expect(result.kind == RESULT_COMPLETE && result.filed, "%s", result.why);
	assert_int_equal(result.held, BIT(ARTIFACT_HEAP));
	assert_string_equal(server.seen->paths, "p/heap ");

	job = job_of(JOB_CAPTURE, "ok"); /* and both stand beside the next capture */
	result = result_of(&job);
	assert_true(filed(&job, "base/heap-gc.pb.gz") > 0);
	staging_is_empty();
}

static void a_second_try_takes_what_is_missing(void **state)
{
	struct job job = job_of(JOB_CAPTURE, "ok");
	struct job_result result;

	(void)state;
	job.held = (HTTP | KERNEL) & ~BIT(ARTIFACT_HEAP_GC);
	result = result_of(&job);
	assert_int_equal(result.kind, RESULT_COMPLETE);
	assert_string_equal(server.seen->paths, "p/ p/heap?gc=1 ");
}

static void an_address_of_another_process_is_not_asked(void **state)
{
	struct job job = job_of(JOB_CAPTURE, "ok");
	struct job_result result;
	pid_t other = somebody();

	(void)state;
	job.target.pid = other;
	result = result_of(&job);
	kill(other, SIGKILL);
	(void)waitpid(other, NULL, 0);
	assert_true(result.foreign_endpoint && result.filed);
	assert_int_equal(result.kind, RESULT_PARTIAL);
	assert_non_null(strstr(result.why, "is another process's, not the target's"));
	assert_int_equal(result.held, KERNEL);
	assert_int_equal(server.seen->connections, 0);
	assert_true(manifest_says(&job, "\"endpoint\": \"foreign\""));
	assert_true(manifest_says(&job, "is another process's"));
}

static void without_an_endpoint_the_kernel_is_asked(void **state)
{
	struct job job = job_of(JOB_CAPTURE, NULL);
	struct job_result result = result_of(&job);

	(void)state;
	assert_int_equal(result.kind, RESULT_COMPLETE);
	assert_int_equal(result.held, KERNEL);
	assert_int_equal(filed(&job, "01/heap.pb.gz"), -1);
	assert_int_equal(server.seen->connections, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_spare_waits_and_ends_with_its_agent),
		cmocka_unit_test(a_capture_is_taken_in_the_order_of_the_plan),
		cmocka_unit_test(a_base_and_a_recording_are_taken_in_theirs),
		cmocka_unit_test(a_second_try_takes_what_is_missing),
		cmocka_unit_test(an_address_of_another_process_is_not_asked),
		cmocka_unit_test(without_an_endpoint_the_kernel_is_asked),
	};

	leave_under_valgrind("it does not know pidfd_open");
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
