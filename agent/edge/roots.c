/* Whether a tree is live is asked of the tree itself: a procfs whose "self" is our own
 * pid shows the processes that pidfd_open(2) means by the same numbers. A tree of files
 * is neither, and a procfs of another pid namespace has other numbers. */
#include "edge/roots.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>

#include "edge/fs.h"

static bool is_live(int proc)
{
	struct statfs fs;
	char self[16], own[16];
	ssize_t n;

	if (fstatfs(proc, &fs) < 0 || fs.f_type != PROC_SUPER_MAGIC)
		return false;
	n = readlinkat(proc, "self", self, sizeof(self) - 1);
	if (n < 0)
		return false;
	self[n] = '\0';
	(void)snprintf(own, sizeof(own), "%d", (int)getpid());
	return strcmp(self, own) == 0;
}

int roots_open(const char *dir, struct roots *ret)
{
	AUTO_CLOSE int root = open(dir ? dir : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO_CLOSE int proc = -1;
	bool live;

	if (root < 0)
		return -errno;
	proc = openat(root, "proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (proc < 0)
		return -errno;
	live = is_live(proc);
	if (live && dir) { /* mountinfo of a live tree speaks of our own "/" */
		fs_close(&root);
		root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (root < 0)
			return -errno;
	}
	*ret = (struct roots){
		.root = TAKE_FD(root),
		.proc = TAKE_FD(proc),
		.live = live,
	};
	return 0;
}

void roots_fini(struct roots *roots)
{
	fs_close(&roots->root);
	fs_close(&roots->proc);
}
