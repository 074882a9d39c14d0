#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "view/live.h"

#define G (UINT64_C(1) << 30)

static const struct conf_service service = {.name = "cron"};

static void says(const struct status_target *target, size_t columns, const char *expected)
{
	struct buf line;

	buf_init(&line, 1024);
	live_line(target, 1000000, columns, &line);
	assert_string_equal(line.data, expected);
	buf_fini(&line);
}

static void says_how_much_how_fast_and_how_long(void **state)
{
	struct sample sample = {0};
	struct incident incident = {0};
	struct status_target target = {.service = &service,
				       .pid = 4127,
				       .sample = &sample,
				       .incident = &incident,
				       .slope_per_s = (double)G,
				       .base_at_ms = 880000};

	(void)state;
	sample.v[SIGNAL_MEMORY] = (struct reading){.value = 3 * G, .have = HAVE_VALUE};
	sample.v[SIGNAL_GOROUTINES] = (struct reading){.value = 68, .have = HAVE_VALUE};
	sample.ceiling[CEILING_LIMIT] =
		(struct reading){.value = 8 * G, .have = HAVE_VALUE};
	sample.headroom = (struct reading){.value = 5 * G, .have = HAVE_VALUE};
	says(&target, 0,
	     "cron 4127  memory 3.0G of 8.0G (37%) +1.0G/s, full in 5s  goroutines 68  "
	     "base 2m ago");
	says(&target, 22, "cron 4127  memory 3.0G");
	incident.phase = INCIDENT_OPEN;
	incident.reason = (struct reason){.rule = "memory > 5G"};
	target.slope_per_s = 0;
	target.base_at_ms = 0;
	says(&target, 0,
	     "cron 4127  memory 3.0G of 8.0G (37%)  incident: memory > 5G  goroutines "
	     "68  no base yet");
}

static void unknown_is_said_and_not_zero(void **state)
{
	struct sample sample = {0};
	struct incident incident = {0};
	struct status_target target = {
		.service = &service, .pid = 1, .sample = &sample, .incident = &incident};

	(void)state;
	says(&target, 0, "cron 1  memory unknown  no base yet");
	target.ended = true;
	says(&target, 0, "cron 1  memory unknown  ended  no base yet");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_how_much_how_fast_and_how_long),
		cmocka_unit_test(unknown_is_said_and_not_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
