#pragma once
/* Who the containers are in which targets stand: ids come with every scan, names from
 * kubelet's log files and from runtimes. */

#include "core/names.h"
#include "edge/kernel/child.h"
#include "edge/kernel/find.h"

struct agent;
struct target;
struct roots;

struct naming {
	struct names names;
	struct find_containers scan; /* what scans ask */
	/* As of the last reading of kubelet's two directories. */
	int64_t changed_ns[2], read_unix_ms;
	uint64_t read_met;
	bool no_logs; /* there are none that can be read */
	/* What the kernel tells of new containers; NULL: nothing. */
	struct cgroup_watch *watch;
	bool trusted; /* it has told of all so far */
	uint64_t told, met_before;
	int64_t told_ms;     /* when it told last */
	struct child asking; /* of runtimes, by one child at a time */
	bool asks, denied;   /* denied: nothing of runtimes can be read */
	int64_t ask_until_ms, ask_next_ms;
};

void naming_init(struct naming *naming);
void naming_free(struct agent *agent);
/* Kubelet's two directories below the one of runtime.logs, and the names of what is in
 * them; without one (-errno in place of its descriptor) the other still tells. */
void logs_open(const struct roots *roots, const char *dir, int ret_fd[static 2]);
void logs_learn(const int fd[static 2], struct names *names);
/* `leakdog-fetch containers`, asked for these ids (a line each). 0 or -errno. */
int containers_spawn(const char *fetch, const struct conf_runtime *runtime,
		     const struct buf *ids, struct child *ret) must_check;
/* The records of `leakdog-fetch containers`, as far as they are whole. */
void naming_take(struct names *names, const struct buf *answers);
/* Some service is found by its container. */
bool naming_by_container(const struct agent *agent);
/* Before the matches of a scan and after them. Some that are young have no name yet: how
 * many are worth a scan soon. */
void naming_begin(struct agent *agent, int64_t now_ms);
unsigned naming_end(struct agent *agent, int64_t now_ms);
/* Why nothing may be found by names; NULL: names are had. */
const char *naming_trouble(const struct naming *naming, char *const selector[SELECTOR_N]);
/* The target's container, if it is in one; held until let go. */
void naming_hold(struct agent *agent, struct target *target);
void naming_let_go(struct target *target);
/* Runtimes are asked for names that they alone know. */
void naming_tick(struct agent *agent, int64_t now_ms);
void naming_answered(struct agent *agent, int64_t now_ms);
