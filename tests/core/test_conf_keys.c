#include "core/conf_keys.h"

#include <string.h>

#include "core/conf_value.h"
#include "lib/text.h"
#include "unit.h"

static const struct conf_keys *const tables[] = {&conf_file_table, &conf_service_table};

static void rows_are_complete_and_unlike(void **state)
{
	(void)state;
	for (size_t t = 0; t < ARRAY_SIZE(tables); t++) {
		for (size_t i = 0; i < tables[t]->n; i++) {
			const struct conf_key *key = &tables[t]->rows[i];

			expect(key->path && key->help && key->help[0], "row %zu", i);
			expect(key->min <= key->max, "%s", key->path);
			expect(conf_value_noun(key->type), "%s", key->path);
			for (size_t j = 0; j < i; j++)
				expect(!text_equal(key->path, tables[t]->rows[j].path),
				       "%s", key->path);
		}
	}
}

/* A preset that its own row refuses would be a default of 0. */
static void presets_are_values_of_their_rows(void **state)
{
	char to[sizeof(struct endpoint)], message[VALUE_MESSAGE_MAX] = "";

	(void)state;
	for (size_t t = 0; t < ARRAY_SIZE(tables); t++) {
		for (size_t i = 0; i < tables[t]->n; i++) {
			const struct conf_key *key = &tables[t]->rows[i];

			if (key->preset && key->type < KEY_RULE)
				expect(conf_value_set(key, key->preset, to, message) == 0,
				       "%s: %s", key->path, message);
		}
	}
}

static void keys_are_found_below_their_prefix_only(void **state)
{
	(void)state;
	assert_non_null(conf_key_find(&conf_service_table, "", "base"));
	assert_non_null(conf_key_find(&conf_service_table, "base.", "after"));
	assert_non_null(conf_key_find(&conf_service_table, "rules[].", "when"));
	assert_null(conf_key_find(&conf_service_table, "", "after"));
	assert_null(conf_key_find(&conf_service_table, "", "base.after"));
	assert_null(conf_key_find(&conf_service_table, "base.", "every"));
	assert_null(conf_key_find(&conf_file_table, "", "rules"));
}

static void selectors_have_a_row_each(void **state)
{
	(void)state;
	for (size_t i = 0; i < SELECTOR_N; i++) {
		const struct conf_key *key = NULL;

		for (size_t row = 0; row < conf_service_table.n && !key; row++) {
			if (text_equal(conf_service_table.rows[row].path,
				       selector_table[i]))
				key = &conf_service_table.rows[row];
		}
		expect(key && key->type == KEY_SELECTOR &&
			       key->offset == offsetof(struct conf_service, selector[i]),
		       "%s", selector_table[i]);
	}
}

static void artifacts_of_http_have_an_address_each(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARTIFACT_N; i++) {
		const struct conf_key *key = conf_key_find(&conf_service_table, "pprof.",
							   artifact_table[i].name);

		expect(!key == !artifact_table[i].path, "%s", artifact_table[i].name);
		expect(!key || key->offset ==
				       offsetof(struct conf_service, endpoint.urls[i]),
		       "%s", artifact_table[i].name);
	}
}

static void preset_of_artifacts_names_all(void **state)
{
	const struct conf_key *key =
		conf_key_find(&conf_service_table, "capture.", "artifacts");
	AUTO_BUF struct buf names;

	(void)state;
	buf_init(&names, 1000);
	for (size_t i = 0; i < ARTIFACT_N; i++)
		buf_addf(&names, "%s%s", i ? ", " : "", artifact_table[i].name);
	assert_string_equal(key->preset, names.data);
}

static void preset_of_rules_is_what_a_service_gets(void **state)
{
	const struct conf_key *key = conf_key_find(&conf_service_table, "", "rules");
	struct conf_service service;
	AUTO_BUF struct buf texts;

	(void)state;
	buf_init(&texts, 1000);
	conf_service_init(&service);
	assert_int_equal(text_copy(service.endpoint.url, 256, "http://h"), 0);
	service.selector[SELECTOR_PID] = strdup("1");
	assert_int_equal(conf_service_default_rules(&service), 0);
	for (size_t i = 0; i < service.n_rules; i++)
		buf_addf(&texts, "%s%s", i ? ", " : "", service.rules[i].text);
	assert_string_equal(key->preset, texts.data);
	conf_service_fini(&service);
}

static void shares_stop_at_their_cap(void **state)
{
	const struct conf_share fixed = {.bytes = 7, .cap = UINT64_MAX};
	const struct conf_share tenth = {.permille = 100, .cap = 50};

	(void)state;
	assert_int_equal(conf_share_bytes(&fixed, 1000), 7);
	assert_int_equal(conf_share_bytes(&tenth, 200), 20);
	assert_int_equal(conf_share_bytes(&tenth, 1000), 50);
	assert_int_equal(conf_share_bytes(&tenth, UINT64_MAX), 50);
}

static void copy_of_a_service_shares_nothing(void **state)
{
	struct conf_service service, copy;

	(void)state;
	conf_service_init(&service);
	service.selector[SELECTOR_NAME] = strdup("x");
	assert_non_null(service.selector[SELECTOR_NAME]);
	assert_int_equal(conf_service_default_rules(&service), 0);
	assert_int_equal(conf_service_copy(&service, &copy), 0);
	assert_ptr_not_equal(copy.rules, service.rules);
	assert_int_equal(copy.n_rules, 2);
	conf_service_fini(&service);
	assert_string_equal(copy.selector[SELECTOR_NAME], "x");
	assert_string_equal(copy.rules[1].text, "memory > 92%");
	conf_service_fini(&copy);
	conf_service_fini(&copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_complete_and_unlike),
		cmocka_unit_test(presets_are_values_of_their_rows),
		cmocka_unit_test(keys_are_found_below_their_prefix_only),
		cmocka_unit_test(selectors_have_a_row_each),
		cmocka_unit_test(artifacts_of_http_have_an_address_each),
		cmocka_unit_test(preset_of_artifacts_names_all),
		cmocka_unit_test(preset_of_rules_is_what_a_service_gets),
		cmocka_unit_test(shares_stop_at_their_cap),
		cmocka_unit_test(copy_of_a_service_shares_nothing),
	};

	return cmocka_run_group_tests_name("conf_keys", tests, NULL, NULL);
}
