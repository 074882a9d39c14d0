#pragma once
/* When a rule must fire for the first time, by other means than the rules' own code: from
 * the true values, and for grows from a queue of minima instead of rings. */

#include <stdbool.h>
#include <stdint.h>

/* "> threshold for for_ms" */
struct oracle_above {
	uint64_t threshold;
	int64_t for_ms;
	int64_t since_ms; /* -1: it is not above */
	bool done;
};

static inline bool oracle_above(struct oracle_above *o, int64_t now_ms, uint64_t value)
{
	if (value <= o->threshold)
		o->since_ms = -1;
	else if (o->since_ms < 0)
		o->since_ms = now_ms;
	if (o->done || o->since_ms < 0 || now_ms - o->since_ms < o->for_ms)
		return false;
	o->done = true;
	return true;
}

/* "grows amount in window_ms", over values in slots of slot_ms. The queue holds values
 * that are not above a later one, oldest first: its head is the minimum. */
#define ORACLE_QUEUE 4096
struct oracle_grows {
	uint64_t amount;
	int64_t window_ms, slot_ms;
	int64_t start_ms[ORACLE_QUEUE];
	uint64_t value[ORACLE_QUEUE];
	unsigned head, tail;
	bool done;
};

static inline void oracle_grows_push(struct oracle_grows *o, int64_t now_ms,
				     uint64_t value)
{
	while (o->tail != o->head && o->value[(o->tail - 1) % ORACLE_QUEUE] >= value)
		o->tail--;
	o->start_ms[o->tail % ORACLE_QUEUE] = now_ms - now_ms % o->slot_ms;
	o->value[o->tail++ % ORACLE_QUEUE] = value;
}

static inline bool oracle_grows(struct oracle_grows *o, int64_t now_ms, uint64_t value)
{
	while (o->tail != o->head &&
	       o->start_ms[o->head % ORACLE_QUEUE] < now_ms - o->window_ms)
		o->head++;
	if (o->done || o->tail == o->head ||
	    value < o->value[o->head % ORACLE_QUEUE] + o->amount)
		return false;
	o->done = true;
	return true;
}
