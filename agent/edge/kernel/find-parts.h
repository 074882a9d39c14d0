#pragma once
/* What a search is made of; only for find*.c. */

#include <dirent.h>

#include "edge/kernel/cgroup.h"
#include "edge/kernel/facts.h"
#include "edge/kernel/find.h"
#include "edge/kernel/listening.h"

#define ARENA_MAX (64u << 20) /* texts of all processes of a machine */
#define ANCESTRY_MAX 64       /* parents that are followed */

/* Who was there: the inode of /proc/PID is another one for whoever gets the number next,
 * and the directory of /proc tells it without a look at the process. */
struct sighting {
	int pid;
	uint64_t inode;
	int64_t met_ms; /* in the round that saw it first */
};

/* What one round found. */
struct census {
	struct facts *facts; /* ascending by pid: those that can be targets */
	size_t n, room;
	struct buf arena;
	struct sighting *seen; /* everybody, ascending by pid */
	size_t n_seen, room_seen;
};

struct scan {
	const struct roots *roots;
	uint32_t needs;
	struct census *now;  /* empty where only pids are asked for */
	struct census *next; /* of the round under way; NULL: none is */
	DIR *proc;           /* as far as that has come */
	int64_t round_ms;
	unsigned rounds, share;
	const int *trusted; /* see scan_trust */
	size_t n_trusted;
	struct listening *listening; /* what was asked of it in this round */
	int self;                    /* our own pid */
	char systemd_root[CGROUP_PATH_MAX];
	const struct find_containers *containers; /* NULL: nobody knows them */
	char machine[CGROUP_PATH_MAX];            /* see container_parse */
};

struct hit {
	int pid, ppid;
	uint64_t start_ticks;
	const void *container; /* with a selector that asks for it */
	size_t top; /* its upmost ancestor among the hits: its family's head, or itself */
	size_t family; /* of a head: how many */
	bool listens, family_listens, kept;
};

struct match {
	const struct scan *scan;
	char *const *selector;
	struct listen_at listen; /* with selector listen */
	bool in_container;       /* a selector asks for it */
	bool denied;             /* a right was missing for one that matches otherwise */
	struct hit *hits;        /* ascending by pid */
	size_t n;
};

/* NULL: -ENOMEM. */
struct census *census_new(void) must_check;
void census_free(struct census *census); /* NULL is fine */
/* What is known of a process, by its number; NULL: not there. */
const struct facts *census_facts(const struct census *census, int pid);
const struct sighting *census_sighting(const struct census *census, int pid);
/* At the end; census_sort when all are in. 0 or -ENOMEM. */
int census_add(struct census *census, const struct facts *facts) must_check;
int census_see(struct census *census, const struct sighting *sighting) must_check;
void census_sort(struct census *census);
/* Where pid 1 is in a cgroup of its own (a container), systemd's units are below that. */
void find_systemd_root(const struct roots *roots, char to[static CGROUP_PATH_MAX]);
/* The path below which systemd stands in a container that we share, else "". */
void find_machine(const struct roots *roots, char to[static CGROUP_PATH_MAX]);
/* The container of a process by the text of its /proc/PID/cgroup; NULL: in none. */
const void *scan_container(const struct scan *scan, const char *cgroup);
/* From the table, or read now. False: no process to watch. */
bool scan_facts(const struct scan *scan, int pid, struct facts *ret);
/* Positive: it listens there; 0: not, or it ended; -EACCES. */
int match_listens(struct match *m, int pid, const struct listen_at *at) must_check;
/* Keeps of each family (hits that descend from one another) the upmost that listen, or
 * where none is seen to, the head. Whoever stands alone is kept without a look at it. */
int match_choose(struct match *m) must_check; /* 0 or -ENOMEM */
