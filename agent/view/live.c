#include "view/live.h"

#include <inttypes.h>
#include <string.h>

#include "lib/duration.h"
#include "lib/quantity.h"

static void speed(const struct status_target *target, struct buf *to)
{
	const struct reading *headroom = &target->sample->headroom;
	char text[QUANTITY_MAX], left[DURATION_MAX];

	if (target->slope_per_s < 100e3)
		return; /* below the noise of the kernel's counters */
	buf_addf(to, " +%s/s", quantity_format((uint64_t)target->slope_per_s, text));
	if (headroom->have != HAVE_VALUE)
		return;
	buf_addf(to, ", full in %s",
		 duration_format(
			 (uint64_t)((double)headroom->value * 1000 / target->slope_per_s),
			 left));
}

static void memory(const struct status_target *target, struct buf *to)
{
	const struct reading *memory = &target->sample->v[SIGNAL_MEMORY];
	const struct reading *limit = &target->sample->ceiling[CEILING_LIMIT];
	char text[QUANTITY_MAX], of[QUANTITY_MAX];

	if (memory->have != HAVE_VALUE) {
		buf_addf(to, "  memory unknown");
		return;
	}
	buf_addf(to, "  memory %s", quantity_format(memory->value, text));
	if (limit->have == HAVE_VALUE && limit->value)
		buf_addf(to, " of %s (%" PRIu64 "%%)", quantity_format(limit->value, of),
			 memory->value * 100 / limit->value);
	speed(target, to);
}

static void count(const char *name, const struct reading *reading, struct buf *to)
{
	if (reading->have == HAVE_VALUE)
		buf_addf(to, "  %s %" PRIu64, name, reading->value);
}

static void base(const struct status_target *target, int64_t now_unix_ms, struct buf *to)
{
	char ago[DURATION_MAX];

	if (!target->base_at_ms)
		buf_adds(to, "  no base yet");
	else
		buf_addf(to, "  base %s ago",
			 duration_format((uint64_t)MAX(now_unix_ms - target->base_at_ms,
						       (int64_t)0) /
						 1000 * 1000,
					 ago));
}

static void state(const struct status_target *target, struct buf *to)
{
	if (target->ended)
		buf_adds(to, "  ended");
	else if (target->capturing)
		buf_adds(to, "  capturing");
	else if (target->queued > 1)
		buf_addf(to, "  waits for a capture after %u others", target->queued - 1);
	else if (target->incident->phase != INCIDENT_NONE)
		buf_addf(to, "  incident: %s", target->incident->reason.rule);
}

void live_line(const struct status_target *target, int64_t now_unix_ms, size_t columns,
	       struct buf *to)
{
	size_t start = to->len;

	buf_addf(to, "%s %d", target->service->name, target->pid);
	memory(target, to);
	state(target, to); /* the rest may be cut where the terminal is narrow */
	count("goroutines", &target->sample->v[SIGNAL_GOROUTINES], to);
	count("threads", &target->sample->v[SIGNAL_THREADS], to);
	base(target, now_unix_ms, to);
	if (columns && to->len - start > columns) {
		to->len = start + columns; /* all ASCII: a column is a byte */
		to->data[to->len] = '\0';
	}
}
