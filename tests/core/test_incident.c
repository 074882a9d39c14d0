/* Each case is a play: what happened when, and what the incident asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "core/incident.h"

static const struct incident_times usual = {
	.again_ms = 30000, .settle_ms = 300000, .at_most_ms = 3600000};
static const struct reason memory = {.rule = "memory > 5G", .slug = "memory-5G"};
static const struct reason goroutines = {.rule = "goroutines > 5x base"};
static const struct job_result complete = {
	.kind = RESULT_COMPLETE, .filed = true, .held = 6};

static uint32_t held; /* of the capture that began last */

static struct incident opened_at(int64_t now_ms)
{
	struct incident incident;

	incident_open(&incident, "20261121T201204Z-memory-5G-7f3a", &memory, now_ms);
	return incident;
}

/* Begins the wanted capture and ends it at once. */
static void capture(struct incident *incident, const struct job_result *result,
		    int64_t now_ms)
{
	assert_int_equal(incident_next(incident, false, &usual, now_ms), STEP_CAPTURE);
	(void)incident_begin_capture(incident, &held);
	incident_captured(incident, result, &usual, now_ms);
}

static void name_sorts_by_time_and_says_why(void **state)
{
	char id[INCIDENT_MAX];

	(void)state;
	incident_name(1795291924123, "memory-5G", 0x7f3a, id);
	assert_string_equal(id, "20261121T201204Z-memory-5G-7f3a");
}

static void open_wants_one_capture_at_once(void **state)
{
	struct incident incident = opened_at(1000);

	(void)state;
	assert_int_equal(incident_next(&incident, false, &usual, 1000), STEP_CAPTURE);
	assert_string_equal(incident.next.rule, "memory > 5G");
	assert_int_equal(incident_begin_capture(&incident, &held), 1);
	assert_int_equal(incident_next(&incident, false, &usual, 1001), STEP_WAIT);
}

static void second_capture_comes_once_after_again(void **state)
{
	struct incident incident = opened_at(0);

	(void)state;
	capture(&incident, &complete, 100);
	assert_int_equal(incident_deadline(&incident, &usual), 30100);
	assert_int_equal(incident_next(&incident, false, &usual, 30099), STEP_WAIT);
	capture(&incident, &complete, 30100);
	assert_int_equal(incident.captures, 2);
	assert_int_equal(incident_next(&incident, false, &usual, 3599999), STEP_WAIT);
}

static void failed_capture_gets_one_more_try(void **state)
{
	static const struct job_result nothing = {.kind = RESULT_FAILED};
	static const struct incident_times no_again = {.settle_ms = 300000,
						       .at_most_ms = 3600000};
	struct incident incident = opened_at(0);

	(void)state;
	(void)incident_begin_capture(&incident, &held);
	incident_captured(&incident, &nothing, &no_again, 0);
	assert_int_equal(incident_next(&incident, false, &no_again, 29999), STEP_WAIT);
	incident.held = 2;
	assert_int_equal(incident_next(&incident, false, &no_again, 30000), STEP_CAPTURE);
	(void)incident_begin_capture(&incident, &held);
	assert_int_equal(held, 2);
	incident_captured(&incident, &nothing, &no_again, 30000);
	assert_int_equal(incident_next(&incident, false, &no_again, 3000000), STEP_WAIT);
}

static void further_rule_joins_with_its_own_reason(void **state)
{
	struct incident incident = opened_at(0);

	(void)state;
	capture(&incident, &complete, 0);
	incident_join(&incident, &goroutines);
	assert_int_equal(incident_next(&incident, false, &usual, 10), STEP_CAPTURE);
	assert_string_equal(incident.next.rule, "goroutines > 5x base");
	assert_string_equal(incident.reason.rule, "memory > 5G");
}

static void suppressed_capture_is_counted_and_not_asked_for_again(void **state)
{
	struct incident incident = opened_at(0);

	(void)state;
	assert_false(incident.second);
	incident_suppress(&incident, "limits.per_target");
	assert_int_equal(incident_next(&incident, false, &usual, 60000), STEP_WAIT);
	assert_int_equal(incident.suppressed, 1);
	assert_string_equal(incident.suppressed_by, "limits.per_target");
	incident_join(&incident, &goroutines); /* another rule asks for itself */
	capture(&incident, &complete, 60000);
	assert_int_equal(incident.captures, 1);
	assert_int_equal(incident_next(&incident, true, &usual, 61000), STEP_WAIT);
	assert_int_equal(incident_next(&incident, true, &usual, 361000), STEP_CAPTURE);
	incident_suppress(&incident, "limits.per_target");
	assert_int_equal(incident_next(&incident, true, &usual, 661000), STEP_SEAL);
}

static void second_captures_are_told_from_first_ones(void **state)
{
	struct incident incident = opened_at(0);

	(void)state;
	capture(&incident, &complete, 0);
	assert_int_equal(incident_next(&incident, false, &usual, 30000), STEP_CAPTURE);
	assert_true(incident.second); /* `again` */
	incident_join(&incident, &goroutines);
	assert_false(incident.second);
	assert_int_equal(incident_next(&incident, false, &usual, 30001), STEP_CAPTURE);
	assert_false(incident.second); /* what was wanted first stays first */
}

static void calm_for_settle_is_recovered(void **state)
{
	static const struct incident_times no_again = {.settle_ms = 1000,
						       .at_most_ms = 99999};
	struct incident incident = opened_at(0);

	(void)state;
	(void)incident_begin_capture(&incident, &held);
	incident_captured(&incident, &complete, &no_again, 0);
	assert_int_equal(incident_next(&incident, true, &no_again, 10), STEP_WAIT);
	assert_int_equal(incident_next(&incident, false, &no_again, 1009), STEP_WAIT);
	assert_int_equal(incident_next(&incident, true, &no_again, 2000), STEP_WAIT);
	assert_int_equal(incident_next(&incident, true, &no_again, 2999), STEP_WAIT);
	assert_int_equal(incident_next(&incident, true, &no_again, 3000), STEP_SEAL);
	assert_int_equal(incident.verdict.outcome, OUTCOME_RECOVERED);
	assert_int_equal(incident_next(&incident, true, &no_again, 9000), STEP_WAIT);
}

static void at_most_is_persisting(void **state)
{
	struct incident incident = opened_at(5);

	(void)state;
	capture(&incident, &complete, 5);
	capture(&incident, &complete, 30005);
	assert_int_equal(incident_next(&incident, false, &usual, 3600004), STEP_WAIT);
	assert_int_equal(incident_next(&incident, false, &usual, 3600005), STEP_SEAL);
	assert_int_equal(incident.verdict.outcome, OUTCOME_PERSISTING);
}

static void captures_of_one_incident_are_bounded(void **state)
{
	struct incident incident = opened_at(0);
	unsigned n = 0;

	(void)state;
	for (int64_t now = 0; now < 1000; now++) {
		if (incident_next(&incident, false, &usual, now) == STEP_CAPTURE) {
			n = incident_begin_capture(&incident, &held);
			incident_captured(&incident, &complete, &usual, now);
		}
		incident_join(&incident, &goroutines);
	}
	assert_int_equal(n, INCIDENT_CAPTURES_MAX);
}

static void longest_slug_fits_the_name(void **state)
{
	char slug[RULE_SLUG_MAX], id[INCIDENT_MAX];

	(void)state;
	memset(slug, 'x', sizeof(slug) - 1);
	slug[sizeof(slug) - 1] = '\0';
	incident_name(INT64_C(253402300799999), slug, 0xffff, id);
	assert_string_equal(id + strlen(id) - 6, "x-ffff");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(name_sorts_by_time_and_says_why),
		cmocka_unit_test(open_wants_one_capture_at_once),
		cmocka_unit_test(second_capture_comes_once_after_again),
		cmocka_unit_test(failed_capture_gets_one_more_try),
		cmocka_unit_test(further_rule_joins_with_its_own_reason),
		cmocka_unit_test(suppressed_capture_is_counted_and_not_asked_for_again),
		cmocka_unit_test(second_captures_are_told_from_first_ones),
		cmocka_unit_test(calm_for_settle_is_recovered),
		cmocka_unit_test(at_most_is_persisting),
		cmocka_unit_test(captures_of_one_incident_are_bounded),
		cmocka_unit_test(longest_slug_fits_the_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
