/* The walk "one change of an incident", without accidents. */
#include "filing_case.h"

#include <errno.h>

#define ID "20261121T201204Z-memory-5G-7f3a"

static void a_first_capture_is_an_incident(void **state)
{
	struct archive_case c;
	AUTO_BUF struct buf list;
	AUTO_MANIFEST struct manifest m;
	struct job job;

	(void)state;
	buf_init(&list, 10000);
	case_begin(&c);
	case_job(&job, JOB_CAPTURE, ID, 1);
	assert_int_equal(case_file(&c, &job, "a heap"), 0);
	case_list(&c, "cron/" ID, &list);
	assert_string_equal(list.data, "01/heap.pb.gz\n01/proc/status\nmanifest.json\n");
	case_list(&c, ".staging", &list);
	assert_string_equal(list.data, "");
	case_manifest(&c, ID, &m);
	assert_string_equal(m.id, ID);
	assert_false(m.sealed);
	assert_int_equal(m.base.state, BASE_MISSING);
	assert_true(m.base.why[0]);
	assert_int_equal(m.n_captures, 1);
	assert_string_equal(m.captures[0].dir, "01");
	assert_string_equal(m.captures[0].rule, "memory > 5G");
	assert_true(m.captures[0].value == job.reason.value);
	assert_true(m.captures[0].headroom == MANIFEST_UNKNOWN);
	assert_int_equal(m.captures[0].n_artifacts, 2);
	assert_int_equal(m.captures[0].artifacts[0].result, KEPT_COMPLETE);
	assert_int_equal(m.captures[0].artifacts[0].bytes, 6);
	/* printf 'a heap' | sha256sum */
	assert_string_equal(
		m.captures[0].artifacts[0].sha256,
		"3b9b876408d803b5330bf9c29381d308cf268fccd4df217e1e6997dc667b1c8e");
	case_end(&c);
}

static void further_captures_join_and_name_their_rule(void **state)
{
	struct archive_case c;
	AUTO_BUF struct buf list;
	AUTO_MANIFEST struct manifest m;
	struct job job;

	(void)state;
	buf_init(&list, 10000);
	case_begin(&c);
	case_job(&job, JOB_CAPTURE, ID, 1);
	assert_int_equal(case_file(&c, &job, "a heap"), 0);
	job.number = 3; /* 2 failed before it filed anything */
	(void)text_copy(job.reason.rule, sizeof(job.reason.rule), "goroutines > 5x base");
	assert_int_equal(case_file(&c, &job, "another"), 0);
	case_list(&c, "cron/" ID, &list);
	assert_string_equal(list.data, "01/heap.pb.gz\n01/proc/status\n03/heap.pb.gz\n"
				       "03/proc/status\nmanifest.json\n");
	case_manifest(&c, ID, &m);
	assert_int_equal(m.n_captures, 2);
	assert_string_equal(m.captures[1].dir, "03");
	assert_int_equal(m.n_joined, 1);
	assert_string_equal(m.joined[0], "goroutines > 5x base");
	assert_int_equal(case_file(&c, &job, "the same number again"), -EEXIST);
	case_end(&c);
}

static void an_incident_begins_with_whatever_number_is_filed_first(void **state)
{
	struct archive_case c;
	AUTO_MANIFEST struct manifest m;
	struct job job;

	(void)state;
	case_begin(&c);
	case_job(&job, JOB_CAPTURE, ID, 2); /* the first failed */
	assert_int_equal(case_file(&c, &job, "a heap"), 0);
	case_manifest(&c, ID, &m);
	assert_string_equal(m.captures[0].dir, "02");
	case_end(&c);
}

static void an_incident_of_failures_is_filed_all_the_same(void **state)
{
	struct archive_case c;
	AUTO_MANIFEST struct manifest m;
	struct filing filing;
	struct artifact_record *record;
	const char *why;
	struct job job;

	(void)state;
	case_begin(&c);
	case_job(&job, JOB_CAPTURE, ID, 1);
	assert_int_equal(filing_open(&c.place, &filing, &why), 0);
	assert_int_equal(filing_begin(&filing, &job), 0);
	record = filing_record(&filing, "heap.pb.gz", "heap");
	record->result = KEPT_FAILED;
	(void)text_copy(record->why, sizeof(record->why), "connection refused");
	assert_int_equal(filing_commit(&filing), 0);
	filing_close(&filing);
	case_manifest(&c, ID, &m);
	assert_string_equal(m.captures[0].artifacts[0].why, "connection refused");
	case_end(&c);
}

static void what_is_not_committed_leaves_nothing(void **state)
{
	static const uint32_t numbers[] = {1, 2};
	struct archive_case c;
	AUTO_BUF struct buf list, before;
	struct filing filing;
	const char *why;
	struct job job;

	(void)state;
	buf_init(&list, 10000);
	buf_init(&before, 10000);
	case_begin(&c);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		case_list(&c, "cron", &before);
		case_job(&job, JOB_CAPTURE, ID, numbers[i]);
		assert_int_equal(filing_open(&c.place, &filing, &why), 0);
		assert_int_equal(filing_begin(&filing, &job), 0);
		case_put(&filing, "heap.pb.gz", "heap", "a heap");
		filing_close(&filing);
		case_list(&c, ".staging", &list);
		assert_string_equal(list.data, "");
		case_list(&c, "cron", &list);
		assert_string_equal(list.data, before.data);
		job.number = 1;
		if (i == 0)
			assert_int_equal(case_file(&c, &job, "a heap"), 0);
	}
	case_end(&c);
}

static void a_seal_gives_verdict_timeline_and_digests(void **state)
{
	struct archive_case c;
	AUTO_BUF struct buf list;
	AUTO_MANIFEST struct manifest m;
	struct job job;

	(void)state;
	buf_init(&list, 10000);
	case_begin(&c);
	case_job(&job, JOB_CAPTURE, ID, 1);
	assert_int_equal(case_file(&c, &job, "a heap"), 0);
	job.kind = JOB_SEAL;
	job.verdict = (struct verdict){.outcome = OUTCOME_OOM_KILLED,
				       .at_ms = 5,
				       .evidence = EVIDENCE_OWN_COUNTER,
				       .victim = VICTIM_TARGET};
	assert_int_equal(case_seal(&c, &job, "at,memory\n1,2\n"), 0);
	case_manifest(&c, ID, &m);
	assert_true(m.sealed);
	assert_int_equal(m.verdict.outcome, OUTCOME_OOM_KILLED);
	assert_int_equal(m.n_derived, 1);
	assert_string_equal(m.derived[0].name, "timeline.csv");
	assert_int_equal(m.derived[0].bytes, 14);
	assert_int_equal(strlen(m.derived[0].sha256), 64);
	manifest_fini(&m);
	job.verdict.outcome = OUTCOME_EXITED;
	assert_int_equal(case_seal(&c, &job, "another\n"), 0); /* done before: stays */
	case_manifest(&c, ID, &m);
	assert_int_equal(m.verdict.outcome, OUTCOME_OOM_KILLED);
	assert_int_equal(m.derived[0].bytes, 14);
	case_end(&c);
}

static void a_seal_without_an_incident_makes_one(void **state)
{
	struct archive_case c;
	AUTO_BUF struct buf list;
	AUTO_MANIFEST struct manifest m;
	struct job job;

	(void)state;
	buf_init(&list, 10000);
	case_begin(&c);
	case_job(&job, JOB_BASE, "", 0);
	job.base = BASE_LATE;
	assert_int_equal(case_file(&c, &job, "the base"), 0);
	case_job(&job, JOB_RECORD, "", 0);
	assert_int_equal(case_file(&c, &job, "calm"), 0);
	case_job(&job, JOB_SEAL, ID, 0);
	job.verdict.outcome = OUTCOME_OOM_KILLED;
	assert_int_equal(case_seal(&c, &job, "at,memory\n"), 0);
	case_list(&c, "cron/" ID, &list);
	assert_string_equal(list.data,
			    "base/heap.pb.gz\nbase/proc/status\nmanifest.json\n"
			    "recorder/20261121T201204Z.pb.gz\ntimeline.csv\n");
	case_manifest(&c, ID, &m);
	assert_int_equal(m.n_captures, 0);
	assert_true(m.sealed);
	case_list(&c, ".staging", &list);
	assert_string_equal(list.data, "");
	case_end(&c);
}

static int expect_mode(void *context, const struct folder_entry *entry)
{
	unsigned wanted = S_ISDIR(entry->st.st_mode) ? 0750 : 0640;

	(void)context;
	expect((entry->st.st_mode & 07777) == wanted, "%s: %o", entry->path,
	       entry->st.st_mode & 07777);
	return 0;
}

static void modes_do_not_depend_on_the_umask(void **state)
{
	static const mode_t masks[] = {0, 077, 027};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(masks); i++) {
		struct archive_case c;
		AUTO_CLOSE int top = -1;
		mode_t before;
		struct job job;

		case_begin(&c);
		before = umask(masks[i]);
		case_job(&job, JOB_BASE, "", 0);
		assert_int_equal(case_file(&c, &job, "the base"), 0);
		case_job(&job, JOB_CAPTURE, ID, 1);
		assert_int_equal(case_file(&c, &job, "a heap"), 0);
		assert_int_equal(case_seal(&c, &job, "at\n"), 0);
		umask(before);
		top = open(c.dir, O_RDONLY | O_DIRECTORY);
		assert_int_equal(folder_walk(top, expect_mode, NULL), 0);
		case_end(&c);
	}
}

static void a_second_writer_is_refused_until_the_first_is_gone(void **state)
{
	struct archive_case c;
	struct filing first, second;
	const char *why = NULL;

	(void)state;
	case_begin(&c);
	assert_int_equal(filing_open(&c.place, &first, &why), 0);
	assert_int_equal(filing_open(&c.place, &second, &why), -EWOULDBLOCK);
	assert_non_null(why);
	filing_close(&second);
	c.place.locked = true; /* a child of the one that holds it */
	assert_int_equal(filing_open(&c.place, &second, &why), 0);
	filing_close(&second);
	c.place.locked = false;
	filing_close(&first);
	assert_int_equal(filing_open(&c.place, &second, &why), 0);
	filing_close(&second);
	case_end(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_first_capture_is_an_incident),
		cmocka_unit_test(further_captures_join_and_name_their_rule),
		cmocka_unit_test(an_incident_begins_with_whatever_number_is_filed_first),
		cmocka_unit_test(an_incident_of_failures_is_filed_all_the_same),
		cmocka_unit_test(what_is_not_committed_leaves_nothing),
		cmocka_unit_test(a_seal_gives_verdict_timeline_and_digests),
		cmocka_unit_test(a_seal_without_an_incident_makes_one),
		cmocka_unit_test(modes_do_not_depend_on_the_umask),
		cmocka_unit_test(a_second_writer_is_refused_until_the_first_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
