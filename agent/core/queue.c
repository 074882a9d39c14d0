#include "core/queue.h"

#define STILL_PERCENT 1 /* of its limit, a second */

/* How long until it meets its limit. */
static int64_t left_ms(const struct queue_entry *entry)
{
	double rate, ms;

	if (entry->headroom.have != HAVE_VALUE || entry->limit.have != HAVE_VALUE)
		return QUEUE_FAR_MS;
	rate = (double)entry->limit.value * STILL_PERCENT / 100;
	rate = MAX(MAX(rate, entry->speed), 1.0);
	ms = (double)entry->headroom.value * 1000 / rate;
	return ms < QUEUE_FAR_MS ? (int64_t)ms : QUEUE_FAR_MS;
}

int64_t queue_rank(const struct queue_entry *entry)
{
	return left_ms(entry) - entry->waited_ms;
}
