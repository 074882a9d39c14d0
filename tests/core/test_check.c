#include "core/check.h"

#include <errno.h>
#include <string.h>

#include "lib/text.h"
#include "unit.h"

#define GIB (UINT64_C(1) << 30)

static void put_rules(struct conf_service *service, const char *const *texts, size_t n)
{
	struct rule_fault fault;

	conf_service_init(service);
	service->rules = calloc(n, sizeof(*service->rules));
	assert_non_null(service->rules);
	service->n_rules = n;
	for (size_t i = 0; i < n; i++)
		assert_int_equal(rule_parse(texts[i], &service->rules[i], &fault), 0);
}

static struct reading value(uint64_t number)
{
	return (struct reading){.value = number, .have = HAVE_VALUE};
}

static void rules_come_to_numbers(void **state)
{
	static const struct {
		const char *text;
		enum blind blind;
		bool stays_blind;
		enum unit unit;
		uint64_t amount;
	} rows[] = {
		{"memory > 5G", BLIND_NOT, false, UNIT_BYTES, 5 * GIB},
		{"memory > 50%", BLIND_NOT, false, UNIT_BYTES, 4 * GIB},
		{"memory > 9G", BLIND_ABOVE_LIMIT, true, UNIT_BYTES, 0},
		{"memory grows 1G in 1m", BLIND_NOT, false, UNIT_BYTES, GIB},
		{"memory > 5x base", BLIND_NO_BASE, false, UNIT_BYTES, 0},
		{"time to limit < 2m", BLIND_NOT, false, UNIT_MS, 120000},
		{"threads > 500", BLIND_NOT, false, UNIT_COUNT, 500},
		{"fds > 50%", BLIND_UNREADABLE, true, UNIT_COUNT, 512},
		{"tasks > 50%", BLIND_NO_SIGNAL, true, UNIT_COUNT, 0},
		{"goroutines > 1000", BLIND_NO_PPROF, true, UNIT_COUNT, 1000},
	};
	const char *texts[ARRAY_SIZE(rows)];
	struct check_target target = {.facts.pid = 1, .sample.headroom = value(3 * GIB)};
	struct sample *sample = &target.sample;
	struct conf_service service;

	(void)state;
	sample->v[SIGNAL_MEMORY] = value(GIB);
	sample->v[SIGNAL_THREADS] = value(12);
	sample->v[SIGNAL_FDS] = (struct reading){.have = HAVE_ERROR, .error = EACCES};
	sample->ceiling[CEILING_LIMIT] = value(8 * GIB);
	sample->ceiling[CEILING_NOFILE] = value(1024);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		texts[i] = rows[i].text;
	put_rules(&service, texts, ARRAY_SIZE(rows));
	check_resolve(&service, &target);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct check_rule *found = &target.rules[i];

		expect(found->blind == rows[i].blind &&
			       found->stays_blind == rows[i].stays_blind &&
			       found->unit == rows[i].unit,
		       "%s: blind %d %d, unit %d", rows[i].text, found->blind,
		       found->stays_blind, found->unit);
		expect(found->blind != BLIND_NOT || found->amount == rows[i].amount,
		       "%s: %llu", rows[i].text, (unsigned long long)found->amount);
	}
	assert_int_equal(target.rules[0].now.value, GIB);
	assert_int_equal(target.rules[1].ceiling.value, 8 * GIB);
	conf_service_fini(&service);
}

/* Goroutines are read by the probe alone: before its answer there is no blindness. */
static void goroutines_wait_for_their_probe(void **state)
{
	static const char *const texts[] = {"goroutines > 1000", "goroutines > 5x base"};
	struct check_target target = {.facts.pid = 1};
	struct conf_service service;

	(void)state;
	put_rules(&service, texts, 2);
	assert_int_equal(text_copy(service.endpoint.url, 256, "http://h"), 0);
	check_resolve(&service, &target);
	assert_int_equal(target.rules[0].blind, BLIND_NOT);
	assert_int_equal(target.rules[0].amount, 1000);
	assert_int_equal(target.rules[1].blind, BLIND_NO_BASE);
	assert_false(target.rules[1].stays_blind);
	conf_service_fini(&service);
}

static void answers_of_index_pages_resolve_the_rules(void **state)
{
	static const struct {
		struct probe_reply reply;
		enum blind blind, of_base;
		uint64_t now;
		const char *note;
	} rows[] = {
		{{.kind = PROBE_COUNTED, .goroutines = 68},
		 BLIND_NOT,
		 BLIND_NO_BASE,
		 68,
		 NULL},
		{{.kind = PROBE_FOREIGN, .why = "HTTP 404"},
		 BLIND_FOREIGN_PAGE,
		 BLIND_FOREIGN_PAGE,
		 0,
		 "http://h of pid 1: HTTP 404"},
		{{.kind = PROBE_FAILED, .why = "refused"},
		 BLIND_UNREADABLE,
		 BLIND_UNREADABLE,
		 0,
		 "http://h of pid 1: refused"},
	};
	static const char *const texts[] = {"goroutines > 1000", "goroutines > 5x base"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct check_target target = {.facts.pid = 1};
		struct conf_service conf;
		struct check_service service = {.conf = &conf};

		put_rules(&conf, texts, 2);
		assert_int_equal(text_copy(conf.endpoint.url, 256, "http://h"), 0);
		check_answer(&service, &target, &rows[i].reply);
		assert_int_equal(target.rules[0].blind, rows[i].blind);
		assert_int_equal(target.rules[1].blind, rows[i].of_base);
		assert_int_equal(target.rules[0].stays_blind, rows[i].blind != BLIND_NOT);
		assert_int_equal(target.rules[0].now.value, rows[i].now);
		assert_int_equal(service.notes.n, rows[i].note != NULL);
		if (rows[i].note)
			assert_string_equal(service.notes.at[0].text, rows[i].note);
		conf_service_fini(&conf);
	}
}

static void without_a_process_nothing_is_blind(void **state)
{
	static const char *const texts[] = {"memory > 5G", "memory > 62%", "tasks > 7"};
	struct check_target target = {0};
	struct conf_service service;

	(void)state;
	put_rules(&service, texts, 3);
	check_resolve(&service, &target);
	assert_int_equal(target.rules[0].blind, BLIND_NOT);
	assert_int_equal(target.rules[0].amount, 5 * GIB);
	assert_int_equal(target.rules[1].blind, BLIND_NO_LIMIT);
	assert_int_equal(target.rules[2].blind, BLIND_NOT);
	for (size_t i = 0; i < 3; i++)
		assert_false(target.rules[i].stays_blind);
	conf_service_fini(&service);
}

static void gaps_are_what_cannot_work(void **state)
{
	struct conf_service service;
	struct conf conf = {.services = &service, .n_services = 1};
	struct check_target *target;
	struct check check;

	(void)state;
	put_rules(&service, (const char *const[]){"memory > 5G"}, 1);
	assert_int_equal(check_init(&check, &conf), 0);
	assert_false(check_has_gaps(&check));
	target = check_target_add(&check.services[0]);
	assert_non_null(target);
	check_note(&target->notes, "capture.artifacts", "less evidence");
	assert_false(check_has_gaps(&check));
	target->rules[0].stays_blind = true;
	assert_true(check_has_gaps(&check));
	target->rules[0].stays_blind = false;
	check_note(&check.services[0].notes, "exe", "needs %s", "a right");
	assert_true(check_has_gaps(&check));
	assert_string_equal(check.services[0].notes.at[0].text, "needs a right");
	check.services[0].notes.n = 0;
	check_note(&check.notes, "archive.dir", "no");
	assert_true(check_has_gaps(&check));
	check_fini(&check);
	check_fini(&check);
	conf_service_fini(&service);
}

static void notes_end_at_their_number(void **state)
{
	struct check_notes notes = {0};

	(void)state;
	for (unsigned i = 0; i < CHECK_NOTES_MAX + 3; i++)
		check_note(&notes, "key", "%u", i);
	assert_int_equal(notes.n, CHECK_NOTES_MAX);
	assert_string_equal(notes.at[CHECK_NOTES_MAX - 1].text, "7");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_come_to_numbers),
		cmocka_unit_test(goroutines_wait_for_their_probe),
		cmocka_unit_test(answers_of_index_pages_resolve_the_rules),
		cmocka_unit_test(without_a_process_nothing_is_blind),
		cmocka_unit_test(gaps_are_what_cannot_work),
		cmocka_unit_test(notes_end_at_their_number),
	};

	return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
