/* Opening a domain: is the cgroup one, which levels limit it, which files does it have.
 * Everything is opened here so that reading opens nothing; a removed cgroup answers
 * ENODEV to these descriptors for ever, also when one of the same name is made again. */
#include "edge/kernel/domain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "edge/fs.h"
#include "edge/kernel/domain-parts.h"

_Static_assert(DOMAIN_NONE == CGROUP_NONE && DOMAIN_HIDDEN == CGROUP_HIDDEN,
	       "outcomes are passed up unchanged");

const struct domain_names domain_names[3] = {
	[1] = {"memory.usage_in_bytes", "memory.limit_in_bytes", "memory.stat",
	       "total_inactive_file", "total_cache", "total_shmem"},
	[2] = {"memory.current", "memory.max", "memory.stat", "inactive_file", "file",
	       "shmem"},
};

/* v2: the nearest cgroup upwards that has the controller. Drops what is below it. */
static void rise_to_controller(struct cgroup *cgroup)
{
	size_t up = 0;

	while (up < cgroup->n && !domain_has(cgroup->dirfd[up], domain_names[2].usage)) {
		fs_close(&cgroup->dirfd[up++]);
		cgroup_path_up(cgroup->path);
	}
	cgroup->n -= up;
	if (up > 0)
		memmove(cgroup->dirfd, cgroup->dirfd + up,
			cgroup->n * sizeof(*cgroup->dirfd));
}

/* A v1 parent whose use_hierarchy is 0 does not count its children. */
static bool counts_children(int dirfd)
{
	char text[8];

	return fs_read_at(dirfd, "memory.use_hierarchy", text, sizeof(text)) < 0 ||
	       text[0] != '0';
}

/* Of a level that others may have, too: not the domain's own. 0: none. */
static uint64_t shared_inode(int dirfd, size_t i)
{
	struct stat st;

	return i > 0 && fstat(dirfd, &st) == 0 ? st.st_ino : 0;
}

static struct domain *domain_new(struct cgroup *cgroup, const char *process_path)
{
	const struct domain_names *names = &domain_names[cgroup->version];
	struct domain *d = calloc(1, sizeof(*d) + cgroup->n * sizeof(*d->level));

	if (!d)
		return NULL;
	d->version = cgroup->version;
	d->stat_fd = d->kills_fd = d->parent_kills_fd = -ENOENT;
	d->tasks_fd = d->tasks_max_fd = d->pressure_fd = -ENOENT;
	d->path = strdup(cgroup->path);
	d->process_path = strdup(process_path);
	if (!d->path || !d->process_path) {
		domain_free(d);
		return NULL;
	}
	d->v1_limit_bytes = UINT64_MAX;
	d->limit_level = SIZE_MAX;
	for (size_t i = 0; i < cgroup->n; i++) {
		struct domain_level *level = &d->level[i];
		int dirfd = cgroup->dirfd[i];

		if (i > 0 && (!domain_has(dirfd, names->max) ||
			      (d->version == 1 && !counts_children(dirfd))))
			break;
		level->dirfd = TAKE_FD(cgroup->dirfd[i]);
		level->usage_fd = fs_open_at(level->dirfd, names->usage);
		level->max_fd = fs_open_at(level->dirfd, names->max);
		level->inode = shared_inode(level->dirfd, i);
		d->n_levels++;
	}
	d->stat_fd = fs_open_at(d->level[0].dirfd, names->stat);
	return d;
}

/* Negative results of fs_open_at stay in the descriptors: reading them tells. */
static void open_kills(struct domain *d)
{
	int own = d->level[0].dirfd;

	if (d->version == 1) {
		d->kills_fd = fs_open_at(own, "memory.oom_control");
		return;
	}
	d->kills_fd = fs_open_at(own, "memory.events.local");
	if (d->kills_fd == -ENOENT) { /* before 5.2 */
		d->old_kills = true;
		d->kills_fd = fs_open_at(own, "memory.events");
	}
	if (d->n_levels > 1)
		d->parent_kills_fd = fs_open_at(d->level[1].dirfd, "memory.events");
}

/* A hundred targets hold a thousand descriptors: none that is not read again. */
static void close_parents(struct domain *d)
{
	for (size_t i = 1; i < d->n_levels; i++)
		fs_close(&d->level[i].dirfd);
}

/* The directory of the process in the hierarchy of another controller; -errno. */
static int open_beside(const struct roots *roots, const struct process *process,
		       const char *controller)
{
	struct cgroup cgroup;
	int r = cgroup_of(process->dirfd, controller, &cgroup);

	if (r == 0 && cgroup.path[1] == '\0' && cgroup.version == 2)
		r = CGROUP_NONE; /* the root's pressure is the machine's */
	if (r == 0)
		r = cgroup_reach(roots, process->dirfd, controller, &cgroup);
	if (r != 0)
		return r < 0 ? r : -ENOENT;
	r = TAKE_FD(cgroup.dirfd[0]);
	cgroup_fini(&cgroup);
	return r;
}

static void open_tasks_and_pressure(struct domain *d, const struct roots *roots,
				    const struct process *process)
{
	AUTO_CLOSE int tasks = -1, pressure = -1;

	if (d->version == 2) {
		tasks = fs_open_dir_at(d->level[0].dirfd, ".");
		pressure = fs_open_dir_at(d->level[0].dirfd, ".");
	} else {
		tasks = open_beside(roots, process, "pids");
		pressure = open_beside(roots, process, "");
	}
	d->tasks_fd = tasks < 0 ? tasks : fs_open_at(tasks, "pids.current");
	d->tasks_max_fd = tasks < 0 ? tasks : fs_open_at(tasks, "pids.max");
	d->pressure_fd =
		pressure < 0 ? pressure : fs_open_at(pressure, "memory.pressure");
}

/* Its cgroup file is not there any more, or its directory is of the dead. */
static int process_error(int r)
{
	return r == -ESRCH || r == -ENOENT ? PROCESS_GONE : r;
}

int domain_open(const struct roots *roots, const struct process *process,
		struct domain **ret)
{
	char process_path[CGROUP_PATH_MAX];
	struct cgroup cgroup = {0};
	struct domain *d;
	int r = process_error(cgroup_of(process->dirfd, "memory", &cgroup));

	if (r == 0) {
		memcpy(process_path, cgroup.path, sizeof(process_path));
		r = cgroup_reach(roots, process->dirfd, "memory", &cgroup);
	}
	if (r != 0)
		return r;
	if (cgroup.version == 2)
		rise_to_controller(&cgroup);
	if (!domain_is(roots, &cgroup, process->pid)) {
		cgroup_fini(&cgroup);
		return DOMAIN_NONE;
	}
	d = domain_new(&cgroup, process_path);
	cgroup_fini(&cgroup);
	if (!d)
		return -ENOMEM;
	r = MIN(d->level[0].usage_fd, d->stat_fd);
	if (r < 0) { /* out of descriptors, or removed just now */
		domain_free(d);
		return r == -ENOENT ? DOMAIN_GONE : r;
	}
	open_kills(d);
	close_parents(d);
	open_tasks_and_pressure(d, roots, process);
	*ret = d;
	return 0;
}

void domain_free(struct domain *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < d->n_levels; i++) {
		fs_close(&d->level[i].dirfd);
		fs_close(&d->level[i].usage_fd);
		fs_close(&d->level[i].max_fd);
	}
	fs_close(&d->stat_fd);
	fs_close(&d->kills_fd);
	fs_close(&d->parent_kills_fd);
	fs_close(&d->tasks_fd);
	fs_close(&d->tasks_max_fd);
	fs_close(&d->pressure_fd);
	free(d->path);
	free(d->process_path);
	free(d->kept);
	free(d);
}

const char *domain_kills_name(const struct domain *d)
{
	if (d->version == 1)
		return "memory.oom_control";
	return d->old_kills ? "memory.events" : "memory.events.local";
}

const char *domain_path(const struct domain *domain)
{
	return domain->path;
}

int domain_version(const struct domain *domain)
{
	return domain->version;
}

const char *domain_limit_from(const struct domain *domain,
			      char to[static DOMAIN_PATH_MAX])
{
	_Static_assert(DOMAIN_PATH_MAX == CGROUP_PATH_MAX, "one is a path of the other");
	bool hidden = domain->limit_level == domain->n_levels;

	(void)text_copy(to, DOMAIN_PATH_MAX, hidden ? "(above the mount)" : domain->path);
	if (domain->limit_level == SIZE_MAX)
		to[0] = '\0';
	else if (!hidden)
		for (size_t i = 0; i < domain->limit_level; i++)
			cgroup_path_up(to);
	return to;
}

int domain_check(const struct domain *domain, const struct process *process)
{
	struct cgroup now;
	int r = process_error(cgroup_of(process->dirfd, "memory", &now));

	if (r == CGROUP_NONE)
		return DOMAIN_MOVED;
	if (r == 0 && (now.version != domain->version ||
		       strcmp(now.path, domain->process_path) != 0))
		return DOMAIN_MOVED;
	return r;
}
