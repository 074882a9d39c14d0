/* Rules on a metric: what picks it, and what it may be compared with. */
#include <errno.h>
#include <string.h>

#include "core/rule.h"
#include "unit.h"

#define G (UINT64_C(1) << 30)
#define MINUTE UINT64_C(60000)
#define HOUR (60 * MINUTE)

static void a_rule_on_a_metric_reads_what_people_write(void **state)
{
	static const struct {
		const char *text, *folded; /* folded NULL: the same */
		const char *slug;
		enum rule_kind kind;
		enum signal signal;
		enum value_kind value_kind;
		uint64_t value, window_ms, for_ms;
	} rows[] = {
		{"metric ssh_sessions > 1000", NULL, "metric-ssh_sessions-1000",
		 RULE_ABOVE, SIGNAL_METRIC, 0, 1000000, 0, 0},
		{"metric a:b{c=\"d > e\",f=\"\\\"}\"}>0.5",
		 "metric a:b{c=\"d > e\",f=\"\\\"}\"} > 0.5", "metric-a-b-c-d-e-f-0.5",
		 RULE_ABOVE, SIGNAL_METRIC, 0, 500, 0, 0},
		{"metric heap_bytes > 5G", NULL, "metric-heap_bytes-5G", RULE_ABOVE,
		 SIGNAL_METRIC, 0, 5000 * G, 0, 0},
		{"metric x > 1e6 for 1m", NULL, "metric-x-1e6-for-1m", RULE_ABOVE,
		 SIGNAL_METRIC, 0, 1000000000, 0, MINUTE},
		{"metric x grows 2.5 in 1h", NULL, "metric-x-grows-2.5-in-1h", RULE_GROWS,
		 SIGNAL_METRIC, 0, 2500, HOUR, 0},
		{"metric x > 3x base", NULL, "metric-x-3x-base", RULE_ABOVE,
		 SIGNAL_METRIC, VALUE_BASE, 3000, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *text = rows[i].folded ? rows[i].folded : rows[i].text;
		struct rule_fault fault = {0};
		struct rule rule;

		expect(rule_parse(rows[i].text, &rule, &fault) == 0, "'%s': %u, %s",
		       rows[i].text, fault.column, fault.message);
		expect(strcmp(rule.text, text) == 0 &&
			       strcmp(rule.slug, rows[i].slug) == 0,
		       "'%s', slug '%s'", rule.text, rule.slug);
		expect(rule.kind == rows[i].kind && rule.signal == rows[i].signal &&
			       rule.value_kind == rows[i].value_kind &&
			       rule.value == rows[i].value &&
			       rule.window_ms == rows[i].window_ms &&
			       rule.for_ms == rows[i].for_ms,
		       "'%s': %llu", text, (unsigned long long)rule.value);
		expect(strstr(text, rule.metric) == text + strlen("metric "), "'%s'",
		       rule.metric);
	}
}

static void a_rule_on_a_metric_says_what_is_wrong(void **state)
{
	static const struct {
		const char *text;
		unsigned column;
		const char *message; /* its beginning */
	} rows[] = {
		{"metric-2 > 5", 1, "no signal \"metric-2\": did you mean \"metric\"?"},
		{"metric", 7, "which metric?"},
		{"metric > 5", 8, "a metric's name is missing"},
		{"metric a-b > 5", 9, "a metric is NAME or NAME{"},
		{"metric a{b=c} > 5", 12, "a label's value stands in quotes"},
		{"metric a{b=\"c > 5", 13, "a label's value stands in quotes"},
		{"metric a {b=\"c\"} > 5", 10, "after \"metric\" stands"},
		{"metric a > 50%", 12,
		 "metrics have no limit to be a percentage of: write"},
		{"metric a > 0", 12, "\"0\": at least 0.001"},
		{"metric a > -1", 12, "\"-1\": at least 0.001"},
		{"metric a > 1e30", 12, "\"1e30\" is too large"},
		{"metric a > NaN", 12, "\"NaN\": at least 0.001"},
		{"metric a > many", 12, "\"many\" is no value: write 1000, 0.5, 5G"},
		{"metric a grows 5 in 5s", 21, "\"in 5s\": at least 20s"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct rule_fault fault = {0};
		struct rule rule;

		assert_int_equal(rule_parse(rows[i].text, &rule, &fault), -EINVAL);
		expect(fault.column == rows[i].column &&
			       strncmp(fault.message, rows[i].message,
				       strlen(rows[i].message)) == 0,
		       "'%s': %u, %s", rows[i].text, fault.column, fault.message);
	}
}

static void parse_all(const char *const *texts, size_t n, struct rule *rules)
{
	struct rule_fault fault;

	for (size_t i = 0; i < n; i++)
		assert_int_equal(rule_parse(texts[i], &rules[i], &fault), 0);
}

static void each_metric_of_a_service_has_a_place(void **state)
{
	static const char *const texts[] = {
		"metric a > 1",          "memory > 5G",  "metric b > 1", "metric a > 2",
		"metric a{x=\"1\"} > 2", "metric c > 1", "metric d > 1",
	};
	static const enum signal signals[] = {
		SIGNAL_METRIC, SIGNAL_MEMORY,   SIGNAL_METRIC_2,
		SIGNAL_METRIC, SIGNAL_METRIC_3, SIGNAL_METRIC_4,
	};
	struct rule rules[7];

	(void)state;
	parse_all(texts, 7, rules);
	assert_int_equal(rules_place(rules, 7), 7); /* the fifth metric */
	assert_int_equal(rules_place(rules, 6), 0);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		expect(rules[i].signal == signals[i], "%s", texts[i]);
}

static enum blind blind_of(struct reading reading, bool metrics)
{
	static const char *const text = "metric a > 1";
	struct sample sample = {.v = {[SIGNAL_METRIC] = reading}};
	const struct rule_view view = {.sample = &sample, .metrics = metrics};
	struct rule rule;

	parse_all(&text, 1, &rule);
	return rule_signal(&rule, &view);
}

static void a_metric_that_cannot_be_had_says_why(void **state)
{
	(void)state;
	assert_int_equal(blind_of((struct reading){0}, false), BLIND_NO_METRICS);
	assert_int_equal(blind_of((struct reading){0}, true), BLIND_NOT_YET);
	assert_int_equal(
		blind_of((struct reading){.have = HAVE_ERROR, .error = ENOENT}, true),
		BLIND_NO_SERIES);
	assert_int_equal(
		blind_of((struct reading){.have = HAVE_ERROR, .error = ERANGE}, true),
		BLIND_UNREADABLE);
	assert_int_equal(blind_of((struct reading){.have = HAVE_VALUE}, true), BLIND_NOT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rule_on_a_metric_reads_what_people_write),
		cmocka_unit_test(a_rule_on_a_metric_says_what_is_wrong),
		cmocka_unit_test(each_metric_of_a_service_has_a_place),
		cmocka_unit_test(a_metric_that_cannot_be_had_says_why),
	};

	return cmocka_run_group_tests_name("rule_metric", tests, NULL, NULL);
}
