/* MemStats say what Go has from the kernel, the kernel says what of it is there: what is
 * anonymous and not Go's is the difference. A part that cannot be had stays in the
 * remainder. */
#include "prof/memory.h"

#include <string.h>

#include "lib/num.h"
#include "prof/memory_parts.h"

const char *const memory_part_table[PART_N] = {
	[PART_HEAP_LIVE] = "heap-live", [PART_HEAP_GARBAGE] = "heap-garbage",
	[PART_HEAP_IDLE] = "heap-idle", [PART_HEAP_LAZY] = "heap-lazy",
	[PART_STACKS] = "stacks",       [PART_RUNTIME] = "runtime",
	[PART_NATIVE] = "native",       [PART_FILE] = "file",
	[PART_SHMEM] = "shmem",         [PART_KERNEL] = "kernel",
	[PART_REMAINDER] = "remainder",
};

const char *const memory_label_table[LABEL_N] = {
	[LABEL_UNCLEAR] = "unclear",
	[LABEL_HEAP_GROWTH] = "heap growth",
	[LABEL_GOROUTINE_GROWTH] = "goroutine growth",
	[LABEL_NOT_THE_GO_HEAP] = "not the Go heap",
	[LABEL_PAGE_CACHE] = "page cache",
	[LABEL_FREED_NOT_RETURNED] = "freed but not returned",
	[LABEL_AT_GOMEMLIMIT] = "at GOMEMLIMIT",
};

_Static_assert(MEMORY_UNKNOWN == MEMSTAT_UNKNOWN, "unknown is unknown");

/* What is not known makes the result so. */
static uint64_t plus(uint64_t a, uint64_t b)
{
	return memory_knows(a) && memory_knows(b) ? num_add(a, b) : MEMORY_UNKNOWN;
}

static uint64_t minus(uint64_t a, uint64_t b)
{
	return memory_knows(a) && memory_knows(b) ? num_sub(a, b) : MEMORY_UNKNOWN;
}

static uint64_t known_or(uint64_t a, uint64_t otherwise)
{
	return memory_knows(a) ? a : otherwise;
}

static void split_go(const struct kernel_memory *kernel, const struct memstats *stats,
		     int64_t heap, struct split *ret)
{
	ret->live = heap < 0 ? MEMORY_UNKNOWN : (uint64_t)heap;
	ret->inuse = stats->heap_inuse;
	ret->idle = minus(stats->heap_idle, stats->heap_released);
	/* Of what was returned, at most that can be there still. */
	ret->lazy = memory_knows(kernel->lazy_free) && memory_knows(stats->heap_released)
			    ? MIN(kernel->lazy_free, stats->heap_released)
			    : MEMORY_UNKNOWN;
	ret->stacks = stats->stack_inuse;
	ret->runtime =
		plus(plus(plus(stats->mspan_sys, stats->mcache_sys),
			  plus(stats->buckhash_sys, stats->gc_sys)),
		     plus(stats->other_sys, minus(stats->stack_sys, stats->stack_inuse)));
}

static uint64_t of_go(const struct split *split)
{
	return plus(plus(plus(split->inuse, split->idle), known_or(split->lazy, 0)),
		    plus(split->stacks, split->runtime));
}

void memory_split(const struct kernel_memory *kernel, const struct memstats *stats,
		  int64_t heap, bool of_cgroup, struct split *ret)
{
	uint64_t anon = of_cgroup ? kernel->anon : kernel->rss_anon;

	ret->total = of_cgroup ? kernel->usage : kernel->rss;
	split_go(kernel, stats, heap, ret);
	ret->native = minus(anon, of_go(ret));
	ret->others =
		of_cgroup && memory_knows(kernel->processes) && kernel->processes < 2
			? 0
			: minus(anon, kernel->rss_anon);
	if (of_cgroup) {
		ret->file = minus(kernel->file, known_or(kernel->shmem, 0));
		ret->shmem = kernel->shmem;
		ret->kernel = memory_knows(kernel->kernel)
				      ? num_add(kernel->kernel, known_or(kernel->sock, 0))
				      : kernel->sock;
	} else {
		ret->file = kernel->rss_file;
		ret->shmem = kernel->rss_shmem;
		ret->kernel = MEMORY_UNKNOWN;
	}
}

/* --- The account ------------------------------------------------------------ */

static void set(struct memory_account *account, enum memory_part part, uint64_t bytes)
{
	account->known[part] = memory_knows(bytes);
	account->part[part] =
		account->known[part] ? (int64_t)MIN(bytes, (uint64_t)INT64_MAX) : 0;
}

/* Without a profile, what is in use cannot be told apart: all of it is garbage or live.
 */
static uint64_t garbage(const struct split *split)
{
	return minus(split->inuse, known_or(split->live, 0));
}

static void set_parts(const struct split *now, struct memory_account *ret)
{
	int64_t rest = (int64_t)MIN(ret->total, (uint64_t)INT64_MAX);

	set(ret, PART_HEAP_LIVE, now->live);
	set(ret, PART_HEAP_GARBAGE, garbage(now));
	set(ret, PART_HEAP_IDLE, now->idle);
	set(ret, PART_HEAP_LAZY, now->lazy);
	set(ret, PART_STACKS, now->stacks);
	set(ret, PART_RUNTIME, now->runtime);
	set(ret, PART_NATIVE, now->native);
	set(ret, PART_FILE, now->file);
	set(ret, PART_SHMEM, now->shmem);
	set(ret, PART_KERNEL, now->kernel);
	for (size_t i = 0; i < PART_REMAINDER; i++)
		rest = num_sub_i64(rest, ret->part[i]);
	ret->part[PART_REMAINDER] = rest;
	ret->known[PART_REMAINDER] = true;
}

void memory_account(const struct memory_input *input, struct memory_account *ret)
{
	bool of_cgroup = memory_knows(input->now.usage);
	struct split base, now;

	*ret = (struct memory_account){.coverage = -1, .gc_age_ms = -1};
	memory_split(&input->base, &input->stats_base, input->heap_base, of_cgroup,
		     &base);
	memory_split(&input->now, &input->stats_now, input->heap_now, of_cgroup, &now);
	if (memory_knows(now.total)) {
		ret->of = of_cgroup ? ACCOUNT_CGROUP : ACCOUNT_RSS;
		ret->total = now.total;
		set_parts(&now, ret);
	}
	if (memory_knows(now.total) && now.total > 0 && memory_knows(now.live))
		ret->coverage = MIN(1.0, (double)now.live / (double)now.total);
	if (memory_knows(input->stats_now.last_gc_ns) && input->stats_now.last_gc_ns > 0)
		ret->gc_age_ms =
			MAX(0, input->captured_ms -
				       (int64_t)(input->stats_now.last_gc_ns / 1000000));
	memory_judge(input, &base, &now, ret);
}
