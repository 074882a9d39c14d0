#pragma once
/* One side of an account in megabytes, as people think of it. */
#include "prof/memory.h"

#include <string.h>

#include "unit.h"

#define MB UINT64_C(1048576)
#define NO MEMORY_UNKNOWN

/* One side in MB; -1: not known. */
struct numbers {
	int64_t usage, anon, file, shmem, kernel;             /* of the cgroup */
	int64_t rss, rss_anon, lazy;                          /* of the process */
	int64_t inuse, idle, released, stacks, runtime, live; /* of Go */
	int64_t goroutines;                                   /* count */
};

static uint64_t mb(int64_t n)
{
	return n < 0 ? NO : (uint64_t)n * MB;
}

static void fill(const struct numbers *n, struct kernel_memory *kernel,
		 struct memstats *stats)
{
	memset(kernel, 0xff, sizeof(*kernel));
	memset(stats, 0xff, sizeof(*stats));
	kernel->limit = 8192 * MB;
	kernel->usage = mb(n->usage);
	kernel->anon = mb(n->anon);
	kernel->file = n->file < 0 ? NO : mb(n->file + MAX(n->shmem, 0));
	kernel->shmem = mb(n->shmem);
	kernel->kernel = mb(n->kernel);
	kernel->rss = mb(n->rss);
	kernel->rss_anon = mb(n->rss_anon);
	kernel->rss_file = n->rss < 0 ? NO : mb(n->rss - n->rss_anon);
	kernel->lazy_free = mb(n->lazy);
	if (n->inuse < 0)
		return;
	*stats = (struct memstats){
		.heap_alloc = mb(n->inuse),
		.heap_inuse = mb(n->inuse),
		.heap_idle = mb(n->idle + n->released),
		.heap_released = mb(n->released),
		.heap_sys = mb(n->inuse + n->idle + n->released),
		.stack_inuse = mb(n->stacks),
		.stack_sys = mb(n->stacks),
		.gc_sys = mb(n->runtime),
		.sys = mb(n->inuse + n->idle + n->released + n->stacks + n->runtime),
		.last_gc_ns = UINT64_C(999000) * 1000000,
	};
}

static inline struct memory_input input_of(const struct numbers *base,
					   const struct numbers *now)
{
	static const struct numbers none = {-1, -1, -1, -1, -1, -1, -1, -1,
					    -1, -1, -1, -1, -1, -1, -1};
	struct memory_input input = {.captured_ms = 1000000};

	base = base ? base : &none;
	fill(base, &input.base, &input.stats_base);
	fill(now, &input.now, &input.stats_now);
	input.heap_base = base->live < 0 ? -1 : base->live * (int64_t)MB;
	input.heap_now = now->live < 0 ? -1 : now->live * (int64_t)MB;
	input.goroutines_base = base->goroutines < 0 ? NO : (uint64_t)base->goroutines;
	input.goroutines_now = now->goroutines < 0 ? NO : (uint64_t)now->goroutines;
	return input;
}

/* usage anon file shmem kernel  rss rss_anon lazy  inuse idle released stacks runtime
 * live goroutines */
static const struct numbers healthy __attribute__((unused)) = {
	210, 190, 10, 0, 10, 200, 190, 0, 100, 60, 40, 2, 20, 80, 68};
