/* Which sockets of the namespace a process has open: their inodes stand in the links of
 * /proc/PID/fd. */
#include "edge/kernel/sockets.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "edge/fs.h"
#include "lib/num.h"

#define OWN_MAX ((size_t)1 << 20) /* as many as fs.nr_open allows by default */

static uint64_t socket_inode(int fd_dirfd, const char *name)
{
	static const char head[] = "socket:[";
	char link[64];
	ssize_t n = readlinkat(fd_dirfd, name, link, sizeof(link));
	size_t skip = sizeof(head) - 1;
	uint64_t inode;

	if (n <= (ssize_t)skip || memcmp(link, head, skip) != 0 || link[n - 1] != ']')
		return 0;
	return num_u64(link + skip, (size_t)n - skip - 1, &inode) < 0 ? 0 : inode;
}

int sockets_open(int dirfd, int (*sink)(void *arg, uint64_t inode), void *arg)
{
	int fd = fs_open_dir_at(dirfd, "fd"), r = 0;
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	uint64_t inode;

	if (fd < 0)
		return fd == -ENOENT ? -ESRCH : fd;
	if (!stream) {
		fs_close(&fd);
		return -ENOMEM;
	}
	while (r == 0 && (entry = readdir(stream))) {
		inode = socket_inode(fd, entry->d_name);
		r = inode ? sink(arg, inode) : 0;
	}
	(void)closedir(stream); /* only read */
	return r;
}

static int add(void *arg, uint64_t inode)
{
	struct own_sockets *own = arg;

	if (own->n == OWN_MAX)
		return -E2BIG;
	if ((own->n & (own->n - 1)) == 0) { /* doubles at powers of two */
		uint64_t *list =
			reallocarray(own->inode, own->n ? 2 * own->n : 1, sizeof(*list));

		if (!list)
			return -ENOMEM;
		own->inode = list;
	}
	own->inode[own->n++] = inode;
	return 0;
}

int own_sockets_read(int dirfd, struct own_sockets *ret)
{
	struct own_sockets own = {0};
	int r = sockets_open(dirfd, add, &own);

	if (r < 0) {
		own_sockets_fini(&own);
		return r;
	}
	if (own.n > 0)
		qsort(own.inode, own.n, sizeof(*own.inode), num_order_u64);
	*ret = own;
	return 0;
}

void own_sockets_fini(struct own_sockets *own)
{
	free(own->inode);
	*own = (struct own_sockets){0};
}

bool own_sockets_has(const struct own_sockets *own, uint64_t inode)
{
	return own->n > 0 &&
	       bsearch(&inode, own->inode, own->n, sizeof(inode), num_order_u64);
}
