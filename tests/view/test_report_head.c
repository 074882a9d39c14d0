#include "view/report_head.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report_cases.h"
#include "unit.h"

#define BEFORE "{\n\"incident\":{\n\"path\":\"x\"},\n"
#define SUSPECT                                                                          \
	"{\"kind\":\"heap\",\"text\":\"t\",\"who\":\"main.load\",\"base\":1048576,"      \
	"\"now\":4194304}"

static void what_a_report_says_first_is_read_back(void **state)
{
	static const struct {
		const char *json;
		int r;
		const char *text;
	} rows[] = {
		{BEFORE "\"grew\":[\n" SUSPECT
			"],\n\"memory\":{\n\"label\":\"heap growth\"}}",
		 0, "+3.0M main.load"},
		{BEFORE "\"grew\":[\n" SUSPECT ",\n{\"kind\"", 0,
		 "+3.0M main.load"}, /* cut */
		{BEFORE
		 "\"grew\":[\n{\"kind\":\"goroutines\",\"who\":\"main.wait\",\"base\":68,"
		 "\"now\":4080}]",
		 0, "+4,012 goroutines main.wait"},
		{BEFORE "\"grew\":[\n{\"kind\":\"sockets\",\"who\":\"\",\"base\":0,"
			"\"now\":885}]",
		 0, "+885 sockets"},
		{BEFORE "\"grew\":[],\n\"nobody\":\"x\",\n\"memory\":{\n\"label\":\"page "
			"cache\"}",
		 0, "nobody: page cache"},
		{BEFORE "\"grew\":[],\n", 0, "nobody"},
		{BEFORE "\"grew\":[\n{\"kind\":\"he", 0, "nobody"},
		{BEFORE "\"grew\":[\n7]", 0, "nobody"},
		{BEFORE "\"grew\":[\n{\"kind\":7,\"who\":[],\"base\":{},\"now\":null}]",
		 0, "nobody"},
		{BEFORE "\"grew\":[\n{\"kind\":\"heap\",\"who\":\"\\u001b[31m\\n\","
			"\"base\":-9223372036854775808,\"now\":9223372036854775807}]",
		 0, "+8388608T \\x1b[31m\\x0a"},
		{BEFORE "\"grew\":[\n{\"kind\":\"heap\",\"base\":9,\"now\":1}]", 0, "+0"},
		/* A name of somebody's cannot stand for a line of ours. */
		{"{\"path\":\"\\n\\\"grew\\\":[\\n\"}", -EBADMSG, ""},
		{"", -EBADMSG, ""},
		{"\xff\xfe", -EBADMSG, ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_BUF struct buf text;
		struct report_head head;
		int r;

		buf_init(&text, 1000);
		r = report_head_read((struct span){rows[i].json, strlen(rows[i].json)},
				     &head);
		if (r == 0)
			report_head_text(&head, &text);
		expect(r == rows[i].r &&
			       !strcmp(text.data ? text.data : "", rows[i].text),
		       "row %zu: %d '%s'", i, r, text.data);
	}
}

static void it_is_the_one_that_reports_are_written_with(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(report_cases); i++) {
		AUTO_BUF struct buf json, text;
		AUTO_FREE struct report_case *c = calloc(1, sizeof(*c));
		struct report_head head;

		buf_init(&json, 64 << 20);
		buf_init(&text, 1000);
		assert_non_null(c);
		report_cases[i].make(c);
		assert_int_equal(report_json(&c->report, &json), 0);
		assert_int_equal(
			report_head_read(
				(struct span){json.data, MIN(json.len, REPORT_HEAD_MAX)},
				&head),
			0);
		expect(!head.kind[0] == !c->report.grew.n, "%s", report_cases[i].name);
		if (c->report.grew.n)
			expect(!strcmp(head.kind,
				       suspect_table[c->report.grew.list[0].kind]),
			       "%s: %s", report_cases[i].name, head.kind);
		assert_string_equal(head.label,
				    memory_label_table[c->report.account.label]);
		case_fini(c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_report_says_first_is_read_back),
		cmocka_unit_test(it_is_the_one_that_reports_are_written_with),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
