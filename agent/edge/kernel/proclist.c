/* A list that grows by doubling; 65,536 processes are 1 MiB. Read from the directory
 * itself, on the machine as in a captured tree: libproc2 knows only /proc, costs 30 us a
 * process and brings five libraries, 0.9 MB that would stay resident in the agent. */
#include "edge/kernel/proclist.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "edge/fs.h"
#include "edge/kernel/procstat.h"
#include "lib/num.h"

#define PROCLIST_MAX (4u << 20) /* pid_max of the largest machines */

static int proclist_add(struct proclist *list, struct proclist_entry entry)
{
	if (list->n == list->room) {
		size_t room = list->room ? list->room * 2 : 256;
		void *more = room > PROCLIST_MAX ? NULL
						 : reallocarray(list->entry, room,
								sizeof(*list->entry));

		if (!more)
			return -ENOMEM;
		list->entry = more;
		list->room = room;
	}
	list->entry[list->n++] = entry;
	return 0;
}

void proclist_fini(struct proclist *list)
{
	free(list->entry);
	*list = (struct proclist){0};
}

static int by_pid(const void *a, const void *b)
{
	const struct proclist_entry *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

const struct proclist_entry *proclist_at(const struct proclist *list, int pid)
{
	const struct proclist_entry wanted = {.pid = pid};

	if (list->n == 0)
		return NULL;
	return bsearch(&wanted, list->entry, list->n, sizeof(wanted), by_pid);
}

/* One that cannot be read has just ended, or is hidden: it is left out. */
static int add_by_name(const struct roots *roots, const char *name, struct proclist *list)
{
	char path[32], text[PROCSTAT_MAX];
	struct procstat stat;
	uint64_t pid;
	ssize_t n;

	if (num_u64s(name, INT_MAX, &pid) < 0)
		return 0;
	(void)snprintf(path, sizeof(path), "%d/stat", (int)pid);
	n = fs_read_at(roots->proc, path, text, sizeof(text));
	if (n < 0 || procstat_parse((struct span){text, (size_t)n}, &stat) < 0)
		return 0;
	return proclist_add(list,
			    (struct proclist_entry){
				    .pid = (int)pid,
				    .ppid = stat.ppid,
				    .kthread = stat.kthread,
				    .zombie = stat.state == 'Z' || stat.state == 'X',
			    });
}

static int read_directory(const struct roots *roots, struct proclist *list)
{
	int fd = fs_open_dir_at(roots->proc, "."), r = 0;
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!stream) {
		r = fd < 0 ? fd : -errno;
		fs_close(&fd);
		return r;
	}
	while (r == 0 && (entry = readdir(stream)))
		r = add_by_name(roots, entry->d_name, list);
	(void)closedir(stream); /* only read */
	return r;
}

int proclist_read(const struct roots *roots, struct proclist *ret)
{
	struct proclist list = {0};
	int r = read_directory(roots, &list);

	if (r < 0) {
		proclist_fini(&list);
		return r;
	}
	if (list.n > 0)
		qsort(list.entry, list.n, sizeof(*list.entry), by_pid);
	*ret = list;
	return 0;
}
