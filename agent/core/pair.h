#pragma once
/* Which capture of an incident is shown, and which of its heaps are compared. Pure: every
 * command and page asks here, so that all of them compare the same two files. */

#include "core/manifest.h"

/* Index of the capture that has most to show, the newest of those; 0 where there is none.
 */
size_t pair_capture(const struct manifest *manifest);
/* Index of the first capture before the shown one that has the same kind of heap: the
 * longer the time between two, the truer the rate. SIZE_MAX: there is none. */
size_t pair_earlier(const struct manifest *manifest, size_t shown);

enum heap {
	HEAP_NOW,     /* as of the last finished garbage collection */
	HEAP_NOW_GC,  /* after a forced one */
	HEAP_BASE,    /* the same two of the base */
	HEAP_BASE_GC, /* */
	HEAP_OLDEST,  /* of the recorder, plain */
	HEAP_NEWEST,  /* of the recorder, where it is another one */
	HEAP_N,
};
struct heap_pair {
	enum heap now, base; /* HEAP_N: there is none; without now there is no base */
};
/* there: bit per enum heap. Like is compared with like wherever both sides have it:
 * between a heap after a garbage collection and one before it lies all the garbage.
 * The recorder tells about an end that no capture foresaw. */
struct heap_pair pair_heaps(unsigned there);

struct pair_file {
	const char *dir,
		*name; /* below the incident, borrowed; name NULL: there is none */
};
struct pair_files {
	struct pair_file now, base;
};
/* The pair of the capture that is shown. now.name NULL: no heap is complete. */
struct pair_files pair_of_incident(const struct manifest *manifest);
