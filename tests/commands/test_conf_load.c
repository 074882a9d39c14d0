/* The loader with the reader before it: what people write, and what they are told. */
#include "core/conf_load.h"

#include "core/conf_keys.h"

#include "core/conf_keys.h"

#include "commands/conf_text.h"

#define S 1000
#define M (60 * S)
#define GIB (1ULL << 30)

static void three_lines_are_a_configuration(void **state)
{
	const struct conf_service *service;
	struct conf_text c;

	(void)state;
	assert_int_equal(
		conf_text_one(&c, "services:\n  cron:\n    unit: cron.service\n"), 0);
	assert_int_equal(c.conf.interval_ms, S);
	assert_string_equal(c.conf.archive.dir, "/archive");
	assert_int_equal(c.conf.archive.max_use.permille, 100);
	assert_int_equal(c.conf.archive.max_use.cap, 4 * GIB);
	assert_int_equal(c.conf.archive.keep_free.permille, 150);
	assert_int_equal(c.conf.archive.keep_free.cap, 4 * GIB);
	assert_int_equal(c.conf.archive.max_incidents, 200);
	assert_string_equal(c.conf.archive.group, "leakdog");
	assert_int_equal(c.conf.n_services, 1);
	service = &c.conf.services[0];
	assert_string_equal(service->name, "cron");
	assert_string_equal(service->selector[SELECTOR_UNIT], "cron.service");
	assert_null(service->selector[SELECTOR_PID]);
	assert_string_equal(service->endpoint.url, "");
	assert_int_equal(service->limit_bytes, 0);
	assert_int_equal(service->n_rules, 2); /* no pprof, no goroutines */
	assert_string_equal(service->rules[0].text, "memory > 62%");
	assert_string_equal(service->rules[1].text, "memory > 92%");
	assert_int_equal(service->rules[0].cooldown_ms, 10 * M);
	assert_int_equal(service->settle_ms, 5 * M);
	assert_int_equal(service->at_most_ms, 60 * M);
	assert_int_equal(service->again_ms, 30 * S);
	assert_int_equal(service->base_after_ms, 5 * M);
	assert_int_equal(service->recorder_every_ms, 10 * M);
	assert_int_equal(service->capture.artifacts, (1U << ARTIFACT_N) - 1);
	assert_int_equal(service->capture.debug2_at_most, 5000);
	assert_int_equal(service->capture.timeout_ms, 30 * S);
	assert_int_equal(service->capture.max_bytes, 256 << 20);
	assert_int_equal(service->limits.target, 12);
	assert_int_equal(service->limits.service, 24);
	assert_int_equal(service->limits.incidents, 6);
	assert_string_equal(service->place.file, "a.yaml");
	assert_int_equal(service->place.line, 2);
	assert_int_equal(service->place.column, 3);
	conf_text_fini(&c);
}

static void every_key_reaches_its_place(void **state)
{
	const struct conf_service *s;
	struct conf_text c;

	(void)state;
	assert_int_equal(
		conf_text_one(
			&c,
			"interval: 250ms\n"
			"archive: {dir: /a, max_use: 1G, keep_free: 5%, "
			"max_incidents: 7, group: adm}\n"
			"services:\n"
			"  x:\n"
			"    unit: x.service\n"
			"    cgroup: /x/*\n"
			"    pid: 12\n"
			"    pidfile: /run/x.pid\n"
			"    name: x*\n"
			"    cmdline: '* --serve *'\n"
			"    exe: /usr/bin/x\n"
			"    listen: 127.0.0.1:80\n"
			"    pprof: {url: 'https://h:1/p', heap: 'http://h/h?a=b'}\n"
			"    auth: {bearer: /t}\n"
			"    ca_file: /ca\n"
			"    headers_file: /h\n"
			"    limit: 8G\n"
			"    rules: ['memory > 5G', {when: threads > 500, cooldown: "
			"1h}]\n"
			"    cooldown: 1m\n"
			"    settle: 2m\n"
			"    at_most: 3m\n"
			"    again: off\n"
			"    base: {after: 4m}\n"
			"    recorder: {every: off}\n"
			"    capture: {artifacts: [heap, sockets], debug2_at_most: 5, "
			"timeout: 6s, max_bytes: 7M}\n"
			"    limits: {per_target: 1, per_service: 2, incidents: 3}\n"),
		0);
	assert_int_equal(c.conf.interval_ms, 250);
	assert_string_equal(c.conf.archive.dir, "/a");
	assert_int_equal(c.conf.archive.max_use.bytes, GIB);
	assert_int_equal(c.conf.archive.max_use.permille, 0);
	assert_int_equal(c.conf.archive.keep_free.permille, 50);
	assert_int_equal(c.conf.archive.keep_free.cap, UINT64_MAX);
	assert_int_equal(c.conf.archive.max_incidents, 7);
	assert_string_equal(c.conf.archive.group, "adm");
	s = &c.conf.services[0];
	assert_string_equal(s->selector[SELECTOR_UNIT], "x.service");
	assert_string_equal(s->selector[SELECTOR_CGROUP], "/x/*");
	assert_string_equal(s->selector[SELECTOR_PID], "12");
	assert_string_equal(s->selector[SELECTOR_PIDFILE], "/run/x.pid");
	assert_string_equal(s->selector[SELECTOR_NAME], "x*");
	assert_string_equal(s->selector[SELECTOR_CMDLINE], "* --serve *");
	assert_string_equal(s->selector[SELECTOR_EXE], "/usr/bin/x");
	assert_string_equal(s->selector[SELECTOR_LISTEN], "127.0.0.1:80");
	assert_string_equal(s->endpoint.url, "https://h:1/p");
	assert_string_equal(s->endpoint.urls[ARTIFACT_HEAP], "http://h/h?a=b");
	assert_string_equal(s->endpoint.urls[ARTIFACT_GOROUTINE], "");
	assert_string_equal(s->endpoint.auth_kind, "bearer");
	assert_string_equal(s->endpoint.auth_file, "/t");
	assert_string_equal(s->endpoint.ca_file, "/ca");
	assert_string_equal(s->endpoint.headers_file, "/h");
	assert_int_equal(s->limit_bytes, 8 * GIB);
	assert_int_equal(s->n_rules, 2);
	assert_int_equal(s->rules[0].value, 5 * GIB);
	assert_int_equal(s->rules[0].cooldown_ms, M);
	assert_int_equal(s->rules[1].value, 500);
	assert_int_equal(s->rules[1].cooldown_ms, 60 * M);
	assert_int_equal(s->cooldown_ms, M);
	assert_int_equal(s->settle_ms, 2 * M);
	assert_int_equal(s->at_most_ms, 3 * M);
	assert_int_equal(s->again_ms, 0);
	assert_int_equal(s->base_after_ms, 4 * M);
	assert_int_equal(s->recorder_every_ms, 0);
	assert_int_equal(s->capture.artifacts,
			 1U << ARTIFACT_HEAP | 1U << ARTIFACT_SOCKETS);
	assert_int_equal(s->capture.debug2_at_most, 5);
	assert_int_equal(s->capture.timeout_ms, 6 * S);
	assert_int_equal(s->capture.max_bytes, 7 << 20);
	assert_int_equal(s->limits.target, 1);
	assert_int_equal(s->limits.service, 2);
	assert_int_equal(s->limits.incidents, 3);
	conf_text_fini(&c);
}

static void defaults_reach_services_maps_merge_lists_replace(void **state)
{
	struct conf_text c;

	(void)state;
	assert_int_equal(
		conf_text_one(
			&c, "services:\n"
			    "  a: {unit: a.service}\n"
			    "  b:\n"
			    "    unit: b.service\n"
			    "    rules: [threads > 7]\n"
			    "    cooldown: 2m\n"
			    "    capture: {timeout: 5s}\n"
			    "    pprof: none\n"
			    "defaults:\n" /* the order of keys does not matter */
			    "  rules: [memory > 5G, {when: fds > 9, cooldown: 3m}]\n"
			    "  capture: {timeout: 9s, max_bytes: 1M, artifacts: [heap]}\n"
			    "  pprof: {url: 'http://h', heap: 'http://h/x'}\n"
			    "  auth: {basic: /b}\n"),
		0);
	assert_int_equal(c.conf.services[0].n_rules, 2);
	assert_int_equal(c.conf.services[0].rules[0].cooldown_ms, 10 * M);
	assert_int_equal(c.conf.services[0].rules[1].cooldown_ms, 3 * M);
	assert_int_equal(c.conf.services[0].capture.timeout_ms, 9 * S);
	assert_int_equal(c.conf.services[0].capture.artifacts, 1U << ARTIFACT_HEAP);
	assert_string_equal(c.conf.services[0].endpoint.urls[ARTIFACT_HEAP],
			    "http://h/x");
	assert_int_equal(c.conf.services[1].n_rules, 1);
	assert_int_equal(c.conf.services[1].rules[0].cooldown_ms, 2 * M);
	assert_int_equal(c.conf.services[1].capture.timeout_ms, 5 * S);
	assert_int_equal(c.conf.services[1].capture.max_bytes, 1 << 20);
	assert_string_equal(c.conf.services[1].endpoint.url, "");
	assert_string_equal(c.conf.services[1].endpoint.urls[ARTIFACT_HEAP], "");
	assert_string_equal(c.conf.services[1].endpoint.auth_file, "/b");
	conf_text_fini(&c);
}

/* The cooldown of a service is also that of the rules that came from the defaults. */
static void cooldown_of_a_service_reaches_rules_of_the_defaults(void **state)
{
	struct conf_text c;

	(void)state;
	assert_int_equal(conf_text_one(&c,
				       "defaults: {rules: [memory > 5G], cooldown: 4m}\n"
				       "services:\n"
				       "  a: {pid: 1, cooldown: 5m}\n"
				       "  b: {pid: 2}\n"
				       "  c: {pid: 3, rules: []}\n"),
			 0);
	assert_int_equal(c.conf.services[0].rules[0].cooldown_ms, 5 * M);
	assert_int_equal(c.conf.services[1].rules[0].cooldown_ms, 4 * M);
	assert_int_equal(c.conf.services[2].n_rules, 0); /* written, and empty */
	conf_text_fini(&c);
}

static void defaults_of_a_file_stay_in_it(void **state)
{
	static const char *const texts[] = {
		"defaults: {settle: 1m, at_most: 1m}\nservices: {a: {pid: 1}}\n",
		"defaults: {settle: 2m}\nservices: {b: {pid: 2}}\n",
		"interval: 5s\nservices: {c: {pid: 3}}\n",
	};
	static const uint64_t settle[] = {M, 2 * M, M};
	struct conf_text c;

	(void)state;
	assert_int_equal(conf_text_load(&c, 3, texts, NULL), 0);
	assert_int_equal(c.conf.n_services, 3);
	assert_int_equal(c.conf.interval_ms, 5 * S);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(c.conf.services[i].settle_ms, settle[i]);
		assert_int_equal(c.conf.services[i].at_most_ms, M);
	}
	conf_text_fini(&c);
}

static void goroutines_are_watched_where_there_is_pprof(void **state)
{
	struct conf_text c;

	(void)state;
	assert_int_equal(
		conf_text_one(&c, "services: {a: {pid: 1, pprof: 'http://h:6060'}}"), 0);
	assert_int_equal(c.conf.services[0].n_rules, 3);
	assert_string_equal(c.conf.services[0].rules[2].text, "goroutines > 5x base");
	conf_text_fini(&c);
}

static void given_says_what_was_written(void **state)
{
	const struct conf_key *settle = conf_key_find(&conf_service_table, "", "settle");
	const struct conf_key *again = conf_key_find(&conf_service_table, "", "again");
	uint64_t given;
	struct conf_text c;

	(void)state;
	assert_int_equal(
		conf_text_one(&c, "defaults: {again: 1m}\nservices: {a: {pid: 1}}"), 0);
	given = c.conf.services[0].given;
	assert_true(given & UINT64_C(1) << (again - conf_service_table.rows));
	assert_false(given & UINT64_C(1) << (settle - conf_service_table.rows));
	conf_text_fini(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_lines_are_a_configuration),
		cmocka_unit_test(every_key_reaches_its_place),
		cmocka_unit_test(defaults_reach_services_maps_merge_lists_replace),
		cmocka_unit_test(cooldown_of_a_service_reaches_rules_of_the_defaults),
		cmocka_unit_test(defaults_of_a_file_stay_in_it),
		cmocka_unit_test(goroutines_are_watched_where_there_is_pprof),
		cmocka_unit_test(given_says_what_was_written),
	};

	return cmocka_run_group_tests_name("conf_load", tests, NULL, NULL);
}
