/* Looks for containers when the kernel says that one has appeared, and seldom else. The
 * word of inotify is believed as long as no look finds a container that it did not tell:
 * the mount of another cgroup namespace tells nothing. */
#include "agent_parts.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "edge/clock.h"
#include "edge/fs.h"
#include "edge/kernel/cgroup.h"
#include "edge/kernel/cgroup_watch.h"
#include "edge/kernel/process.h"
#include "edge/log.h"

/* A container's control group is made some 50 ms before its process runs in it. */
#define SOON_MS 200
/* It may be empty for a while before somebody runs in it. */
#define LATELY_MS 30000

static bool is_container(const char *path)
{
	struct container_place place;

	return container_parse(path, "", &place);
}

/* The top of the hierarchy that has the memory controller, as a process shows it, or
 * -errno. */
static int top_of(const struct agent *agent, int pid)
{
	AUTO_CLOSE int process = process_dir(agent->options.roots, pid);
	struct cgroup cgroup;
	int top, r = process < 0 ? process : cgroup_of(process, "memory", &cgroup);

	if (r == 0)
		r = cgroup_open(agent->options.roots, "memory", &cgroup);
	if (r != 0)
		return r < 0 ? r : -ENOENT;
	top = TAKE_FD(cgroup.dirfd[cgroup.n - 1]);
	cgroup_fini(&cgroup);
	return top;
}

/* In a container our own path is "/", which does not tell where in the machine's
 * hierarchy that is; of the machine's first process it is told. */
static int top_open(const struct agent *agent)
{
	int top = top_of(agent, getpid());

	return top < 0 ? top_of(agent, 1) : top;
}

void cgroups_open(struct agent *agent)
{
	struct naming *naming = &agent->naming;
	int top, r;

	if (!naming_by_container(agent) || !agent->options.roots->live)
		return;
	top = top_open(agent);
	r = top < 0 ? top : cgroup_watch_new(top, is_container, &naming->watch);
	if (r == 0)
		r = loop_add(&agent->loop, cgroup_watch_fd(naming->watch), EVENT_HELPER,
			     &naming->watch);
	naming->trusted = r == 0 && cgroup_watch_is_whole(naming->watch);
	naming->told = naming->watch ? cgroup_watch_read(naming->watch) : 0;
	naming->told_ms = clock_ms();
	if (!naming->trusted)
		log_info("new containers are not told by the kernel%s%s: they are looked "
			 "for",
			 r < 0 ? ": " : "", r < 0 ? strerror(-r) : "");
}

/* True: containers have appeared. */
static bool is_told(struct naming *naming, int64_t now_ms)
{
	uint64_t told = cgroup_watch_read(naming->watch);

	if (told == naming->told)
		return false;
	naming->told = told;
	naming->told_ms = now_ms;
	return true;
}

void cgroups_hear(struct agent *agent, int64_t now_ms)
{
	/* Not before a second is over since the last one: who is seen twice has lived. */
	if (is_told(&agent->naming, now_ms))
		agent->scan_ms = MIN(agent->scan_ms,
				     MAX(now_ms + SOON_MS, agent->scanned_ms + SCAN_MS));
}

void cgroups_judge(struct agent *agent, int64_t now_ms)
{
	struct naming *naming = &agent->naming;
	bool met = naming->names.met != naming->met_before;

	naming->met_before = naming->names.met;
	if (!naming->watch || is_told(naming, now_ms))
		return;
	if (naming->trusted && met && now_ms > naming->told_ms + LATELY_MS) {
		naming->trusted = false;
		log_info("a container has appeared of which the kernel told nothing: "
			 "they are looked for");
	}
	naming->trusted &= cgroup_watch_is_whole(naming->watch);
}

bool cgroups_tell_all(const struct agent *agent)
{
	if (!agent->naming.trusted)
		return false;
	for (size_t i = 0; i < agent->conf->n_services; i++) {
		if (!conf_in_container(&agent->conf->services[i]))
			return false;
	}
	return true;
}

void cgroups_close(struct agent *agent)
{
	cgroup_watch_free(agent->naming.watch);
	agent->naming.watch = NULL;
}
