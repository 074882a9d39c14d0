/* What the archive needs besides captures: `leakdog keep`, one child at a time. Salvage
 * comes first and once, seals as targets end, retention when nothing else is to do. */
#include "agent_limits.h"
#include "agent_parts.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "edge/clock.h"
#include "edge/log.h"
#include "view/timeline.h"

#define KEEP_RETRY_MS 5000
#define SEAL_INPUT_MAX (4 << 20)
/* Old live files and old incidents: looked after once in a while. */
#define RETAIN_EVERY_MS 3600000

/* ------------------------------------------------------------------ starting */

static int keep_spawn(struct agent *agent, const char *verb, const struct buf *input)
{
	const char *argv[ARCHIVE_ARGS_MAX + 6] = {"leakdog", "keep", verb};
	const struct target *target = agent->keeper.target;
	bool holds = target && target->program >= 0;
	const struct child_spec spec = {.path = agent->options.self_path,
					.argv = argv,
					.input = input->data,
					.input_len = input->len,
					.output = true,
					.pass = holds ? &target->program : NULL};
	int r;

	if (holds) {
		argv[3] = "--program";
		argv[4] = "3";
	}
	archive_args(agent, argv + (holds ? 5 : 3));
	r = child_spawn(&spec, &agent->keeper.child);
	if (r == 0)
		r = loop_add(&agent->loop, agent->keeper.child.pidfd, EVENT_HELPER,
			     &agent->keeper);
	return r;
}

static void keep_begin(struct agent *agent, int does, const char *verb,
		       const struct buf *input, int64_t now_ms)
{
	int r = buf_error(input);

	if (r == 0)
		r = keep_spawn(agent, verb, input);
	if (r == 0) {
		agent->keeper.does = does;
		return;
	}
	log_error("cannot start `leakdog keep %s`: %s; next try in %d s", verb,
		  strerror(-r), KEEP_RETRY_MS / 1000);
	child_fini(&agent->keeper.child);
	agent->keeper = (struct keeper){.child = CHILD_NONE,
					.retry_at_ms = now_ms + KEEP_RETRY_MS};
}

static void living_keys(const struct agent *agent, struct buf *to)
{
	for (const struct target *t = agent->targets; t; t = t->next) {
		if (t->ended_ms == INT64_MAX)
			record_add(to, "living", t->key);
	}
	record_end(to);
}

static void salvage(struct agent *agent, int64_t now_ms)
{
	AUTO_BUF struct buf input;

	buf_init(&input, 1 << 20);
	living_keys(agent, &input);
	keep_begin(agent, KEEP_SALVAGE, "salvage", &input, now_ms);
}

static void retain(struct agent *agent, int64_t now_ms)
{
	AUTO_BUF struct buf input;

	buf_init(&input, 1 << 20);
	living_keys(agent, &input);
	agent->retain_ms = now_ms + RETAIN_EVERY_MS;
	keep_begin(agent, KEEP_RETAIN, "retain", &input, now_ms);
}

static void seal(struct agent *agent, const struct job *job, struct target *target,
		 int64_t now_ms)
{
	AUTO_BUF struct buf input;
	int r;

	buf_init(&input, SEAL_INPUT_MAX);
	r = job_format(job, &input);
	if (r < 0)
		log_error("the seal of %s does not fit: %s", job->incident, strerror(-r));
	if (target)
		timeline_csv(target->series, clock_ms(), clock_unix_ms(), &input);
	keep_begin(agent, KEEP_SEAL, "seal", &input, now_ms);
}

static void seal_target(struct agent *agent, struct target *target, int64_t now_ms)
{
	struct job job;

	job_seal(target, &job);
	log_of_job(agent, target->service->conf, &job);
	limits_of_seal(agent, &job);
	agent->keeper.target = target;
	seal(agent, &job, target, now_ms);
}

static void seal_orphan(struct agent *agent, struct orphan *orphan, int64_t now_ms)
{
	limits_of_seal(agent, &orphan->job);
	log_of_orphan(agent, &orphan->job);
	agent->keeper.orphan = orphan;
	seal(agent, &orphan->job, NULL, now_ms);
}

void keep_tick(struct agent *agent, int64_t now_ms)
{
	if (agent->keeper.does != KEEP_NONE || now_ms < agent->keeper.retry_at_ms)
		return;
	if (!agent->salvaged) {
		if (agent->scans >= 2 && !agent->puts_off) /* the living are known */
			salvage(agent, now_ms);
		return;
	}
	for (struct target *t = agent->stirred; t; t = t->next_stirred) {
		if (t->sealing && !t->worker) {
			seal_target(agent, t, now_ms);
			return;
		}
	}
	if (agent->orphans)
		seal_orphan(agent, agent->orphans, now_ms);
	else if (now_ms >= agent->retain_ms && !agent->stopping)
		retain(agent, now_ms);
}

/* ------------------------------------------------------------------ ending */

/* Everybody who was known is known again. */
static void jobs_may_begin(struct agent *agent)
{
	rules_unstick(agent);
	buf_fini(&agent->saved);
	agent->salvaged = true;
}

/* The keeper's records of incidents that an earlier agent left open. */
static void salvaged(struct agent *agent, int64_t now_ms)
{
	AUTO_BUF struct buf output;

	buf_init(&output, 1 << 20);
	if (child_output(&agent->keeper.child, &output) == 0)
		incidents_adopt(agent, (struct span){output.data, output.len}, now_ms);
	jobs_may_begin(agent);
}

static void log_seal(const char *service, const char *id, const struct verdict *verdict)
{
	log_info("incident %s of '%s' sealed: %s%s%s", id, service,
		 outcome_table[verdict->outcome], verdict->detail[0] ? ", " : "",
		 verdict->detail);
}

static void sealed_orphan(struct agent *agent, struct orphan *orphan)
{
	log_seal(orphan->job.service, orphan->job.incident, &orphan->job.verdict);
	report_want(agent, orphan->job.service, orphan->job.incident);
	orphan_drop(agent, orphan);
	state_touch(agent);
}

static void sealed_target(struct agent *agent, struct target *target)
{
	log_seal(target->service->conf->name, target->incident.id,
		 &target->incident.verdict);
	report_want(agent, target->service->conf->name, target->incident.id);
	target->sealing = false;
	if (target->ended_ms != INT64_MAX) {
		target_forget(agent, target);
		return;
	}
	incident_init(&target->incident);
	state_touch(agent);
}

/* The keeper's record of incidents that made room for the one that it sealed. */
static void note_folded(struct agent *agent)
{
	const struct keeper *keeper = &agent->keeper;
	const char *name = keeper->orphan ? keeper->orphan->job.service
					  : keeper->target->service->conf->name;
	char incident[INCIDENT_MAX];
	AUTO_BUF struct buf output;
	struct record_line line;
	struct span rest;
	int error = 0;

	buf_init(&output, 1 << 20);
	if (child_output(&keeper->child, &output) < 0)
		return;
	rest = (struct span){output.data, output.len};
	while (record_next(&rest, &line, &error)) {
		if (span_is(line.key, "folded") &&
		    record_text(&line, incident, sizeof(incident)) == 0)
			limits_folded(agent, name, incident);
	}
}

static void log_failure(const struct keeper *keeper, int status)
{
	static const char *const verb[] = {[KEEP_NONE] = "",
					   [KEEP_SALVAGE] = "salvage",
					   [KEEP_SEAL] = "seal",
					   [KEEP_RETAIN] = "retain"};

	log_warn("`leakdog keep %s` ended with %d; next try in %d s", verb[keeper->does],
		 status, KEEP_RETRY_MS / 1000);
}

void keep_end(struct agent *agent, int64_t now_ms)
{
	struct keeper *keeper = &agent->keeper;
	int status = child_exit(&keeper->child);

	if (status == -EAGAIN)
		return;
	if (status != 0) {
		log_failure(keeper, status);
		keeper->retry_at_ms = now_ms + KEEP_RETRY_MS;
		if (keeper->does == KEEP_SALVAGE && ++agent->salvage_tries == 3)
			jobs_may_begin(agent); /* captures matter more than tidiness */
	} else if (keeper->does == KEEP_SALVAGE) {
		salvaged(agent, now_ms);
	} else if (keeper->does == KEEP_SEAL) {
		agent->sealed++;
		note_folded(agent);
		if (keeper->orphan)
			sealed_orphan(agent, keeper->orphan);
		else
			sealed_target(agent, keeper->target);
	}
	loop_remove(&agent->loop, keeper->child.pidfd);
	child_fini(&keeper->child);
	keeper->child = CHILD_NONE;
	keeper->does = KEEP_NONE;
	keeper->target = NULL;
	keeper->orphan = NULL;
}

bool keep_busy(const struct agent *agent)
{
	return agent->keeper.does != KEEP_NONE;
}
