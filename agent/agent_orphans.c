/* Incidents of an earlier agent. Those whose target still lives are continued; those
 * whose verdict was given are sealed with it; of the others nobody saw the end. */
#include "agent_parts.h"

#include <inttypes.h>
#include <stdio.h>

#include "edge/clock.h"
#include "edge/log.h"

static struct orphan *orphan_of(struct agent *agent, const struct job *job)
{
	for (struct orphan *o = agent->orphans; o; o = o->next) {
		if (text_equal(o->job.incident, job->incident) &&
		    text_equal(o->job.service, job->service))
			return o;
	}
	return NULL;
}

void orphan_add(struct agent *agent, const struct job *job)
{
	struct orphan *orphan;

	if (orphan_of(agent, job))
		return; /* its verdict is known already */
	orphan = calloc(1, sizeof(*orphan));
	if (!orphan) {
		log_error("no memory for incident %s; it stays open until the next start",
			  job->incident);
		return;
	}
	orphan->job = *job;
	orphan->next = agent->orphans;
	agent->orphans = orphan;
}

void orphan_drop(struct agent *agent, struct orphan *orphan)
{
	struct orphan **at = &agent->orphans;

	while (*at != orphan)
		at = &(*at)->next;
	*at = orphan->next;
	free(orphan);
}

void orphans_save(const struct agent *agent, struct buf *to)
{
	for (const struct orphan *o = agent->orphans; o; o = o->next) {
		if (job_format(&o->job, to) < 0)
			log_debug("the verdict of %s does not fit the state",
				  o->job.incident);
	}
}

static struct target *living(struct agent *agent, const struct job *job)
{
	for (struct target *t = agent->targets; t; t = t->next) {
		if (t->ended_ms == INT64_MAX && text_equal(t->key, job->key) &&
		    text_equal(t->service->conf->name, job->service))
			return t;
	}
	return NULL;
}

/* Where the capture was cut by the agent's end, the rule is still firing: once more. */
static void interrupted(struct target *target)
{
	for (size_t i = 0; i < target->service->conf->n_rules; i++) {
		if (target->rules[i].phase == PHASE_FIRING)
			incident_join(&target->incident, &target->incident.reason);
	}
}

static void adopt(struct agent *agent, struct target *target, const struct job *job,
		  int64_t now_ms)
{
	struct incident *incident = &target->incident;

	if (incident->phase != INCIDENT_NONE)
		return; /* a new one opened while salvage ran: the old one is sealed later
			 */
	incident_open(incident, job->incident, &job->reason, now_ms);
	incident->wanted = false;
	incident->filed = true;
	incident->captures = job->number;
	incident->held = job->held;
	incident->again_done = job->number > 1;
	interrupted(target);
	target_stir(agent, target);
	log_info("incident %s of '%s' pid %d goes on", job->incident, job->service,
		 target->process.pid);
}

static void give_up(struct agent *agent, struct job *job)
{
	job->kind = JOB_SEAL;
	job->verdict =
		(struct verdict){.outcome = OUTCOME_AGENT_STOPPED,
				 .at_ms = clock_unix_ms(),
				 .detail = "the target ended while no agent watched"};
	orphan_add(agent, job);
}

void incidents_adopt(struct agent *agent, struct span records, int64_t now_ms)
{
	struct span rest = records;
	struct job job;

	while (rest.len) {
		struct span record = rest;
		struct record_line line;
		struct target *target;
		int error = 0;

		while (record_next(&rest, &line, &error))
			;
		record.len = (size_t)(rest.at - record.at);
		if (error || job_parse(record, &job) || !job.incident[0])
			break;
		target = living(agent, &job);
		if (target)
			adopt(agent, target, &job, now_ms);
		else
			give_up(agent, &job);
	}
}

/* A firing rule without an incident: the agent ended between the two. It is armed again,
 * so that it fires anew if the condition still holds. */
void rules_unstick(struct agent *agent)
{
	for (struct target *t = agent->targets; t; t = t->next) {
		if (t->incident.phase != INCIDENT_NONE)
			continue;
		for (size_t i = 0; i < t->service->conf->n_rules; i++) {
			if (t->rules[i].phase == PHASE_FIRING)
				t->rules[i].phase = PHASE_ARMED;
		}
	}
}
