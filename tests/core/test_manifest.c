#include "core/manifest.h"

#include <errno.h>
#include <string.h>

#include "unit.h"

static void capture(struct capture_record *record, const char *dir, const char *rule)
{
	capture_record_init(record);
	(void)text_copy(record->dir, sizeof(record->dir), dir);
	(void)text_copy(record->rule, sizeof(record->rule), rule);
}

static void manifest_takes_its_facts_from_the_job(void **state)
{
	AUTO_MANIFEST struct manifest m;
	struct job job = {.service = "cron",
			  .key = "k",
			  .incident = "i",
			  .base = BASE_LATE,
			  .base_at_ms = 5,
			  .base_why = "because",
			  .reason = {.rule = "memory > 5G", .value = 7},
			  .target = {.pid = 9}};

	(void)state;
	manifest_from_job(&job, &m);
	assert_string_equal(m.service, "cron");
	assert_string_equal(m.key, "k");
	assert_string_equal(m.id, "i");
	assert_int_equal(m.target.pid, 9);
	assert_string_equal(m.reason.rule, "memory > 5G");
	assert_int_equal(m.base.state, BASE_LATE);
	assert_int_equal(m.base.at_ms, 5);
	assert_string_equal(m.base.why, "because");
	assert_int_equal(m.n_captures, 0);
	assert_false(m.sealed);
	assert_int_equal(m.verdict.outcome, OUTCOME_OPEN);
}

static void captures_stand_in_the_order_of_their_directories(void **state)
{
	static const char *const dirs[] = {"03", "01", "10", "02", "01"};
	AUTO_MANIFEST struct manifest m;
	struct capture_record record;
	char order[32] = "";

	(void)state;
	manifest_init(&m);
	for (unsigned i = 0; i < ARRAY_SIZE(dirs); i++) {
		capture(&record, dirs[i], "");
		record.value = i;
		assert_int_equal(manifest_add_capture(&m, &record), 0);
	}
	for (size_t i = 0; i < m.n_captures; i++)
		strncat(order, m.captures[i].dir, 3);
	assert_string_equal(order, "01020310");
	assert_int_equal(m.captures[0].value,
			 4); /* the second 01 took the first's place */
}

static void captures_have_an_end(void **state)
{
	AUTO_MANIFEST struct manifest m;
	struct capture_record record;
	char dir[8];

	(void)state;
	manifest_init(&m);
	for (unsigned i = 1; i <= CAPTURES_MAX; i++) {
		snprintf(dir, sizeof(dir), "%02u", i);
		capture(&record, dir, "");
		assert_int_equal(manifest_add_capture(&m, &record), 0);
	}
	capture(&record, "00", "");
	assert_int_equal(manifest_add_capture(&m, &record), -ENOSPC);
	capture(&record, "07", ""); /* one that is there can be replaced even so */
	assert_int_equal(manifest_add_capture(&m, &record), 0);
	assert_int_equal(m.n_captures, CAPTURES_MAX);
}

static void rules_that_join_are_named_once(void **state)
{
	AUTO_MANIFEST struct manifest m;
	struct capture_record record;

	(void)state;
	manifest_init(&m);
	(void)text_copy(m.reason.rule, sizeof(m.reason.rule), "first");
	capture(&record, "01", "first");
	assert_int_equal(manifest_add_capture(&m, &record), 0);
	capture(&record, "02", "second");
	assert_int_equal(manifest_add_capture(&m, &record), 0);
	capture(&record, "03", "second");
	assert_int_equal(manifest_add_capture(&m, &record), 0);
	capture(&record, "04", "");
	assert_int_equal(manifest_add_capture(&m, &record), 0);
	assert_int_equal(m.n_joined, 1);
	assert_string_equal(m.joined[0], "second");
	for (unsigned i = 5; i < 5 + 2 * JOINED_MAX; i++) {
		char dir[8], rule[16];

		snprintf(dir, sizeof(dir), "%02u", i);
		snprintf(rule, sizeof(rule), "rule %u", i);
		capture(&record, dir, rule);
		assert_int_equal(manifest_add_capture(&m, &record), 0);
	}
	assert_int_equal(m.n_joined, JOINED_MAX);
}

static void endpoint_is_of_the_newest_capture_that_asked(void **state)
{
	AUTO_MANIFEST struct manifest m;
	struct capture_record record;

	(void)state;
	manifest_init(&m);
	capture(&record, "01", "");
	record.endpoint = ENDPOINT_VERIFIED;
	assert_int_equal(manifest_add_capture(&m, &record), 0);
	capture(&record, "02", "");
	assert_int_equal(manifest_add_capture(&m, &record), 0);
	assert_int_equal(m.endpoint, ENDPOINT_VERIFIED);
}

static void artifacts_have_an_end_and_names_are_cut(void **state)
{
	static const char lengthy[] =
		"0123456789012345678901234567890123456789012345678901"
		"23456789012345678901234567890123456789";
	struct capture_record record;
	struct artifact_record *artifact;

	(void)state;
	capture_record_init(&record);
	assert_true(record.value == MANIFEST_UNKNOWN);
	assert_true(record.headroom == MANIFEST_UNKNOWN);
	assert_true(record.goroutines == MANIFEST_UNKNOWN);
	for (unsigned i = 0; i < ARTIFACTS_MAX; i++) {
		artifact = capture_add(&record, lengthy, lengthy);
		assert_non_null(artifact);
		assert_int_equal(strlen(artifact->name), ARTIFACT_NAME_MAX - 1);
		assert_int_equal(artifact->result, KEPT_COMPLETE);
	}
	assert_null(capture_add(&record, "one more", "heap"));
}

static void derived_files_are_replaced_by_name(void **state)
{
	AUTO_MANIFEST struct manifest m;
	struct file_record file = {.name = "timeline.csv", .bytes = 1};

	(void)state;
	manifest_init(&m);
	assert_int_equal(manifest_add_derived(&m, &file), 0);
	file.bytes = 2;
	assert_int_equal(manifest_add_derived(&m, &file), 0);
	assert_int_equal(m.n_derived, 1);
	assert_int_equal(m.derived[0].bytes, 2);
	for (unsigned i = 1; i < DERIVED_MAX; i++) {
		file.name[0] = (char)('a' + i);
		assert_int_equal(manifest_add_derived(&m, &file), 0);
	}
	file.name[0] = 'z';
	assert_int_equal(manifest_add_derived(&m, &file), -ENOSPC);
	file.name[0] = 'b';
	manifest_drop_derived(&m, file.name);
	manifest_drop_derived(&m, "never there");
	assert_int_equal(m.n_derived, DERIVED_MAX - 1);
	assert_string_equal(m.derived[0].name, "timeline.csv");
	assert_int_equal(m.derived[1].name[0], 'c');
}

static void only_complete_artifacts_are_held(void **state)
{
	AUTO_MANIFEST struct manifest m;
	struct capture_record record;

	(void)state;
	manifest_init(&m);
	capture(&record, "01", "");
	assert_non_null(capture_add(&record, "heap.pb.gz", "heap"));
	capture_add(&record, "goroutine.pb.gz", "goroutine")->result = KEPT_PARTIAL;
	assert_non_null(capture_add(&record, "x", "of a newer leakdog"));
	assert_int_equal(manifest_add_capture(&m, &record), 0);
	capture(&record, "02", "");
	capture_add(&record, "heap-gc.pb.gz", "heap-gc")->result = KEPT_SKIPPED;
	assert_non_null(capture_add(&record, "memstats.txt.gz", "memstats"));
	assert_int_equal(manifest_add_capture(&m, &record), 0);
	assert_int_equal(manifest_held(&m),
			 1U << ARTIFACT_HEAP | 1U << ARTIFACT_MEMSTATS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(manifest_takes_its_facts_from_the_job),
		cmocka_unit_test(captures_stand_in_the_order_of_their_directories),
		cmocka_unit_test(captures_have_an_end),
		cmocka_unit_test(rules_that_join_are_named_once),
		cmocka_unit_test(endpoint_is_of_the_newest_capture_that_asked),
		cmocka_unit_test(artifacts_have_an_end_and_names_are_cut),
		cmocka_unit_test(derived_files_are_replaced_by_name),
		cmocka_unit_test(only_complete_artifacts_are_held),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
