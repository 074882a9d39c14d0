/* Only CLONE_NEWNET is ever entered: paths, users and processes stay ours. setns(2) moves
 * the thread that calls it, and there is no other one that makes sockets: libcurl's
 * resolver works in threads of its own, which are never started from in there. */
#include "edge/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "edge/fs.h"

/* A file that procfs has once per network namespace: its inode number is another one in
 * each (the kernel numbers all such files in one sequence), and reading it asks no right,
 * whereas the link ns/net is hidden from other users. */
#define MARK "net/dev"

int netns_number(int dirfd, uint64_t *ret)
{
	struct stat mark;

	if (fstatat(dirfd, MARK, &mark, 0) < 0)
		return -errno;
	*ret = mark.st_ino;
	return 0;
}

int netns_differs(int dirfd)
{
	AUTO_CLOSE int own = open("/proc/self", O_PATH | O_DIRECTORY |
							O_CLOEXEC); /* a link of procfs */
	uint64_t ours, its;
	int r = own < 0 ? -errno : netns_number(own, &ours);

	if (r == 0)
		r = netns_number(dirfd, &its);
	return r < 0 ? r : ours != its;
}

/* The link is one of procfs and leads to a namespace, never to a file. */
int netns_open(int dirfd)
{
	int fd = openat(dirfd, "ns/net", O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int netns_open_own(void)
{
	int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static bool stands_in(int fd)
{
	struct stat here, wanted;

	return stat("/proc/thread-self/ns/net", &here) == 0 && fstat(fd, &wanted) == 0 &&
	       here.st_dev == wanted.st_dev && here.st_ino == wanted.st_ino;
}

int netns_enter(int fd)
{
	if (setns(fd, CLONE_NEWNET) < 0)
		return -errno;
	return stands_in(fd) ? 0 : -EXDEV;
}

static void die(const char *what)
{
	fprintf(stderr, "leakdog-fetch: %s: no way back to the own network namespace\n",
		what);
	abort();
}

int netns_socket(const struct netns_visit *visit, int family, int type, int protocol)
{
	int fd, error;

	if (setns(visit->there, CLONE_NEWNET) < 0)
		return -errno; /* never left */
	fd = stands_in(visit->there) ? socket(family, type, protocol)
				     : (errno = EXDEV, -1);
	error = errno;
	if (setns(visit->home, CLONE_NEWNET) < 0)
		die(strerror(errno));
	if (!stands_in(visit->home))
		die("proof");
	return fd < 0 ? -error : fd;
}
