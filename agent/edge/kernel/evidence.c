/* What changes fastest is read first: the process, its cgroup, what is above it. */
#include "edge/kernel/evidence.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "edge/fs.h"
#include "edge/kernel/domain-parts.h"

static const char *const proc_files[] = {
	"statm",  "status",    "stat",          "limits",
	"cgroup", "oom_score", "oom_score_adj", "schedstat",
};

#define OWN_MAX 16
static const char *const own_files[3][OWN_MAX] = {
	[1] = {"memory.usage_in_bytes", "memory.stat", "memory.limit_in_bytes",
	       "memory.oom_control", "memory.max_usage_in_bytes", "memory.failcnt",
	       "memory.memsw.usage_in_bytes", "memory.memsw.limit_in_bytes",
	       "memory.kmem.usage_in_bytes", "memory.soft_limit_in_bytes",
	       "cgroup.procs"},
	[2] = {"memory.current", "memory.stat", "memory.max", "memory.events",
	       "memory.events.local", "memory.high", "memory.low", "memory.min",
	       "memory.peak", "memory.swap.current", "memory.swap.max", "memory.pressure",
	       "memory.oom.group", "pids.current", "pids.max", "cgroup.procs"},
};

#define PARENT_MAX 4
static const char *const parent_files[3][PARENT_MAX] = {
	[1] = {"memory.usage_in_bytes", "memory.limit_in_bytes", "memory.oom_control"},
	[2] = {"memory.current", "memory.max", "memory.events", "memory.high"},
};

void evidence_init(struct evidence_files *e)
{
	memset(e, 0xff, sizeof(*e)); /* written, so that the pages are ours */
	e->n = e->len = 0;
}

/* Where a file comes from and the directory of the capture that it goes to. */
struct source {
	int dirfd;
	const char *to;
};

/* One file; what does not exist leaves no item. Its -errno, or 0. */
static int take(struct evidence_files *e, const struct source *source, const char *name)
{
	struct evidence_item *item = &e->item[e->n];
	AUTO_CLOSE int fd = -1;
	ssize_t n;

	if (e->n == EVIDENCE_MAX)
		return -EFBIG;
	fd = fs_open_at(source->dirfd, name);
	n = fd < 0 ? fd : fs_pread(fd, e->bytes + e->len, sizeof(e->bytes) - e->len);
	if (n == -ENOENT || n == -ESRCH || n == -ENODEV)
		return (int)n;
	*item = (struct evidence_item){.at = e->len, .error = (int)MIN(n, 0)};
	(void)snprintf(item->name, sizeof(item->name), "%s/%s", source->to, name);
	item->len = n == -EFBIG ? sizeof(e->bytes) - 1 - e->len : (size_t)MAX(n, 0);
	e->len += item->len;
	e->n++;
	return item->error;
}

static void take_all(struct evidence_files *e, const struct source *source,
		     const char *const *names, size_t n)
{
	for (size_t i = 0; i < n && names[i]; i++)
		(void)take(e, source, names[i]); /* its item says what went wrong */
}

static void take_domain(struct evidence_files *e, const struct domain *d)
{
	char to[32];
	struct source source = {d->level[0].dirfd, "cgroup"};

	take_all(e, &source, own_files[d->version], OWN_MAX);
	source.to = to;
	for (size_t i = 1; i < d->n_levels; i++) {
		source.dirfd = d->level[i].dirfd;
		(void)snprintf(to, sizeof(to), "cgroup/parent-%zu", i);
		take_all(e, &source, parent_files[d->version], PARENT_MAX);
	}
}

int evidence_take(struct evidence_files *e, const struct process *process,
		  const struct domain *domain)
{
	const struct source proc = {process->dirfd, "proc"};

	e->n = e->len = 0;
	take_all(e, &proc, proc_files, ARRAY_SIZE(proc_files));
	if (domain)
		take_domain(e, domain);
	return e->n > 0 && !strcmp(e->item[0].name, "proc/statm") ? 0 : PROCESS_GONE;
}
