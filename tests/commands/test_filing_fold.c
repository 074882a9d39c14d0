/* A crash loop on the disk: who stands is decided in core/fold, here it is done. */
#include "commands/inspect.h"
#include "filing_case.h"

#define HOUR INT64_C(3600000)

static void name(char *to, int64_t i)
{
	snprintf(to, INCIDENT_MAX, "20261121T2012%02dZ-oom-kill-%04d", (int)(i % 60),
		 (int)i);
}

static void fill(struct job *job, int64_t i, uint64_t value)
{
	char id[INCIDENT_MAX];

	name(id, i);
	case_job(job, JOB_SEAL, id, 0);
	(void)text_copy(job->reason.rule, sizeof(job->reason.rule), "oom kill");
	(void)text_copy(job->reason.slug, sizeof(job->reason.slug), "oom-kill");
	job->reason.value = value;
	job->reason.threshold = 1000;
	job->reason.at_ms += i * 4000;
	job->keep_incidents = 4;
	job->verdict.outcome = OUTCOME_OOM_KILLED;
	job->verdict.at_ms = job->reason.at_ms + 1;
}

static void life(struct archive_case *c, int64_t i, uint64_t value)
{
	struct job job;

	fill(&job, i, value);
	assert_int_equal(case_seal(c, &job, "at\n"), 0);
}

static bool stands(const struct archive_case *c, int64_t i)
{
	char id[INCIDENT_MAX], path[256];

	name(id, i);
	snprintf(path, sizeof(path), "%s/cron/%s", c->dir, id);
	return access(path, F_OK) == 0;
}

static void read_life(const struct archive_case *c, int64_t i, struct manifest *ret)
{
	char id[INCIDENT_MAX];

	name(id, i);
	case_manifest(c, id, ret);
}

static void is_sound(const struct archive_case *c)
{
	AUTO_CLOSE int top = open(c->dir, O_RDONLY | O_DIRECTORY);
	struct findings findings = {0};

	assert_int_equal(inspect_archive(top, &findings), 0);
	expect(findings.n == 0, "%s: %s", findings.list[0].where, findings.list[0].what);
	findings_fini(&findings);
}

static void crash_loop_keeps_first_worst_and_newest(void **state)
{
	struct archive_case c;
	uint32_t folded = 0, left = 0;

	(void)state;
	case_begin(&c);
	for (int i = 0; i < 30; i++)
		life(&c, i, i == 7 ? 999 : 900 + (uint64_t)i % 3);
	for (int i = 0; i < 30; i++) {
		AUTO_MANIFEST struct manifest m;

		if (!stands(&c, i))
			continue;
		read_life(&c, i, &m);
		assert_true(m.sealed);
		folded += m.omitted.folded;
		left++;
	}
	assert_int_equal(left, 4);
	assert_int_equal(left + folded, 30); /* nothing went uncounted */
	assert_true(stands(&c, 0) && stands(&c, 7) && stands(&c, 28) && stands(&c, 29));
	is_sound(&c);
	case_end(&c);
}

static void newest_says_from_when_to_when(void **state)
{
	AUTO_MANIFEST struct manifest m;
	struct archive_case c;

	(void)state;
	case_begin(&c);
	for (int i = 0; i < 5; i++)
		life(&c, i, 900);
	read_life(&c, 4, &m); /* the worst of equals is the newest: 1 went */
	assert_int_equal(m.omitted.folded, 1);
	assert_int_equal(m.omitted.from_ms, m.reason.at_ms - 3 * 4000);
	assert_int_equal(m.omitted.to_ms, m.omitted.from_ms);
	case_end(&c);
}

/* Other rules, other hours, what is still open, and services that keep all. */
static void fold_leaves_others_alone(void **state)
{
	struct archive_case c;
	struct job job;

	(void)state;
	case_begin(&c);
	fill(&job, 90, 1);
	(void)text_copy(job.reason.rule, sizeof(job.reason.rule), "memory > 5G");
	assert_int_equal(case_seal(&c, &job, "at\n"), 0);
	fill(&job, 91, 1);
	job.reason.at_ms -= HOUR + 400000;
	assert_int_equal(case_seal(&c, &job, "at\n"), 0);
	fill(&job, 92, 1);
	job.kind = JOB_CAPTURE;
	job.number = 1;
	assert_int_equal(case_file(&c, &job, "a heap"), 0);
	for (int i = 0; i < 10; i++)
		life(&c, i, 900);
	assert_true(stands(&c, 90) && stands(&c, 91) && stands(&c, 92));
	fill(&job, 50, 900);
	job.keep_incidents = 0;
	assert_int_equal(case_seal(&c, &job, "at\n"), 0);
	assert_true(stands(&c, 0) && stands(&c, 7) && stands(&c, 8) && stands(&c, 9));
	is_sound(&c);
	case_end(&c);
}

/* The limit was lowered: what is too much goes at the next seal. */
static void fold_catches_up(void **state)
{
	AUTO_MANIFEST struct manifest m;
	struct archive_case c;
	struct job job;

	(void)state;
	case_begin(&c);
	for (int i = 0; i < 8; i++) {
		fill(&job, i, 900);
		job.keep_incidents = 100;
		assert_int_equal(case_seal(&c, &job, "at\n"), 0);
	}
	life(&c, 8, 900);
	read_life(&c, 8, &m);
	assert_int_equal(m.omitted.folded, 5);
	assert_true(stands(&c, 0) && stands(&c, 6) && stands(&c, 7) && stands(&c, 8));
	assert_false(stands(&c, 1) || stands(&c, 5));
	case_end(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(crash_loop_keeps_first_worst_and_newest),
		cmocka_unit_test(newest_says_from_when_to_when),
		cmocka_unit_test(fold_leaves_others_alone),
		cmocka_unit_test(fold_catches_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
