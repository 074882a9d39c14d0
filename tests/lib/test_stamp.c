#include "lib/stamp.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "unit.h"

#define UNTOUCHED 77
#define DAY_MS (24LL * 3600 * 1000)

static const struct {
	int64_t ms;
	const char *full, *name;
} moments[] = {
	{0, "1970-01-01T00:00:00.000Z", "19700101T000000Z"},
	{-1, "1969-12-31T23:59:59.999Z", "19691231T235959Z"},
	{1795291924123, "2026-11-21T20:12:04.123Z", "20261121T201204Z"},
	{951782400000, "2000-02-29T00:00:00.000Z", "20000229T000000Z"},
	{951868800000, "2000-03-01T00:00:00.000Z", "20000301T000000Z"},
	{1709251199999, "2024-02-29T23:59:59.999Z", "20240229T235959Z"},
	{4107542400000, "2100-03-01T00:00:00.000Z", "21000301T000000Z"},
	{2147483648000, "2038-01-19T03:14:08.000Z", "20380119T031408Z"},
	{253402300799999, "9999-12-31T23:59:59.999Z", "99991231T235959Z"},
	{-62167219200000, "0000-01-01T00:00:00.000Z", "00000101T000000Z"},
};

static void stamp_prints_and_reads_the_same_moment(void **state)
{
	char text[STAMP_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(moments); i++) {
		int64_t second = moments[i].ms - (moments[i].ms % 1000 + 1000) % 1000;
		int64_t ms = UNTOUCHED;

		assert_ptr_equal(stamp_format(moments[i].ms, text), text);
		assert_string_equal(text, moments[i].full);
		assert_int_equal(stamp_parse(text, &ms), 0);
		assert_int_equal(ms, moments[i].ms);
		assert_ptr_equal(stamp_name(moments[i].ms, text), text);
		assert_string_equal(text, moments[i].name);
		assert_int_equal(stamp_parse(text, &ms), 0);
		assert_int_equal(ms, second);
	}
}

/* The oracle is libc, for every day from 1600 to 2400. */
static void stamp_agrees_with_gmtime_on_every_day(void **state)
{
	char text[STAMP_MAX], expected[STAMP_MAX];

	(void)state;
	for (int64_t day = -135140; day < 157054; day++) {
		time_t seconds = (time_t)(day * DAY_MS / 1000);
		int64_t ms = UNTOUCHED;
		struct tm tm;

		assert_non_null(gmtime_r(&seconds, &tm));
		assert_int_not_equal(
			strftime(expected, sizeof(expected), "%Y%m%dT000000Z", &tm), 0);
		assert_string_equal(stamp_name(day * DAY_MS, text), expected);
		assert_int_equal(stamp_parse(text, &ms), 0);
		assert_int_equal(ms, day * DAY_MS);
	}
}

static void stamp_prints_the_ends_of_time_within_its_text(void **state)
{
	char text[STAMP_MAX];

	(void)state;
	assert_string_equal(stamp_format(INT64_MAX, text),
			    "292278994-08-17T07:12:55.807Z");
	assert_string_equal(stamp_format(INT64_MIN, text),
			    "-292275055-05-16T16:47:04.192Z");
}

static void stamp_refuses_what_is_no_moment(void **state)
{
	static const char *const texts[] = {
		"",
		"Z",
		"2026-11-21",
		"2026-11-21T20:12:04Z", /* neither form */
		"2026-11-21T20:12:04.123",
		"2026-11-21T20:12:04.123+01:00",
		"2026-11-21T20:12:04.123Z ",
		" 2026-11-21T20:12:04.123Z",
		"2026-11-21t20:12:04.123z",
		"2026-11-21 20:12:04.123Z",
		"2026-11-21T20:12:04.1234Z",
		"+026-11-21T20:12:04.123Z",
		"2026-1 -21T20:12:04.123Z",
		"2026-00-21T20:12:04.123Z",
		"2026-13-21T20:12:04.123Z",
		"2026-11-00T20:12:04.123Z",
		"2026-11-31T20:12:04.123Z",
		"2023-02-29T00:00:00.000Z",
		"2100-02-29T00:00:00.000Z",
		"2000-02-30T00:00:00.000Z",
		"2026-11-21T24:00:00.000Z",
		"2026-11-21T20:60:00.000Z",
		"2026-11-21T20:12:60.000Z",
		"12026-11-21T20:12:04.123Z",
		"20261121T201204",
		"20261121201204Z",
		"20261121T201204.123Z",
		"20260230T000000Z",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		int64_t ms = UNTOUCHED;
		int r = stamp_parse(texts[i], &ms);

		expect(r == -EINVAL && ms == UNTOUCHED, "'%s': %d", texts[i], r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stamp_prints_and_reads_the_same_moment),
		cmocka_unit_test(stamp_agrees_with_gmtime_on_every_day),
		cmocka_unit_test(stamp_prints_the_ends_of_time_within_its_text),
		cmocka_unit_test(stamp_refuses_what_is_no_moment),
	};

	return cmocka_run_group_tests_name("stamp", tests, NULL, NULL);
}
