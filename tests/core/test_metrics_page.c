#include "core/metrics_page.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "core/metrics_number.h"
#include "unit.h"

static struct metrics_page page;
static struct metric_selector selector;

static void select_series(const char *text)
{
	const char *fault = "";
	size_t at = 0;

	expect(metric_selector_parse((struct span){text, strlen(text)}, &selector, &fault,
				     &at) == 0,
	       "%s: %s at %zu", text, fault, at);
}

/* As it may come: in pieces of `piece` bytes. */
static void read_in(const char *bytes, size_t len, size_t piece)
{
	metrics_page_begin(&page, &selector, 1);
	for (size_t at = 0; at < len; at += piece)
		metrics_page_add(&page, bytes + at, MIN(piece, len - at));
	metrics_page_end(&page);
}

static void a_sum_is_over_the_series_that_are_picked(void **state)
{
	static const char text[] =
		"# HELP conns of \"ssh\"\n"
		"# TYPE conns gauge\n"
		"conns{peer=\"a\",state=\"open\"} 3\n"
		"conns{peer=\"b\",state=\"open\"} 4.5 1795291924123\r\n"
		"conns{peer=\"b\",state=\"closed\",} 100 # {trace=\"x\"} 1 2\n"
		"\n"
		"  conns_total 7\n"
		"conns { peer = \"a\\\"\\\\\\n,}\" , state=\"x\" } 1e3\n"
		"other 2"; /* without a newline */
	static const struct {
		const char *selector;
		uint64_t thousandths; /* 0: absent */
	} rows[] = {
		{"conns", 1107500},
		{"conns{}", 1107500},
		{"conns{state=\"open\"}", 7500},
		{"conns{state=\"open\",peer=\"a\"}", 3000},
		{"conns{peer=\"a\\\"\\\\\\n,}\"}", 1000000},
		{"conns{zone=\"\"}", 1107500},
		{"conns{zone=\"b\"}", 0},
		{"conns_total", 7000},
		{"other", 2000},
		{"conn", 0},
		{"TYPE", 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		for (size_t piece = 1; piece < sizeof(text); piece += 7) {
			struct reading reading;

			select_series(rows[i].selector);
			read_in(text, sizeof(text) - 1, piece);
			reading = metrics_page_value(&page, 0);
			expect(rows[i].thousandths == 0
				       ? reading.have == HAVE_ABSENT
				       : reading.have == HAVE_VALUE &&
						 reading.value == rows[i].thousandths,
			       "%s in %zu: %llu", rows[i].selector, piece,
			       (unsigned long long)reading.value);
			assert_int_equal(page.samples, 6);
			assert_int_equal(page.spoilt, 0);
		}
	}
}

static void a_value_that_is_none_is_an_error(void **state)
{
	static const struct {
		const char *line;
		int error;
	} rows[] = {
		{"x NaN\n", ENODATA},
		{"x +Inf\n", ERANGE},
		{"x -Inf\n", ERANGE},
		{"x -1\n", ERANGE},
		{"x 1e300\n", ERANGE},
		{"x 1e999\n", ERANGE},
		{"x{a=\"1\"} 1\nx{a=\"2\"} Inf\n", ERANGE},
		{"x{a=\"1\"} NaN\nx{a=\"2\"} 2\n", 0},
		{"x 1e-300\n", 0},
	};

	(void)state;
	select_series("x");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct reading reading;

		read_in(rows[i].line, strlen(rows[i].line), 1000);
		reading = metrics_page_value(&page, 0);
		expect(reading.error == rows[i].error &&
			       (reading.have == HAVE_VALUE) == (rows[i].error == 0),
		       "row %zu: %d", i, reading.error);
	}
}

static void what_is_no_sample_is_counted_and_passed_over(void **state)
{
	static const char *const rows[] = {
		"x",
		"x ",
		"x y",
		"x 1 y",
		"x{ 1",
		"x{a} 1",
		"x{a=} 1",
		"x{a=1} 1",
		"x{a=\"} 1",
		"x{a=\"\\\"} 1",
		"x{a=\"1\" 1",
		"{a=\"1\"} 1",
		"1 1",
		"<html>",
		"x 0x10",
		"x 1_000",
		"x 1 2 3",
		"x --1",
		"x .",
		"x 1.2.3",
		"x{\"a b\"} 1",
		"x Infi",
		"x nano",
		"x 1e",
		"x e5",
		"x \x01",
		"\xff\xfe 1",
		"x{=\"1\"} 1",
		"x } 1",
	};

	(void)state;
	select_series("x");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		read_in(rows[i], strlen(rows[i]), 3);
		expect(page.spoilt == 1 && page.samples == 0, "row %zu: %s", i, rows[i]);
		expect(metrics_page_value(&page, 0).have == HAVE_ABSENT, "row %zu", i);
		assert_false(metrics_page_is_one(&page));
	}
}

static void a_line_without_end_costs_nothing(void **state)
{
	static char bytes[100000];

	(void)state;
	select_series("x");
	memset(bytes, 'x', sizeof(bytes));
	memcpy(bytes + 90000, "\nx 5\n", 5);
	for (size_t piece = 1; piece < 90000; piece = piece * 7 + 1) {
		read_in(bytes, 90005, piece);
		assert_int_equal(page.spoilt, 1);
		assert_int_equal(page.samples, 1);
		assert_int_equal(metrics_page_value(&page, 0).value, 5000);
	}
	read_in(bytes, 90000, 5000);
	assert_int_equal(page.spoilt, 1);
	/* Exactly as long as may be, and one more. */
	memset(bytes, ' ', sizeof(bytes));
	bytes[0] = 'x';
	bytes[METRICS_LINE_MAX - 1] = '7';
	bytes[METRICS_LINE_MAX] = '\n';
	read_in(bytes, METRICS_LINE_MAX + 1, 1000);
	assert_int_equal(metrics_page_value(&page, 0).value, 7000);
	memmove(bytes + 1, bytes, METRICS_LINE_MAX + 1);
	read_in(bytes, METRICS_LINE_MAX + 2, 1000);
	assert_int_equal(page.spoilt, 1);
}

static void labels_without_end_are_no_sample(void **state)
{
	AUTO_BUF struct buf text;

	(void)state;
	buf_init(&text, 8000);
	select_series("x");
	buf_adds(&text, "x{");
	for (int i = 0; i < 1000; i++)
		buf_adds(&text, "a=\"\",");
	buf_adds(&text, "} 1\n");
	read_in(text.data, text.len, 1000);
	assert_int_equal(page.spoilt, 1);
}

static void a_selector_says_what_is_wrong_with_it(void **state)
{
	static const struct {
		const char *text, *what;
		size_t at;
	} rows[] = {
		{"", "name is missing", 0},
		{"5xx", "name is missing", 0},
		{"a-b", "NAME or NAME{", 1},
		{"a{", "label's name is missing", 2},
		{"a{b}", "=\"VALUE\"", 3},
		{"a{b=c}", "in quotes", 4},
		{"a{b=\"c}", "in quotes", 5},
		{"a{b=\"c\"", ", or }", 7},
		{"a{b=\"c\"}x", "NAME or NAME{", 8},
		{"a{b!=\"c\"}", "=\"VALUE\"", 3},
		{"a{b=~\"c\"}", "in quotes", 4},
		{"a{b=\"\",b=\"\",b=\"\",b=\"\",b=\"\",b=\"\",b=\"\",b=\"\",b=\"\"}",
		 "more than 8", 42},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *fault = "";
		size_t at = 999;
		struct span text = {rows[i].text, strlen(rows[i].text)};

		expect(metric_selector_parse(text, &selector, &fault, &at) == -EINVAL &&
			       strstr(fault, rows[i].what) && at == rows[i].at,
		       "%s: %s at %zu", rows[i].text, fault, at);
	}
}

static void numbers_are_those_of_strtod(void **state)
{
	static const char *const rows[] = {
		"0",
		"1",
		"-1",
		"+1.5",
		"1e3",
		"1E-3",
		"1.e2",
		".5",
		"00012",
		"123456789012345678901234567890",
		"0.1",
		"3.14159265358979323846",
		"1e308",
		"1e-300",
		"5e-310",
		"1e400",
		"1e-400",
		"0e999999999999999999999",
		"1e99999999999999999",
		"9007199254740993",
		"2.2250738585072014e-308",
		"1795291924.123",
		"0.000000000000000000000000000000000000000000001e45",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct span rest = {rows[i], strlen(rows[i])};
		double want = strtod(rows[i], NULL), got = -7;

		expect(metrics_number_take(&rest, &got) && rest.len == 0, "%s", rows[i]);
		expect(got == want || fabs(got - want) <= fabs(want) * 1e-13 ||
			       fabs(want) < 1e-307,
		       "%s: %.17g", rows[i], got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sum_is_over_the_series_that_are_picked),
		cmocka_unit_test(a_value_that_is_none_is_an_error),
		cmocka_unit_test(what_is_no_sample_is_counted_and_passed_over),
		cmocka_unit_test(a_line_without_end_costs_nothing),
		cmocka_unit_test(labels_without_end_are_no_sample),
		cmocka_unit_test(a_selector_says_what_is_wrong_with_it),
		cmocka_unit_test(numbers_are_those_of_strtod),
	};

	return cmocka_run_group_tests_name("metrics_page", tests, NULL, NULL);
}
