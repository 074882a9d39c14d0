#pragma once
/* "Where the memory is": what the kernel charges, split by who holds it, and the label
 * that follows from it. The parts never add up exactly (a profile is sampled and as old
 * as the last garbage collection): the remainder is a part of its own, never hidden, and
 * may be negative. */

#include "prof/grew.h"
#include "prof/memstats.h"

#define MEMORY_UNKNOWN UINT64_MAX

/* What the kernel said at the capture, bytes or counts; MEMORY_UNKNOWN where it could not
 * be had.
 */
struct kernel_memory {
	uint64_t limit; /* effective; 0: none */
	uint64_t usage; /* charged to the cgroup */
	uint64_t anon, file, shmem, inactive_file,
		kernel; /* memory.stat; v1 and v2 alike */
	uint64_t sock, swap;
	uint64_t rss, rss_anon, rss_file, rss_shmem; /* of the process */
	uint64_t lazy_free;                          /* smaps_rollup LazyFree */
	uint64_t threads;                            /* of the process, how many */
	uint64_t processes;                          /* in the cgroup */
};

enum memory_part {
	PART_HEAP_LIVE,    /* inuse_space of the profile: live at the last collection */
	PART_HEAP_GARBAGE, /* heap_inuse less live: garbage, fragmentation, newer objects
			    */
	PART_HEAP_IDLE,    /* idle, not returned to the kernel */
	PART_HEAP_LAZY,    /* returned, and still resident: the kernel has not taken it */
	PART_STACKS,       /* of goroutines */
	PART_RUNTIME,      /* spans, caches, profiling, collector */
	PART_NATIVE,       /* anonymous and not Go's: cgo, mmap, other processes */
	PART_FILE,         /* page cache and mapped files */
	PART_SHMEM,
	PART_KERNEL,    /* slab, sockets, page tables */
	PART_REMAINDER, /* total less all of the above; may be negative */
	PART_N,
};
extern const char *const memory_part_table[PART_N]; /* for JSON: "heap-live" ... */

enum memory_label {
	LABEL_UNCLEAR,
	LABEL_HEAP_GROWTH,
	LABEL_GOROUTINE_GROWTH,
	LABEL_NOT_THE_GO_HEAP,
	LABEL_PAGE_CACHE,
	LABEL_FREED_NOT_RETURNED,
	LABEL_AT_GOMEMLIMIT,
	LABEL_N,
};
extern const char
	*const memory_label_table[LABEL_N]; /* "heap growth" ... as in the issue */

struct memory_input {
	struct kernel_memory base, now;        /* base: all unknown where there is none */
	struct memstats stats_base, stats_now; /* all unknown where there is none */
	int64_t heap_base, heap_now;           /* inuse_space; -1: no profile */
	int64_t captured_ms;                   /* Unix */
	const struct goroutines *goroutines;   /* NULL: none */
	uint64_t goroutines_base,
		goroutines_now; /* MEMORY_UNKNOWN; of index or profile */
	uint64_t threshold;     /* of the rule, where it is one of memory; 0 otherwise */
	uint64_t gomemlimit;    /* bytes, 0: none or not known */
};

struct memory_account {
	enum { ACCOUNT_NONE, ACCOUNT_CGROUP, ACCOUNT_RSS } of; /* what total is */
	uint64_t total;
	int64_t part[PART_N];
	bool known[PART_N]; /* false: it could not be had, and is in the remainder */
	double coverage;    /* live heap of the profile / total, 0 to 1; < 0: not known */
	int64_t gc_age_ms;  /* age of what the profile shows, < 0: not known */
	enum memory_label label;
	char why[400]; /* the numbers that decided it, one sentence, ours */
};
void memory_account(const struct memory_input *input, struct memory_account *ret);
/* Brings what grew in line with where the memory is: the kind that the label names comes
 * first; where the label says that it is not the live heap, no heap suspect stays that
 * holds less than a quarter of the memory (it is added to rest). */
void memory_follow(const struct memory_account *account, struct grew *grew);
