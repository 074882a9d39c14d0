/* The file that discover prints, read by the reader and the loader of configurations: it
 * must say what was meant, whatever the processes are called. */
#include "view/discover.h"

#include "commands/conf_text.h"

struct case_ {
	struct discover_process process[2];
	struct discover_service service[2];
	struct container_facts container;
	struct discover discover;
	struct buf text;
};

static int setup(void **state)
{
	struct case_ *c = calloc(1, sizeof(*c));

	if (!c)
		return -1;
	buf_init(&c->text, 1 << 20);
	c->discover = (struct discover){.processes = c->process,
					.n_processes = 2,
					.services = c->service,
					.n_services = 2};
	c->container.runtime[0] = 'x';
	c->process[0].container = &c->container;
	for (size_t i = 0; i < 2; i++) {
		c->process[i].facts.pid = (int)i + 1;
		c->service[i] = (struct discover_service){
			.name = "a", .process = &c->process[i], .url = ""};
		c->service[i].name[0] = (char)('a' + i);
	}
	*state = c;
	return 0;
}

static int teardown(void **state)
{
	struct case_ *c = *state;

	buf_fini(&c->text);
	free(c);
	return 0;
}

static const char *const nasty[] = {
	"/opt/x\"\n  evil: {unit: root}\n",
	"/opt/\\\" # &a *a !b |",
	"/opt/\xff\xfe\xef\xbf\xbf\xef\xbb\xbf\xc2\x85\xe2\x80\xa8",
	"/opt/\x1b]0;x\a\r\t\x7f",
	"/opt/'%@`, [] {} ? - : <<",
};

static void nasty_names_do_not_reach_the_configuration(void **state)
{
	struct case_ *c = *state;

	for (size_t i = 0; i < ARRAY_SIZE(nasty); i++) {
		struct discover_process *p = c->process;
		struct conf_text conf;
		size_t nth = 0;

		memset(p->facts.exe, 0, sizeof(p->facts.exe));
		assert_int_equal(text_copy(p->facts.exe, sizeof(p->facts.exe), nasty[i]),
				 0);
		(void)text_copy(p->comm, sizeof(p->comm), nasty[i]);
		(void)text_copy(p->go, sizeof(p->go), nasty[i]);
		(void)text_copy(p->package, sizeof(p->package), nasty[i]);
		(void)text_copy(p->version, sizeof(p->version), nasty[i]);
		(void)text_copy(c->container.name, sizeof(c->container.name), nasty[i]);
		(void)text_copy(c->container.image, sizeof(c->container.image), nasty[i]);
		for (; discover_way(p, nth, &c->service[0].selector); nth++) {
			struct discover_selector *way = &c->service[0].selector;

			c->service[1].left_out = "it is watched already";
			buf_clear(&c->text);
			discover_yaml(&c->discover, &c->text);
			expect(conf_text_one(&conf, c->text.data) == 0, "%s: %s",
			       c->text.data,
			       conf.faults.n ? conf.faults.at[0].message : "");
			assert_int_equal(conf.conf.n_services, 1);
			assert_string_equal(conf.conf.services[0].name, "a");
			for (size_t s = 0; s < SELECTOR_N; s++) {
				const char *read = conf.conf.services[0].selector[s];

				assert_string_equal(read ? read : "", way->text[s]);
			}
			conf_text_fini(&conf);
		}
		assert_true(nth > 1);
	}
}

static void selectors_of_a_container_are_read_as_they_were_meant(void **state)
{
	struct case_ *c = *state;
	struct discover_selector way;
	struct conf_text conf;

	c->container = (struct container_facts){
		.name = "api", .namespace = "shop", .pod = "order-7d9f5c-x2x4z"};
	c->service[1].left_out = "x";
	assert_int_equal(text_copy(c->process[0].facts.exe, 256, "/app/shop"), 0);
	for (size_t nth = 0; nth < 6; nth++) {
		if (nth == 4)
			c->container.pod[0] = '\0';
		assert_true(discover_way(&c->process[0], nth % 4, &way));
		c->service[0].selector = way;
		buf_clear(&c->text);
		discover_yaml(&c->discover, &c->text);
		assert_int_equal(conf_text_one(&conf, c->text.data), 0);
		for (size_t s = 0; s < SELECTOR_N; s++) {
			const char *read = conf.conf.services[0].selector[s];

			assert_string_equal(read ? read : "", way.text[s]);
		}
		conf_text_fini(&conf);
	}
}

static void rules_are_written_where_there_is_no_limit(void **state)
{
	static const struct {
		bool limit;
		const char *url;
		size_t n_rules;
	} rows[] = {{true, "", 2},
		    {true, "http://127.0.0.1:6060", 3},
		    {false, "", 1},
		    {false, "http://127.0.0.1:6060", 3},
		    {false, "unix:///run/x\\\".sock", 3}};
	struct case_ *c = *state;

	assert_true(discover_way(&c->process[0], 0, &c->service[0].selector));
	c->service[1].left_out = "x";
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct conf_text conf;

		c->process[0].limit.have = rows[i].limit ? HAVE_VALUE : HAVE_ABSENT;
		c->service[0].url = rows[i].url;
		buf_clear(&c->text);
		discover_yaml(&c->discover, &c->text);
		assert_int_equal(conf_text_one(&conf, c->text.data), 0);
		assert_int_equal(conf.conf.services[0].n_rules, rows[i].n_rules);
		assert_string_equal(conf.conf.services[0].endpoint.url, rows[i].url);
		conf_text_fini(&conf);
	}
}

static void text_and_json_hold_no_foreign_control_byte(void **state)
{
	struct discover_listen listen = {.asked = ASKED_OTHER};
	struct case_ *c = *state;

	c->process[0].listens = &listen;
	c->process[0].n_listens = 1;
	for (size_t i = 0; i < ARRAY_SIZE(nasty); i++) {
		(void)text_copy(c->process[0].facts.exe, 256, nasty[i]);
		(void)text_copy(c->process[0].package, 256, nasty[i]);
		(void)text_copy(c->process[0].path, 256, nasty[i]);
		(void)text_copy(c->process[0].unit, 256, nasty[i]);
		(void)text_copy(c->container.pod, 200, nasty[i]);
		(void)text_copy(c->container.image, 200, nasty[i]);
		(void)text_copy(listen.at, sizeof(listen.at), nasty[i]);
		(void)text_copy(listen.why, sizeof(listen.why), nasty[i]);
		buf_clear(&c->text);
		discover_text(&c->discover, 0, &c->text);
		assert_int_equal(discover_json(&c->discover, &c->text), 0);
		assert_null(strpbrk(c->text.data, "\x1b\a\r\x7f\t"));
		assert_null(strstr(c->text.data, "\n  evil"));
	}
}

static void an_empty_machine_makes_a_file_of_comments(void **state)
{
	struct case_ *c = *state;
	struct span rest, line;

	c->discover.n_services = 0;
	discover_yaml(&c->discover, &c->text);
	rest = (struct span){c->text.data, c->text.len};
	while (text_next(&rest, '\n', &line))
		assert_int_equal(line.at[0], '#');
}

int main(void)
{
#define EACH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		EACH(nasty_names_do_not_reach_the_configuration),
		EACH(selectors_of_a_container_are_read_as_they_were_meant),
		EACH(rules_are_written_where_there_is_no_limit),
		EACH(text_and_json_hold_no_foreign_control_byte),
		EACH(an_empty_machine_makes_a_file_of_comments),
	};

	return cmocka_run_group_tests_name("discover", tests, NULL, NULL);
}
