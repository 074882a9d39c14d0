#pragma once
/* What the files of memory share: one side, split. */

#include "prof/memory.h"

/* What of the memory is whose, at base or now; MEMORY_UNKNOWN where it could not be had.
 * Bytes. */
struct split {
	uint64_t total;
	uint64_t live, inuse, idle, lazy, stacks, runtime; /* Go's */
	uint64_t others; /* anonymous of other processes */
	uint64_t native, file, shmem, kernel;
};

/* of: what the total is, the same for both sides. heap: of the profile, -1 none. */
void memory_split(const struct kernel_memory *kernel, const struct memstats *stats,
		  int64_t heap, bool of_cgroup, struct split *ret);
/* Label and why. base: all unknown where there is none. */
void memory_judge(const struct memory_input *input, const struct split *base,
		  const struct split *now, struct memory_account *ret);
static inline bool memory_knows(uint64_t bytes)
{
	return bytes != MEMORY_UNKNOWN;
}
