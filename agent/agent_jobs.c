/* Jobs: which target gets the warm child next, what it is told, and what it said at its
 * end. A job is one message; what was done comes back as messages; the end of the child
 * is an event like any other. */
#include "agent_limits.h"
#include "agent_parts.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "edge/clock.h"
#include "edge/fs.h"
#include "edge/log.h"
#include "lib/quantity.h"

#define RECORDER_KEEP 5

/* ------------------------------------------------------------------ a job */

void job_fill(const struct target *target, struct job *ret)
{
	const struct conf_service *conf = target->service->conf;

	*ret = (struct job){.target = target->facts,
			    .base = target->base_state,
			    .base_at_ms = target->base_at_ms,
			    .capture = conf->capture,
			    .far = target->far.is,
			    .only_verified = target->shares_address,
			    .recorder_keep = RECORDER_KEEP};
	if (target->container)
		ret->container = target->container->facts;
	address_of(target, &ret->endpoint);
	(void)text_copy(ret->service, sizeof(ret->service), conf->name);
	(void)text_copy(ret->key, sizeof(ret->key), target->key);
	(void)text_copy(ret->incident, sizeof(ret->incident), target->incident.id);
	(void)text_copy(ret->base_why, sizeof(ret->base_why), target->base_why);
	ret->reason = target->incident.reason;
	if (target->far.is && target->sample.v[SIGNAL_MEMORY].have == HAVE_VALUE)
		ret->memory = target->sample.v[SIGNAL_MEMORY].value;
}

void job_seal(const struct target *target, struct job *ret)
{
	job_fill(target, ret);
	ret->kind = JOB_SEAL;
	ret->number = target->incident.captures;
	ret->verdict = target->incident.verdict;
	ret->omitted.suppressed = target->incident.suppressed;
	if (target->incident.suppressed)
		(void)text_copy(ret->omitted.by, sizeof(ret->omitted.by),
				target->incident.suppressed_by);
}

static int job_send(struct agent *agent, struct worker *worker, struct target *target,
		    const struct job *job)
{
	const int fds[CHILD_FDS_MAX] = {target->process.dirfd, target->process.pidfd,
					target->program};
	int r;

	buf_clear(&agent->job);
	r = job_format(job, &agent->job);
	if (r == 0)
		r = child_send(&worker->child, agent->job.data, agent->job.len, fds);
	return r;
}

static void job_start(struct agent *agent, struct target *target, const struct job *job,
		      int64_t now_ms)
{
	struct worker *worker = worker_that(agent, WORKER_READY);
	int r;

	r = job_send(agent, worker, target, job);
	if (r < 0) {
		log_warn("a capture child did not take its job: %s; the next one gets it",
			 strerror(-r));
		child_signal(&worker->child, SIGKILL);
		worker->is = WORKER_WARMING; /* until its end is seen */
		return;
	}
	worker->is = WORKER_BUSY;
	worker->kind = job->kind;
	worker->base = job->base;
	worker->target = target;
	worker->began_ms = now_ms;
	target->worker = worker;
	target->queued_ms = 0;
	if (target->place)
		target->place->busy = target;
	log_debug("%s of '%s' pid %d begins", job_table[job->kind], job->service,
		  target->process.pid);
}

static void start_capture(struct agent *agent, struct target *target, int64_t now_ms)
{
	const struct ledger_wish wish = limits_wish(target);
	const struct incident before = target->incident;
	struct job job;

	job_fill(target, &job);
	job.kind = JOB_CAPTURE;
	log_of_job(agent, target->service->conf, &job);
	job.hold = target->service->conf->hold;
	if (conf_raises(&job.hold.limit))
		hold_freeze(target);
	job.reason = target->incident.next;
	job.number = incident_begin_capture(&target->incident, &job.held);
	job_start(agent, target, &job, now_ms);
	if (target->worker)
		limits_taken(target, &wish, now_ms);
	else
		target->incident = before; /* it still wants it */
}

static void start_wish(struct agent *agent, struct target *target, int64_t now_ms)
{
	struct job job;

	job_fill(target, &job);
	job.incident[0] = '\0';
	job.reason = (struct reason){.at_ms = clock_unix_ms(),
				     .value = target->sample.v[SIGNAL_MEMORY].value};
	if (target->wishes[WISH_BASE]) {
		target->wishes[WISH_BASE] = false;
		job.kind = JOB_BASE;
		job.base = target->base_wanted;
		job.base_at_ms = job.reason.at_ms;
		(void)text_copy(job.base_why, sizeof(job.base_why), base_why(job.base));
	} else {
		target->wishes[WISH_RECORD] = false;
		job.kind = JOB_RECORD;
	}
	job_start(agent, target, &job, now_ms);
}

/* ------------------------------------------------------------------ which next */

static unsigned busy_with(const struct agent *agent, bool captures)
{
	unsigned n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(agent->workers); i++) {
		if (agent->workers[i].is == WORKER_BUSY)
			n += (agent->workers[i].kind == JOB_CAPTURE) == captures;
	}
	return n;
}

void jobs_tick(struct agent *agent, int64_t now_ms)
{
	struct target *target;

	spare_keep(agent, now_ms);
	if (!agent->salvaged || agent->stopping || !worker_that(agent, WORKER_READY))
		return;
	jobs_yield(agent, now_ms);
	agent->wish_waits = 0;
	/* Bases and recordings have a place of their own: no capture waits for one, and
	 * none of them goes before a capture. */
	target = queue_next(agent, queue_wants_capture, now_ms);
	if (target && busy_with(agent, true) < QUEUE_CAPTURES_MAX) {
		if (limits_allow(agent, target, now_ms))
			start_capture(agent, target, now_ms);
	} else if (!target && !busy_with(agent, false) &&
		   (target = queue_next(agent, queue_wants_other, now_ms))) {
		/* Never the last spare: the next one may be long in getting warm. */
		agent->wish_waits = spares_ready(agent) < 2;
		if (!agent->wish_waits)
			start_wish(agent, target, now_ms);
	}
	spare_keep(agent, now_ms);
}

/* ------------------------------------------------------------------ what it says */

void jobs_hear(struct agent *agent, struct worker *worker)
{
	char text[4096];
	int fds[CHILD_FDS_MAX];
	ssize_t n;

	while ((n = child_receive(worker->child.socket, text, sizeof(text), fds)) > 0) {
		struct span record = {.at = text, .len = (size_t)n};

		for (size_t i = 0; i < ARRAY_SIZE(fds); i++) /* nobody sends us any */
			fs_close(&fds[i]);
		if (worker->is == WORKER_WARMING && text_starts(text, "ready"))
			worker->is = WORKER_READY;
		else if (worker->is == WORKER_BUSY && text_starts(text, "result.") &&
			 job_result_parse(record, &worker->result) == 0)
			worker->answered = true;
		else if (worker->is == WORKER_BUSY && text_starts(text, "step="))
			worker->stepped = true;
		else if (worker->is == WORKER_BUSY && text_starts(text, "hold="))
			hold_hear(agent, worker->target, record);
	}
	if (n != -EAGAIN)
		loop_remove(&agent->loop,
			    worker->child.socket); /* its end comes as an event */
}

static void log_end(const struct worker *worker, const char *incident)
{
	const struct job_result *result = &worker->result;
	const struct target *target = worker->target;
	char bytes[QUANTITY_MAX];

	if (result->kind == RESULT_COMPLETE)
		log_line(worker->kind == JOB_RECORD ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO,
			 "%s of '%s' pid %d complete: %s in %" PRIu64 " ms%s%s",
			 job_table[worker->kind], target->service->conf->name,
			 target->process.pid, quantity_format(result->bytes, bytes),
			 result->ms, incident[0] ? ", incident " : "", incident);
	else
		log_warn("%s of '%s' pid %d %s: %s%s%s", job_table[worker->kind],
			 target->service->conf->name, target->process.pid,
			 result_table[result->kind], result->why,
			 incident[0] ? "; incident " : "", incident);
}

static void end_job(struct agent *agent, struct worker *worker, int64_t now_ms)
{
	struct target *target = worker->target;
	const struct job_result *result = &worker->result;

	target->worker = NULL;
	if (target->place)
		target->place->busy = NULL;
	hold_thaw(agent, target);
	if (worker->kind != JOB_RECORD) /* that one does not ask for the page */
		target->foreign_page = result->foreign_page;
	log_end(worker, worker->kind == JOB_CAPTURE ? target->incident.id : "");
	if (worker->kind == JOB_CAPTURE) {
		agent->captures++;
		agent->captures_failed += result->kind == RESULT_FAILED;
		agent->captures_partial +=
			result->kind == RESULT_PARTIAL || result->kind == RESULT_GONE;
		incident_captured(&target->incident, result, &target->service->times,
				  now_ms);
		rules_captured(target, result->filed, now_ms);
		if (result->filed)
			report_want(agent, target->service->conf->name,
				    target->incident.id);
	} else if (worker->kind == JOB_BASE) {
		base_done(target, worker, now_ms);
	}
	state_touch(agent);
}

/* A child that died is an outcome: what is whole on disk counts, the rest is told. */
static void died(struct worker *worker, int status)
{
	worker->result = (struct job_result){.kind = RESULT_FAILED};
	if (status >= 128)
		(void)snprintf(worker->result.why, sizeof(worker->result.why),
			       "the capture child was killed by signal %d", status - 128);
	else
		(void)snprintf(worker->result.why, sizeof(worker->result.why),
			       "the capture child ended with %d and no result", status);
}

void jobs_end(struct agent *agent, struct worker *worker, int64_t now_ms)
{
	int status;

	jobs_hear(agent, worker); /* the last words may still be in the socket */
	status = child_exit(&worker->child);
	if (status == -EAGAIN)
		return;
	if (worker->is == WORKER_BUSY) {
		if (!worker->answered)
			died(worker, status);
		if (worker->target) /* else it gave way */
			end_job(agent, worker, now_ms);
	} else if (!agent->stopping) {
		log_warn("the waiting capture child ended with %d; next one in %d s",
			 status, SPARE_RETRY_MS / 1000);
		agent->spare_ms = now_ms + SPARE_RETRY_MS;
	}
	worker_clear(agent, worker);
}

void jobs_stop(struct agent *agent)
{
	for (size_t i = 0; i < ARRAY_SIZE(agent->workers); i++)
		child_signal(&agent->workers[i].child, SIGTERM);
}

bool jobs_busy(const struct agent *agent)
{
	return busy_with(agent, true) + busy_with(agent, false) > 0;
}
