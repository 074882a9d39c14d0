/* The look at the machine: what the selectors ask for of each process, as facts in one
 * table and one arena. The pid of a row is trusted only as far as find_verify and the
 * second sighting confirm it. */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "edge/fs.h"
#include "edge/kernel/find-parts.h"
#include "lib/num.h"

#define PROCESSES_MAX (4u << 20) /* pid_max of the largest machines */
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

static int by_pid(const void *a, const void *b)
{
	const struct facts *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

/* One that cannot be read has ended, or may not be seen: it matches nothing. */
static int add_facts(struct scan *scan, int pid)
{
	AUTO_CLOSE int dirfd = process_dir(scan->roots, pid);
	int r;

	if (dirfd < 0)
		return 0;
	if (scan->n == scan->room) {
		size_t room = scan->room ? scan->room * 2 : 256;
		void *more = room > PROCESSES_MAX ? NULL
						  : reallocarray(scan->facts, room,
								 sizeof(*scan->facts));

		if (!more)
			return -ENOMEM;
		scan->facts = more;
		scan->room = room;
	}
	r = facts_read(dirfd, scan->needs, &scan->arena, &scan->facts[scan->n]);
	scan->n += r == 0;
	return r == -ENOMEM || r == -EFBIG ? r : 0;
}

static int read_table(struct scan *scan)
{
	int fd = fs_open_dir_at(scan->roots->proc, "."), r = 0;
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	uint64_t pid;

	if (!stream) {
		r = fd < 0 ? fd : -errno;
		fs_close(&fd);
		return r;
	}
	while (r == 0 && (entry = readdir(stream)))
		if (num_u64s(entry->d_name, INT_MAX, &pid) == 0)
			r = add_facts(scan, (int)pid);
	(void)closedir(stream); /* only read */
	if (scan->n > 0)
		qsort(scan->facts, scan->n, sizeof(*scan->facts), by_pid);
	return r;
}

int scan_new(const struct roots *roots, uint32_t needs, struct scan **ret)
{
	struct scan *scan = calloc(1, sizeof(*scan));
	int r;

	if (!scan)
		return -ENOMEM;
	scan->roots = roots;
	scan->needs = needs;
	scan->self = getpid();
	buf_init(&scan->arena, ARENA_MAX);
	find_systemd_root(roots, scan->systemd_root);
	r = listening_new(&scan->listening);
	if (r == 0 && needs & ~BY_PID)
		r = read_table(scan);
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
	listening_free(scan->listening);
	buf_fini(&scan->arena);
	free(scan);
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
