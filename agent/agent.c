/* The tick and the loop. One tick: find -> sample -> series -> judgement -> jobs; what
 * finishes later comes back as an event in a later turn. */
#include "agent_parts.h"

#include <signal.h>

#include "edge/clock.h"
#include "edge/log.h"
#include "edge/notify.h"

/* After a signal to end: captures keep what is whole and go, within this. */
#define STOP_MS 10000
#define EVENTS_MAX 32

/* ------------------------------------------------------------------ the tick */

static int64_t next_look_ms(const struct agent *agent, const struct target *target,
			    int64_t now_ms)
{
	const struct conf_service *conf = target->service->conf;
	const struct pace_rules of = {conf->rules, target->rules, conf->n_rules};

	if (target->far.is)
		return now_ms + (int64_t)agent->conf->interval_ms;
	return pace_next_ms(&target->pace, &of, &target->sample, now_ms,
			    (int64_t)agent->conf->interval_ms);
}

/* A thousand targets must not wake us a thousand times a second: looks are moved to the
 * moments that others have, never to a later one, by at most an eighth of the way. The
 * steps divide a second, so that who is looked at once a second is not by and by looked
 * at more often than that. */
static int64_t together_ms(int64_t now_ms, int64_t next_ms)
{
	static const int64_t steps_ms[] = {125, 50, 25, 10, 5, 2};

	for (size_t i = 0; i < ARRAY_SIZE(steps_ms); i++) {
		if (steps_ms[i] * 8 <= next_ms - now_ms)
			return next_ms - next_ms % steps_ms[i];
	}
	return next_ms;
}

static void target_due(struct agent *agent, size_t at, int64_t now_ms)
{
	struct target *target = agent->roster.target[at];
	struct steady *steady = &agent->roster.steady[at];
	int64_t *due_ms = &agent->roster.due_ms[at], next_ms;

	if (*due_ms)
		lateness_add(&agent->lateness,
			     now_ms - *due_ms + clock_ms() - agent->began_ms);
	if (steady_holds(steady, now_ms)) {
		*due_ms = together_ms(now_ms, steady_next_ms(steady, now_ms));
		return;
	}
	steady_end(steady, target);
	target_look(agent, target, now_ms, now_ms >= target->slow_ms);
	if (target->ended_ms != INT64_MAX)
		return;
	rules_judge(agent, target, now_ms);
	pace_note(&target->pace, &target->sample, now_ms);
	/* How far it is, this judgement knows, not the one before. */
	next_ms = next_look_ms(agent, target, now_ms);
	*due_ms = together_ms(now_ms, next_ms);
	base_tick(target, now_ms);
	if (target->wishes[WISH_BASE] || target->wishes[WISH_RECORD])
		target_stir(agent, target);
	steady_begin(steady, target, now_ms, next_ms);
}

/* How late a look is, the clock tells: those before it in this turn took their time. */
static void looks_tick(struct agent *agent, int64_t now_ms)
{
	agent->began_ms = clock_ms();
	for (size_t i = 0; i < agent->roster.n; i++) {
		if (agent->roster.due_ms[i] <= now_ms)
			target_due(agent, i, now_ms);
	}
}

/* Of a thousand targets one has an incident: the others cost it nothing. */
static void stirred_tick(struct agent *agent, int64_t now_ms)
{
	for (struct target *t = agent->stirred, *next; t; t = next) {
		next = t->next_stirred;
		incidents_tick(agent, t, now_ms); /* may forget the target */
	}
	roster_settle(agent);
}

static int64_t deadline(const struct agent *agent, int64_t now_ms)
{
	int64_t next =
		MIN(find_next_ms(agent), now_ms + (int64_t)agent->conf->interval_ms);

	for (const struct target *t = agent->stirred; t; t = t->next_stirred) {
		if (t->ended_ms != INT64_MAX)
			next = MIN(next, MAX(t->ended_ms + AFTERMATH_MS, now_ms + 10));
	}
	return MIN(next, roster_next_ms(agent));
}

int64_t agent_tick(struct agent *agent, int64_t now_ms)
{
	agent->ticks++;
	agent->tick_ms = now_ms;
	find_tick(agent, now_ms);
	naming_tick(agent, now_ms);
	far_tick(agent, now_ms);
	looks_tick(agent, now_ms);
	stirred_tick(agent, now_ms);
	jobs_tick(agent, now_ms);
	hold_tick(agent, now_ms);
	keep_tick(agent, now_ms);
	report_tick(agent, now_ms);
	probe_tick(agent, now_ms);
	state_tick(agent, now_ms);
	return deadline(agent, now_ms);
}

/* ------------------------------------------------------------------ events */

static void signal_obey(struct agent *agent, int64_t now_ms)
{
	int number = loop_signal(&agent->loop);

	if (number == SIGHUP) {
		log_warn("SIGHUP: the configuration is read at the start only; restart "
			 "instead");
		return;
	}
	if (!number)
		return;
	if (agent->stopping)
		agent->stop_by_ms = now_ms; /* the second Ctrl-C waits for nothing */
	else
		agent_stop(agent, now_ms);
}

void agent_stop(struct agent *agent, int64_t now_ms)
{
	if (agent->stopping)
		return;
	agent->stopping = true;
	agent->stop_by_ms = now_ms + STOP_MS;
	if (!agent->options.by_hand || jobs_busy(agent))
		log_info("ending: %s", jobs_busy(agent) ? "captures keep what is whole"
							: "nothing is under way");
	(void)notify_send("STOPPING=1"); /* systemd would only wait a little longer */
	jobs_stop(agent);
	report_stop(agent);
	hold_stop(agent);
	if (agent->options.until_end || agent->options.by_hand)
		incidents_stop(agent);
}

static void event(struct agent *agent, const struct loop_event *what, int64_t now_ms)
{
	switch ((enum event)what->kind) {
	case EVENT_SIGNAL:
		signal_obey(agent, now_ms);
		break;
	case EVENT_TARGET:
		target_end(agent, what->who, now_ms);
		break;
	case EVENT_SOCKET:
		jobs_hear(agent, what->who);
		break;
	case EVENT_CHILD:
		jobs_end(agent, what->who, now_ms);
		break;
	case EVENT_HELPER:
		if (what->who == &agent->keeper)
			keep_end(agent, now_ms);
		else if (what->who == &agent->holder)
			hold_end(agent, now_ms);
		else if (what->who == &agent->naming)
			naming_answered(agent, now_ms);
		else if (what->who == &agent->naming.watch)
			cgroups_hear(agent, now_ms);
		else
			report_end(agent, now_ms);
		break;
	case EVENT_PROBE:
		probe_hear(agent, now_ms);
		break;
	case EVENT_CONTROL:
		control_accept(agent);
		break;
	case EVENT_CLIENT:
		control_hear(agent, what->who, now_ms);
		break;
	}
}

static void watchdog_tick(struct agent *agent, int64_t now_ms)
{
	if (!agent->ready && agent->salvaged) {
		agent->ready = true;
		(void)notify_send(
			"READY=1"); /* where systemd does not listen, nobody waits */
	}
	if (!agent->watchdog_every_ms || now_ms < agent->watchdog_ms)
		return;
	(void)notify_send("WATCHDOG=1"); /* a lost one is repaired by the next */
	agent->watchdog_ms = now_ms + agent->watchdog_every_ms / 2;
}

/* Everything that was begun has come to its end. */
static bool at_rest(const struct agent *agent)
{
	if (jobs_busy(agent) || keep_busy(agent) || report_busy(agent) ||
	    hold_busy(agent))
		return false;
	for (const struct target *t = agent->stirred; t; t = t->next_stirred) {
		if (t->sealing)
			return false;
	}
	return true;
}

/* All that were met have ended; nobody was there in as many scans as a match takes, and
 * one more. */
static bool nobody(const struct agent *agent)
{
	return !agent->targets && (agent->met_any || agent->scans > 2);
}

static bool has_ended(struct agent *agent, int64_t now_ms)
{
	if (agent->stopping)
		return at_rest(agent) || now_ms >= agent->stop_by_ms;
	if ((agent->options.until_end || agent->options.by_hand) && nobody(agent) &&
	    at_rest(agent))
		agent_stop(agent, now_ms);
	if (agent->options.by_hand && agent->captures && at_rest(agent))
		agent_stop(agent, now_ms);
	return false;
}

int agent_turn(struct agent *agent)
{
	struct loop_event events[EVENTS_MAX];
	int64_t now_ms = clock_ms(), next_ms;
	int n;

	next_ms = agent_tick(agent, now_ms);
	watchdog_tick(agent, now_ms);
	publish_tick(agent, now_ms);
	if (has_ended(agent, now_ms)) {
		state_now(agent, now_ms);
		return AGENT_ENDED;
	}
	n = loop_wait(&agent->loop, next_ms - clock_ms(), events, EVENTS_MAX);
	if (n < 0)
		return n;
	now_ms = clock_ms();
	for (int i = 0; i < n; i++)
		event(agent, &events[i], now_ms);
	return 0;
}
