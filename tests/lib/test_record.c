#include "lib/record.h"

#include <errno.h>
#include <string.h>

#include "unit.h"

static void record_comes_back_as_it_was_written(void **state)
{
	AUTO_BUF struct buf b;
	struct record_line line;
	struct span rest;
	int error = 0;
	uint64_t u = 0;
	int64_t i = 0;
	char text[32];

	(void)state;
	buf_init(&b, 1000);
	record_add(&b, "rule", "memory > 5G");
	record_add(&b, "absent", NULL);
	record_add(&b, "empty", "");
	record_add_u64(&b, "a.b_1", UINT64_MAX);
	record_add_i64(&b, "at", INT64_MIN);
	record_end(&b);
	buf_adds(&b, "what follows");
	assert_string_equal(b.data,
			    "rule=memory > 5G\nempty=\na.b_1=18446744073709551615\n"
			    "at=-9223372036854775808\n\nwhat follows");

	rest = (struct span){b.data, b.len};
	assert_true(record_next(&rest, &line, &error));
	assert_true(span_is(line.key, "rule"));
	assert_int_equal(record_text(&line, text, sizeof(text)), 0);
	assert_string_equal(text, "memory > 5G");
	assert_int_equal(record_u64(&line, &u), -EINVAL);
	assert_true(record_next(&rest, &line, &error));
	assert_int_equal(record_text(&line, text, 1), 0);
	assert_string_equal(text, "");
	assert_true(record_next(&rest, &line, &error));
	assert_int_equal(record_u64(&line, &u), 0);
	assert_true(u == UINT64_MAX);
	assert_int_equal(record_i64(&line, &i), -ERANGE);
	assert_true(record_next(&rest, &line, &error));
	assert_int_equal(record_i64(&line, &i), 0);
	assert_true(i == INT64_MIN);
	assert_false(record_next(&rest, &line, &error));
	assert_int_equal(error, 0);
	assert_true(span_is(rest, "what follows"));
}

static void record_carries_every_byte_but_nul(void **state)
{
	(void)state;
	for (unsigned c = 1; c < 256; c++) {
		char value[] = {'<', (char)c, '>', 0}, back[4] = "";
		AUTO_BUF struct buf b;
		struct record_line line;
		struct span rest;
		int error = 0;

		buf_init(&b, 100);
		record_add(&b, "k", value);
		rest = (struct span){b.data, b.len};
		assert_true(record_next(&rest, &line, &error));
		assert_int_equal(record_text(&line, back, sizeof(back)), 0);
		assert_string_equal(back, value);
		assert_false(record_next(&rest, &line, &error));
		assert_int_equal(error, 0);
	}
}

static void record_values_can_not_forge_a_line(void **state)
{
	AUTO_BUF struct buf b;

	(void)state;
	buf_init(&b, 100);
	record_add(&b, "comm", "x\npid=1\r\n\n\\x41\x7f");
	assert_string_equal(b.data, "comm=x\\x0apid=1\\x0d\\x0a\\x0a\\x5cx41\\x7f\n");
}

static void record_ends_at_a_bad_line(void **state)
{
	static const struct {
		const char *text;
		size_t good; /* lines before it */
		int error;
	} rows[] = {
		{"", 0, 0},
		{"\n", 0, 0},
		{"a=1\n", 1, 0},
		{"a=1\na=2\n\n", 2, 0},
		{"a=b=c\n", 1, 0},
		{"a=1\nnothing\nb=2\n", 1, -EBADMSG},
		{"a=1\nb=2", 1, -EBADMSG}, /* cut */
		{"a=1\nb", 1, -EBADMSG},
		{"=1\n", 0, -EBADMSG},
		{"=\n", 0, -EBADMSG},
		{"A=1\n", 0, -EBADMSG},
		{"a =1\n", 0, -EBADMSG},
		{" a=1\n", 0, -EBADMSG},
		{"a-b=1\n", 0, -EBADMSG},
		{"\xc3\xa4=1\n", 0, -EBADMSG},
		{"\r\na=1\n", 0, -EBADMSG},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct span rest = {rows[i].text, strlen(rows[i].text)};
		struct record_line line;
		size_t good = 0;
		int error = 0;

		while (record_next(&rest, &line, &error))
			good++;
		expect(good == rows[i].good && error == rows[i].error, "row %zu: %zu, %d",
		       i, good, error);
	}
}

static void record_text_takes_only_what_is_written_by_record_add(void **state)
{
	static const struct {
		const char *raw;
		size_t size;
		int result;
		const char *text;
	} rows[] = {
		{"abc", 4, 0, "abc"},
		{"abc", 3, -ENAMETOOLONG, "?"},
		{"", 0, -ENAMETOOLONG, "?"},
		{"\\x0a", 2, 0, "\n"},
		{"\\x0a", 1, -ENAMETOOLONG, "?"},
		{"\\xff", 2, 0, "\xff"},
		{"\\", 9, -EBADMSG, "?"},
		{"\\x", 9, -EBADMSG, "?"},
		{"\\x0", 9, -EBADMSG, "?"},
		{"\\n", 9, -EBADMSG, "?"},
		{"\\\\\\\\", 9, -EBADMSG, "?"},
		{"\\x0g", 9, -EBADMSG, "?"},
		{"\\xg0", 9, -EBADMSG, "?"},
		{"\\X0a", 9, -EBADMSG, "?"},
		{"\\x0A", 9, -EBADMSG, "?"},
		{"\\x-1", 9, -EBADMSG, "?"},
		{"\\x00", 9, -EBADMSG, "?"}, /* would end the text early */
		{"a\tb", 9, -EBADMSG, "?"},
		{"a\x7f", 9, -EBADMSG, "?"},
		{"abcdefghijkl\\", 9, -EBADMSG, "?"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct record_line line = {.raw = {rows[i].raw, strlen(rows[i].raw)}};
		char text[10] = "?";
		int r = record_text(&line, text, rows[i].size);

		expect(r == rows[i].result && !strcmp(text, rows[i].text),
		       "row %zu: %d, '%s'", i, r, text);
	}
}

static void record_refuses_a_raw_nul(void **state)
{
	struct record_line line = {.raw = {"a\0b", 3}};
	char text[10] = "?";

	(void)state;
	assert_int_equal(record_text(&line, text, sizeof(text)), -EBADMSG);
	assert_string_equal(text, "?");
}

static void record_that_does_not_fit_is_an_error_of_its_buffer(void **state)
{
	AUTO_BUF struct buf b;

	(void)state;
	buf_init(&b, 8);
	record_add(&b, "key", "12345");
	record_end(&b);
	assert_int_equal(buf_error(&b), -EFBIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(record_comes_back_as_it_was_written),
		cmocka_unit_test(record_carries_every_byte_but_nul),
		cmocka_unit_test(record_values_can_not_forge_a_line),
		cmocka_unit_test(record_ends_at_a_bad_line),
		cmocka_unit_test(record_text_takes_only_what_is_written_by_record_add),
		cmocka_unit_test(record_refuses_a_raw_nul),
		cmocka_unit_test(record_that_does_not_fit_is_an_error_of_its_buffer),
	};

	return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
