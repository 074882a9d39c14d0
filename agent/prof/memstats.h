#pragma once
/* The tail "# runtime.MemStats" of heap?debug=1: what Go's runtime says of its own
 * memory. Source: runtime/pprof/pprof.go, writeHeapInternal; runtime/mstats.go for the
 * meanings. */

#include "lib/text.h"

#define MEMSTAT_UNKNOWN UINT64_MAX

struct memstats { /* bytes unless said; MEMSTAT_UNKNOWN where the text has no such line */
	uint64_t heap_alloc; /* live objects and garbage that is not swept yet */
	uint64_t heap_sys;   /* address space of the heap */
	uint64_t heap_idle;  /* spans without objects, heap_released included */
	uint64_t heap_inuse; /* spans with at least one object */
	uint64_t
		heap_released; /* of idle, given back: may still be resident (LazyFree) */
	uint64_t heap_objects; /* count */
	uint64_t stack_inuse, stack_sys;
	uint64_t mspan_sys, mcache_sys, buckhash_sys, gc_sys, other_sys;
	uint64_t sys;        /* all of the above that is Sys */
	uint64_t next_gc;    /* heap size at which the next collection ends */
	uint64_t last_gc_ns; /* Unix, end of the last collection; 0: none yet */
	uint64_t num_gc, num_forced_gc;
	uint64_t max_rss; /* newer versions of Go */
};

/* text: plain, whole; 0, or -EBADMSG where it has no such tail (all is unknown then). */
int memstats_read(struct span text, struct memstats *ret) must_check;
