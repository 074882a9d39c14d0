#pragma once
/* A memory domain: the cgroup that a target's memory is charged to, on v1, v2 or hybrid
 * (whichever hierarchy has the memory controller).
 *
 *   memory = usage - min(inactive_file, file - shmem)
 *   effective limit = min over ancestors of max_i, headroom = min of (max_i - usage_i)
 *
 * Cached files can be dropped and do not count. Lazily freed anonymous pages (MADV_FREE)
 * stand in inactive_file too, but not in file: they count, because nothing tells whether
 * they were written again. (v1: total_inactive_file, total_cache, total_shmem.)
 *
 * The cgroup of a process is a domain unless
 *   - it is the root of its hierarchy,
 *   - its name ends in ".slice": a group of groups; what runs in it directly is mixed,
 *   - it is a scope of a person's session (session-*.scope, or any *.scope below
 * user.slice or user@UID.service) and holds a process that is neither the target nor a
 * descendant of it: the shell and the editor are not the service. On v2 the cgroup is the
 * nearest one upwards with the memory controller: that is where the kernel charges.
 * Several targets may stand in one domain: the agent keeps one for all. */

#include "core/sample.h"
#include "edge/kernel/process.h"

/* Outcomes; any of the first two: memory is RSS. */
#define DOMAIN_NONE 2 /* this process has none, as defined above */
#define DOMAIN_HIDDEN                                                                    \
	3 /* its cgroup cannot be seen from here (no mount, other namespace) */
#define DOMAIN_GONE 4  /* the cgroup was removed */
#define DOMAIN_MOVED 5 /* the process now stands in another cgroup */

#define DOMAIN_PATH_MAX 512

struct domain; /* descriptors of usage, limit and counters of each level */

/* The domain of a process. 0, DOMAIN_NONE, DOMAIN_HIDDEN, DOMAIN_GONE (just
 * removed), PROCESS_GONE; -errno. */
int domain_open(const struct roots *roots, const struct process *process,
		struct domain **ret) must_check;
void domain_free(struct domain *domain);
const char *domain_path(const struct domain *domain); /* of the cgroup, without mount */
int domain_version(const struct domain *domain);      /* 1 or 2: memory's hierarchy */
/* Path of the smallest max_i as of the last domain_read_all; "" where there is no limit;
 * "(above the mount)" where v1 says that an ancestor out of sight has it. Returns `to`.
 */
const char *domain_limit_from(const struct domain *domain,
			      char to[static DOMAIN_PATH_MAX]);
/* 0, DOMAIN_MOVED, PROCESS_GONE or -errno: for the slow cycle and when the domain is
 * gone. */
int domain_check(const struct domain *domain, const struct process *process) must_check;

/* One pread of the usage. Fills SIGNAL_USAGE and SIGNAL_MEMORY: where usage >= nearest
 * exactly, with limit and headroom as fresh; otherwise as usage minus the cache last
 * seen, with sample->exact false: the truth is then below nearest, because it is never
 * above usage. 0, DOMAIN_GONE; other errors stand in the readings. */
int domain_read(struct domain *domain, uint64_t nearest,
		struct sample *sample) must_check;
/* That pread alone, for who waits for the usage to change; borrowed. -errno: there is no
 * such file. */
int domain_usage_fd(const struct domain *domain);
/* 0, DOMAIN_GONE or -errno. */
int domain_usage_read(int usage_fd, uint64_t *ret) must_check;
/* Memory exactly, limits and usage of all levels (ceiling CEILING_LIMIT and headroom) and
 * kills; of tasks with pids.max and of pressure those that are wanted (bit per signal).
 * For the slow cycle. 0, DOMAIN_GONE. */
int domain_read_slow(struct domain *domain, uint32_t wanted,
		     struct sample *sample) must_check;
/* The same, but for the own kills: where the usage stands still, there were none. */
int domain_read_rest(struct domain *domain, uint32_t wanted,
		     struct sample *sample) must_check;
/* Everything: before a capture. 0, DOMAIN_GONE. */
int domain_read_all(struct domain *domain, struct sample *sample) must_check;
/* Several targets stand in it: who reads it at a moment (sample->at_ms, not 0) reads for
 * all who do at the same. Where memory is short each goes on reading for itself. */
void domain_share(struct domain *domain);
/* Keeps open only its directory, what a fast look reads, and what cannot be found again:
 * 3 descriptors on v2 (with the parent's kills, which outlive it), 4 on v1 (with tasks
 * and pressure of other hierarchies). */
void domain_lean(struct domain *domain);
/* The counters of kills alone, own and parent's; works for the parent when the own one is
 * gone (70 ms after the kill). Readings are absent where there are none. */
void domain_read_kills(struct domain *domain, struct sample *sample);
