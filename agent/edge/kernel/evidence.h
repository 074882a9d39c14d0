#pragma once
/* What the kernel knows of a target at the moment of a capture: small files, read into
 * memory at once (the machine may be about to kill), written when there is time.
 * proc/{statm,status,stat,limits,...}, cgroup/{memory.*,pids.*,...} and for the cgroups
 * above it cgroup/parent-1/{memory.max,memory.current,...}, parent-1 being the next one
 * up. cmdline and environ are not among them: they may hold passwords. */

#include "edge/kernel/domain.h"

#define EVIDENCE_MAX 96 /* files */
#define EVIDENCE_NAME_MAX 64
#define EVIDENCE_CAP (256 * 1024) /* bytes of all together */

struct evidence_item {
	char name[EVIDENCE_NAME_MAX]; /* below the capture: "proc/status"; ours, not
					 foreign */
	size_t at, len;               /* in bytes */
	int error; /* 0 or -errno: then it holds nothing; -EFBIG: its beginning */
};

struct evidence_files {
	struct evidence_item item[EVIDENCE_MAX];
	size_t n, len;
	char bytes[EVIDENCE_CAP];
};

/* Touches all of e, so that evidence_take needs no memory from a machine that has none.
 */
void evidence_init(struct evidence_files *e);
/* Reads everything, replacing what e held; domain NULL: none. Files that the kernel does
 * not have are no items. 0, or PROCESS_GONE where the process has ended (what could still
 * be read, of its cgroup and what is above, is there). */
int evidence_take(struct evidence_files *e, const struct process *process,
		  const struct domain *domain) must_check;
