/* What changes fastest is read first: the process, its cgroup, what is above it. Whatever
 * process and domain keep open is read from there: a pread costs a fifth of an open. */
#include "edge/kernel/evidence.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "edge/fs.h"
#include "edge/kernel/domain-parts.h"

#define OWN_MAX 8
/* Beside what is open: what the limit is made of, and who else is in there. */
static const char *const own_files[3][OWN_MAX] = {
	[1] = {"memory.max_usage_in_bytes", "memory.memsw.usage_in_bytes",
	       "memory.memsw.limit_in_bytes", "cgroup.procs"},
	[2] = {"memory.events", "memory.peak", "memory.high", "memory.swap.current",
	       "memory.swap.max", "memory.oom.group", "cgroup.procs"},
};
static const char *const kills_file[3] = {
	[1] = "memory.oom_control",
	[2] = "memory.events.local",
};

void evidence_init(struct evidence_files *e)
{
	memset(e, 0xff, sizeof(*e)); /* written, so that the pages are ours */
	e->n = e->len = 0;
}

/* Where the files come from and the directory of the capture that they go to. */
struct source {
	int dirfd;
	const char *to;
};

/* By a descriptor, or -errno. What does not exist, or no longer, leaves no item. */
static void take_fd(struct evidence_files *e, const struct source *source,
		    const char *name, int fd)
{
	struct evidence_item *item = &e->item[e->n];
	ssize_t n = fd;

	if (e->n == EVIDENCE_MAX)
		return;
	if (fd >= 0)
		n = fs_pread(fd, e->bytes + e->len, sizeof(e->bytes) - e->len);
	if (n == -ENOENT || n == -ESRCH || n == -ENODEV)
		return;
	*item = (struct evidence_item){.at = e->len, .error = (int)MIN(n, 0)};
	(void)snprintf(item->name, sizeof(item->name), "%s/%s", source->to, name);
	item->len = n == -EFBIG ? sizeof(e->bytes) - 1 - e->len : (size_t)MAX(n, 0);
	e->len += item->len;
	e->n++;
}

static void take(struct evidence_files *e, const struct source *source, const char *name)
{
	AUTO_CLOSE int fd = fs_open_at(source->dirfd, name);

	take_fd(e, source, name, fd);
}

static void take_process(struct evidence_files *e, const struct process *process)
{
	const struct source source = {process->dirfd, "proc"};

	take(e, &source, "statm");
	take_fd(e, &source, "status", process->status_fd);
	take_fd(e, &source, "stat", process->stat_fd);
	take(e, &source, "limits");
	take(e, &source, "cgroup");
	take(e, &source, "oom_score_adj");
}

static void take_own(struct evidence_files *e, const struct domain *d)
{
	const struct domain_names *names = &domain_names[d->version];
	const struct source source = {d->level[0].dirfd, "cgroup"};

	take_fd(e, &source, names->usage, d->level[0].usage_fd);
	take_fd(e, &source, names->stat, d->stat_fd);
	take_fd(e, &source, names->max, d->level[0].max_fd);
	take_fd(e, &source, kills_file[d->version], d->kills_fd);
	take_fd(e, &source, "pids.current", d->tasks_fd);
	take_fd(e, &source, "pids.max", d->tasks_max_fd);
	take_fd(e, &source, "memory.pressure", d->pressure_fd);
	for (size_t i = 0; i < OWN_MAX && own_files[d->version][i]; i++)
		take(e, &source, own_files[d->version][i]);
}

static void take_parents(struct evidence_files *e, const struct domain *d)
{
	const struct domain_names *names = &domain_names[d->version];
	char to[32];
	struct source source = {-1, to};

	for (size_t i = 1; i < d->n_levels; i++) {
		(void)snprintf(to, sizeof(to), "cgroup/parent-%zu", i);
		take_fd(e, &source, names->usage, d->level[i].usage_fd);
		take_fd(e, &source, names->max, d->level[i].max_fd);
		if (i == 1)
			take_fd(e, &source, "memory.events", d->parent_kills_fd);
	}
}

int evidence_take(struct evidence_files *e, const struct process *process,
		  const struct domain *domain)
{
	e->n = e->len = 0;
	take_process(e, process);
	if (domain) {
		take_own(e, domain);
		take_parents(e, domain);
	}
	return e->n > 0 && !strcmp(e->item[0].name, "proc/statm") ? 0 : PROCESS_GONE;
}
