#pragma once
/* The memory limits of a cgroup and of those above it, read and written: what a hold
 * changes. v1: memory.limit_in_bytes and, where swap is accounted, memory.memsw.*, which
 * is never below it. v2: memory.max and memory.high.
 *
 * Writing takes the owner of the files (root, without any capability) and a cgroup file
 * system that is not read-only (ProtectControlGroups=no). */

#include "core/hold.h"
#include "edge/kernel/process.h"

/* Outcomes. */
#define CEILING_GONE 4 /* there is no such cgroup (any more) */
#define CEILING_BUSY 5 /* v1: usage is above the limit that was to be set */

struct ceiling_place {
	char path[512]; /* as /proc/PID/cgroup has it */
	int dirfd;
	uint64_t inode; /* of the directory */
};

struct ceilings {
	int version;                              /* 1 or 2 */
	struct ceiling_place at[HOLD_LEVELS_MAX]; /* [0]: where the process is charged */
	size_t n;
};

/* The cgroup of a process and all above it that have a limit. 0, PROCESS_GONE,
 * CEILING_GONE (it has none that can be seen), -E2BIG (more than HOLD_LEVELS_MAX),
 * -errno. */
int ceilings_open(const struct roots *roots, const struct process *process,
		  struct ceilings *ret) must_check;
/* One cgroup by its path. 0, CEILING_GONE or -errno. */
int ceilings_open_path(const struct roots *roots, const char *path, int version,
		       struct ceilings *ret) must_check;
void ceilings_fini(struct ceilings *ceilings); /* a zeroed one is fine */

/* 0, CEILING_GONE or -errno. */
int ceiling_read(const struct ceilings *ceilings, size_t i,
		 struct hold_level *ret) must_check;
/* Writes what differs, in the order that the kernel allows. Half of it may be done where
 * it fails. 0, CEILING_GONE, CEILING_BUSY or -errno. */
int ceiling_write(const struct ceilings *ceilings, size_t i,
		  const struct hold_ceiling *from,
		  const struct hold_ceiling *to) must_check;

/* May all of them be written from here? 0 or -errno. */
int ceilings_writable(const struct ceilings *ceilings) must_check;

/* What the machine has; promised is left alone. 0 or -errno. */
int ceiling_host(const struct roots *roots, struct hold_host *ret) must_check;
