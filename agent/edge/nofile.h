#pragma once
/* How many descriptors a process may have. Each target holds what is read of it open, so
 * that a look costs one pread: hundreds of targets need thousands of descriptors, and the
 * usual soft limit is 1024. */

#include <stdbool.h>
#include <stdint.h>

/* Of a target alone in its cgroup, as long as there are enough: 6 of the process (its
 * directory, pidfd, stat, status, statm, limits), 1 of its program until it has a base, 5
 * (v1) to 7 (v2) of the cgroup, and 2 for each level up to the root; so this is right for
 * five levels. */
#define NOFILE_TARGET 25
/* Of one when more than half of what is allowed is open (process_lean, sampler_lean,
 * domain_lean): 2 of the process, 1 of its program until it has a base; 1 of the process
 * without a cgroup, else 3 (v2) or 4 (v1) of the cgroup, once for all that share it. */
#define NOFILE_LEAN 7
/* Of the agent itself: 16 at rest, 2 for each child, 16 clients, those of a scan. */
#define NOFILE_OWN 64

/* Raises the soft limit to the hard one, which asks no right; what is allowed then. */
uint64_t nofile_raise(void);
/* How many are open. One call since Linux 6.2; before it their list is read. */
uint64_t nofile_used(void);
/* Whether a process may open those of one more target. */
bool nofile_has_room(uint64_t allowed);
