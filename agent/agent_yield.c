/* What is under way gives way to a capture: a base takes seconds, and the heap of the
 * recorder holds its target for two syncs of the disk. The other child is asked to end,
 * and the target is free at once. What that child had asked for, the target may still be
 * answering; a plain heap costs it 2 ms, so nothing is gained by waiting for that. */
#include "agent_limits.h"

#include <signal.h>

#include "core/job.h"
#include "edge/log.h"

/* What the limits refuse stands in nobody's way: it is suppressed here already. */
static bool is_wanted(struct agent *agent, const struct target *busy, int64_t now_ms)
{
	for (struct target *t = agent->stirred; t; t = t->next_stirred) {
		bool same = t == busy || (t->place && t->place == busy->place);

		if (same && queue_wants_capture(t) && limits_allow(agent, t, now_ms))
			return true;
	}
	return false;
}

static void yield(struct worker *worker, int64_t now_ms)
{
	struct target *target = TAKE(worker->target);

	log_debug("%s of '%s' pid %d gives way to a capture", job_table[worker->kind],
		  target->service->conf->name, target->process.pid);
	child_signal(&worker->child, SIGTERM);
	target->worker = NULL;
	if (target->place)
		target->place->busy = NULL;
	if (worker->kind == JOB_BASE)
		base_put_off(target, worker->base, now_ms);
}

void jobs_yield(struct agent *agent, int64_t now_ms)
{
	for (size_t i = 0; i < ARRAY_SIZE(agent->workers); i++) {
		struct worker *worker = &agent->workers[i];

		if (worker->is == WORKER_BUSY && worker->target &&
		    worker->kind != JOB_CAPTURE &&
		    is_wanted(agent, worker->target, now_ms))
			yield(worker, now_ms);
	}
}
