#pragma once
/* What of a process may be looked at with the rights that we have: asked by trying,
 * because capabilities, user namespaces, LSMs and the target's dumpability all have their
 * say. */

#include "edge/kernel/process.h"

enum {
	RIGHT_EXE = 1 << 0, /* its program; same uid or CAP_SYS_PTRACE */
	RIGHT_FDS = 1 << 1, /* which descriptors it has (to count them asks no right from
			       Linux 6.2 on); and CAP_DAC_READ_SEARCH */
	RIGHT_SMAPS = 1 << 2, /* its memory map; same uid or CAP_SYS_PTRACE */
	RIGHT_NETNS = 1 << 3, /* which network namespace it is in; likewise */
};

/* The rights above that are missing, as bits; 0 also where the process has ended. */
uint32_t rights_missing(const struct process *process);
/* Inode of its network namespace. 0, PROCESS_GONE or -errno (-EACCES: the right). */
int rights_netns(const struct process *process, uint64_t *ret) must_check;
/* Whether a path means the same file to it as to us: one mount namespace, one root. False
 * also where the right to know is missing. */
bool rights_same_files(const struct process *process);
/* Our own, where processes are looked for. 0 or -errno. */
int rights_own_netns(const struct roots *roots, uint64_t *ret) must_check;
/* What tells its network namespace from all others that are looked at in this way: a live
 * process needs no right for it. 0: unknown, as good as ours. */
uint64_t rights_netns_number(const struct roots *roots, const struct process *process);
