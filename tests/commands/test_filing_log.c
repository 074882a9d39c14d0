/* The log at the seal: also of a process that is gone, also where it cannot be had. */
#include "filing_case.h"

#include "commands/inspect.h"

#define ID "20261121T201204Z-memory-5G-7f3a"

struct log_case {
	struct archive_case archive;
	char path[128];
	struct job job;
};

static void begin(struct log_case *c)
{
	case_begin(&c->archive);
	snprintf(c->path, sizeof(c->path), "%s.log", c->archive.dir);
	case_job(&c->job, JOB_CAPTURE, ID, 1);
	assert_int_equal(case_file(&c->archive, &c->job, "a heap"), 0);
	c->job.kind = JOB_SEAL;
	c->job.verdict = (struct verdict){.outcome = OUTCOME_OOM_KILLED,
					  .at_ms = c->job.reason.at_ms + 1000};
	c->job.log.kind = LOG_FILE;
	(void)text_copy(c->job.log.at, sizeof(c->job.log.at), c->path);
}

static void say(const struct log_case *c, const char *words)
{
	int fd = open(c->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_int_equal(write(fd, words, strlen(words)), (ssize_t)strlen(words));
	close(fd);
}

static void expect_sound(const struct log_case *c)
{
	struct findings findings = {0};
	int fd = open(c->archive.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_int_equal(inspect_archive(fd, &findings), 0);
	expect(findings.n == 0, "%zu findings", findings.n);
	findings_fini(&findings);
	close(fd);
}

static void end(struct log_case *c)
{
	(void)unlink(c->path);
	case_end(&c->archive);
}

static void a_seal_keeps_the_last_words(void **state)
{
	struct log_case c;
	AUTO_MANIFEST struct manifest m;
	AUTO_BUF struct buf list;

	(void)state;
	buf_init(&list, 10000);
	begin(&c);
	say(&c, "the last words\n");
	assert_int_equal(case_seal(&c.archive, &c.job, "at,memory\n1,2\n"), 0);
	case_manifest(&c.archive, ID, &m);
	assert_true(m.sealed);
	assert_int_equal(m.log.result, KEPT_COMPLETE);
	assert_string_equal(m.log.name, "log.gz");
	assert_string_equal(m.log.kind, "log");
	assert_true(m.log.at_ms > 0);
	case_list(&c.archive, "cron/" ID, &list);
	expect(strstr(list.data, "log.gz\n"), "%s", list.data);
	expect_sound(&c);
	end(&c);
}

static void a_log_that_cannot_be_had_keeps_no_verdict_back(void **state)
{
	struct log_case c;
	AUTO_MANIFEST struct manifest m;

	(void)state;
	begin(&c);
	assert_int_equal(case_seal(&c.archive, &c.job, "at,memory\n1,2\n"), 0);
	case_manifest(&c.archive, ID, &m);
	assert_true(m.sealed);
	assert_int_equal(m.log.result, KEPT_SKIPPED);
	expect(strstr(m.log.why, "there is no such file"), "%s", m.log.why);
	expect_sound(&c);
	end(&c);
}

/* Killed between the log and the manifest. */
static void a_seal_that_was_cut_is_done_again(void **state)
{
	struct log_case c;
	AUTO_MANIFEST struct manifest m;
	char left[256];

	(void)state;
	begin(&c);
	say(&c, "words\n");
	for (int i = 0; i < 2; i++) {
		int fd;

		snprintf(left, sizeof(left), "%s/cron/" ID "/log.gz%s", c.archive.dir,
			 i ? ".partial" : "");
		fd = open(left, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		assert_true(fd >= 0);
		close(fd);
	}
	assert_int_equal(case_seal(&c.archive, &c.job, "at,memory\n1,2\n"), 0);
	case_manifest(&c.archive, ID, &m);
	assert_int_equal(m.log.result, KEPT_COMPLETE);
	expect_sound(&c);
	end(&c);
}

static void a_seal_of_a_service_without_a_log_says_nothing_of_one(void **state)
{
	struct log_case c;
	AUTO_MANIFEST struct manifest m;

	(void)state;
	begin(&c);
	say(&c, "words\n");
	c.job.log = (struct log_source){0};
	assert_int_equal(case_seal(&c.archive, &c.job, "at,memory\n1,2\n"), 0);
	case_manifest(&c.archive, ID, &m);
	assert_string_equal(m.log.kind, "");
	expect_sound(&c);
	end(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_seal_keeps_the_last_words),
		cmocka_unit_test(a_log_that_cannot_be_had_keeps_no_verdict_back),
		cmocka_unit_test(a_seal_that_was_cut_is_done_again),
		cmocka_unit_test(a_seal_of_a_service_without_a_log_says_nothing_of_one),
	};

	return cmocka_run_group_tests_name("filing_log", tests, NULL, NULL);
}
