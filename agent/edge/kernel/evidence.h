#pragma once
/* What the kernel knows of a target at the moment of a capture: small files, read into
 * memory first (under 100 us of a machine that may be about to kill), written later.
 * proc/{statm,status,limits,stat,cgroup,...}, cgroup/{memory.*,pids.*} and for ancestors
 * cgroup/parent-1/{memory.max,memory.current,...}, parent-1 being the next one up. */

#include "edge/kernel/domain.h"
#include "lib/buf.h"

#define EVIDENCE_MAX 96
#define EVIDENCE_NAME_MAX 64
#define EVIDENCE_CAP (256 * 1024) /* bytes of all together */

struct evidence_item {
	char name[EVIDENCE_NAME_MAX]; /* below the capture: "proc/status"; ours, not
					 foreign */
	size_t at, len;               /* in bytes.data */
	int error; /* 0 or -errno: then it holds nothing. Files that there are not are no
		      items */
};

struct evidence {
	struct evidence_item items[EVIDENCE_MAX];
	size_t n;
	struct buf bytes;
};

/* Allocates all that evidence_take will need, ahead of time. 0 or -ENOMEM. */
int evidence_init(struct evidence *e) must_check;
void evidence_fini(struct evidence *e);
/* Reads everything; domain NULL: none. 0; PROCESS_GONE where nothing of the process could
 * be read any more (what was read of the cgroup is there). Replaces what e held. */
int evidence_take(struct evidence *e, const struct process *process,
		  const struct domain *domain) must_check;
