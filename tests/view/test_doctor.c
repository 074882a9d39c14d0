#include "view/doctor.h"

#include <string.h>

#include "lib/text.h"
#include "unit.h"

static struct doctor doctor = {
	.uid = 7,
	.line = {{"archive", HEALTH_MISSING, "/x\n ok \x1b[2J\xff", "evidence", "chown"}},
};

static void what_is_lost_stands_below_its_line(void **state)
{
	AUTO_BUF struct buf text;

	(void)state;
	buf_init(&text, 65536);
	doctor_text(&doctor, false, &text);
	assert_non_null(strstr(text.data, "missing  archive        /x\\x0a ok "
					  "\\x1b[2J\\xff\n"
					  "                        lost: evidence\n"
					  "                        do: chown\n"));
	assert_non_null(strstr(text.data, "cannot be watched here"));
	assert_null(strchr(text.data, '\x1b'));
}

static void json_has_the_same(void **state)
{
	AUTO_BUF struct buf text;

	(void)state;
	buf_init(&text, 65536);
	assert_int_equal(doctor_json(&doctor, true, &text), 0);
	assert_non_null(strstr(text.data, "\"works\":true"));
	assert_non_null(strstr(text.data, "\"health\":\"missing\""));
	assert_non_null(strstr(text.data, "\"lost\":\"evidence\""));
	assert_null(strchr(text.data, '\x1b'));
}

static void json_that_does_not_fit_is_an_error(void **state)
{
	AUTO_BUF struct buf text;

	(void)state;
	buf_init(&text, 10);
	assert_true(doctor_json(&doctor, true, &text) < 0);
}

static int setup(void **state)
{
	(void)state;
	for (size_t i = 1; i < DOCTOR_LINES; i++)
		doctor.line[i].topic = "other";
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_lost_stands_below_its_line),
		cmocka_unit_test(json_has_the_same),
		cmocka_unit_test(json_that_does_not_fit_is_an_error),
	};

	return cmocka_run_group_tests_name("doctor", tests, setup, NULL);
}
