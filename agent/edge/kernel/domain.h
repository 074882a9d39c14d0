#pragma once
/* A memory domain: the cgroup that a target's memory is charged to, on v1, v2 or hybrid.
 *
 *   memory = usage - min(inactive_file, file - shmem)
 *   effective limit = min over ancestors of max_i, headroom = min of (max_i - usage_i)
 *
 * A root cgroup, and a slice or session that the target shares with others, is no domain.
 * Several targets may stand in one domain: the agent keeps one struct for all of them. */

#include "core/sample.h"
#include "edge/kernel/process.h"

/* Outcomes. */
#define DOMAIN_NONE 1 /* this process has none: memory is RSS */
#define DOMAIN_GONE 2 /* the cgroup was removed (ENODEV) */

#define DOMAIN_PATH_MAX 512

struct domain; /* descriptors of usage, limit and counters of each level */

/* The domain of a process. 0, DOMAIN_NONE, PROCESS_GONE's value never; -errno. */
int domain_open(const struct roots *roots, const struct process *process,
		struct domain **ret) must_check;
void domain_free(struct domain *domain);
const char *domain_path(const struct domain *domain); /* of the cgroup, without mount */
int domain_version(const struct domain *domain);      /* 1 or 2: memory's hierarchy */
const char *domain_limit_from(const struct domain *domain); /* path of the smallest max_i */

/* One pread of the usage. Fills SIGNAL_USAGE, and SIGNAL_MEMORY with the upper bound usage
 * minus the last known cache (sample->exact false), or exactly where usage >= nearest. */
int domain_read(struct domain *domain, uint64_t nearest, struct sample *sample) must_check;
/* Everything slow: memory.stat, limits and usage of all levels, counters of kills, pids,
 * PSI. For the 10 s cycle, before a capture, and whenever a rule is near. */
int domain_read_all(struct domain *domain, struct sample *sample) must_check;
/* The counters of kills alone, own and parent's; works for the parent when the own one is
 * gone (70 ms after the kill). Readings are absent where there are none. */
void domain_read_kills(struct domain *domain, struct sample *sample);
