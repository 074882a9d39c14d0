/* The order is the plan's; here are the look before each step and the account after it.
 * The kernel's files are read first and written when no step over HTTP is left: they are
 * safe in this process, while the target may be gone in a second. */
#include "commands/taking.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands/rehearsal.h"
#include "edge/clock.h"
#include "edge/fs.h"
#include "lib/num.h"
#include "lib/record.h"

/* What a step costs besides its time-out: connecting, writing, fsync on a slow disk. */
#define STEP_SLACK_S 10

/* --- Before a step ---------------------------------------------------------- */

static bool is_stopped(const struct taking *t)
{
	struct pollfd stop = {.fd = t->stop_fd, .events = POLLIN};

	return poll(&stop, 1, 0) > 0;
}

/* Of a target without a process its address tells, and each answer says so. */
bool taking_lives(struct taking *t)
{
	return t->job->far || process_check(&t->process) == 0;
}

/* A fresh look for the gates. */
static void look(struct taking *t)
{
	t->stopped = t->stopped || is_stopped(t);
	t->gone = t->gone || !taking_lives(t);
	if (t->gone)
		t->plan.ended = "the target ended";
	else if (t->stopped)
		t->plan.ended = "leakdog was asked to stop";
	if (t->gone || t->job->far || sampler_read_all(&t->sampler, &t->sample) != 0)
		return; /* the last headroom is the best there is */
	t->plan.headroom = t->sample.headroom;
	t->plan.memory = t->sample.v[SIGNAL_RSS];
}

/* --- After a step ----------------------------------------------------------- */

void taking_tell(const struct taking *t, const struct buf *record)
{
	if (t->talk_fd >= 0) /* nobody there any more: the archive is what counts */
		(void)!write(t->talk_fd, record->data, record->len);
}

static void tell_step(const struct taking *t, enum artifact artifact,
		      const struct artifact_record *record)
{
	AUTO_BUF struct buf text;

	buf_init(&text, 4096);
	record_add(&text, "step", artifact_table[artifact].name);
	record_add(&text, "result", kept_table[record->result]);
	record_add_u64(&text, "ms", record->ms);
	record_add_u64(&text, "bytes", record->bytes);
	if (record->why[0])
		record_add(&text, "why", record->why);
	record_end(&text);
	taking_tell(t, &text);
}

struct artifact_record *taking_record(struct taking *t, enum artifact artifact)
{
	return filing_record(&t->filing, artifact_table[artifact].file,
			     artifact_table[artifact].name);
}

void taking_put(struct taking *t, struct span bytes, struct artifact_record *record)
{
	int r = artifact_file_put(t->filing.dirfd, t->filing.policy.keep_free, bytes,
				  true, record);

	if (r != 0 && record->result == KEPT_COMPLETE) /* cannot be */
		record->result = KEPT_FAILED;
}

void taking_done(struct taking *t, enum artifact artifact,
		 const struct artifact_record *record)
{
	struct job_result *result = &t->result;
	int r = 0;

	if (record->result == KEPT_COMPLETE)
		result->held |= UINT32_C(1) << artifact;
	if (record->result == KEPT_COMPLETE || record->result == KEPT_PARTIAL)
		r = filing_kept(&t->filing);
	if ((record->result == KEPT_PARTIAL || record->result == KEPT_FAILED) &&
	    !result->why[0])
		(void)snprintf(result->why, sizeof(result->why), "%s %s: %s",
			       artifact_table[artifact].name, kept_table[record->result],
			       record->why);
	if (r < 0 && !result->why[0])
		(void)snprintf(result->why, sizeof(result->why),
			       "%s may not be on the disk: %s",
			       artifact_table[artifact].name, strerror(-r));
	result->bytes += record->bytes;
	tell_step(t, artifact, record);
}

static void skip(struct taking *t, const struct plan_step *step)
{
	struct artifact_record *record = taking_record(t, step->artifact);

	if (!record)
		return;
	record->result = KEPT_SKIPPED;
	(void)text_copy(record->why, sizeof(record->why), step->why);
	tell_step(t, step->artifact, record);
}

/* --- The walk --------------------------------------------------------------- */

static void take(struct taking *t, enum artifact artifact)
{
	if (artifact_table[artifact].path)
		taking_http(t, artifact);
	else
		taking_kernel(t, artifact);
}

static void walk(struct taking *t)
{
	struct plan_step step;

	for (;;) {
		look(t);
		plan_next(&t->plan, &step);
		if (step.act == PLAN_END)
			break;
		if (step.act == PLAN_HOLD) {
			taking_hold(t);
			continue;
		}
		t->plan.done |= UINT32_C(1) << step.artifact;
		if (step.act == PLAN_SKIP)
			skip(t, &step);
		else
			take(t, step.artifact);
	}
	taking_file_evidence(t);
}

/* An upper bound that even a hang in a system call of ours does not pass: SIGALRM ends
 * the process, and what is whole on the disk is salvaged. */
static unsigned deadline_s(const struct job *job)
{
	uint64_t each_s = job->capture.timeout_ms / 1000 + STEP_SLACK_S;

	return (unsigned)MIN(each_s * (ARTIFACT_N + 1), (uint64_t)24 * 3600);
}

/* What the agent knows of it: a look of our own would ask the target once more. */
static void meet_far(struct taking *t)
{
	const struct job *job = t->job;

	if (!job->memory)
		return;
	t->plan.memory = (struct reading){.value = job->memory, .have = HAVE_VALUE};
	if (job->target.limit)
		t->plan.headroom =
			(struct reading){.value = num_sub(job->target.limit, job->memory),
					 .have = HAVE_VALUE};
}

/* Without a domain or a sampler there are fewer numbers, and the gates know it. */
static void meet_target(struct taking *t)
{
	if (t->job->far) {
		meet_far(t);
		return;
	}
	t->gone = process_check(&t->process) != 0;
	if (t->gone || domain_open(&t->roots, &t->process, &t->domain) != 0)
		t->domain = NULL;
	if (sampler_init(&t->sampler, &t->process, t->domain, t->job->target.limit) != 0)
		t->gone = true;
}

static void fill_record(struct taking *t)
{
	struct capture_record *record = &t->filing.record;

	if (t->plan.goroutines.have == HAVE_VALUE)
		record->goroutines = t->plan.goroutines.value;
	record->endpoint = t->owner;
}

static enum job_result_kind conclude(const struct taking *t, int r)
{
	if (t->gone)
		return RESULT_GONE;
	if (r != 0)
		return RESULT_FAILED;
	return t->stopped || t->result.why[0] ? RESULT_PARTIAL : RESULT_COMPLETE;
}

static void why_not_filed(struct taking *t, int r)
{
	char *why = t->result.why;
	size_t size = sizeof(t->result.why);

	if (r == FILING_FULL)
		(void)text_copy(why, size,
				"the archive's disk would have less than "
				"keep_free left: nothing was taken");
	else if (r == -ENODATA && !why[0])
		(void)text_copy(why, size,
				t->gone ? "the target ended" : "no artifact came whole");
	else if (r != -ENODATA)
		(void)snprintf(why, size, "not filed: %s", strerror(-r));
}

static int take_and_file(struct taking *t)
{
	int r = filing_begin(&t->filing, t->job);

	if (r != 0)
		return r;
	look(t);
	if (t->plan.headroom.have == HAVE_VALUE)
		t->filing.record.headroom = t->plan.headroom.value;
	walk(t);
	fill_record(t);
	/* What was cut short must not take the place of an early base that is whole. */
	if (t->stopped && t->job->kind == JOB_BASE)
		return -ECANCELED;
	return filing_commit(&t->filing);
}

void taking_run(struct taking *t, const struct job *job, const struct process *process)
{
	int64_t began_ms = clock_ms();
	int r;

	(void)alarm(deadline_s(job));
	t->job = job;
	t->process = *process;
	t->endpoint = job->endpoint;
	t->plan = (struct plan_state){
		.kind = job->kind,
		.capture = &job->capture,
		.pprof = job->endpoint.url[0] != '\0',
		.far = job->far,
		.log = job->log.kind != LOG_NONE,
		.held = job->held,
		.hold = job->kind == JOB_CAPTURE && conf_raises(&job->hold.limit),
		.program = t->program >= 0,
	};
	/* A limit is raised for the sake of a fresh heap. */
	t->plan.collect = job->capture.collect || t->plan.hold;
	meet_target(t);
	taking_enter(t);
	if (taking_relay(t))
		return;
	taking_find_ports(t);
	taking_shed(t);
	taking_find(t);
	r = take_and_file(t);
	t->result.filed = r == 0;
	t->result.kind = conclude(t, r);
	if (r != 0)
		why_not_filed(t, r);
	if (t->result.kind == RESULT_GONE && !t->result.why[0])
		(void)text_copy(t->result.why, sizeof(t->result.why), "the target ended");
	if (t->stopped && !t->result.why[0])
		(void)text_copy(t->result.why, sizeof(t->result.why),
				"leakdog was asked to stop");
	t->result.ms = (uint64_t)(clock_ms() - began_ms);
}

/* --- Before there is a job -------------------------------------------------- */

static int prepare(struct taking *t)
{
	int r = roots_open(NULL, &t->roots);

	if (r == 0)
		r = http_new(1, 512 << 10, &t->http); /* 1.5 times curl's own 16 KiB */
	if (r == 0)
		r = gzip_new(&t->gzip);
	if (r == 0)
		r = gzip_check_new(&t->check);
	t->evidence = r == 0 ? malloc(sizeof(*t->evidence)) : NULL;
	if (!t->evidence)
		return r < 0 ? r : -ENOMEM;
	evidence_init(t->evidence);
	rehearse(t);
	return 0;
}

int taking_prepare(struct taking *t, const struct filing_place *place)
{
	const char *why = NULL;
	int r;

	*t = (struct taking){.stop_fd = -1,
			     .talk_fd = -1,
			     .ahead_fd = -1,
			     .hold_fd = -1,
			     .program = -1,
			     .root_fd = -1,
			     .smaps_fd = -1,
			     .place = place};
	t->roots = (struct roots){.root = -1, .proc = -1};
	t->process = TAKING_NOBODY;
	t->sampler.statm_fd = t->sampler.limits_fd = -1;
	r = filing_open(place, &t->filing, &why);
	if (r < 0) {
		fprintf(stderr, "leakdog-fetch: archive %s: %s\n", place->dir,
			why ? why : strerror(-r));
		return r;
	}
	r = prepare(t);
	if (r < 0)
		fprintf(stderr, "leakdog-fetch: cannot prepare a capture: %s\n",
			strerror(-r));
	return r;
}

void taking_fini(struct taking *t)
{
	sampler_fini(&t->sampler);
	domain_free(t->domain);
	process_fini(&t->process);
	fs_close(&t->program);
	fs_close(&t->root_fd);
	taking_early_fini(t);
	free(t->evidence);
	gzip_check_free(t->check);
	gzip_free(t->gzip);
	http_free(t->http);
	roots_fini(&t->roots);
	filing_close(&t->filing);
	fs_close(&t->ahead_fd);
	fs_close(&t->hold_fd);
}
