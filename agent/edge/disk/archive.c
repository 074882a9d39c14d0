/* The archive is opened by its path once; from then on everything is relative to
 * descriptors and no link is followed, so whoever may rename things above it changes
 * nothing for us. */
#include "edge/disk/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "edge/fs.h"
#include "lib/text.h"

#define PATH_LEN_MAX 4096
#define HOLD_MAX_MS 10000 /* a commit takes milliseconds; a guess with room */
#define HOLD_STEP_MS 5

/* Every component of "a/b/c"; parents get the usual mode, the last one ours. */
static int make_path(const char *dir)
{
	char path[PATH_LEN_MAX];

	if (text_copy(path, sizeof(path), dir) < 0)
		return -ENAMETOOLONG;
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0755) < 0 && errno != EEXIST && errno != EROFS)
			return -errno;
		*slash = '/';
	}
	return mkdir(path, ARCHIVE_DIR_MODE) < 0 && errno != EEXIST ? -errno : 0;
}

static int open_plain(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int check_owner(int fd, const char **ret_why)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_uid != geteuid()) {
		*ret_why = "it belongs to another user";
		return -EPERM;
	}
	if (st.st_mode & (S_IWGRP | S_IWOTH)) {
		*ret_why = "others may write to it: chmod go-w";
		return -EPERM;
	}
	return 0;
}

/* Lets the group read. Where the group is none of ours, the directory's set-group-ID bit
 * hands it down to what is created later. Without the right to, the group stays as it is.
 */
static void give_group(int fd, const char *name)
{
	struct group *group = name && name[0] ? getgrnam(name) : NULL;
	struct stat st;

	if (!group || fstat(fd, &st) < 0 || st.st_gid == group->gr_gid)
		return;
	if (fchown(fd, (uid_t)-1, group->gr_gid) == 0)
		(void)fchmod(fd, S_ISGID | ARCHIVE_DIR_MODE);
}

static int open_for_writing(const char *dir, const char *group, const char **ret_why)
{
	AUTO_CLOSE int fd = open_plain(dir);
	bool created = fd == -ENOENT;
	int r, staging;

	if (created) {
		r = make_path(dir);
		fd = r < 0 ? r : open_plain(dir);
	}
	if (fd < 0)
		return fd;
	r = check_owner(fd, ret_why);
	if (r < 0)
		return r;
	if (created && fchmod(fd, ARCHIVE_DIR_MODE) < 0)
		return -errno;
	staging = archive_dir(fd, ARCHIVE_STAGING, true);
	if (staging < 0)
		return staging;
	give_group(fd, group);
	give_group(staging, group); /* what is built there inherits it */
	fs_close(&staging);
	return TAKE_FD(fd);
}

int archive_open(const char *dir, const char *group, enum archive_use use,
		 struct archive *ret, const char **ret_why)
{
	const char *why = NULL;
	int fd = use == ARCHIVE_WRITE ? open_for_writing(dir, group, &why)
				      : open_plain(dir);

	*ret = (struct archive){.fd = -1, .lockfd = -1};
	if (fd >= 0)
		ret->fd = fd;
	else if (fd == -ELOOP || fd == -ENOTDIR)
		why = "it is no directory; of a link, name where it leads to";
	else if (!why)
		why = strerror(-fd);
	if (ret_why)
		*ret_why = why;
	return fd < 0 ? fd : 0;
}

void archive_close(struct archive *archive)
{
	fs_close(&archive->lockfd);
	fs_close(&archive->fd);
}

int archive_lock(struct archive *archive)
{
	AUTO_CLOSE int fd =
		openat(archive->fd, ARCHIVE_LOCK,
		       O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, ARCHIVE_FILE_MODE);

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0 ||
	    fchmod(fd, ARCHIVE_FILE_MODE) < 0)
		return -errno;
	archive->lockfd = TAKE_FD(fd);
	return 0;
}

/* Exactly 0750 whatever the umask is; an inherited set-group-ID bit stays. */
static int fix_mode(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	if ((st.st_mode & 0777) == ARCHIVE_DIR_MODE)
		return 0;
	return fchmod(fd, (st.st_mode & S_ISGID) | ARCHIVE_DIR_MODE) < 0 ? -errno : 0;
}

int archive_dir(int dirfd, const char *name, bool make)
{
	bool made = make && mkdirat(dirfd, name, ARCHIVE_DIR_MODE) == 0;
	AUTO_CLOSE int fd = -1;
	int r;

	if (make && !made && errno != EEXIST)
		return -errno;
	fd = fs_open_dir_at(dirfd, name);
	if (fd < 0)
		return fd;
	r = made ? fix_mode(fd) : 0;
	return r < 0 ? r : TAKE_FD(fd);
}

int archive_path(int dirfd, const char *path, bool make)
{
	struct span rest = {path, strlen(path)}, part;
	AUTO_CLOSE int fd = -1;

	while (text_next(&rest, '/', &part)) {
		char name[NAME_MAX + 1];
		int next;

		if (part.len == 0 || part.len > NAME_MAX)
			return -EINVAL;
		memcpy(name, part.at, part.len);
		name[part.len] = '\0';
		next = archive_dir(fd >= 0 ? fd : dirfd, name, make);
		fs_close(&fd);
		if (next < 0)
			return next;
		fd = next;
	}
	return fd >= 0 ? TAKE_FD(fd) : -EINVAL;
}

int archive_build(int dirfd, const char *name)
{
	AUTO_CLOSE int fd = -1;
	int r;

	if (mkdirat(dirfd, name, ARCHIVE_DIR_MODE) < 0)
		return -errno;
	fd = fs_open_dir_at(dirfd, name);
	if (fd < 0)
		return fd;
	r = archive_hold(fd, false);
	if (r == 0)
		r = fix_mode(fd);
	return r < 0 ? r : TAKE_FD(fd);
}

int archive_hold(int dirfd, bool wait)
{
	const struct timespec pause = {.tv_nsec = HOLD_STEP_MS * 1000000L};

	for (int waited = 0; flock(dirfd, LOCK_EX | LOCK_NB) < 0;
	     waited += HOLD_STEP_MS) {
		if (errno != EWOULDBLOCK || !wait)
			return -errno;
		if (waited >= HOLD_MAX_MS)
			return 0;
		(void)nanosleep(&pause, NULL); /* a signal shortens one step */
	}
	return 0;
}

int archive_sync(int dirfd)
{
	return fsync(dirfd) < 0 ? -errno : 0;
}

static bool exists(int dirfd, const char *name)
{
	return faccessat(dirfd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Some file systems know no flags of renameat2 (EINVAL): there is one writer per name, so
 * looking first is as good. */
static int rename_new(int from_dirfd, const char *from, int to_dirfd, const char *to)
{
	if (renameat2(from_dirfd, from, to_dirfd, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -errno;
	if (exists(to_dirfd, to))
		return -EEXIST;
	return renameat(from_dirfd, from, to_dirfd, to) < 0 ? -errno : 0;
}

/* TO first: a name that appears is worth more than one that vanishes. */
static int sync_both(int from_dirfd, int to_dirfd)
{
	int r = archive_sync(to_dirfd);

	return r < 0 ? r : archive_sync(from_dirfd);
}

int archive_publish(int from_dirfd, const char *from, int to_dirfd, const char *to)
{
	int r = rename_new(from_dirfd, from, to_dirfd, to);

	return r < 0 ? r : sync_both(from_dirfd, to_dirfd);
}

/* Without an exchange in the file system: the old one goes aside, and back where the new
 * one cannot take its place. A crash in between leaves it aside, where salvage finds it.
 */
static int swap_by_steps(int from_dirfd, const char *from, int to_dirfd, const char *to)
{
	char aside[NAME_MAX + 1];
	int r, len = snprintf(aside, sizeof(aside), "%s+old", from);

	if (len < 0 || (size_t)len >= sizeof(aside))
		return -ENAMETOOLONG;
	r = rename_new(to_dirfd, to, from_dirfd, aside);
	if (r < 0)
		return r;
	r = rename_new(from_dirfd, from, to_dirfd, to);
	if (r < 0)
		(void)rename_new(from_dirfd, aside, to_dirfd, to);
	else
		r = rename_new(from_dirfd, aside, from_dirfd, from);
	return r;
}

int archive_swap(int from_dirfd, const char *from, int to_dirfd, const char *to)
{
	int r = 0;

	if (!exists(to_dirfd, to))
		return archive_publish(from_dirfd, from, to_dirfd, to);
	if (renameat2(from_dirfd, from, to_dirfd, to, RENAME_EXCHANGE) < 0)
		r = errno == EINVAL || errno == ENOSYS
			    ? swap_by_steps(from_dirfd, from, to_dirfd, to)
			    : -errno;
	if (r == 0)
		r = sync_both(from_dirfd, to_dirfd);
	return r < 0 ? r : 1;
}
