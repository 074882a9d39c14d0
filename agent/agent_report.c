/* Reports: after each capture and after the seal, one at a time in the whole agent, by
 * `leakdog report` as a child. Nothing waits for one, and its death is an outcome: the
 * capture stands and the manifest says why there is no report. What is still to be done
 * is part of the state, so that a kill of the agent forgets none. */
#include "agent_parts.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "edge/clock.h"
#include "edge/log.h"
#include "view/timeline.h"

#define REPORT_RETRY_MS 5000
#define REPORT_TRIES 2 /* of one whose process was killed, not of one that failed */
#define TIMELINE_MAX (4 << 20)
/* The exit code of a report whose incident is no longer there. */
#define REPORT_GONE 3

static bool is_of(const struct report_order *order, const char *service,
		  const char *incident)
{
	return text_equal(order->service, service) &&
	       text_equal(order->incident, incident);
}

void report_want(struct agent *agent, const char *service, const char *incident)
{
	struct report_order **at = &agent->reports, *order;

	for (; *at; at = &(*at)->next) {
		bool running = agent->reporter.busy && *at == agent->reports;

		if (is_of(*at, service, incident) && !running)
			return; /* it will see what is new now */
	}
	order = calloc(1, sizeof(*order));
	if (!order) {
		log_error("no memory for the report of incident %s", incident);
		return;
	}
	(void)text_copy(order->service, sizeof(order->service), service);
	(void)text_copy(order->incident, sizeof(order->incident), incident);
	*at = order;
	state_touch(agent);
}

static void drop_first(struct agent *agent)
{
	struct report_order *order = agent->reports;

	agent->reports = order->next;
	free(order);
	state_touch(agent);
}

/* ------------------------------------------------------------------ starting */

static const struct target *target_of(const struct agent *agent,
				      const struct report_order *order)
{
	for (const struct target *t = agent->targets; t; t = t->next) {
		if (is_of(order, t->service->conf->name, t->incident.id))
			return t;
	}
	return NULL;
}

static int report_spawn(struct agent *agent, const struct report_order *order,
			const struct buf *timeline)
{
	const char *argv[ARCHIVE_ARGS_MAX + 6] = {"leakdog", "report", "--timeline"};
	char name[SERVICE_MAX + INCIDENT_MAX + 2];
	const struct child_spec spec = {.path = agent->options.self_path,
					.argv = argv,
					.input = timeline->data,
					.input_len = timeline->len,
					.output = true};
	size_t n = 3;
	int r;

	archive_args(agent, argv + n);
	while (argv[n])
		n++;
	(void)snprintf(name, sizeof(name), "%s/%s", order->service, order->incident);
	argv[n] = name;
	r = child_spawn(&spec, &agent->reporter.child);
	if (r == 0)
		r = loop_add(&agent->loop, agent->reporter.child.pidfd, EVENT_HELPER,
			     &agent->reporter);
	return r;
}

static void report_begin(struct agent *agent, int64_t now_ms)
{
	struct report_order *order = agent->reports;
	const struct target *target = target_of(agent, order);
	AUTO_BUF struct buf timeline;
	int r;

	buf_init(&timeline, TIMELINE_MAX);
	if (target)
		timeline_csv(target->series, clock_ms(), clock_unix_ms(), &timeline);
	r = report_spawn(agent, order, &timeline);
	if (r == 0) {
		agent->reporter.busy = true;
		return;
	}
	child_signal(&agent->reporter.child, SIGKILL);
	child_fini(&agent->reporter.child);
	agent->reporter = (struct reporter){.child = CHILD_NONE,
					    .retry_at_ms = now_ms + REPORT_RETRY_MS};
	if (++order->tries == 1)
		log_error("cannot start `leakdog report`: %s; next try in %d s",
			  strerror(-r), REPORT_RETRY_MS / 1000);
}

static bool is_capturing(const struct agent *agent)
{
	for (size_t i = 0; i < ARRAY_SIZE(agent->workers); i++) {
		if (agent->workers[i].is == WORKER_BUSY)
			return true;
	}
	return false;
}

/* An agent that goes away for good finishes what it has; one that will be back does it
 * then. */
static bool may_begin(const struct agent *agent)
{
	bool for_good = agent->options.until_end || agent->options.by_hand;

	return agent->reports && (!agent->stopping || for_good);
}

void report_tick(struct agent *agent, int64_t now_ms)
{
	if (agent->reporter.busy || now_ms < agent->reporter.retry_at_ms ||
	    !agent->salvaged || !may_begin(agent) || is_capturing(agent))
		return;
	report_begin(agent, now_ms);
}

/* ------------------------------------------------------------------ ending */

/* The first line of what it said: the reason. */
static void log_failure(const struct agent *agent, int status)
{
	const struct report_order *order = agent->reports;
	AUTO_BUF struct buf said, why;

	buf_init(&said, 4096);
	buf_init(&why, 1024);
	if (status >= 128)
		buf_addf(&why, "killed by signal %d", status - 128);
	else if (child_output(&agent->reporter.child, &said) == 0 && said.len)
		text_show(&why, said.data, strcspn(said.data, "\n"), 512);
	else
		buf_addf(&why, "it ended with %d", status);
	log_warn("no report of incident %s of '%s': %s; its captures stand, and `leakdog "
		 "report %s` tries again",
		 order->incident, order->service, why.data, order->incident);
}

/* True: nothing more is to be done for it. */
static bool is_done(struct agent *agent, int status)
{
	struct report_order *order = agent->reports;

	if (status == 0)
		log_info("report of incident %s of '%s' written", order->incident,
			 order->service);
	if (status == 0 || status == REPORT_GONE)
		return true;
	/* We ask it to end ourselves: the next agent does it. */
	if (agent->stopping && status >= 128)
		return false;
	/* Killed in the middle it may have left what only another run can settle. */
	if (status >= 128 && ++order->tries < REPORT_TRIES)
		return false;
	log_failure(agent, status);
	return true;
}

void report_end(struct agent *agent, int64_t now_ms)
{
	struct reporter *reporter = &agent->reporter;
	int status = child_exit(&reporter->child);

	if (status == -EAGAIN)
		return;
	if (is_done(agent, status))
		drop_first(agent);
	else
		reporter->retry_at_ms = now_ms + REPORT_RETRY_MS;
	loop_remove(&agent->loop, reporter->child.pidfd);
	child_fini(&reporter->child);
	reporter->child = CHILD_NONE;
	reporter->busy = false;
}

void report_stop(struct agent *agent)
{
	if (!agent->options.until_end && !agent->options.by_hand)
		child_signal(&agent->reporter.child, SIGTERM);
}

bool report_busy(const struct agent *agent)
{
	return agent->reporter.busy || may_begin(agent);
}

void report_free(struct agent *agent)
{
	while (agent->reports)
		drop_first(agent);
	child_fini(&agent->reporter.child);
}

/* ------------------------------------------------------------------ over a restart */

void reports_save(const struct agent *agent, struct buf *to)
{
	for (const struct report_order *o = agent->reports; o; o = o->next) {
		record_add(to, "report", o->incident);
		record_add(to, "of", o->service);
		record_end(to);
	}
}

void report_restore(struct agent *agent, struct span record)
{
	char service[SERVICE_MAX] = "", incident[INCIDENT_MAX] = "";
	struct record_line line;
	int error = 0, r = 0;

	while (r == 0 && record_next(&record, &line, &error)) {
		if (span_is(line.key, "report"))
			r = record_text(&line, incident, sizeof(incident));
		else if (span_is(line.key, "of"))
			r = record_text(&line, service, sizeof(service));
	}
	if (r == 0 && error == 0 && text_is_name(service) &&
	    job_is_component(incident, sizeof(incident)))
		report_want(agent, service, incident);
}
