/* What was left behind and what becomes of it. That no kill leaves anything else is
 * tested by tests/e2e/40-kill-everywhere.sh. */
#include <errno.h>

#include "commands/inspect.h"
#include "filing_case.h"

#define ID "20261121T201204Z-memory-5G-7f3a"

/* Leaves a capture as a kill does: the first n artifacts whole, the next one cut. */
static void leave(struct archive_case *c, const struct job *job, int n, bool cut)
{
	static const char *const names[] = {"heap.pb.gz", "proc/status"};
	struct artifact_file file;
	struct filing filing;
	const char *why;

	assert_int_equal(filing_open(&c->place, &filing, &why), 0);
	assert_int_equal(filing_begin(&filing, job), 0);
	for (int i = 0; i < n; i++)
		case_put(&filing, names[i], i ? "kernel" : "heap", "whole");
	if (cut) {
		struct artifact_record *record =
			filing_record(&filing, "goroutine.pb.gz", "goroutine");

		assert_int_equal(filing_file(&filing, record, &file), 0);
		assert_int_equal(artifact_file_write(&file, "half", 4), 0);
		close(file.fd);
		close(file.dirfd);
		digest_free(file.digest);
	}
	filing.leave = true;
	filing_close(&filing);
}

static void expect_sound(const struct archive_case *c)
{
	AUTO_CLOSE int top = open(c->dir, O_RDONLY | O_DIRECTORY);
	struct findings findings = {0};
	AUTO_BUF struct buf list;

	buf_init(&list, 10000);
	assert_int_equal(inspect_archive(top, &findings), 0);
	expect(findings.n == 0, "%s: %s", findings.list[0].where, findings.list[0].what);
	findings_fini(&findings);
	case_list(c, ".staging", &list);
	assert_string_equal(list.data, "");
}

static void salvage(struct archive_case *c, struct buf *told)
{
	buf_clear(told);
	case_salvage(c, told);
	expect_sound(c);
}

static void a_cut_first_capture_becomes_an_incident(void **state)
{
	struct archive_case c;
	AUTO_BUF struct buf told;
	AUTO_MANIFEST struct manifest m;
	struct job job;
	const struct artifact_record *a;

	(void)state;
	buf_init(&told, 100000);
	case_begin(&c);
	case_job(&job, JOB_BASE, "", 0);
	job.base = BASE_TAKEN;
	assert_int_equal(case_file(&c, &job, "the base"), 0);
	case_job(&job, JOB_CAPTURE, ID, 1);
	leave(&c, &job, 2, true);
	salvage(&c, &told);
	case_manifest(&c, ID, &m);
	assert_int_equal(m.base.state, BASE_TAKEN);
	assert_string_equal(m.reason.rule, "memory > 5G");
	assert_int_equal(m.n_captures, 1);
	assert_int_equal(m.captures[0].n_artifacts, 4);
	a = m.captures[0].artifacts;
	assert_string_equal(a[0].name, "goroutine.pb.gz.partial");
	assert_string_equal(a[0].kind, "goroutine");
	assert_int_equal(a[0].result, KEPT_PARTIAL);
	assert_non_null(strstr(a[0].why, "agent-restart"));
	assert_int_equal(a[0].bytes, 4);
	assert_string_equal(a[1].kind, "heap");
	assert_int_equal(a[1].result, KEPT_COMPLETE);
	assert_string_equal(a[2].kind, "kernel");
	assert_string_equal(a[3].kind, "capture"); /* and that it did not end */
	assert_int_equal(a[3].result, KEPT_FAILED);
	case_end(&c);
}

static void a_cut_capture_without_a_word_leaves_nothing(void **state)
{
	static const uint32_t numbers[] = {1, 2};
	struct archive_case c;
	AUTO_BUF struct buf told, list;
	struct job job;

	(void)state;
	buf_init(&told, 100000);
	buf_init(&list, 100000);
	case_begin(&c);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		case_job(&job, JOB_CAPTURE, ID, numbers[i]);
		leave(&c, &job, 0, false);
		salvage(&c, &told);
		case_list(&c, "cron/" ID, &list);
		assert_string_equal(list.data, i ? "01/heap.pb.gz\n01/proc/status\n"
						   "manifest.json\n"
						 : "");
		job.number = 1;
		if (i == 0)
			assert_int_equal(case_file(&c, &job, "a heap"), 0);
	}
	case_end(&c);
}

static void a_cut_further_capture_joins_its_incident(void **state)
{
	struct archive_case c;
	AUTO_BUF struct buf told;
	AUTO_MANIFEST struct manifest m;
	struct job job;

	(void)state;
	buf_init(&told, 100000);
	case_begin(&c);
	case_job(&job, JOB_CAPTURE, ID, 1);
	assert_int_equal(case_file(&c, &job, "a heap"), 0);
	job.number = 2;
	(void)text_copy(job.reason.rule, sizeof(job.reason.rule), "fds > 1000");
	leave(&c, &job, 1, false);
	salvage(&c, &told);
	case_manifest(&c, ID, &m);
	assert_int_equal(m.n_captures, 2);
	assert_string_equal(m.captures[1].dir, "02");
	assert_string_equal(m.captures[1].rule, "fds > 1000");
	assert_string_equal(m.joined[0], "fds > 1000");
	case_end(&c);
}

/* The first capture's builder was stopped, not dead; the next one made the incident. */
static void what_comes_late_joins_what_stands(void **state)
{
	struct archive_case c;
	AUTO_BUF struct buf told;
	AUTO_MANIFEST struct manifest m;
	struct job job;

	(void)state;
	buf_init(&told, 100000);
	case_begin(&c);
	case_job(&job, JOB_CAPTURE, ID, 1);
	leave(&c, &job, 1, false);
	job.number = 2;
	assert_int_equal(case_file(&c, &job, "a heap"), 0);
	salvage(&c, &told);
	case_manifest(&c, ID, &m);
	assert_int_equal(m.n_captures, 2);
	assert_string_equal(m.captures[0].dir, "01");
	assert_string_equal(m.captures[1].dir, "02");
	case_end(&c);
}

static void a_living_builder_is_left_alone(void **state)
{
	struct archive_case c;
	AUTO_BUF struct buf told, list;
	AUTO_MANIFEST struct manifest m;
	struct filing filing;
	const char *why;
	struct job job;

	(void)state;
	buf_init(&told, 100000);
	buf_init(&list, 100000);
	case_begin(&c);
	c.place.locked = true; /* the capture of an agent that was killed goes on */
	case_job(&job, JOB_CAPTURE, ID, 1);
	assert_int_equal(filing_open(&c.place, &filing, &why), 0);
	assert_int_equal(filing_begin(&filing, &job), 0);
	case_put(&filing, "heap.pb.gz", "heap", "whole");
	case_salvage(&c, &told);
	assert_int_equal(told.len, 0);
	case_list(&c, ".staging", &list);
	assert_non_null(strstr(list.data, "01/heap.pb.gz"));
	case_put(&filing, "proc/status", "kernel", "whole");
	assert_int_equal(filing_commit(&filing), 0);
	filing_close(&filing);
	case_manifest(&c, ID, &m);
	assert_int_equal(m.captures[0].n_artifacts, 2);
	case_end(&c);
}

/* Power fails after the first file was durable and before its note was. */
static void without_its_note_a_capture_is_kept_and_sealed(void **state)
{
	static const char *const losses[] = {"", "{\"schema\"", "\n\n\n"};
	struct archive_case c;
	AUTO_BUF struct buf told;
	struct job job;

	(void)state;
	buf_init(&told, 100000);
	for (size_t i = 0; i < ARRAY_SIZE(losses); i++) {
		AUTO_MANIFEST struct manifest m;
		AUTO_CLOSE int top = -1, fd = -1;

		case_begin(&c);
		case_job(&job, JOB_CAPTURE, ID, 1);
		leave(&c, &job, 1, false);
		top = open(c.dir, O_RDONLY | O_DIRECTORY);
		fd = openat(top, ".staging/cron+" ID "+01/01/capture.json",
			    O_WRONLY | O_TRUNC);
		assert_int_equal(fs_write_all(fd, losses[i], strlen(losses[i])), 0);
		salvage(&c, &told);
		assert_int_equal(told.len, 0); /* nobody could go on with it */
		case_manifest(&c, ID, &m);
		assert_true(m.sealed);
		assert_int_equal(m.verdict.outcome, OUTCOME_AGENT_STOPPED);
		assert_string_equal(m.captures[0].artifacts[0].name, "heap.pb.gz");
		case_end(&c);
	}
}

static void open_incidents_are_told_so_that_they_can_be_sealed(void **state)
{
	struct archive_case c;
	AUTO_BUF struct buf told;
	AUTO_MANIFEST struct manifest m;
	struct job job, back;
	struct span rest;

	(void)state;
	buf_init(&told, 100000);
	case_begin(&c);
	case_job(&job, JOB_CAPTURE, "a", 1);
	assert_int_equal(case_file(&c, &job, "a heap"), 0);
	job.number = 4;
	assert_int_equal(case_file(&c, &job, "a heap"), 0);
	case_job(&job, JOB_CAPTURE, "b", 1);
	assert_int_equal(case_file(&c, &job, "a heap"), 0);
	case_job(&job, JOB_SEAL, "c", 0);
	job.verdict =
		(struct verdict){.outcome = OUTCOME_EXITED, .at_ms = job.reason.at_ms};
	assert_int_equal(case_seal(&c, &job, ""), 0);
	salvage(&c, &told);

	rest = (struct span){told.data, told.len};
	assert_int_equal(job_parse(rest, &back), 0);
	assert_int_equal(back.kind, JOB_SEAL);
	assert_string_equal(back.incident, "a");
	assert_string_equal(back.key, "0a1b2c3d-4127-99");
	assert_int_equal(back.number, 4);
	assert_int_equal(back.held, 1U << ARTIFACT_HEAP | 1U << ARTIFACT_KERNEL);
	assert_int_equal(back.target.pid, 4127);
	assert_true(back.reason.value == UINT64_C(5368709121));
	back.verdict = (struct verdict){.outcome = OUTCOME_AGENT_STOPPED,
					.at_ms = back.reason.at_ms};
	assert_int_equal(case_seal(&c, &back, "at\n"), 0);
	rest = job_rest(rest);
	assert_int_equal(job_parse(rest, &back), 0);
	assert_string_equal(back.incident, "b");
	assert_int_equal(job_rest(rest).len, 0);

	salvage(&c, &told); /* b alone is open now */
	case_manifest(&c, "a", &m);
	assert_int_equal(m.verdict.outcome, OUTCOME_AGENT_STOPPED);
	assert_int_equal(job_rest((struct span){told.data, told.len}).len, 0);
	case_end(&c);
}

/* Whoever may write into .staging could always have removed it all; but nothing outside
 * of it is touched by what stands in it. */
static void litter_in_staging_is_removed_without_following_it(void **state)
{
	static const char *const names[] = {
		"x",           "a+b",         "a+b+c+d",
		"a b+c+01",    "..+x+01",     "cron+../../x+01",
		"cron+x+base", "cron+x+seal", "cron+x+trash",
		"cron+x+heap",
	};
	struct archive_case c;
	AUTO_BUF struct buf told, list;
	AUTO_CLOSE int top = -1, file = -1;

	(void)state;
	buf_init(&told, 100000);
	buf_init(&list, 100000);
	case_begin(&c);
	case_salvage(&c, &told);
	top = open(c.dir, O_RDONLY | O_DIRECTORY);
	assert_int_equal(mkdirat(top, "cron", 0750), 0);
	file = openat(top, "cron/keep", O_CREAT | O_WRONLY, 0640);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char path[128];

		snprintf(path, sizeof(path), ".staging/%s", names[i]);
		if (!strchr(names[i], '/'))
			assert_int_equal(mkdirat(top, path, 0750), 0);
	}
	assert_int_equal(symlinkat("../cron", top, ".staging/cron+l+01"), 0);
	assert_int_equal(symlinkat("../../cron", top, ".staging/x/link"), 0);
	assert_int_equal(linkat(top, "cron/keep", top, ".staging/file", 0), 0);
	assert_int_equal(mkfifoat(top, ".staging/fifo", 0640), 0);
	buf_clear(&told);
	case_salvage(&c, &told);
	assert_int_equal(faccessat(top, "cron/keep", F_OK, 0), 0);
	list.len = 0;
	assert_int_equal(unlinkat(top, ".staging", AT_REMOVEDIR), 0); /* it is empty */
	assert_int_equal(mkdirat(top, ".staging", 0750), 0);
	case_end(&c);
}

/* Two steps of a file system that cannot exchange, cut between them. */
static void a_base_that_was_put_aside_comes_back(void **state)
{
	struct archive_case c;
	AUTO_BUF struct buf told, list;
	AUTO_CLOSE int top = -1;
	struct job job;

	(void)state;
	buf_init(&told, 100000);
	buf_init(&list, 100000);
	case_begin(&c);
	case_job(&job, JOB_BASE, "", 0);
	job.base = BASE_TAKEN;
	assert_int_equal(case_file(&c, &job, "the base"), 0);
	top = open(c.dir, O_RDONLY | O_DIRECTORY);
	assert_int_equal(renameat(top, "cron/.live/0a1b2c3d-4127-99/base", top,
				  ".staging/cron+0a1b2c3d-4127-99+base+old"),
			 0);
	salvage(&c, &told);
	case_list(&c, "cron/.live/0a1b2c3d-4127-99/base", &list);
	assert_non_null(strstr(list.data, "heap.pb.gz"));
	case_end(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cut_first_capture_becomes_an_incident),
		cmocka_unit_test(a_cut_capture_without_a_word_leaves_nothing),
		cmocka_unit_test(a_cut_further_capture_joins_its_incident),
		cmocka_unit_test(what_comes_late_joins_what_stands),
		cmocka_unit_test(a_living_builder_is_left_alone),
		cmocka_unit_test(without_its_note_a_capture_is_kept_and_sealed),
		cmocka_unit_test(open_incidents_are_told_so_that_they_can_be_sealed),
		cmocka_unit_test(litter_in_staging_is_removed_without_following_it),
		cmocka_unit_test(a_base_that_was_put_aside_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
