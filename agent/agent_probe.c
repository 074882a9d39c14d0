/* The probe: a coprocess that asks index pages for counts, all targets every 10 s, never
 * a dump. The agent opens no connection and parses no page; it sends a question and reads
 * a record back whenever one comes. */
#include "agent_parts.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "core/probe.h"
#include "core/probe_metrics.h"
#include "edge/log.h"

#define PROBE_RETRY_MS 5000

static void probe_start(struct agent *agent, int64_t now_ms)
{
	const char *argv[] = {"leakdog-fetch", "probe", NULL};
	const struct child_spec spec = {.path = agent->options.fetch_path,
					.argv = argv,
					.talk = CHILD_TALK_STDIO};
	int r;

	if (now_ms < agent->probe_again_ms)
		return;
	agent->probe_again_ms = now_ms + PROBE_RETRY_MS;
	r = child_spawn(&spec, &agent->probe);
	if (r == 0)
		r = loop_add(&agent->loop, agent->probe.socket, EVENT_PROBE, NULL);
	if (r < 0)
		log_warn("cannot start `leakdog-fetch probe`: %s; goroutines are not "
			 "counted",
			 strerror(-r));
}

static void probe_ended(struct agent *agent)
{
	int status;

	loop_remove(&agent->loop, agent->probe.socket);
	status = child_exit(&agent->probe);
	if (status == -EAGAIN) {
		child_signal(&agent->probe,
			     SIGKILL); /* it closed its socket: of no use */
		(void)waitid(P_PIDFD, (id_t)agent->probe.pidfd, &(siginfo_t){0}, WEXITED);
	}
	if (!agent->stopping)
		log_warn("the probe ended with %d; a new one starts", status);
	child_fini(&agent->probe);
	agent->probe = CHILD_NONE;
	buf_clear(&agent->probe_in);
	buf_clear(&agent->probe_out);
}

static bool wants_probe(const struct target *target)
{
	const struct conf_service *conf = target->service->conf;

	return target->ended_ms == INT64_MAX && !target->shares_address &&
	       (conf->endpoint.url[0] || conf->metrics[0]);
}

/* Questions wait here while the probe's socket is full; a partial line is never lost. */
static void flush(struct agent *agent)
{
	struct buf *out = &agent->probe_out;
	ssize_t n;

	if (agent->probe.socket < 0 || !out->len)
		return;
	n = send(agent->probe.socket, out->data, out->len, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n > 0)
		buf_drop(out, (size_t)n);
}

static void put(struct agent *agent, const struct probe_request *request)
{
	if (probe_request_format(request, &agent->probe_out) < 0)
		buf_clear(&agent->probe_out); /* it has not read for minutes: all anew */
}

static void ask(struct agent *agent, const struct target *target)
{
	const struct conf_service *conf = target->service->conf;
	/* Of another tree the numbers are not those of the probe. */
	struct probe_request request = {
		.id = target->id,
		.pid = agent->options.roots->live ? target->process.pid : 0,
		.start_ticks = target->process.start_ticks};

	address_of(target, &request.endpoint);
	if (conf->endpoint.url[0])
		put(agent, &request);
	if (!conf->metrics[0])
		return;
	probe_metrics_ask(conf, &request);
	put(agent, &request);
}

void probe_service(struct agent *agent, const struct conf_service *conf, uint64_t id,
		   int64_t now_ms)
{
	struct probe_request request = {.id = id, .endpoint = conf->endpoint};

	if (agent->probe.socket < 0)
		probe_start(agent, now_ms);
	if (agent->probe.socket < 0)
		return;
	if (conf->metrics[0]) /* it may say when the process started */
		probe_metrics_ask(conf, &request);
	put(agent, &request);
}

static void ask_all(struct agent *agent, int64_t now_ms)
{
	agent->probe_ms = now_ms + SLOW_MS;
	for (struct target *t = agent->targets; t; t = t->next) {
		if (!wants_probe(t))
			continue;
		if (now_ms < t->probed_ms + address_pace_ms(t)) {
			agent->probe_ms =
				MIN(agent->probe_ms, t->probed_ms + address_pace_ms(t));
			continue;
		}
		if (agent->probe.socket < 0)
			probe_start(agent, now_ms);
		if (agent->probe.socket < 0) {
			agent->probe_ms = now_ms; /* each turn, until it has started */
			return;
		}
		t->probed_ms = now_ms;
		ask(agent, t);
	}
}

void probe_tick(struct agent *agent, int64_t now_ms)
{
	if (agent->stopping)
		return;
	if (now_ms >= agent->probe_ms)
		ask_all(agent, now_ms);
	flush(agent);
}

/* ------------------------------------------------------------------ answers */

/* What is not answered: "pprof" or "metrics". Of the two the one that came first stays,
 * so that they do not take turns in the log. */
static void trouble(struct target *target, const char *what, const char *why)
{
	char text[sizeof(target->trouble)] = "";
	bool other = target->trouble[0] && !text_starts(target->trouble, what);

	if (why[0])
		(void)snprintf(text, sizeof(text), "%s: %.*s", what,
			       (int)(sizeof(text) - sizeof("metrics: ")), why);
	if (other || text_equal(target->trouble, text))
		return;
	(void)text_copy(target->trouble, sizeof(target->trouble), text);
	if (why[0])
		log_warn("%s of '%s' pid %d cannot be read: %s", what,
			 target->service->conf->name, target->process.pid, why);
	else
		log_info("%s of '%s' pid %d can be read again", what,
			 target->service->conf->name, target->process.pid);
}

static void take_metrics(struct agent *agent, struct target *target,
			 const struct probe_reply *reply, int64_t now_ms)
{
	struct sample *sample = &target->sample;

	trouble(target, "metrics", reply->kind == PROBE_MEASURED ? "" : reply->why);
	probe_metrics_take(target->service->conf, reply, sample);
	sample->at_ms = now_ms;
	for (int s = 0; s < SIGNAL_N; s++) {
		if (sample->fresh & 1u << s && sample->v[s].have == HAVE_VALUE)
			series_push(target->series[s], now_ms, sample->v[s].value);
	}
	if (target->far.is && sample->v[SIGNAL_MEMORY].have == HAVE_VALUE) {
		target->peak = sample->v[SIGNAL_MEMORY];
		target->peak_ms = now_ms;
	}
	rules_judge(agent, target, now_ms);
}

static void take(struct agent *agent, struct target *target,
		 const struct probe_reply *reply, int64_t now_ms)
{
	struct reading *goroutines = &target->sample.v[SIGNAL_GOROUTINES];

	target->foreign_page = reply->kind == PROBE_FOREIGN;
	address_hear(target, reply);
	trouble(target, "pprof", reply->kind == PROBE_COUNTED ? "" : reply->why);
	if (reply->kind == PROBE_COUNTED)
		*goroutines =
			(struct reading){.value = reply->goroutines, .have = HAVE_VALUE};
	else
		*goroutines = (struct reading){.have = HAVE_ERROR, .error = EIO};
	target->sample.fresh = 1u << SIGNAL_GOROUTINES;
	target->sample.at_ms = now_ms;
	if (reply->kind == PROBE_COUNTED)
		series_push(target->series[SIGNAL_GOROUTINES], now_ms, reply->goroutines);
	rules_judge(agent, target, now_ms);
}

static void hear_line(struct agent *agent, struct span line, int64_t now_ms)
{
	struct probe_reply reply;
	struct target *target;

	if (probe_reply_parse(line, &reply) < 0)
		return; /* no count is no count: the rule goes stale and says so */
	if (reply.id & FAR_ID) {
		far_meet(agent, &reply, now_ms);
		return;
	}
	target = roster_find(agent, reply.id & ~PROBE_METRICS_ID);
	if (!target || target->ended_ms != INT64_MAX)
		return;
	if (target->far.is && !far_hear(agent, target, &reply, now_ms))
		return;
	/* Who lives now had the number all the time: it was asked, and nobody else. */
	if (!target->far.is && process_check(&target->process) != 0)
		return;
	if (reply.id & PROBE_METRICS_ID)
		take_metrics(agent, target, &reply, now_ms);
	else
		take(agent, target, &reply, now_ms);
}

void probe_hear(struct agent *agent, int64_t now_ms)
{
	struct buf *in = &agent->probe_in;
	struct span line, rest;
	char chunk[4096];
	const char *end;
	bool talks;
	ssize_t n;

	while ((n = recv(agent->probe.socket, chunk, sizeof(chunk), MSG_DONTWAIT)) > 0)
		buf_add(in, chunk, (size_t)n);
	talks = n < 0 && errno == EAGAIN;
	end = memrchr(in->data, '\n', in->len);
	if (end) {
		rest = (struct span){in->data, (size_t)(end + 1 - in->data)};
		while (text_next(&rest, '\n', &line))
			hear_line(agent, line, now_ms);
		buf_drop(in, (size_t)(end + 1 - in->data));
	}
	if (!talks || buf_error(in))
		probe_ended(agent);
}
