/* How a hold ended joins the incident that it was raised for, open or sealed. */
#include "filing_case.h"

#include "edge/disk/holds.h"

#define ID "20261121T201204Z-memory-5G-7f3a"
#define G (UINT64_C(1) << 30)

static const struct hold_record restored = {.result = HELD_RESTORED,
					    .restored_at_ms = 1795291930000};

/* A capture whose record has this hold. */
static void file_held(struct archive_case *c, const struct job *job,
		      const struct hold_record *hold)
{
	struct filing filing;
	const char *why = NULL;

	assert_int_equal(filing_open(&c->place, &filing, &why), 0);
	assert_int_equal(filing_begin(&filing, job), 0);
	filing.record.hold = *hold;
	case_put(&filing, "heap.pb.gz", "heap", "a heap");
	assert_int_equal(filing_commit(&filing), 0);
	filing_close(&filing);
}

static void begin(struct archive_case *c, struct job *job)
{
	const struct hold_record raised = {.result = HELD_RAISED,
					   .from = G,
					   .to = 2 * G,
					   .at_ms = 1795291924200,
					   .why = "not 4G"};
	const struct hold_record refused = {.result = HELD_REFUSED, .why = "no memory"};

	case_begin(c);
	case_job(job, JOB_CAPTURE, ID, 1);
	file_held(c, job, &raised);
	job->number = 2;
	file_held(c, job, &refused);
}

static int settle(const struct archive_case *c, const char *id,
		  const struct hold_record *end)
{
	struct archive archive;
	int r;

	assert_int_equal(archive_open(c->dir, NULL, ARCHIVE_READ, &archive, NULL), 0);
	r = filing_hold(&archive, "cron", id, end);
	archive_close(&archive);
	return r;
}

static void what_was_raised_says_how_it_ended(void **state)
{
	AUTO_MANIFEST struct manifest m;
	struct archive_case c;
	struct job job;

	(void)state;
	begin(&c, &job);
	assert_int_equal(settle(&c, ID, &restored), 0);
	case_manifest(&c, ID, &m);
	assert_int_equal(m.captures[0].hold.result, HELD_RESTORED);
	assert_true(m.captures[0].hold.restored_at_ms == restored.restored_at_ms);
	assert_true(m.captures[0].hold.from == G && m.captures[0].hold.to == 2 * G);
	assert_string_equal(m.captures[0].hold.why, "not 4G");
	assert_int_equal(m.captures[1].hold.result, HELD_REFUSED);
	assert_string_equal(m.captures[1].hold.why, "no memory");
	case_expect_sound(&c);
	case_end(&c);
}

static void a_sealed_incident_is_told_as_well_and_once(void **state)
{
	const struct hold_record left = {
		.result = HELD_LEFT, .restored_at_ms = 1795291940000, .why = "theirs"};
	AUTO_MANIFEST struct manifest m;
	struct archive_case c;
	struct job job;

	(void)state;
	begin(&c, &job);
	job.kind = JOB_SEAL;
	job.verdict = (struct verdict){.outcome = OUTCOME_EXITED,
				       .at_ms = job.reason.at_ms + 1000};
	assert_int_equal(case_seal(&c, &job, "at,memory\n"), 0);
	assert_int_equal(settle(&c, ID, &left), 0);
	assert_int_equal(settle(&c, ID, &restored), 0);
	case_manifest(&c, ID, &m);
	assert_true(m.sealed);
	assert_int_equal(m.captures[0].hold.result, HELD_LEFT);
	assert_string_equal(m.captures[0].hold.why, "theirs");
	case_expect_sound(&c);
	case_end(&c);
}

/* Killed after the heap: what is salvaged says "raised" only while there is a note. */
static void what_is_salvaged_knows_whether_it_is_raised(void **state)
{
	static const bool noted[] = {true, false};
	const struct hold_record raised = {.result = HELD_RAISED, .from = G, .to = 2 * G};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(noted); i++) {
		AUTO_MANIFEST struct manifest m;
		struct archive_case c;
		struct filing filing;
		const char *why = NULL;
		AUTO_BUF struct buf told;
		AUTO_CLOSE int dirfd = -1, fd = -1;
		struct job job;

		case_begin(&c);
		case_job(&job, JOB_CAPTURE, ID, 1);
		assert_int_equal(filing_open(&c.place, &filing, &why), 0);
		assert_int_equal(filing_begin(&filing, &job), 0);
		case_put(&filing, "heap.pb.gz", "heap", "a heap");
		filing.record.hold = raised;
		assert_int_equal(filing_held(&filing), 0);
		dirfd = holds_open(&filing.archive, true);
		if (noted[i])
			assert_int_equal(
				holds_add(dirfd, ID ".01", (struct span){"x\n", 2}, &fd),
				0);
		filing.leave = true; /* as if it had been killed */
		filing_close(&filing);
		buf_init(&told, 1 << 20);
		case_salvage(&c, &told);
		case_manifest(&c, ID, &m);
		expect(m.captures[0].hold.result ==
			       (noted[i] ? HELD_RAISED : HELD_RESTORED),
		       "%s", held_table[m.captures[0].hold.result]);
		case_end(&c);
	}
}

static void an_incident_that_was_dropped_is_no_failure(void **state)
{
	struct archive_case c;
	struct job job;

	(void)state;
	begin(&c, &job);
	assert_int_equal(settle(&c, "20261121T201204Z-memory-5G-0000", &restored),
			 FILING_GONE);
	case_end(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_raised_says_how_it_ended),
		cmocka_unit_test(a_sealed_incident_is_told_as_well_and_once),
		cmocka_unit_test(what_is_salvaged_knows_whether_it_is_raised),
		cmocka_unit_test(an_incident_that_was_dropped_is_no_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
