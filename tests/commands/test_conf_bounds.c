/* Bounds of a configuration, and what must not be repeated from it. */
#include "core/conf_load.h"

#include "commands/conf_text.h"

static void more_than_there_may_be_is_refused(void **state)
{
	AUTO_BUF struct buf text;
	struct conf_text c;

	(void)state;
	buf_init(&text, 1 << 20);
	buf_adds(&text, "services:\n");
	for (unsigned i = 0; i <= CONF_SERVICES_MAX; i++)
		buf_addf(&text, "  s%u: {pid: 1, rules: []}\n", i);
	assert_int_equal(conf_text_one(&c, text.data), CONF_FAULTY);
	assert_int_equal(c.faults.n, 1);
	assert_string_equal(c.faults.at[0].message, "more than 1000 services");
	assert_int_equal(c.faults.at[0].line, 1002);
	conf_text_fini(&c);
	buf_clear(&text);
	buf_adds(&text, "services: {s: {pid: 1, rules: [");
	for (unsigned i = 0; i <= CONF_RULES_MAX; i++)
		buf_addf(&text, "memory > %uG, ", i + 1);
	buf_adds(&text, "]}}");
	assert_int_equal(conf_text_one(&c, text.data), CONF_FAULTY);
	assert_int_equal(c.faults.n, 1);
	assert_string_equal(c.faults.at[0].message, "more than 32 rules");
	conf_text_fini(&c);
}

static void listen_is_what_the_kernel_can_be_asked(void **state)
{
	static const struct {
		const char *text;
		bool good;
	} rows[] = {
		{"80", true},
		{"127.0.0.1:80", true},
		{"localhost:80", true},
		{"[::1]:80", true},
		{"[::ffff:1.2.3.4]:80", true},
		{"/run/x.sock", true},
		{"@x", true},
		{"0", false},
		{"65536", false},
		{":80", false},
		{"::1:80", false},
		{"[::1]", false},
		{"[]:80", false},
		{"[::1:80", false},
		{"[::1]80", false},
		{"db:80", false},
		{"127.0.0.1:", false},
		{"127.0.0.1:80x", false},
		{"*:80", false},
	};
	AUTO_BUF struct buf text;

	(void)state;
	buf_init(&text, 1000);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct conf_text c;
		int r;

		buf_clear(&text);
		buf_addf(&text, "services: {x: {listen: '%s'}}", rows[i].text);
		r = conf_text_one(&c, text.data);
		expect(r == (rows[i].good ? 0 : CONF_FAULTY), "'%s': %d", rows[i].text,
		       r);
		conf_text_fini(&c);
	}
}

/* Told to the journal, a password in the wrong place would be read by others. */
static void misplaced_secrets_are_marked(void **state)
{
	static const struct {
		const char *text;
		bool secret;
	} rows[] = {
		{SERVICE("pprof: http://me:SECRET@h"), true},
		{SERVICE("pprof: {url: 'http://me:SECRET@h'}"), true},
		{SERVICE("auth: {basic: 'me:SECRET'}"), true},
		{SERVICE("auth: {bearer: SECRET}"), true},
		{SERVICE("headers_file: 'Authorization: SECRET'"), true},
		{SERVICE("pprof: SECRET"), false}, /* no address, no secret */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct conf_text c;

		assert_int_equal(conf_text_one(&c, rows[i].text), CONF_FAULTY);
		assert_int_equal(c.faults.n, 1);
		expect(c.faults.at[0].secret == rows[i].secret, "%s", rows[i].text);
		expect(!strstr(c.faults.at[0].message, "SECRET"), "%s",
		       c.faults.at[0].message);
		conf_text_fini(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(more_than_there_may_be_is_refused),
		cmocka_unit_test(listen_is_what_the_kernel_can_be_asked),
		cmocka_unit_test(misplaced_secrets_are_marked),
	};

	return cmocka_run_group_tests_name("conf_bounds", tests, NULL, NULL);
}
