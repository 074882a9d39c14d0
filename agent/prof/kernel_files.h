#pragma once
/* The kernel's files of a capture, as they were when it began, into numbers: memory.stat
 * and its neighbours of cgroup v1 and v2, status and smaps_rollup of the process. */

#include "prof/memory.h"

struct kernel_file {
	const char *name; /* as the manifest has it: "cgroup/parent-1.memory.max" */
	struct span text;
};

/* Is it one of those that kernel_files_read looks at? */
bool kernel_files_wants(const char *name);
/* Whatever is not among the files, or does not say it, is MEMORY_UNKNOWN. Of the limits
 * of the cgroup and of those above it the smallest holds; 0: all that are there say that
 * there is none. */
void kernel_files_read(const struct kernel_file *files, size_t n,
		       struct kernel_memory *ret);
