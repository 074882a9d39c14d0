#pragma once
/* What a domain is made of; only for domain*.c and evidence.c. */

#include "edge/kernel/cgroup.h"
#include "edge/kernel/domain.h"

/* One cgroup on the way up. -1: the file is not there. */
struct domain_level {
	int dirfd; /* of the domain itself; -1 above it */
	int usage_fd, max_fd;
	uint64_t inode; /* above the domain: of its directory; 0: it is read each time */
};

struct domain {
	char *process_path; /* as /proc/PID/cgroup has it, for domain_check */
	char *path;         /* of the domain: the same, or (v2) upwards of it */
	int version;
	bool old_kills; /* v2 before 5.2: memory.events in place of memory.events.local */
	int stat_fd, kills_fd, parent_kills_fd, tasks_fd, tasks_max_fd, pressure_fd;
	struct domain_kept *kept; /* NULL: not shared */
	uint64_t cache_bytes;     /* what was droppable when memory.stat was last read, */
	uint64_t cache_usage;     /* beside this usage, */
	int64_t cache_at_ms;      /* then; 0: not yet, or the moment is not told */
	uint64_t v1_limit_bytes;  /* hierarchical_memory_limit of v1; UINT64_MAX: none */
	size_t limit_level;       /* of the smallest limit; n_levels: above the mount;
				     SIZE_MAX: none has one */
	size_t n_levels;          /* at least 1: [0] is the domain */
	struct domain_level level[];
};

#define DOMAIN_BIT(signal) (UINT32_C(1) << (signal))
/* What every look reads. */
#define DOMAIN_MEMORY (DOMAIN_BIT(SIGNAL_MEMORY) | DOMAIN_BIT(SIGNAL_USAGE))
/* Beside the signals: the kills of its own. */
#define DOMAIN_KILLS (UINT32_C(1) << 31)
_Static_assert(SIGNAL_N <= 31, "a bit is left for the kills");

/* What one of several targets read, for the others at the same moment. */
struct domain_kept {
	struct sample sample; /* at_ms 0: nothing is kept */
	uint32_t slow;        /* signals that a slow look took; 0: it was a fast one */
};
/* A look of that moment that is as good: into the sample, and true. signals: what a slow
 * look wants, with DOMAIN_KILLS where these; 0: it is a fast one. */
bool domain_give(const struct domain *d, uint64_t nearest, uint32_t signals,
		 struct sample *sample);
void domain_keep(struct domain *d, uint32_t signals, const struct sample *sample);

/* What a level says at one moment, for all domains below it. */
struct domain_ceiling {
	uint64_t inode; /* 0: nothing is kept */
	int64_t at_ms;
	int error;
	uint64_t max, usage; /* UINT64_MAX: no limit; then usage is not read */
};
/* Kept of the level at that moment; NULL: to be read. */
const struct domain_ceiling *domain_ceiling_give(const struct domain_level *level,
						 int64_t at_ms);
void domain_ceiling_keep(const struct domain_ceiling *ceiling);

/* A file of a level; where it is not kept open, by its way from the domain itself. */
ssize_t domain_pread(const struct domain *d, size_t level, int fd, const char *name,
		     char *to, size_t size) must_check;
/* The name of the counters of kills. */
const char *domain_kills_name(const struct domain *d);

/* The names of the kernel's files, by version. */
struct domain_names {
	const char *usage, *max, *stat;
	const char *inactive_file, *file, *shmem; /* keys of stat */
};
extern const struct domain_names domain_names[3];

/* Is there a file of this name? */
bool domain_has(int dirfd, const char *name);
/* Is this cgroup a memory domain for a process of this pid? */
bool domain_is(const struct roots *roots, const struct cgroup *cgroup, int pid);
