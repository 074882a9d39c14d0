/* What of a target's live files an incident gets, and whose. */
#include "filing_case.h"

#define ID "20261121T201204Z-memory-5G-7f3a"

static void base_and_newest_heaps_are_linked_in(void **state)
{
	struct archive_case c;
	AUTO_BUF struct buf list;
	AUTO_MANIFEST struct manifest m;
	struct job job;

	(void)state;
	buf_init(&list, 10000);
	case_begin(&c);
	case_job(&job, JOB_BASE, "", 0);
	job.base = BASE_TAKEN;
	job.base_at_ms = 1795291000000;
	assert_int_equal(case_file(&c, &job, "the base"), 0);
	for (int i = 0; i < 5; i++) {
		case_job(&job, JOB_RECORD, "", 0);
		job.reason.at_ms = 1795291100000 + i * 60000;
		assert_int_equal(case_file(&c, &job, "calm"), 0);
	}
	case_list(&c, "cron/.live/0a1b2c3d-4127-99", &list);
	assert_string_equal(list.data,
			    "base/capture.json\nbase/heap.pb.gz\nbase/proc/status\n"
			    "recorder/20261121T200020Z/capture.json\n"
			    "recorder/20261121T200020Z/heap.pb.gz\n"
			    "recorder/20261121T200120Z/capture.json\n"
			    "recorder/20261121T200120Z/heap.pb.gz\n"
			    "recorder/20261121T200220Z/capture.json\n"
			    "recorder/20261121T200220Z/heap.pb.gz\n");
	case_job(&job, JOB_CAPTURE, ID, 1);
	job.recorder_keep = 2;
	assert_int_equal(case_file(&c, &job, "a heap"), 0);
	case_list(&c, "cron/" ID, &list);
	assert_string_equal(list.data, "01/heap.pb.gz\n01/proc/status\nbase/heap.pb.gz\n"
				       "base/proc/status\nmanifest.json\n"
				       "recorder/20261121T200120Z.pb.gz\n"
				       "recorder/20261121T200220Z.pb.gz\n");
	case_manifest(&c, ID, &m);
	assert_int_equal(m.base.state, BASE_TAKEN);
	assert_true(m.base.at_ms == 1795291000000);
	assert_int_equal(m.base.n_artifacts, 2);
	assert_int_equal(m.n_recorder, 2);
	assert_true(m.recorder[1].at_ms == 1795291340000);
	assert_int_equal(m.recorder[1].bytes, 4);
	case_end(&c);
}

static void a_second_heap_of_one_second_leaves_nothing(void **state)
{
	struct archive_case c;
	AUTO_BUF struct buf list;
	struct job job;

	(void)state;
	buf_init(&list, 10000);
	case_begin(&c);
	case_job(&job, JOB_RECORD, "", 0);
	assert_int_equal(case_file(&c, &job, "the first"), 0);
	job.reason.at_ms += 400;
	assert_int_equal(case_file(&c, &job, "too early"), 0);
	case_list(&c, ".staging", &list);
	assert_string_equal(list.data, "");
	job.reason.at_ms += 1000;
	assert_int_equal(case_file(&c, &job, "in time"), 0);
	case_list(&c, "cron/.live/0a1b2c3d-4127-99/recorder", &list);
	assert_string_equal(list.data, "20261121T201204Z/capture.json\n"
				       "20261121T201204Z/heap.pb.gz\n"
				       "20261121T201205Z/capture.json\n"
				       "20261121T201205Z/heap.pb.gz\n");
	case_end(&c);
}

static void a_later_base_takes_the_place_of_an_early_one(void **state)
{
	struct archive_case c;
	AUTO_BUF struct buf list;
	AUTO_MANIFEST struct manifest m, again;
	struct job job, base;

	(void)state;
	buf_init(&list, 10000);
	case_begin(&c);
	case_job(&base, JOB_BASE, "", 0);
	base.base = BASE_EARLY;
	assert_int_equal(case_file(&c, &base, "early"), 0);
	case_job(&job, JOB_CAPTURE, ID, 1);
	assert_int_equal(case_file(&c, &job, "a heap"), 0);
	base.base = BASE_TAKEN;
	assert_int_equal(case_file(&c, &base, "taken later"), 0);
	case_job(&job, JOB_CAPTURE, "another", 1);
	assert_int_equal(case_file(&c, &job, "a heap"), 0);
	case_manifest(&c, ID, &m);
	case_manifest(&c, "another", &again);
	assert_int_equal(m.base.state, BASE_EARLY);
	assert_int_equal(m.base.artifacts[0].bytes, 5);
	assert_int_equal(again.base.state, BASE_TAKEN);
	assert_int_equal(again.base.artifacts[0].bytes, 11);
	case_list(&c, "cron/" ID "/base", &list);
	assert_string_equal(list.data, "heap.pb.gz\nproc/status\n");
	case_list(&c, ".staging", &list);
	assert_string_equal(list.data, "");
	case_end(&c);
}

static void a_base_is_borrowed_from_the_same_build_only(void **state)
{
	static const struct {
		const char *build, *exe;
		enum base_state state;
		const char *why;
	} rows[] = {
		{"12-3456-789", "/opt/cron", BASE_BORROWED, "build"},
		{"12-3456-790", "/opt/cron", BASE_MISSING, "no base"},
		{"12-3456-789", "/opt/other", BASE_MISSING, "no base"},
		{"", "/opt/cron", BASE_BORROWED, "path"},
		{"", "", BASE_MISSING, "no base"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct archive_case c;
		AUTO_MANIFEST struct manifest m;
		struct job job;

		case_begin(&c);
		case_job(&job, JOB_BASE, "", 0);
		job.base = BASE_TAKEN;
		assert_int_equal(case_file(&c, &job, "of the one before"), 0);
		case_job(&job, JOB_CAPTURE, ID, 1);
		(void)text_copy(job.key, sizeof(job.key), "0a1b2c3d-5000-1");
		(void)text_copy(job.target.build, sizeof(job.target.build),
				rows[i].build);
		(void)text_copy(job.target.exe, sizeof(job.target.exe), rows[i].exe);
		assert_int_equal(case_file(&c, &job, "a heap"), 0);
		case_manifest(&c, ID, &m);
		expect(m.base.state == rows[i].state, "row %zu: %s", i, m.base.why);
		expect(strstr(m.base.why, rows[i].why), "row %zu: %s", i, m.base.why);
		case_end(&c);
	}
}

static void a_base_without_a_whole_file_is_none(void **state)
{
	struct archive_case c;
	AUTO_BUF struct buf list;
	struct filing filing;
	struct artifact_record *record;
	const char *why;
	struct job job;

	(void)state;
	buf_init(&list, 10000);
	case_begin(&c);
	case_job(&job, JOB_BASE, "", 0);
	assert_int_equal(filing_open(&c.place, &filing, &why), 0);
	assert_int_equal(filing_begin(&filing, &job), 0);
	record = filing_record(&filing, "heap.pb.gz", "heap");
	record->result = KEPT_FAILED;
	assert_int_equal(filing_commit(&filing), -ENODATA);
	filing_close(&filing);
	case_list(&c, "cron/.live", &list);
	assert_string_equal(list.data, "");
	case_list(&c, ".staging", &list);
	assert_string_equal(list.data, "");
	case_end(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base_and_newest_heaps_are_linked_in),
		cmocka_unit_test(a_second_heap_of_one_second_leaves_nothing),
		cmocka_unit_test(a_later_base_takes_the_place_of_an_early_one),
		cmocka_unit_test(a_base_is_borrowed_from_the_same_build_only),
		cmocka_unit_test(a_base_without_a_whole_file_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
