#pragma once
/* Who stands still. Where the usage of a domain is the same to the byte as at the look
 * before, far from every threshold, and no rule is about to change by time alone, a look
 * would find what the last one found. Then one number is read and compared, and of a
 * thousand targets a turn touches half a line of cache each; what stands behind it is
 * looked at when the number changes, and every 10 s as ever. */

#include <stdbool.h>
#include <stdint.h>

struct target;

struct steady {
	int usage_fd;     /* of its domain, borrowed; negative: it does not stand still */
	int32_t step_ms;  /* from one look to the next */
	uint64_t usage;   /* bytes, of its last look */
	int64_t until_ms; /* then it is looked at whatever its usage */
	int64_t seen_ms;  /* when it was the same last */
};

/* A look at it: whether it still stands still. */
bool steady_holds(struct steady *steady, int64_t now_ms);
/* When it is looked at next. Each waking finds the caches cold: who is looked at every
 * second (or two, or five) keeps to moments half a second apart, which costs a third less
 * than an eighth of a second does. Never later than its step. */
int64_t steady_next_ms(const struct steady *steady, int64_t now_ms);
/* After a look at the target and all that follows from it: does it stand still until the
 * next one? */
void steady_begin(struct steady *steady, const struct target *target, int64_t now_ms,
		  int64_t next_ms);
/* It no longer does, or is not to be taken for it: the target is as it was seen last.
 * Twice is fine. */
void steady_end(struct steady *steady, struct target *target);
