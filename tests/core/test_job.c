/* What passes between the agent and its children comes over whole, and nothing that could
 * leave the archive as a path passes at all. */
#include "core/job.h"

#include <errno.h>
#include <string.h>

#include "lib/buf.h"
#include "unit.h"

/* Every member differs from zero and from its neighbours, texts are as long as they may.
 */
static void fill(char *text, size_t size, char c)
{
	memset(text, c, size - 1);
	text[size - 1] = '\0';
}

static void fill_target(struct target_facts *t)
{
	*t = (struct target_facts){.pid = INT32_MAX,
				   .start_ticks = UINT64_MAX,
				   .started_ms = -5,
				   .cgroup_version = 2,
				   .limit = 1ULL << 63};
	fill(t->boot_id, sizeof(t->boot_id), 'b');
	fill(t->exe, sizeof(t->exe), '\n'); /* foreign: the worst that can stand there */
	fill(t->build, sizeof(t->build), '\\');
	fill(t->cgroup, sizeof(t->cgroup), (char)0xff);
	fill(t->limit_from, sizeof(t->limit_from), '=');
}

static void fill_job(struct job *job)
{
	memset(job, 0, sizeof(*job));
	job->kind = JOB_CAPTURE;
	fill(job->service, sizeof(job->service), 's');
	fill(job->key, sizeof(job->key), 'k');
	fill(job->incident, sizeof(job->incident), 'i');
	job->number = 99;
	fill(job->reason.rule, sizeof(job->reason.rule), 'r');
	fill(job->reason.slug, sizeof(job->reason.slug), 'l');
	fill(job->reason.signal, sizeof(job->reason.signal), 'g');
	fill(job->reason.unit, sizeof(job->reason.unit), 'u');
	job->reason.value = UINT64_MAX;
	job->reason.threshold = 7;
	job->reason.at_ms = INT64_MAX;
	fill_target(&job->target);
	job->base = BASE_BORROWED;
	job->base_at_ms = INT64_MIN;
	fill(job->base_why, sizeof(job->base_why), 'w');
	fill(job->endpoint.url, 256, '\x1b');
	for (int i = 0; i < ARTIFACT_N; i++)
		fill(job->endpoint.urls[i], 256, (char)(1 + i));
	fill(job->endpoint.auth_kind, sizeof(job->endpoint.auth_kind), 'a');
	fill(job->endpoint.auth_file, 256, '/');
	fill(job->endpoint.ca_file, 256, 'c');
	fill(job->endpoint.headers_file, 256, 'h');
	job->log.kind = LOG_CONTAINER;
	fill(job->log.at, sizeof(job->log.at), '\x02');
	job->far = true;
	job->memory = UINT64_MAX;
	job->capture = (struct capture_conf){UINT32_MAX, true, 10000, 30000, 1ULL << 40};
	job->held = 0x7ff;
	job->recorder_keep = 5;
	job->verdict = (struct verdict){.outcome = OUTCOME_OOM_KILLED,
					.at_ms = 12,
					.evidence = EVIDENCE_INFERRED,
					.victim = VICTIM_SIBLING,
					.scope = SCOPE_NODE,
					.successor_pid = 4711};
	fill(job->verdict.detail, sizeof(job->verdict.detail), 0x7f);
}

static void job_comes_back_with_every_member(void **state)
{
	AUTO_BUF struct buf b;
	struct job job, back;

	(void)state;
	fill_job(&job);
	buf_init(&b, JOB_TEXT_MAX);
	assert_int_equal(job_format(&job, &b), 0);
	memset(&back, 0, sizeof(back));
	assert_int_equal(job_parse((struct span){b.data, b.len}, &back), 0);
	assert_memory_equal(&back, &job, sizeof(job));
}

static void job_comes_back_in_every_kind_and_state(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 64; i++) {
		AUTO_BUF struct buf b;
		struct job job, back;

		fill_job(&job);
		job.kind = i % JOB_N;
		job.base = i % BASE_N;
		job.verdict.outcome = i % OUTCOME_N;
		job.verdict.evidence = i % EVIDENCE_N;
		job.verdict.victim = i % VICTIM_N;
		job.verdict.scope = i % SCOPE_N;
		buf_init(&b, JOB_TEXT_MAX);
		assert_int_equal(job_format(&job, &b), 0);
		assert_int_equal(job_parse((struct span){b.data, b.len}, &back), 0);
		assert_memory_equal(&back, &job, sizeof(job));
	}
}

static void job_that_does_not_fit_says_so(void **state)
{
	AUTO_BUF struct buf b;
	struct job job;

	(void)state;
	fill_job(&job);
	buf_init(&b, 500);
	assert_int_equal(job_format(&job, &b), -EFBIG);
}

static void job_cut_anywhere_is_no_job(void **state)
{
	AUTO_BUF struct buf b;
	struct job job, untouched, back;

	(void)state;
	fill_job(&job);
	buf_init(&b, JOB_TEXT_MAX);
	assert_int_equal(job_format(&job, &b), 0);
	memset(&untouched, 0x5a, sizeof(untouched));
	back = untouched;
	for (size_t len = 0; len < b.len; len++) {
		AUTO_FREE char *cut =
			malloc(len + 1); /* so that a sanitizer sees the end */

		memcpy(cut, b.data, len);
		expect(job_parse((struct span){cut, len}, &back) < 0, "cut at %zu", len);
	}
	assert_memory_equal(&back, &untouched, sizeof(back));
}

static void job_refuses_what_is_none(void **state)
{
	static const char sound[] = "kind=capture\nservice=cron\nkey=ab-1-2\nincident=x\n"
				    "number=1\ntarget.pid=7\n";
	static const struct {
		const char *more;
		int result;
	} rows[] = {
		{"\n", 0},
		{"of.a.newer.agent=1\n\n", 0},
		{"url99=x\n\n", 0},
		{"kind=base\nincident=\n\n", 0}, /* a base belongs to no incident */
		{"", -EBADMSG},                  /* no empty line */
		{"kind=party\n\n", -EBADMSG},
		{"service=\n\n", -EBADMSG},
		{"service=..\n\n", -EBADMSG},
		{"service=a/b\n\n", -EBADMSG},
		{"service=.live\n\n", -EBADMSG},
		{"key=..\n\n", -EBADMSG},
		{"key=\n\n", -EBADMSG},
		{"key=a/../b\n\n", -EBADMSG},
		{"incident=../../etc\n\n", -EBADMSG},
		{"incident=.staging\n\n", -EBADMSG},
		{"incident=a\\x0ab\n\n", -EBADMSG},
		{"incident=\n\n", -EBADMSG},
		{"number=0\n\n", -EBADMSG},
		{"number=100\n\n", -EBADMSG},
		{"number=-1\n\n", -EBADMSG},
		{"number=4294967297\n\n", -EBADMSG}, /* would be 1 in 32 bits */
		{"target.pid=0\n\n", -EBADMSG},
		{"target.pid=2147483648\n\n", -EBADMSG},
		{"reason.value=1e9\n\n", -EBADMSG},
		{"reason.at=tomorrow\n\n", -EBADMSG},
		{"verdict.outcome=\n\n", -EBADMSG},
		{"base=?\n\n", -EBADMSG},
		{"no equals sign\n\n", -EBADMSG},
		{"base_why=\\q\n\n", -EBADMSG},
		{"base_why=a\\x00b\n\n", -EBADMSG},
		{"reason.unit=0123456789abcdef\n\n", -ENAMETOOLONG},
	};
	struct job job;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char text[512];
		int len = snprintf(text, sizeof(text), "%s%s", sound, rows[i].more);
		int r = job_parse((struct span){text, (size_t)len}, &job);

		expect(r == rows[i].result, "%s: %d", rows[i].more, r);
	}
	assert_int_equal(job_parse((struct span){"\n", 1}, &job), -EBADMSG);
	assert_int_equal(job_parse((struct span){NULL, 0}, &job), -EBADMSG);
	assert_int_equal(job_parse((struct span){"\n\nkind=base\n\n", 13}, &job),
			 -EBADMSG);
}

static void what_follows_a_job_is_the_callers(void **state)
{
	static const char text[] = "kind=seal\n\nat,memory\n1,2\n\n";
	struct span all = {text, sizeof(text) - 1};

	(void)state;
	assert_true(span_is(job_rest(all), "at,memory\n1,2\n\n"));
	assert_true(span_is(job_rest((struct span){text, 10}), ""));
	assert_true(span_is(job_rest((struct span){text, 11}), ""));
}

static void result_comes_back_with_every_member(void **state)
{
	struct job_result result = {.filed = true,
				    .held = 5,
				    .goroutines = 4000,
				    .foreign_page = true,
				    .foreign_endpoint = true,
				    .bytes = 1ULL << 41,
				    .ms = 31000};
	struct job_result back;

	(void)state;
	fill(result.why, sizeof(result.why), '\t');
	for (unsigned kind = 0; kind < RESULT_N; kind++) {
		AUTO_BUF struct buf b;

		result.kind = kind;
		buf_init(&b, 4096);
		job_result_format(&result, &b);
		assert_int_equal(buf_error(&b), 0);
		memset(&back, 0, sizeof(back));
		assert_int_equal(job_result_parse((struct span){b.data, b.len}, &back),
				 0);
		assert_memory_equal(&back, &result, sizeof(result));
		assert_true(job_result_parse((struct span){b.data, b.len - 1}, &back) <
			    0);
	}
}

static void result_refuses_what_is_none(void **state)
{
	static const char *const rows[] = {
		"",
		"\n",
		"result.kind=done\n\n",
		"result.filed=2\nresult.kind=failed\n\n",
		"result.ms=-1\nresult.kind=failed\n\n",
		"result.filed=1\n\n",
		"kind=failed\n\n",
	};
	struct job_result back;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		expect(job_result_parse((struct span){rows[i], strlen(rows[i])}, &back) <
			       0,
		       "%s", rows[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(job_comes_back_with_every_member),
		cmocka_unit_test(job_comes_back_in_every_kind_and_state),
		cmocka_unit_test(job_that_does_not_fit_says_so),
		cmocka_unit_test(job_cut_anywhere_is_no_job),
		cmocka_unit_test(job_refuses_what_is_none),
		cmocka_unit_test(what_follows_a_job_is_the_callers),
		cmocka_unit_test(result_comes_back_with_every_member),
		cmocka_unit_test(result_refuses_what_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
