/* Names from kubelet's log files. Their directories are read when a container was met or
 * they have changed since; only names of files are read, and nothing is followed. */
#include "agent_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "edge/clock.h"
#include "edge/disk/folder.h"
#include "edge/fs.h"
#include "lib/num.h"

/* The link of a log is made right after the container: within a second, and within many
 * on a node that is busy (a guess). What has no name then holds a pod together. */
#define YOUNG_MS 30000
/* What changed so shortly before a reading may have changed after it in the same tick of
 * the file system's clock. */
#define CLOCK_MS 1000

static const void *container_of(void *arg, const char *path, const char *machine)
{
	struct container_place place;

	return container_parse(path, machine, &place) ? names_meet(arg, &place) : NULL;
}

static bool container_matches(const void *container, char *const selector[SELECTOR_N])
{
	return named_match(container, selector);
}

void naming_init(struct naming *naming)
{
	*naming = (struct naming){
		.scan = {.arg = &naming->names,
			 .of = container_of,
			 .match = container_matches},
		.asking = CHILD_NONE,
	};
}

const char *naming_trouble(const struct naming *naming, char *const selector[SELECTOR_N])
{
	bool by_pod = selector[SELECTOR_POD] || selector[SELECTOR_POD_NAMESPACE] ||
		      selector[SELECTOR_POD_CONTAINER];
	bool by_name = selector[SELECTOR_CONTAINER] ||
		       selector[SELECTOR_CONTAINER_LABEL] ||
		       selector[SELECTOR_CONTAINER_IMAGE];

	if (by_pod && naming->no_logs)
		return "cannot be found: names of pods are not known here (runtime.logs "
		       "has no containers/ that can be read)";
	if (by_name && naming->denied)
		return "cannot be found: names of containers are not known here "
		       "(runtime.socket is not given or does not answer; where docker "
		       "and podman keep them needs root)";
	return NULL;
}

/* ---- targets ---- */

void naming_hold(struct agent *agent, struct target *target)
{
	struct naming *naming = &agent->naming;

	/* What scans are given without const is the same one. */
	target->container = (struct named *)(uintptr_t)find_container(
		agent->options.roots, &target->process, &naming->scan);
	if (target->container)
		target->container->holders++;
}

void naming_let_go(struct target *target)
{
	if (target->container)
		target->container->holders--;
	target->container = NULL;
}

/* ---- log files ---- */

static int learn_container(void *context, const char *name)
{
	struct podlog log;

	if (podlog_container(name, &log))
		names_learn_container(context, &log);
	return 0;
}

static int learn_pod(void *context, const char *name)
{
	struct podlog log;

	if (podlog_pod(name, &log))
		names_learn_pod(context, &log);
	return 0;
}

static const struct {
	const char *name;
	int (*learn)(void *context, const char *name);
} directories[] = {{"containers", learn_container}, {"pods", learn_pod}};

/* When it was changed last, ns; 0: it cannot be read. */
static int64_t changed_ns(int fd)
{
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return 0;
	return (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
}

static bool some_wait(const struct names *names)
{
	for (size_t i = 0; i < names->n; i++) {
		if (named_waits_for_log(names->at[i]))
			return true;
	}
	return false;
}

void logs_open(const struct roots *roots, const char *dir, int ret_fd[static 2])
{
	AUTO_CLOSE int logs = openat(roots->root, dir[1] ? dir + 1 : ".",
				     O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (size_t i = 0; i < ARRAY_SIZE(directories); i++)
		ret_fd[i] = fs_open_dir_at(logs, directories[i].name);
}

void logs_learn(const int fd[static 2], struct names *names)
{
	for (size_t i = 0; i < ARRAY_SIZE(directories); i++) {
		if (fd[i] >= 0) /* what cannot be listed tells nothing */
			(void)!folder_names(fd[i], directories[i].learn, names);
	}
}

/* Whether a reading could tell more than the last one did. */
static bool has_news(struct naming *naming, const int fd[static 2])
{
	bool news = naming->read_met != naming->names.met;

	for (size_t i = 0; i < ARRAY_SIZE(directories); i++) {
		int64_t changed = changed_ns(fd[i]);

		news |= changed != naming->changed_ns[i] ||
			changed / 1000000 + CLOCK_MS > naming->read_unix_ms;
		naming->changed_ns[i] = changed;
	}
	return news;
}

static void read_logs(struct agent *agent)
{
	struct naming *naming = &agent->naming;
	int fd[2];

	if (!some_wait(&naming->names))
		return;
	logs_open(agent->options.roots, agent->conf->runtime.logs, fd);
	if (has_news(naming, fd)) {
		naming->read_unix_ms = clock_unix_ms();
		naming->read_met = naming->names.met;
		logs_learn(fd, &naming->names);
	}
	naming->no_logs = fd[0] < 0;
	fs_close(&fd[0]);
	fs_close(&fd[1]);
}

/* ---- scans ---- */

void naming_begin(struct agent *agent, int64_t now_ms)
{
	struct naming *naming = &agent->naming;

	names_begin(&naming->names, now_ms);
	scan_contain(agent->scan, &naming->scan);
	read_logs(agent);
}

bool naming_by_container(const struct agent *agent)
{
	for (size_t i = 0; i < agent->conf->n_services; i++) {
		if (conf_in_container(&agent->conf->services[i]))
			return true;
	}
	return false;
}

unsigned naming_end(struct agent *agent, int64_t now_ms)
{
	const struct names *names = &agent->naming.names;
	unsigned waiting = 0;

	names_end(&agent->naming.names);
	cgroups_judge(agent, now_ms);
	/* Others are met without a name. */
	if (!naming_by_container(agent))
		return 0;
	for (size_t i = 0; i < names->n; i++)
		waiting += named_waits_for_log(names->at[i]) &&
			   now_ms < names->at[i]->met_ms + YOUNG_MS;
	return waiting;
}
