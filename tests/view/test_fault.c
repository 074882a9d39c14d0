#include "view/fault.h"

#include <string.h>

#include "lib/text.h"
#include "unit.h"

static struct source source_of(char *text)
{
	struct source source = {.path = "a.yaml", .text = text, .len = strlen(text)};

	return source;
}

static void fault_shows_place_line_and_caret(void **state)
{
	static const struct {
		const char *text;
		unsigned line, column;
		const char *hint;
		const char *shown;
	} rows[] = {
		{"a: b\nmemry: 5G\n", 2, 1, "did you mean 'memory'?",
		 "a.yaml:2:1: wrong\n"
		 "    2 | memry: 5G\n"
		 "      | ^\n"
		 "  did you mean 'memory'?\n"},
		{"a: b", 1, 4, "", "a.yaml:1:4: wrong\n    1 | a: b\n      |    ^\n"},
		{"a: b\r\nc: d\r\n", 1, 4, "",
		 "a.yaml:1:4: wrong\n    1 | a: b\n      |    ^\n"},
		/* behind the end of a line, of the file */
		{"a:\n", 1, 3, "", "a.yaml:1:3: wrong\n    1 | a:\n      |   ^\n"},
		{"a:\n", 2, 1, "", "a.yaml:2:1: wrong\n    2 | \n      | ^\n"},
		{"", 9, 9, "", "a.yaml:9:9: wrong\n    9 | \n      | ^\n"},
		/* characters, not bytes */
		{"\xc3\xa4\xc3\xb6: b", 1, 5, "",
		 "a.yaml:1:5: wrong\n    1 | \xc3\xa4\xc3\xb6: b\n      |     ^\n"},
		/* foreign bytes do not reach the terminal, and the caret knows it */
		{"\t\x1b[2J: b", 1, 8, "",
		 "a.yaml:1:8: wrong\n    1 | \\x09\\x1b[2J: b\n      |              ^\n"},
		{"\xff\xff: b", 1, 3, "",
		 "a.yaml:1:3: wrong\n    1 | \\xff\\xff: b\n      |         ^\n"},
		/* the file as a whole */
		{"a: b", 0, 0, "", "a.yaml: wrong\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char text[64];
		struct fault fault;
		struct source source;
		AUTO_BUF struct buf shown;

		buf_init(&shown, 1000);
		assert_int_equal(text_copy(text, sizeof(text), rows[i].text), 0);
		source = source_of(text);
		fault_set(&fault, "a.yaml", rows[i].line, rows[i].column, "wrong");
		(void)text_copy(fault.hint, sizeof(fault.hint), rows[i].hint);
		fault_text(&shown, &fault, &source, 1);
		assert_string_equal(shown.data, rows[i].shown);
	}
}

static void fault_shows_a_part_of_a_long_line(void **state)
{
	AUTO_BUF struct buf shown;
	struct source source;
	struct fault fault;
	char text[1001];

	(void)state;
	buf_init(&shown, 1000);
	for (size_t i = 0; i < 1000; i++)
		text[i] = (char)('0' + i % 10);
	text[1000] = '\0';
	source = source_of(text);
	fault_set(&fault, "a.yaml", 1, 501, "wrong");
	fault_text(&shown, &fault, &source, 1);
	assert_string_equal(
		shown.data,
		"a.yaml:1:501: wrong\n"
		"    1 | "
		"...0123456789012345678901234567890123456789012345678901234567"
		"890123456789012345678901234567890123456789...\n"
		"      |                                                       "
		"         ^\n");
}

static void fault_of_an_unread_file_shows_no_line(void **state)
{
	struct source unread = {.path = "a.yaml"}, other = source_of((char[]){"x: y"});
	struct source sources[2] = {unread, other};
	AUTO_BUF struct buf shown;
	struct fault fault;

	(void)state;
	buf_init(&shown, 1000);
	(void)text_copy(sources[1].path, sizeof(sources[1].path), "b.yaml");
	fault_set(&fault, "a.yaml", 1, 1, "wrong \x1b[2J");
	fault_text(&shown, &fault, sources, 2);
	assert_string_equal(shown.data, "a.yaml:1:1: wrong \\x1b[2J\n");
	buf_clear(&shown);
	fault_set(&fault, "b.yaml", 1, 1, "wrong");
	fault_text(&shown, &fault, sources, 2);
	assert_string_equal(shown.data, "b.yaml:1:1: wrong\n    1 | x: y\n      | ^\n");
}

static void line_with_a_secret_is_not_shown(void **state)
{
	struct source source = source_of((char[]){"auth: {basic: 'me:SECRET'}"});
	AUTO_BUF struct buf shown;
	struct fault fault;

	(void)state;
	buf_init(&shown, 1000);
	fault_set(&fault, "a.yaml", 1, 15, "name a file");
	fault.secret = true;
	fault_text(&shown, &fault, &source, 1);
	assert_string_equal(shown.data, "a.yaml:1:15: name a file\n"
					"    1 | (not shown: it may hold a secret)\n");
}

static void faults_are_all_shown_and_the_rest_counted(void **state)
{
	struct faults faults = {0};
	AUTO_BUF struct buf shown;
	struct fault fault;

	(void)state;
	buf_init(&shown, 10000);
	fault_set(&fault, "a", 0, 0, "one");
	assert_int_equal(faults_add(&faults, &fault), 0);
	fault_set(&fault, "b", 0, 0, "two");
	assert_int_equal(faults_add(&faults, &fault), 0);
	faults.dropped = 7;
	faults_text(&shown, &faults, NULL, 0);
	assert_string_equal(shown.data, "a: one\nb: two\nand 7 more\n");
	faults_fini(&faults);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fault_shows_place_line_and_caret),
		cmocka_unit_test(fault_shows_a_part_of_a_long_line),
		cmocka_unit_test(fault_of_an_unread_file_shows_no_line),
		cmocka_unit_test(line_with_a_secret_is_not_shown),
		cmocka_unit_test(faults_are_all_shown_and_the_rest_counted),
	};

	return cmocka_run_group_tests_name("fault", tests, NULL, NULL);
}
