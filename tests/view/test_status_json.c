#include "view/status_json.h"

#include <jansson.h>
#include <string.h>

#include "unit.h"

#define MANY 3

static struct conf_service service;
static struct rule rule;
static struct rule_state state_of_rule;
static struct judgement judgement;
static struct sample sample;
static struct incident incident;

static struct status_target target_like(const char *cgroup)
{
	snprintf(service.name, sizeof(service.name), "cron");
	snprintf(rule.text, sizeof(rule.text), "memory > 5G");
	service.rules = &rule;
	service.n_rules = 1;
	sample = (struct sample){0};
	sample.v[SIGNAL_MEMORY] = (struct reading){12345678901, HAVE_VALUE, 0};
	sample.v[SIGNAL_FDS] = (struct reading){0, HAVE_ERROR, 13};
	return (struct status_target){.service = &service,
				      .key = "k-1",
				      .pid = 41,
				      .started_ms = 1795291924000,
				      .cgroup = cgroup,
				      .limit_from = "",
				      .sample = &sample,
				      .slope_per_s = -1.5,
				      .rules = &state_of_rule,
				      .judgements = &judgement,
				      .base_why = "",
				      .incident = &incident,
				      .trouble = ""};
}

/* Parsed by the library that its readers use. */
static json_t *written(const struct status_target *targets, size_t n)
{
	struct status status = {.archive = "/a\"\\\n",
				.pid = 7,
				.ticks = UINT64_MAX,
				.late_p99_ms = 3,
				.targets = targets,
				.n_targets = n};
	json_error_t error;
	struct buf text;
	json_t *root;

	buf_init(&text, 1 << 20);
	status_json(&status, &text);
	assert_int_equal(buf_error(&text), 0);
	root = json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES, &error);
	if (!root)
		fail_msg("%s at %d in %s", error.text, error.position, text.data);
	buf_fini(&text);
	return root;
}

static const json_t *signal_of(const json_t *root, const char *name)
{
	return json_object_get(
		json_object_get(json_array_get(json_object_get(root, "targets"), 0),
				"signals"),
		name);
}

static void value_absence_and_error_are_three_things(void **state)
{
	struct status_target target = target_like("/cron");
	json_t *root = written(&target, 1);

	(void)state;
	assert_int_equal(json_integer_value(signal_of(root, "memory")), 12345678901);
	assert_true(json_is_null(signal_of(root, "rss")));
	assert_string_equal(json_string_value(signal_of(root, "fds")),
			    "error: Permission denied");
	assert_true(json_is_null(json_object_get(root, "ticks"))); /* no such number */
	assert_int_equal(json_integer_value(json_object_get(root, "late_p99_ms")), 3);
	json_decref(root);
}

static void foreign_bytes_stay_within_their_text(void **state)
{
	struct status_target target = target_like("/a\",\"x\":\"\\\x01\xff\xc3\xa9");
	json_t *root = written(&target, 1);
	const json_t *first = json_array_get(json_object_get(root, "targets"), 0);

	(void)state;
	assert_string_equal(json_string_value(json_object_get(first, "cgroup")),
			    "/a\",\"x\":\"\\\\x01\\xff\xc3\xa9");
	assert_null(json_object_get(first, "x"));
	assert_string_equal(json_string_value(json_object_get(root, "archive")),
			    "/a\"\\\\x0a");
	json_decref(root);
}

static void every_target_stands_in_the_list(void **state)
{
	struct status_target targets[MANY];
	json_t *root;

	(void)state;
	for (int i = 0; i < MANY; i++)
		targets[i] = target_like("/cron");
	for (size_t n = 0; n <= MANY; n++) {
		root = written(targets, n);
		assert_int_equal(json_array_size(json_object_get(root, "targets")), n);
		json_decref(root);
	}
}

static void rule_is_told_with_its_values_or_why_it_is_blind(void **state)
{
	struct status_target target = target_like("/cron");
	const json_t *said;
	json_t *root;

	(void)state;
	judgement = (struct judgement){.phase = PHASE_ARMED, .value = 4, .threshold = 5};
	root = written(&target, 1);
	said = json_array_get(
		json_object_get(json_array_get(json_object_get(root, "targets"), 0),
				"rules"),
		0);
	assert_string_equal(json_string_value(json_object_get(said, "rule")),
			    "memory > 5G");
	assert_int_equal(json_integer_value(json_object_get(said, "threshold")), 5);
	json_decref(root);
	judgement = (struct judgement){.phase = PHASE_BLIND, .blind = BLIND_NO_BASE};
	root = written(&target, 1);
	said = json_array_get(
		json_object_get(json_array_get(json_object_get(root, "targets"), 0),
				"rules"),
		0);
	assert_string_equal(json_string_value(json_object_get(said, "blind")),
			    blind_table[BLIND_NO_BASE]);
	assert_null(json_object_get(said, "threshold"));
	json_decref(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(value_absence_and_error_are_three_things),
		cmocka_unit_test(foreign_bytes_stay_within_their_text),
		cmocka_unit_test(every_target_stands_in_the_list),
		cmocka_unit_test(rule_is_told_with_its_values_or_why_it_is_blind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
