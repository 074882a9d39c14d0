#include "lib/duration.h"

#include <errno.h>
#include <string.h>

#include "unit.h"

#define UNTOUCHED 77
#define HOUR 3600000ULL

static void duration_needs_units_from_large_to_small(void **state)
{
	static const struct {
		const char *text;
		int result;
		uint64_t ms;
	} rows[] = {
		{"0s", 0, 0},
		{"10s", 0, 10000},
		{"5m", 0, 300000},
		{"1h", 0, HOUR},
		{"250ms", 0, 250},
		{"1h30m", 0, HOUR + HOUR / 2},
		{"7d", 0, 7 * 24 * HOUR},
		{"1d2h3m4s5ms", 0, 93784005},
		{"1m1ms", 0, 60001},
		{"010s", 0, 10000},
		{"90m", 0, HOUR + HOUR / 2},
		{"3653d", 0, 3653 * 24 * HOUR},
		{"3653d1ms", -ERANGE, UNTOUCHED},
		{"18446744073709551615d", -ERANGE, UNTOUCHED},
		{"99999999999999999999999s", -ERANGE, UNTOUCHED},
		{"99999999999999999999999s5", -EINVAL, UNTOUCHED},
		{"", -EINVAL, UNTOUCHED},
		{"0", -EINVAL, UNTOUCHED},
		{"10", -EINVAL, UNTOUCHED},
		{"s", -EINVAL, UNTOUCHED},
		{"1h30", -EINVAL, UNTOUCHED},
		{"30m1h", -EINVAL, UNTOUCHED},
		{"1h1h", -EINVAL, UNTOUCHED},
		{"1.5h", -EINVAL, UNTOUCHED},
		{"-1s", -EINVAL, UNTOUCHED},
		{"+1s", -EINVAL, UNTOUCHED},
		{"1 s", -EINVAL, UNTOUCHED},
		{"1s ", -EINVAL, UNTOUCHED},
		{"1h 30m", -EINVAL, UNTOUCHED},
		{"1S", -EINVAL, UNTOUCHED},
		{"1sec", -EINVAL, UNTOUCHED},
		{"1us", -EINVAL, UNTOUCHED},
		{"1w", -EINVAL, UNTOUCHED},
		{"1dms", -EINVAL, UNTOUCHED},
		{"1e3s", -EINVAL, UNTOUCHED},
		{"0x10s", -EINVAL, UNTOUCHED},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t ms = UNTOUCHED;
		int r = duration_parse(rows[i].text, strlen(rows[i].text), &ms);

		expect(r == rows[i].result && ms == rows[i].ms, "'%s': %d, %llu",
		       rows[i].text, r, (unsigned long long)ms);
	}
}

static void duration_reads_no_further_than_its_length(void **state)
{
	uint64_t ms = UNTOUCHED;

	(void)state;
	assert_int_equal(duration_parse("10ms", 3, &ms), 0);
	assert_int_equal(ms, 600000);
	assert_int_equal(duration_parse(NULL, 0, &ms), -EINVAL);
}

static void duration_prints_its_two_largest_units(void **state)
{
	static const struct {
		uint64_t ms;
		const char *text;
	} rows[] = {
		{0, "0s"},
		{1, "1ms"},
		{250, "250ms"},
		{999, "999ms"},
		{1000, "1s"},
		{1500, "1s500ms"},
		{45000, "45s"},
		{60001, "1m"},
		{HOUR + HOUR / 2 + 59999, "1h30m"},
		{HOUR + 5000, "1h"},
		{7 * 24 * HOUR, "7d"},
		{25 * HOUR, "1d1h"},
		{UINT64_MAX, "213503982334d14h"},
	};
	char text[DURATION_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_ptr_equal(duration_format(rows[i].ms, text), text);
		assert_string_equal(text, rows[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(duration_needs_units_from_large_to_small),
		cmocka_unit_test(duration_reads_no_further_than_its_length),
		cmocka_unit_test(duration_prints_its_two_largest_units),
	};

	return cmocka_run_group_tests_name("duration", tests, NULL, NULL);
}
