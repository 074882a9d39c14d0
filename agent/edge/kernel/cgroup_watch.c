/* The kernel tells of a new directory by the number of its parent's watch, so the paths
 * of all watches are kept. Numbers only grow: the table is ascending without sorting. */
#include "edge/kernel/cgroup_watch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "edge/fs.h"
#include "lib/text.h"

/* Slices, pods and services of a large node; each costs the kernel half a kilobyte. */
#define WATCHES_MAX 8192
#define DEPTH_MAX 12
#define PATH_ROOM 512

struct watched {
	int wd;
	char *path; /* owned; "" is the top */
};

struct cgroup_watch {
	int fd, top;
	cgroup_watch_asks *is_container;
	struct watched *at; /* ascending by wd */
	size_t n, room;
	uint64_t told;
	bool partial;
};

static void forget_all(struct cgroup_watch *watch)
{
	for (size_t i = 0; i < watch->n; i++)
		free(watch->at[i].path);
	watch->n = 0;
}

void cgroup_watch_free(struct cgroup_watch *watch)
{
	if (!watch)
		return;
	forget_all(watch);
	free(watch->at);
	fs_close(&watch->fd);
	fs_close(&watch->top);
	free(watch);
}

int cgroup_watch_fd(const struct cgroup_watch *watch)
{
	return watch->fd;
}

bool cgroup_watch_is_whole(const struct cgroup_watch *watch)
{
	return !watch->partial;
}

/* Where the watch stands or would stand. */
static size_t place_of(const struct cgroup_watch *watch, int wd)
{
	size_t low = 0, high = watch->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (watch->at[middle].wd < wd)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* 0 (also of one that is watched already) or -errno. */
static int remember(struct cgroup_watch *watch, int wd, const char *path)
{
	size_t at = place_of(watch, wd), room = watch->room ? watch->room * 2 : 64;
	char *copy;

	if (at < watch->n && watch->at[at].wd == wd)
		return 0;
	if (watch->n == watch->room) {
		void *more = reallocarray(watch->at, room, sizeof(*watch->at));

		if (!more)
			return -ENOMEM;
		watch->at = more;
		watch->room = room;
	}
	copy = strdup(path);
	if (!copy)
		return -ENOMEM;
	memmove(watch->at + at + 1, watch->at + at, (watch->n - at) * sizeof(*watch->at));
	watch->at[at] = (struct watched){wd, copy};
	watch->n++;
	return 0;
}

static void forget(struct cgroup_watch *watch, int wd)
{
	size_t at = place_of(watch, wd);

	if (at == watch->n || watch->at[at].wd != wd)
		return;
	free(watch->at[at].path);
	watch->n--;
	memmove(watch->at + at, watch->at + at + 1, (watch->n - at) * sizeof(*watch->at));
}

/* One directory, by its descriptor; what is not watched is met by the looks. */
static void add(struct cgroup_watch *watch, int fd, const char *path)
{
	char link[32];
	int wd = -1;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	if (watch->n < WATCHES_MAX)
		wd = inotify_add_watch(watch->fd, link, IN_CREATE | IN_ONLYDIR);
	if (wd < 0 || remember(watch, wd, path) < 0)
		watch->partial = true;
}

static void enter(struct cgroup_watch *watch, int dirfd, const char *name,
		  const char *path, unsigned depth);

/* What stood there before the watch did is told, too. */
static void children(struct cgroup_watch *watch, int fd, const char *path, unsigned depth)
{
	AUTO_CLOSE int again = fs_open_dir_at(fd, ".");
	DIR *stream = again < 0 ? NULL : fdopendir(again);
	struct dirent *entry;

	if (!stream)
		return;
	(void)TAKE_FD(again); /* closed with the stream */
	while ((entry = readdir(stream))) {
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
			enter(watch, fd, entry->d_name, path, depth);
	}
	(void)closedir(stream); /* only read */
}

/* A directory below one that is watched at path. */
static void enter(struct cgroup_watch *watch, int dirfd, const char *name,
		  const char *path, unsigned depth)
{
	char own[PATH_ROOM];
	int n = snprintf(own, sizeof(own), "%s/%s", path, name);
	AUTO_CLOSE int fd = -1;

	if (n < 0 || (size_t)n >= sizeof(own) || depth == DEPTH_MAX) {
		watch->partial = true;
		return;
	}
	if (watch->is_container(own)) {
		watch->told++;
		return;
	}
	fd = fs_open_dir_at(dirfd, name);
	if (fd < 0)
		return; /* gone already */
	add(watch, fd, own);
	children(watch, fd, own, depth + 1);
}

static void watch_all(struct cgroup_watch *watch)
{
	watch->partial = false;
	add(watch, watch->top, "");
	children(watch, watch->top, "", 0);
}

int cgroup_watch_new(int top, cgroup_watch_asks *is_container, struct cgroup_watch **ret)
{
	struct cgroup_watch *watch = calloc(1, sizeof(*watch));
	int r;

	if (!watch) {
		fs_close(&top);
		return -ENOMEM;
	}
	*watch = (struct cgroup_watch){.top = top, .is_container = is_container};
	watch->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	r = watch->fd < 0 ? -errno : 0;
	if (r == 0) {
		watch_all(watch);
		*ret = watch;
	} else {
		cgroup_watch_free(watch);
	}
	return r;
}

static unsigned depth_of(const char *path)
{
	unsigned depth = 0;

	for (; *path; path++)
		depth += *path == '/';
	return depth;
}

static void take(struct cgroup_watch *watch, const struct inotify_event *event)
{
	size_t at = place_of(watch, event->wd);
	char path[PATH_ROOM];
	AUTO_CLOSE int dir = -1;

	if (event->mask & IN_Q_OVERFLOW) {
		watch->told++; /* whatever it was */
		watch_all(watch);
		return;
	}
	if (event->mask & IN_IGNORED) {
		forget(watch, event->wd);
		return;
	}
	if (at == watch->n || watch->at[at].wd != event->wd ||
	    !(event->mask & IN_ISDIR) || !event->len)
		return;
	/* Its own text moves when others are added. */
	(void)text_copy(path, sizeof(path), watch->at[at].path); /* fits */
	dir = openat(watch->top, path[0] ? path + 1 : ".",
		     O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	enter(watch, dir, event->name, path, depth_of(path));
}

uint64_t cgroup_watch_read(struct cgroup_watch *watch)
{
	/* As inotify(7) wants it aligned. */
	char buffer[8192] __attribute__((aligned(__alignof__(struct inotify_event))));
	ssize_t n;

	while ((n = read(watch->fd, buffer, sizeof(buffer))) > 0) {
		const struct inotify_event *event;

		for (char *at = buffer; at < buffer + n;
		     at += sizeof(*event) + event->len) {
			event = (const struct inotify_event *)(const void *)at;
			take(watch, event);
		}
	}
	return watch->told;
}
