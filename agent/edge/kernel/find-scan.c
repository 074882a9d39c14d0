/* The look at the machine: what the selectors ask for of each process, as facts in one
 * table and one arena. The pid of a row is trusted only as far as find_verify and the
 * second sighting confirm it. */
#include <errno.h>
#include <string.h>

#include "edge/fs.h"
#include "edge/kernel/find-parts.h"
#include "edge/kernel/proclist.h"

#define BY_PID (UINT32_C(1) << SELECTOR_PID | UINT32_C(1) << SELECTOR_PIDFILE)

void find_systemd_root(const struct roots *roots, char to[static CGROUP_PATH_MAX])
{
	AUTO_CLOSE int init = process_dir(roots, 1);
	struct cgroup cgroup;
	char *end;

	to[0] = '\0';
	if (init < 0 || cgroup_of(init, "name=systemd", &cgroup) != 0)
		return;
	end = strrchr(cgroup.path, '/');
	if (text_equal(end, "/init.scope") || cgroup.path[1] == '\0')
		*end = '\0';
	memcpy(to, cgroup.path, sizeof(cgroup.path));
}

static int read_table(struct scan *scan, const struct proclist *list)
{
	scan->facts = calloc(list->n ? list->n : 1, sizeof(*scan->facts));
	if (!scan->facts)
		return -ENOMEM;
	for (size_t i = 0; i < list->n; i++) {
		AUTO_CLOSE int dirfd = -1;
		int r;

		if (list->entry[i].kthread || list->entry[i].zombie)
			continue;
		dirfd = process_dir(scan->roots, list->entry[i].pid);
		if (dirfd < 0) /* it has just ended */
			continue;
		r = facts_read(dirfd, scan->needs, &scan->arena, &scan->facts[scan->n]);
		if (r == -ENOMEM || r == -EFBIG)
			return r;
		scan->n += r == 0; /* one that cannot be read matches nothing */
	}
	return 0;
}

int scan_new(const struct roots *roots, uint32_t needs, struct scan **ret)
{
	struct scan *scan = calloc(1, sizeof(*scan));
	struct proclist list = {0};
	int r = 0;

	if (!scan)
		return -ENOMEM;
	scan->roots = roots;
	scan->needs = needs;
	buf_init(&scan->arena, ARENA_MAX);
	find_systemd_root(roots, scan->systemd_root);
	if (needs & ~BY_PID) {
		r = proclist_read(roots, &list);
		if (r == 0)
			r = read_table(scan, &list);
		proclist_fini(&list);
	}
	if (r < 0) {
		scan_free(scan);
		return r;
	}
	*ret = scan;
	return 0;
}

void scan_free(struct scan *scan)
{
	if (!scan)
		return;
	free(scan->facts);
	buf_fini(&scan->arena);
	free(scan);
}

static int by_pid(const void *a, const void *b)
{
	const struct facts *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

bool scan_facts(const struct scan *scan, int pid, struct facts *ret)
{
	const struct facts wanted = {.pid = pid}, *found = NULL;
	AUTO_CLOSE int dirfd = -1;
	AUTO_BUF struct buf none;

	buf_init(&none, 0);
	if (scan->n > 0)
		found = bsearch(&wanted, scan->facts, scan->n, sizeof(wanted), by_pid);
	if (found) {
		*ret = *found;
		return true;
	}
	dirfd = process_dir(scan->roots, pid);
	return dirfd >= 0 && facts_read(dirfd, 0, &none, ret) == 0;
}
