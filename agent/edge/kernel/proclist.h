#pragma once
/* The processes that there are: numbers and what decides whether one can be a target.
 * Taken once per scan; whatever is read later is read through an opened /proc/PID. */

#include <stdbool.h>

#include "edge/roots.h"
#include "lib/def.h"

struct proclist_entry {
	int pid, ppid;
	bool kthread, zombie;
};

struct proclist {
	struct proclist_entry *entry; /* ascending by pid */
	size_t n, room;
};

/* A process that comes or goes meanwhile may be missing. 0 or -errno; fini frees. */
int proclist_read(const struct roots *roots, struct proclist *ret) must_check;
void proclist_fini(struct proclist *list);
/* NULL: not in the list. */
const struct proclist_entry *proclist_at(const struct proclist *list, int pid);
