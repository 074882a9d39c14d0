/* The report joins an incident that stands, whatever else happens to it. */
#include "filing_case.h"

#define ID "20261121T201204Z-memory-5G-7f3a"
#define SPAN(text) ((struct span){(text), sizeof(text) - 1})

static const struct filing_report report = {
	.html = SPAN("<p>"), .summary = SPAN("it grew"), .json = SPAN("{}")};

static void begin(struct archive_case *c, struct job *job)
{
	case_begin(c);
	case_job(job, JOB_CAPTURE, ID, 1);
	assert_int_equal(case_file(c, job, "a heap"), 0);
}

static void seal(struct archive_case *c, struct job *job)
{
	job->kind = JOB_SEAL;
	job->verdict = (struct verdict){.outcome = OUTCOME_RECOVERED,
					.at_ms = job->reason.at_ms + 1000};
	assert_int_equal(case_seal(c, job, "at,memory\n"), 0);
}

static int file_report(const struct archive_case *c, const struct filing_report *what)
{
	struct filing_place place = c->place;
	struct filing filing;
	const char *why = NULL;
	int r;

	place.locked = true;
	r = filing_open(&place, &filing, &why);
	expect(r == 0, "%s", why);
	r = filing_report(&filing, "cron", ID, what);
	filing_close(&filing);
	return r;
}

static const struct file_record *derived(const struct manifest *m, const char *name)
{
	for (size_t i = 0; i < m->n_derived; i++) {
		if (text_equal(m->derived[i].name, name))
			return &m->derived[i];
	}
	return NULL;
}

static void an_open_incident_names_its_report_without_promising_it(void **state)
{
	AUTO_MANIFEST struct manifest m;
	struct archive_case c;
	struct job job;

	(void)state;
	begin(&c, &job);
	assert_int_equal(file_report(&c, &report), 0);
	case_expect_sound(&c);
	case_manifest(&c, ID, &m);
	assert_int_equal(m.reported.result, REPORT_COMPLETE);
	assert_true(m.reported.at_ms > 0);
	assert_int_equal(m.n_derived, 3);
	assert_string_equal(derived(&m, STORE_REPORT)->sha256, "");
	assert_int_equal(derived(&m, STORE_SUMMARY)->bytes, 7);
	case_end(&c);
}

static void a_seal_promises_the_report_and_a_later_one_is_promised_anew(void **state)
{
	static const struct filing_report later = {.html = SPAN("<b>"),
						   .summary = SPAN("it was killed"),
						   .json = SPAN("[]")};
	AUTO_MANIFEST struct manifest before, after;
	struct archive_case c;
	struct job job;

	(void)state;
	begin(&c, &job);
	assert_int_equal(file_report(&c, &report), 0);
	seal(&c, &job);
	case_expect_sound(&c);
	case_manifest(&c, ID, &before);
	assert_true(derived(&before, STORE_PAGE)->sha256[0]);
	assert_int_equal(file_report(&c, &later), 0);
	case_expect_sound(&c);
	case_manifest(&c, ID, &after);
	assert_true(after.sealed);
	assert_string_not_equal(derived(&before, STORE_PAGE)->sha256,
				derived(&after, STORE_PAGE)->sha256);
	assert_string_equal(derived(&before, STORE_TIMELINE)->sha256,
			    derived(&after, STORE_TIMELINE)->sha256);
	case_end(&c);
}

static void a_failure_is_said_and_the_report_before_stays(void **state)
{
	static const struct filing_report failed = {.failed = "killed by signal 9"};
	AUTO_MANIFEST struct manifest m;
	struct archive_case c;
	struct job job;

	(void)state;
	begin(&c, &job);
	assert_int_equal(file_report(&c, &failed), 0);
	case_expect_sound(&c);
	assert_int_equal(file_report(&c, &report), 0);
	seal(&c, &job);
	assert_int_equal(file_report(&c, &failed), 0);
	case_expect_sound(&c);
	case_manifest(&c, ID, &m);
	assert_int_equal(m.reported.result, REPORT_FAILED);
	assert_string_equal(m.reported.why, "killed by signal 9");
	assert_true(derived(&m, STORE_PAGE)->sha256[0]);
	case_end(&c);
}

/* As a kill leaves it: the manifest believes in a writer, and one file is new. */
static void interrupt(const struct archive_case *c)
{
	AUTO_CLOSE int top = open(c->dir, O_RDONLY | O_DIRECTORY);
	AUTO_CLOSE int dir = archive_path(top, "cron/" ID, false);
	AUTO_MANIFEST struct manifest m;

	case_manifest(c, ID, &m);
	m.reported = (struct report_record){.result = REPORT_WRITING, .at_ms = 1};
	for (size_t i = 0; store_report[i]; i++)
		manifest_drop_derived(&m, store_report[i]);
	assert_int_equal(store_write(dir, STORE_MANIFEST, &m, false), 0);
	assert_int_equal(fs_replace_at(dir, STORE_PAGE, "new", 3, 0640, 0), 0);
	assert_int_equal(fs_replace_at(dir, ".half.new", "ne", 2, 0640, 0), 0);
}

static void an_interrupted_report_is_found_and_settled(void **state)
{
	AUTO_CLOSE int top = -1;
	AUTO_BUF struct buf told;
	AUTO_MANIFEST struct manifest m;
	struct findings findings = {0};
	struct archive_case c;
	struct job job;

	(void)state;
	buf_init(&told, JOB_TEXT_MAX);
	begin(&c, &job);
	seal(&c, &job);
	assert_int_equal(file_report(&c, &report), 0);
	interrupt(&c);
	top = open(c.dir, O_RDONLY | O_DIRECTORY);
	assert_int_equal(inspect_archive(top, &findings), 0);
	assert_true(findings.n > 0);
	findings_fini(&findings);
	case_salvage(&c, &told);
	case_expect_sound(&c);
	case_manifest(&c, ID, &m);
	assert_int_equal(m.reported.result, REPORT_FAILED);
	assert_int_equal(derived(&m, STORE_PAGE)->bytes, 3);
	assert_true(derived(&m, STORE_PAGE)->sha256[0]);
	case_end(&c);
}

static void a_first_report_that_was_cut_names_what_is_there(void **state)
{
	AUTO_BUF struct buf told;
	struct archive_case c;
	struct job job;

	(void)state;
	buf_init(&told, JOB_TEXT_MAX);
	begin(&c, &job);
	interrupt(&c);
	seal(&c, &job); /* nobody salvaged: the agent lives on */
	case_salvage(&c, &told);
	case_expect_sound(&c);
	case_end(&c);
}

static void a_dropped_incident_is_gone(void **state)
{
	AUTO_CLOSE int top = -1;
	AUTO_CLOSE int service = -1;
	struct archive_case c;
	struct job job;

	(void)state;
	begin(&c, &job);
	top = open(c.dir, O_RDONLY | O_DIRECTORY);
	service = archive_path(top, "cron", false);
	assert_int_equal(folder_remove(service, ID), 0);
	assert_int_equal(file_report(&c, &report), FILING_GONE);
	case_expect_sound(&c);
	case_end(&c);
}

static void a_full_disk_keeps_the_capture_and_says_so(void **state)
{
	AUTO_MANIFEST struct manifest m;
	struct archive_case c;
	struct job job;

	(void)state;
	begin(&c, &job);
	c.place.policy.keep_free = UINT64_MAX;
	assert_int_equal(file_report(&c, &report), FILING_FULL);
	case_expect_sound(&c);
	case_manifest(&c, ID, &m);
	assert_int_equal(m.reported.result, REPORT_FAILED);
	assert_int_equal(m.n_derived, 0);
	case_end(&c);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_open_incident_names_its_report_without_promising_it),
		cmocka_unit_test(
			a_seal_promises_the_report_and_a_later_one_is_promised_anew),
		cmocka_unit_test(a_failure_is_said_and_the_report_before_stays),
		cmocka_unit_test(an_interrupted_report_is_found_and_settled),
		cmocka_unit_test(a_first_report_that_was_cut_names_what_is_there),
		cmocka_unit_test(a_dropped_incident_is_gone),
		cmocka_unit_test(a_full_disk_keeps_the_capture_and_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
