#include "edge/disk/holds.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "edge/disk/folder.h"
#include "edge/fs.h"

#define NEW_PREFIX '.'

int holds_open(const struct archive *archive, bool make)
{
	return archive_dir(archive->fd, ARCHIVE_HOLDS, make);
}

static int write_locked(int fd, struct span text)
{
	int r;

	/* Before it has a name: nobody may find it and take it for left behind. */
	if (flock(fd, LOCK_EX | LOCK_NB) < 0 || fchmod(fd, ARCHIVE_FILE_MODE) < 0)
		return -errno;
	r = fs_write_all(fd, text.at, text.len);
	if (r == 0 && fsync(fd) < 0)
		r = -errno;
	return r;
}

int holds_add(int dirfd, const char *name, struct span text, int *ret_fd)
{
	char fresh[HOLDS_NAME_MAX + 8];
	AUTO_CLOSE int fd = -1;
	int r;

	(void)snprintf(fresh, sizeof(fresh), "%c%.*s", NEW_PREFIX, HOLDS_NAME_MAX, name);
	fd = openat(dirfd, fresh, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		    ARCHIVE_FILE_MODE);
	if (fd < 0)
		return -errno;
	r = write_locked(fd, text);
	if (r == 0)
		r = archive_publish(dirfd, fresh, dirfd, name);
	if (r < 0) {
		(void)unlinkat(dirfd, fresh, 0); /* best effort: the error is r */
		return r;
	}
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int holds_read(int dirfd, const char *name, struct buf *to)
{
	return fs_read_buf_at(dirfd, name, to);
}

int holds_lock(int dirfd, const char *name)
{
	AUTO_CLOSE int fd = fs_open_at(dirfd, name);

	if (fd < 0)
		return fd;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return -errno;
	return TAKE_FD(fd);
}

int holds_remove(int dirfd, const char *name)
{
	if (unlinkat(dirfd, name, 0) < 0)
		return errno == ENOENT ? 0 : -errno;
	return archive_sync(dirfd);
}

struct each {
	int dirfd;
	bool clean;
	int (*visit)(void *context, const char *name);
	void *context;
};

static int visit_one(void *context, const char *name)
{
	const struct each *each = context;
	AUTO_CLOSE int fd = -1;

	if (name[0] != NEW_PREFIX)
		return each->visit(each->context, name);
	if (each->clean && (fd = holds_lock(each->dirfd, name)) >= 0)
		(void)unlinkat(each->dirfd, name, 0); /* the next pass finds it again */
	return 0;
}

int holds_each(int dirfd, bool clean, int (*visit)(void *context, const char *name),
	       void *context)
{
	struct each each = {dirfd, clean, visit, context};

	return folder_names(dirfd, visit_one, &each);
}
