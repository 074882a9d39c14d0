/* Services without a process selector: a sidecar that shares no processes with its pod, a
 * service on another machine. Such a target is an address that answers. It ends when
 * nothing listens there twice in a second, or when what answers is younger: another start
 * time on its page of metrics, or fewer places of code that have allocated than before,
 * which only become more in one life (threads do not: one that ends with its goroutine is
 * taken off the list). A new life that has passed the old one in that within ten seconds
 * goes unnoticed where no page tells its start. */
#include "agent_parts.h"

#include <stdio.h>
#include <string.h>

#include "core/probe_metrics.h"
#include "edge/clock.h"
#include "edge/log.h"
#include "lib/num.h"
#include "lib/quantity.h"

#define ASK_MS 5000
/* After an end, and near a threshold: the next answer is worth more than its price. */
#define ASK_SOON_MS 1000
#define SUCCESSOR_MS 60000
/* Two clocks, and a start time in whole seconds. */
#define START_SLACK_MS 2000

void far_tick(struct agent *agent, int64_t now_ms)
{
	for (size_t i = 0; i < agent->conf->n_services; i++) {
		struct service *service = &agent->services[i];
		bool soon;

		if (service->n_targets || now_ms < service->far_ms || agent->stopping ||
		    !conf_is_far(service->conf))
			continue;
		soon = service->lost_ms && now_ms < service->lost_ms + SUCCESSOR_MS;
		service->far_ms = now_ms + (soon ? ASK_SOON_MS : ASK_MS);
		probe_service(agent, service->conf, FAR_ID | i, now_ms);
	}
}

void far_facts(struct agent *agent, struct target *target)
{
	const struct conf_service *conf = target->service->conf;
	struct target_facts *facts = &target->facts;

	facts->started_ms =
		target->far.started_ms ? target->far.started_ms : clock_unix_ms();
	facts->start_ticks = (uint64_t)facts->started_ms;
	(void)text_copy(facts->boot_id, sizeof(facts->boot_id), agent->boot_id);
	(void)text_copy(facts->exe, sizeof(facts->exe),
			conf->endpoint.url[0] ? conf->endpoint.url : conf->metrics);
	facts->limit = conf->limit_bytes;
	if (conf->limit_bytes)
		(void)text_copy(facts->limit_from, sizeof(facts->limit_from),
				"limit: of the configuration");
	(void)snprintf(target->key, sizeof(target->key), "%.8s-0-%llu", agent->boot_id,
		       (unsigned long long)facts->start_ticks);
}

static bool answers(const struct probe_reply *reply)
{
	return reply->kind == PROBE_COUNTED || reply->kind == PROBE_MEASURED;
}

static struct target *open_far(struct agent *agent, struct service *service)
{
	struct target *target = target_new(service);
	int r;

	if (!target)
		return NULL;
	target->far.is = true;
	target->process.stat_fd = target->process.status_fd = -1;
	target->sampler.statm_fd = target->sampler.limits_fd = -1;
	r = target->rules && target->judgements ? target_series(target) : -ENOMEM;
	if (r == 0)
		r = roster_add(agent, target);
	if (r == 0)
		return target;
	target_free(agent, target);
	return NULL;
}

static void announce(const struct target *target)
{
	char limit[QUANTITY_MAX];

	log_info("watching '%s' at %s over HTTP alone, limit %s",
		 target->service->conf->name, target->facts.exe,
		 target->facts.limit ? quantity_format(target->facts.limit, limit)
				     : "none");
}

void far_meet(struct agent *agent, const struct probe_reply *reply, int64_t now_ms)
{
	size_t i = reply->id & ~(FAR_ID | PROBE_METRICS_ID);
	struct service *service;
	struct target *target;

	if (i >= agent->conf->n_services || !answers(reply))
		return;
	service = &agent->services[i];
	if (service->n_targets || agent->stopping)
		return;
	target = open_far(agent, service);
	if (!target) {
		log_warn("cannot watch '%s': no memory", service->conf->name);
		return;
	}
	(void)probe_metrics_started(reply, &target->far.started_ms);
	target->far.answered_ms = now_ms;
	target_begin(agent, target, now_ms);
	announce(target);
}

/* What is only learned later is no change. */
static bool is_other(const struct far_life *life, const struct probe_reply *reply)
{
	int64_t started_ms = 0;

	if (reply->kind == PROBE_COUNTED)
		return reply->places < life->places;
	if (!probe_metrics_started(reply, &started_ms) || !life->started_ms)
		return false;
	return started_ms > life->started_ms + START_SLACK_MS ||
	       started_ms < life->started_ms - START_SLACK_MS;
}

static void note(struct far_life *life, const struct probe_reply *reply, int64_t now_ms)
{
	life->answered_ms = now_ms;
	life->missed_ms = 0;
	life->measured |= reply->kind == PROBE_MEASURED;
	if (reply->kind == PROBE_COUNTED)
		life->places = reply->places;
	else if (!life->started_ms)
		(void)probe_metrics_started(reply, &life->started_ms);
}

static void ask_soon(struct agent *agent, struct target *target, int64_t now_ms)
{
	target->probed_ms = now_ms - SLOW_MS + ASK_SOON_MS;
	agent->probe_ms = MIN(agent->probe_ms, now_ms + ASK_SOON_MS);
}

static void end(struct agent *agent, struct target *target, int64_t now_ms,
		const char *how)
{
	log_info("'%s' at %s: %s", target->service->conf->name, target->facts.exe, how);
	target->service->far_ms = now_ms;
	target_end(agent, target, now_ms);
}

bool far_hear(struct agent *agent, struct target *target, const struct probe_reply *reply,
	      int64_t now_ms)
{
	struct far_life *life = &target->far;

	if (reply->kind == PROBE_GONE) {
		ask_soon(agent, target, now_ms);
		if (!life->missed_ms)
			life->missed_ms = now_ms;
		else if (now_ms - life->missed_ms >= ASK_SOON_MS / 2)
			end(agent, target, now_ms, "nothing listens there any more");
		return false;
	}
	if (!answers(reply))
		return true; /* it may be at work: no answer is no end */
	if (is_other(life, reply)) {
		if (!life->missed_ms)
			life->missed_ms = now_ms;
		end(agent, target, now_ms, "what answers there is younger");
		return false;
	}
	note(life, reply, now_ms);
	if (rules_tense(target))
		ask_soon(agent, target, now_ms);
	return true;
}

/* It was alive when it answered last, and gone at the first question after that. */
struct reading far_usage(const struct target *target)
{
	struct reading usage = target->peak;
	int64_t since_ms = target->far.missed_ms - target->peak_ms;
	double speed = series_speed(target->series[SIGNAL_MEMORY]);

	if (usage.have == HAVE_VALUE && since_ms > 0 && speed > 0)
		usage.value =
			num_add(usage.value, (uint64_t)(speed * (double)since_ms / 1000));
	return usage;
}
