#include "view/check.h"

#include <string.h>

#include "unit.h"

/* Who names a program or a cgroup may be anybody: escapes, new lines, broken UTF-8. */
static void foreign_texts_neither_act_nor_forge_lines(void **state)
{
	struct conf_service service = {.name = "x",
				       .place = {.file = "a.yaml", .line = 2}};
	struct conf conf = {.services = &service, .n_services = 1};
	struct check_target target = {.facts = {.pid = 7,
						.exe = "/\x1b[2J\n  pid 1 /forged",
						.cgroup = "/\xff\xe2\x80\xae",
						.limit_from = "/\r"}};
	struct check_service checked = {
		.conf = &service, .targets = &target, .n_targets = 1};
	struct check check = {.conf = &conf, .services = &checked, .n_services = 1};
	const struct faults none = {0};
	AUTO_BUF struct buf text;
	AUTO_BUF struct buf json;

	(void)state;
	buf_init(&text, 65536);
	buf_init(&json, 65536);
	check_text(&check, "a.yaml", &text);
	assert_non_null(strstr(text.data, "pid 7 /\\x1b[2J\\x0a  pid 1 /forged, cgroup "
					  "/\\xff\\xe2\\x80\\xae, no limit\n"));
	assert_null(strchr(text.data, '\x1b'));
	assert_int_equal(check_json(&check, &none, &json), 0);
	assert_non_null(
		strstr(json.data, "\"cgroup\": \"/\\\\xff\\\\xe2\\\\x80\\\\xae\""));
	assert_null(strchr(json.data, '\x1b'));
}

static void json_that_does_not_fit_is_an_error(void **state)
{
	const struct faults none = {0};
	AUTO_BUF struct buf json;

	(void)state;
	buf_init(&json, 10);
	assert_true(check_json(NULL, &none, &json) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(foreign_texts_neither_act_nor_forge_lines),
		cmocka_unit_test(json_that_does_not_fit_is_an_error),
	};

	return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
