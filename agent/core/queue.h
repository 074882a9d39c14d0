#pragma once
/* Who is captured next when many want to be. Nearest to its limit first: by the time
 * until it would be there, where standing still counts as growing by 1 % of the limit a
 * second, so that time and distance are one order. Waiting counts like nearness, second
 * for second: a target that has waited for QUEUE_FAR_MS is overtaken by no newcomer. */

#include "core/sample.h"

/* Captures under way at once. One does not use the machine, as the target and the disk
 * take turns; a third made each of them later and none of them better (a guess at the
 * second, and memory is short when captures are wanted). */
#define QUEUE_CAPTURES_MAX 2
/* As far from a limit as a target without one is: just farther than one that stands still
 * at nothing. */
#define QUEUE_FAR_MS 120000

struct queue_entry {
	struct reading headroom; /* bytes */
	struct reading limit;    /* bytes */
	double speed;            /* of memory, bytes per second */
	int64_t waited_ms;       /* since it wants to be captured */
};

/* The smallest goes first; of equals either. ms, negative after a long wait. */
int64_t queue_rank(const struct queue_entry *entry);
