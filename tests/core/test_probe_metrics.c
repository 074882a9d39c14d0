/* What a page of metrics gives a service that has no process to be looked at. */
#include "core/probe_metrics.h"

#include <errno.h>
#include <string.h>

#include "core/conf_far.h"
#include "unit.h"

#define M (UINT64_C(1) << 20)

static struct conf_service service;
static struct probe_request request;
static struct probe_reply reply;

static int begin(void **state)
{
	(void)state;
	conf_service_init(&service);
	(void)text_copy(service.metrics, sizeof(service.metrics), "http://h/metrics");
	service.limit_bytes = 512 * M;
	request = (struct probe_request){.id = 7};
	reply = (struct probe_reply){.kind = PROBE_MEASURED};
	memset(reply.metric, 0xff, sizeof(reply.metric)); /* none of them */
	return 0;
}

static int end(void **state)
{
	(void)state;
	conf_service_fini(&service);
	return 0;
}

/* The answer to the question for this metric. */
static void say(const char *metric, uint64_t value)
{
	for (size_t i = 0; i < METRICS_WANTED_MAX; i++) {
		if (strcmp(request.metric[i], metric) == 0) {
			reply.metric[i] = value * METRIC_SCALE;
			return;
		}
	}
	fail_msg("%s is not asked for", metric);
}

static void memory_is_the_resident_set(void **state)
{
	struct sample sample = {0};
	int64_t started_ms = 0;

	(void)state;
	probe_metrics_ask(&service, &request);
	assert_int_equal(request.id, 7 | PROBE_METRICS_ID);
	assert_string_equal(request.endpoint.urls[ARTIFACT_INDEX], "http://h/metrics");
	say("process_resident_memory_bytes", 100 * M);
	say("go_memstats_sys_bytes", 300 * M);
	say("process_open_fds", 12);
	say("process_max_fds", 1024);
	say("go_goroutines", 68);
	say("process_start_time_seconds", 1795291924);
	probe_metrics_take(&service, &reply, &sample);
	assert_int_equal(sample.v[SIGNAL_MEMORY].value, 100 * M);
	assert_int_equal(sample.v[SIGNAL_FDS].value, 12);
	assert_int_equal(sample.v[SIGNAL_GOROUTINES].value, 68);
	assert_int_equal(sample.v[SIGNAL_THREADS].have, HAVE_ABSENT);
	assert_int_equal(sample.ceiling[CEILING_NOFILE].value, 1024);
	assert_int_equal(sample.ceiling[CEILING_LIMIT].value, 512 * M);
	assert_int_equal(sample.headroom.value, 412 * M);
	assert_true(sample.exact);
	assert_true(sample.fresh & 1u << SIGNAL_MEMORY);
	assert_true(probe_metrics_started(&reply, &started_ms));
	assert_int_equal(started_ms, 1795291924000);
}

static void or_what_go_holds_of_the_machine(void **state)
{
	struct sample sample = {0};
	int64_t started_ms = 5;

	(void)state;
	probe_metrics_ask(&service, &request);
	say("go_memstats_sys_bytes", 300 * M);
	probe_metrics_take(&service, &reply, &sample);
	assert_int_equal(sample.v[SIGNAL_MEMORY].value, 300 * M);
	say("go_memstats_heap_released_bytes", 80 * M);
	probe_metrics_take(&service, &reply, &sample);
	assert_int_equal(sample.v[SIGNAL_MEMORY].value, 220 * M);
	assert_false(probe_metrics_started(&reply, &started_ms));
	assert_int_equal(started_ms, 5);
}

static void a_page_that_did_not_come_is_an_error(void **state)
{
	struct sample sample = {0};

	(void)state;
	reply.kind = PROBE_GONE;
	probe_metrics_take(&service, &reply, &sample);
	assert_int_equal(sample.v[SIGNAL_MEMORY].have, HAVE_ERROR);
	assert_int_equal(sample.headroom.have, HAVE_ERROR);
}

/* Of a process that is there the kernel knows better. */
static void a_process_that_is_seen_is_not_asked_about_itself(void **state)
{
	struct sample sample = {.v[SIGNAL_MEMORY] = {5, HAVE_VALUE, 0}};

	(void)state;
	service.selector[SELECTOR_PID] = strdup("1");
	probe_metrics_ask(&service, &request);
	for (size_t i = 0; i < METRICS_WANTED_MAX; i++)
		assert_string_equal(request.metric[i], "");
	probe_metrics_take(&service, &reply, &sample);
	assert_int_equal(sample.v[SIGNAL_MEMORY].value, 5);
	assert_int_equal(sample.fresh, 0);
}

static void readings_pass_as_numbers(void **state)
{
	static const struct reading rows[] = {
		{0, HAVE_VALUE, 0},
		{1500, HAVE_VALUE, 0},
		{0, HAVE_ERROR, ENODATA},
		{0, HAVE_ERROR, ERANGE},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct reading back = probe_metric_unpack(probe_metric_pack(rows[i]));

		expect(back.have == rows[i].have && back.error == rows[i].error &&
			       (back.have != HAVE_VALUE || back.value == rows[i].value),
		       "row %zu", i);
	}
	assert_int_equal(
		probe_metric_unpack(probe_metric_pack((struct reading){0})).error,
		ENOENT);
}

static bool can(const char *text)
{
	struct rule_fault fault;
	struct rule rule;

	assert_int_equal(rule_parse(text, &rule, &fault), 0);
	return conf_far_refuses(&service, &rule) == NULL;
}

static void what_http_cannot_tell_is_refused(void **state)
{
	(void)state;
	assert_true(can("memory > 62%"));
	assert_true(can("time to limit < 2m"));
	assert_true(can("fds > 80%"));
	assert_true(can("metric x > 1"));
	assert_false(can("anon > 5G"));
	assert_false(can("tasks > 100"));
	assert_false(can("sockets > 100"));
	assert_false(can("pressure > 10"));
	service.metrics[0] = '\0';
	assert_true(can("goroutines > 100"));
	assert_false(can("memory > 5G"));
	assert_false(can("threads > 100"));
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)
	const struct CMUnitTest tests[] = {
		CASE(memory_is_the_resident_set),
		CASE(or_what_go_holds_of_the_machine),
		CASE(a_page_that_did_not_come_is_an_error),
		CASE(a_process_that_is_seen_is_not_asked_about_itself),
		CASE(readings_pass_as_numbers),
		CASE(what_http_cannot_tell_is_refused),
	};

	return cmocka_run_group_tests_name("probe_metrics", tests, NULL, NULL);
}
