/* The label follows from what explains the growth since the base; without a base, from
 * what explains the memory. Shares are of that.
 *
 * - Half of it is enough to name a part: one other part at most can be as large.
 * - Live heap needs a quarter only: with GOGC=100 as much garbage again is normal, and a
 *   profile that was not preceded by a collection shows 0.31 of the truth at a crossing
 *   (measured). But then the heap as a whole must be half of it.
 * - Goroutines are blamed where most of it is not live heap, and where each new one
 *   stands for no more than a goroutine can hold (a stack, buffers of a connection): what
 *   they hold in the heap has a name of its own. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/num.h"
#include "lib/quantity.h"
#include "prof/memory_parts.h"

#define NAMED 50 /* percent of the growth that names a part */
#define LIVE 25
#define LIVE_ALONE 33             /* without MemStats nothing is known of the garbage */
#define SMALL (UINT64_C(8) << 20) /* less growth tells nothing: noise of Go's pacing */
#define SMALL_SHARE 5             /* percent of all the memory, likewise */
#define GOROUTINES_MORE 250
#define GOROUTINE_HOLDS (UINT64_C(256) << 10) /* bytes */
#define AT_LIMIT 95                           /* percent of GOMEMLIMIT that Go has */
#define LIMIT_IS_LIVE 70 /* percent of it live: that is no garbage that may stay */
#define FRESH_MS 5000    /* a collection so recent was forced for the profile */

struct judged {
	const struct memory_input *input;
	const struct split *base, *now;
	bool is_growth;  /* against a base; else all numbers are of now */
	uint64_t amount; /* what is to be explained, bytes */
	bool is_fresh;
};

#define Q(bytes) quantity_format(bytes, (char[QUANTITY_MAX]){0})

static void say(struct memory_account *ret, enum memory_label label, const char *format,
		...) printf_like(3, 4);
static void say(struct memory_account *ret, enum memory_label label, const char *format,
		...)
{
	va_list args;

	ret->label = label;
	va_start(args, format);
	(void)vsnprintf(ret->why, sizeof(ret->why), format, args);
	va_end(args);
}

/* What a part grew by, or is; 0 where that is not known. */
static uint64_t more(const struct judged *judged, uint64_t base, uint64_t now)
{
	if (!memory_knows(now) || (judged->is_growth && !memory_knows(base)))
		return 0;
	return judged->is_growth ? num_sub(now, base) : now;
}
#define MORE(judged, part) more(judged, (judged)->base->part, (judged)->now->part)

static bool is_share(const struct judged *judged, uint64_t bytes, unsigned percent)
{
	return judged->amount > 0 && bytes > 0 &&
	       num_scale(bytes, 100, judged->amount) >= percent;
}

static bool is_small(const struct judged *judged)
{
	return judged->is_growth &&
	       (judged->amount < SMALL ||
		num_scale(judged->amount, 100, MAX(judged->now->total, 1)) < SMALL_SHARE);
}

/* Begins with what is to be explained. */
static void explain(const struct judged *judged, struct memory_account *ret,
		    enum memory_label label, const char *format, ...) printf_like(4, 5);
static void explain(const struct judged *judged, struct memory_account *ret,
		    enum memory_label label, const char *format, ...)
{
	char rest[sizeof(ret->why)];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(rest, sizeof(rest), format, args);
	va_end(args);
	if (judged->is_growth)
		say(ret, label, "the memory grew by %s since the base: %s",
		    Q(judged->amount), rest);
	else
		say(ret, label, "the memory is %s, and there is no base: %s",
		    Q(judged->amount), rest);
}

/* --- Each label ------------------------------------------------------------- */

static bool judge_goroutines(const struct judged *judged, struct memory_account *ret)
{
	uint64_t base = judged->input->goroutines_base,
		 now = judged->input->goroutines_now;
	uint64_t new, each;

	if (!memory_knows(base) || !memory_knows(now) || now < num_mul(base, 2) ||
	    now - base < GOROUTINES_MORE)
		return false;
	new = now - base;
	each = judged->is_growth ? judged->amount / new : 0;
	if (each > GOROUTINE_HOLDS ||
	    (!is_small(judged) && is_share(judged, MORE(judged, live), NAMED)))
		return false;
	if (each > 0)
		say(ret, LABEL_GOROUTINE_GROWTH,
		    "%llu goroutines where the base had %llu; the memory grew by %s with "
		    "them, %s for each new one",
		    (unsigned long long)now, (unsigned long long)base, Q(judged->amount),
		    Q(each));
	else
		say(ret, LABEL_GOROUTINE_GROWTH,
		    "%llu goroutines where the base had %llu", (unsigned long long)now,
		    (unsigned long long)base);
	return true;
}

/* Whoever sets GOMEMLIMIT asks for garbage to stay until it is reached. */
static bool judge_limit(const struct judged *judged, struct memory_account *ret)
{
	const struct memstats *stats = &judged->input->stats_now;
	uint64_t limit = judged->input->gomemlimit, has, live = judged->now->live;

	if (!limit || !memory_knows(stats->sys) || !memory_knows(stats->heap_released))
		return false;
	has = num_sub(stats->sys, stats->heap_released);
	if (num_scale(has, 100, limit) < AT_LIMIT || !memory_knows(live) ||
	    num_scale(live, 100, limit) >= LIMIT_IS_LIVE)
		return false;
	say(ret, LABEL_AT_GOMEMLIMIT,
	    "Go holds %s of its GOMEMLIMIT of %s, and %s of that is live: it collects "
	    "when it gets there, so this is how it was told to run",
	    Q(has), Q(limit), Q(live));
	return true;
}

static bool judge_cache(const struct judged *judged, struct memory_account *ret)
{
	uint64_t file = MORE(judged, file);

	if (!is_share(judged, file, NAMED))
		return false;
	explain(judged, ret, LABEL_PAGE_CACHE,
		"%s of it is cached files, which the kernel drops when it needs room",
		Q(file));
	return true;
}

static bool judge_others(const struct judged *judged, struct memory_account *ret)
{
	uint64_t native = MORE(judged, native), shmem = MORE(judged, shmem),
		 kernel = MORE(judged, kernel), others = MORE(judged, others);

	if (is_share(judged, others, NAMED)) {
		explain(judged, ret, LABEL_NOT_THE_GO_HEAP,
			"%s of it is anonymous memory of other processes in the cgroup",
			Q(others));
		return true;
	}
	if (!is_share(judged, num_add(num_add(native, shmem), kernel), NAMED))
		return false;
	explain(judged, ret, LABEL_NOT_THE_GO_HEAP,
		"%s of it is anonymous memory that Go does not know (cgo, mmap), %s is "
		"shared memory and tmpfs, %s the kernel's",
		Q(native), Q(shmem), Q(kernel));
	return true;
}

/* Garbage counts only where a collection has just shown that it is none of the live. */
static bool judge_freed(const struct judged *judged, struct memory_account *ret)
{
	uint64_t lazy = MORE(judged, lazy), idle = MORE(judged, idle), garbage = 0;
	uint64_t live = MORE(judged, live);

	if (judged->is_fresh)
		garbage = num_sub(MORE(judged, inuse), live);
	if (!memory_knows(judged->now->live) || is_share(judged, live, LIVE) ||
	    !is_share(judged, num_add(num_add(lazy, idle), garbage), NAMED))
		return false;
	explain(judged, ret, LABEL_FREED_NOT_RETURNED,
		"%s of it is live in the Go heap, the rest has been freed: %s is idle in "
		"the heap, %s was given back and the kernel has not taken it yet, %s is "
		"garbage and gaps between live objects",
		Q(live), Q(idle), Q(lazy), Q(garbage));
	return true;
}

static bool judge_heap(const struct judged *judged, struct memory_account *ret)
{
	uint64_t live = MORE(judged, live), inuse = MORE(judged, inuse);
	bool knows_heap = memory_knows(judged->now->inuse);

	if (!is_share(judged, live, knows_heap ? LIVE : LIVE_ALONE) ||
	    (knows_heap && !is_share(judged, MAX(inuse, live), NAMED)))
		return false;
	if (knows_heap)
		explain(judged, ret, LABEL_HEAP_GROWTH,
			"the Go heap accounts for %s, and the profile names who holds %s",
			Q(MAX(inuse, live)), Q(live));
	else
		explain(judged, ret, LABEL_HEAP_GROWTH,
			"the heap profile names who holds %s; how much garbage there is "
			"besides is not known (no MemStats)",
			Q(live));
	return true;
}

/* --- Which ------------------------------------------------------------------ */

static void say_unclear(const struct judged *judged, struct memory_account *ret)
{
	uint64_t live = MORE(judged, live), inuse = MORE(judged, inuse);

	if (!memory_knows(judged->now->total))
		say(ret, LABEL_UNCLEAR,
		    "the kernel's numbers are not there, neither of a cgroup nor of the "
		    "process");
	else if (is_small(judged))
		say(ret, LABEL_UNCLEAR,
		    "the memory is %s, and the base had %s: nothing grew that needs a "
		    "name",
		    Q(judged->now->total), Q(judged->base->total));
	else if (!memory_knows(judged->now->live) && !memory_knows(judged->now->inuse))
		explain(judged, ret, LABEL_UNCLEAR,
			"there is neither a heap profile nor MemStats to split it");
	else if (is_share(judged, inuse, NAMED))
		explain(judged, ret, LABEL_UNCLEAR,
			"the Go heap accounts for %s, but the profile shows %s: the rest "
			"is garbage, or newer than the last collection",
			Q(inuse), Q(live));
	else
		explain(judged, ret, LABEL_UNCLEAR,
			"no part explains half of it: Go heap in use %s (live %s), idle "
			"%s, not Go's %s, cached files %s, kernel %s",
			Q(inuse), Q(live), Q(MORE(judged, idle)), Q(MORE(judged, native)),
			Q(MORE(judged, file)), Q(MORE(judged, kernel)));
}

void memory_judge(const struct memory_input *input, const struct split *base,
		  const struct split *now, struct memory_account *ret)
{
	struct judged judged = {.input = input, .base = base, .now = now};

	judged.is_growth = memory_knows(base->total) && memory_knows(now->total);
	judged.is_fresh = ret->gc_age_ms >= 0 && ret->gc_age_ms <= FRESH_MS;
	if (memory_knows(now->total))
		judged.amount =
			judged.is_growth ? num_sub(now->total, base->total) : now->total;
	if (judge_goroutines(&judged, ret) || judge_limit(&judged, ret))
		return;
	if (is_small(&judged) || judged.amount == 0 ||
	    !(judge_cache(&judged, ret) || judge_others(&judged, ret) ||
	      judge_freed(&judged, ret) || judge_heap(&judged, ret)))
		say_unclear(&judged, ret);
}
