/* The spare: one warm child is always waiting, started, linked and initialised, so that a
 * capture begins within a millisecond even when the machine has no memory left to start
 * anything. */
#include "agent_parts.h"

#include <signal.h>
#include <string.h>

#include "edge/log.h"

/* From start to "ready" takes 50 ms; this is only the moment to give up on one. */
#define SPARE_WARMING_MOST_MS 60000
/* For no longer does the next one wait for the first step of a capture. The heap of a
 * busy target takes 20 to 150 ms; a guess with room. */
#define SPARE_PATIENCE_MS 1000

struct worker *worker_that(struct agent *agent, int is)
{
	for (size_t i = 0; i < ARRAY_SIZE(agent->workers); i++) {
		if ((int)agent->workers[i].is == is)
			return &agent->workers[i];
	}
	return NULL;
}

unsigned spares_ready(const struct agent *agent)
{
	unsigned n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(agent->workers); i++)
		n += agent->workers[i].is == WORKER_READY;
	return n;
}

void worker_clear(struct agent *agent, struct worker *worker)
{
	loop_remove(&agent->loop, worker->child.pidfd);
	loop_remove(&agent->loop, worker->child.socket);
	child_fini(&worker->child);
	*worker = (struct worker){.child = CHILD_NONE};
}

static int spare_start(struct agent *agent, struct worker *worker, int64_t now_ms)
{
	const char *argv[ARCHIVE_ARGS_MAX + 5] = {"leakdog-fetch", "capture", "--from",
						  "3"};
	const struct child_spec spec = {
		.path = agent->options.fetch_path, .argv = argv, .talk = CHILD_TALK_FD3};
	int r;

	archive_args(agent, argv + 4);
	r = child_spawn(&spec, &worker->child);
	if (r < 0)
		return r;
	worker->is = WORKER_WARMING;
	worker->began_ms = now_ms;
	r = loop_add(&agent->loop, worker->child.socket, EVENT_SOCKET, worker);
	if (r == 0)
		r = loop_add(&agent->loop, worker->child.pidfd, EVENT_CHILD, worker);
	return r;
}

/* One that never gets ready must not stand in the way of one that would. */
static void hasten(struct worker *worker, int64_t now_ms)
{
	if (now_ms - worker->began_ms < SPARE_WARMING_MOST_MS)
		return;
	log_error(
		"the waiting capture child is not ready after %d s; it is killed, and a "
		"new one starts",
		SPARE_WARMING_MOST_MS / 1000);
	worker->began_ms = now_ms;
	child_signal(&worker->child, SIGKILL);
}

/* A capture that has nothing yet races for the processor: to start and warm a spare takes
 * 10 to 50 ms of it, beside a target that has to answer. Whoever else wants a capture
 * meanwhile does not wait. */
static bool races(struct agent *agent, int64_t now_ms)
{
	for (size_t i = 0; i < ARRAY_SIZE(agent->workers); i++) {
		const struct worker *worker = &agent->workers[i];

		if (worker->is == WORKER_BUSY && worker->kind == JOB_CAPTURE &&
		    !worker->stepped && now_ms - worker->began_ms < SPARE_PATIENCE_MS)
			return !queue_next(agent, queue_wants_capture, now_ms);
	}
	return false;
}

/* Who captures in another network may need somebody with more rights for it, who takes
 * longer to start than such a capture can wait (taking_relay). A spare that cannot be
 * told does without. */
static void look_ahead(struct agent *agent)
{
	static const char text[] = "ahead=1\n\n";
	const int none[CHILD_FDS_MAX] = {-1, -1, -1};

	for (size_t i = 0; agent->apart && i < ARRAY_SIZE(agent->workers); i++) {
		struct worker *worker = &agent->workers[i];

		if (worker->is != WORKER_READY || worker->ahead)
			continue;
		worker->ahead = true;
		(void)!child_send(&worker->child, text, sizeof(text) - 1, none);
	}
}

void spare_keep(struct agent *agent, int64_t now_ms)
{
	struct worker *worker;
	int r;

	if (agent->stopping)
		return;
	look_ahead(agent);
	if (now_ms < agent->spare_ms)
		return;
	if (spares_ready(agent) > agent->wish_waits || races(agent, now_ms))
		return;
	worker = worker_that(agent, WORKER_WARMING);
	if (worker) {
		hasten(worker, now_ms);
		return;
	}
	worker = worker_that(agent, WORKER_EMPTY);
	if (!worker)
		return;
	r = spare_start(agent, worker, now_ms);
	if (r == 0)
		return;
	log_error("cannot start %s: %s; no capture is possible, next try in %d s",
		  agent->options.fetch_path, strerror(-r), SPARE_RETRY_MS / 1000);
	worker_clear(agent, worker);
	agent->spare_ms = now_ms + SPARE_RETRY_MS;
}
