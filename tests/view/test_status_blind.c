#include "view/status_blind.h"

#include <string.h>

#include "unit.h"

static void says(const char *json, const char *expected)
{
	struct buf text;

	buf_init(&text, 10000);
	status_blind(json, strlen(json), "/a", &text);
	assert_string_equal(text.data, expected);
	buf_fini(&text);
}

static void blind_rules_are_told_with_their_reason(void **state)
{
	(void)state;
	says("{\"archive\":\"/"
	     "a\",\"targets\":[{\"service\":\"cron\",\"pid\":41,\"rules\":["
	     "{\"rule\":\"memory > 5G\",\"phase\":\"armed\"},"
	     "{\"rule\":\"memory > 92%\",\"phase\":\"blind\",\"blind\":\"there is no "
	     "limit\"}"
	     "]}]}",
	     "rule 'memory > 92%' of 'cron' pid 41 is blind: there is no limit\n");
}

static void services_and_targets_in_trouble_are_told(void **state)
{
	(void)state;
	says("{\"archive\":\"/a\",\"targets\":[{\"service\":\"cron\",\"pid\":41,"
	     "\"trouble\":\"pprof: HTTP 404\",\"rules\":[{\"rule\":\"goroutines > 9\","
	     "\"phase\":\"blind\",\"blind\":\"cannot be read\"}]}]}",
	     "'cron' pid 41: pprof: HTTP 404\n"
	     "rule 'goroutines > 9' of 'cron' pid 41 is blind: cannot be read\n");
	says("{\"archive\":\"/a\",\"services\":[{\"service\":\"calm\",\"trouble\":\"\"},"
	     "{\"service\":\"cron\",\"trouble\":\"cannot be found: \\u001b\"}]}",
	     "service 'cron': cannot be found: \\x1b\n");
	says("{\"archive\":\"/a\",\"services\":[{\"service\":\"cron\",\"limited\":\"\"},"
	     "{\"service\":\"api\",\"limited\":\"limits.per_target: 12 captures\"}]}",
	     "service 'api': captures are suppressed, limits.per_target: 12 captures\n");
	says("{\"archive\":\"/a\",\"services\":[1,{},{\"trouble\":7}]}", "");
}

static void what_is_no_status_of_this_archive_says_nothing(void **state)
{
	(void)state;
	says("", "");
	says("[]", "");
	says("{\"archive\":\"/b\",\"targets\":[{\"rules\":[{\"phase\":\"blind\"}]}]}",
	     "");
	says("{\"archive\":\"/a\",\"targets\":{\"x\":[1]}}", "");
	says("{\"archive\":\"/a\",\"targets\":[1,[],{\"rules\":7}]}", "");
}

static void foreign_bytes_do_not_reach_the_terminal(void **state)
{
	(void)state;
	says("{\"archive\":\"/a\",\"targets\":[{\"rules\":[{\"rule\":\"\\u001b[2J\","
	     "\"phase\":\"blind\"}]}]}",
	     "rule '\\x1b[2J' of '' pid 0 is blind: \n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blind_rules_are_told_with_their_reason),
		cmocka_unit_test(services_and_targets_in_trouble_are_told),
		cmocka_unit_test(what_is_no_status_of_this_archive_says_nothing),
		cmocka_unit_test(foreign_bytes_do_not_reach_the_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
