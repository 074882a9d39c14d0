#pragma once
/* What a search is made of; only for find*.c. */

#include "edge/kernel/cgroup.h"
#include "edge/kernel/facts.h"
#include "edge/kernel/find.h"
#include "edge/kernel/listening.h"

#define ARENA_MAX (64u << 20) /* texts of all processes of a machine */
#define ANCESTRY_MAX 64       /* parents that are followed */

struct scan {
	const struct roots *roots;
	uint32_t needs;
	struct facts *facts; /* ascending by pid; empty where only pids are asked for */
	size_t n, room;
	struct buf arena;
	struct listening *listening; /* what was asked of it so far */
	int self;                    /* our own pid */
	char systemd_root[CGROUP_PATH_MAX];
};

struct hit {
	int pid, ppid;
	size_t top; /* its upmost ancestor among the hits: its family's head, or itself */
	size_t family; /* of a head: how many */
	bool listens, family_listens, kept;
};

struct match {
	const struct scan *scan;
	char *const *selector;
	struct listen_at listen; /* with selector listen */
	bool denied;             /* a right was missing for one that matches otherwise */
	struct hit *hits;        /* ascending by pid */
	size_t n;
};

/* Where pid 1 is in a cgroup of its own (a container), systemd's units are below that. */
void find_systemd_root(const struct roots *roots, char to[static CGROUP_PATH_MAX]);
/* From the table, or read now. False: no process to watch. */
bool scan_facts(const struct scan *scan, int pid, struct facts *ret);
/* Positive: it listens there; 0: not, or it ended; -EACCES. */
int match_listens(struct match *m, int pid, const struct listen_at *at) must_check;
/* Keeps of each family (hits that descend from one another) the upmost that listen, or
 * where none is seen to, the head. Whoever stands alone is kept without a look at it. */
void match_choose(struct match *m);
