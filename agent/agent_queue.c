/* The queue for captures: every target that wants one stands in it, core/queue says whose
 * turn it is. */
#include "agent_parts.h"

#include "core/queue.h"
#include "lib/num.h"

static bool is_free(const struct target *target)
{
	return !target->worker && !target->sealing && target->ended_ms == INT64_MAX &&
	       !(target->place && target->place->busy);
}

bool queue_wants_capture(const struct target *target)
{
	return target->incident.phase == INCIDENT_OPEN && target->incident.wanted &&
	       target->ended_ms == INT64_MAX;
}

bool queue_wants_other(const struct target *target)
{
	return target->wishes[WISH_BASE] || target->wishes[WISH_RECORD];
}

/* Of memory, bytes per second, over the last seconds: between two looks that are 10 ms
 * apart a megabyte of noise is a leak of 100 MB/s. */
#define SPEED_OVER_MS 2000
static double speed_of(const struct target *target, int64_t now_ms)
{
	const struct reading *memory = &target->sample.v[SIGNAL_MEMORY];
	uint64_t least;

	if (memory->have != HAVE_VALUE ||
	    !series_min(target->series[SIGNAL_MEMORY], now_ms, SPEED_OVER_MS, &least))
		return 0;
	return (double)num_sub(memory->value, least) * 1000 / SPEED_OVER_MS;
}

static int64_t rank(const struct target *target, int64_t now_ms)
{
	const struct queue_entry entry = {
		.headroom = target->sample.headroom,
		.limit = target->sample.ceiling[CEILING_LIMIT],
		.speed = speed_of(target, now_ms),
		.waited_ms = target->queued_ms ? now_ms - target->queued_ms : 0};

	return queue_rank(&entry);
}

struct target *queue_next(struct agent *agent, bool (*wants)(const struct target *),
			  int64_t now_ms)
{
	struct target *next = NULL;
	int64_t least = 0, r;

	for (struct target *t = agent->stirred; t; t = t->next_stirred) {
		if (!wants(t))
			continue;
		t->queued_ms = t->queued_ms ? t->queued_ms : now_ms;
		if (!is_free(t))
			continue;
		r = rank(t, now_ms);
		if (!next || r < least) {
			next = t;
			least = r;
		}
	}
	return next;
}

unsigned queue_place(const struct agent *agent, const struct target *target,
		     int64_t now_ms)
{
	unsigned place = 1;
	int64_t own;

	if (!queue_wants_capture(target))
		return 0;
	own = rank(target, now_ms);
	for (const struct target *t = agent->stirred; t; t = t->next_stirred)
		place += t != target && queue_wants_capture(t) && rank(t, now_ms) < own;
	return place;
}
