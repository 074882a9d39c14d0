/* Opening is where a small file can harm: a link leads elsewhere, a FIFO blocks, a device
 * has side effects. So every open is O_NONBLOCK and is followed by a look at what was
 * opened. Reading goes on to the end, because seq files of the kernel (mountinfo,
 * net/tcp) hand out at most a page per read. */
#include "edge/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/text.h"

void fs_close(int *fd)
{
	int kept = errno;

	if (*fd >= 0)
		(void)close(*fd); /* read-only or already synced: nothing to learn here */
	*fd = -1;
	errno = kept;
}

static int open_regular(int dirfd, const char *name, int flags)
{
	AUTO_CLOSE int fd =
		openat(dirfd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | flags);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	return TAKE_FD(fd);
}

int fs_open_at(int dirfd, const char *name)
{
	return open_regular(dirfd, name, O_NOFOLLOW);
}

int fs_open_path(const char *path)
{
	return open_regular(AT_FDCWD, path, 0);
}

int fs_open_dir_at(int dirfd, const char *name)
{
	int fd = openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	return fd < 0 ? -errno : fd;
}

static ssize_t read_some(int fd, char *to, size_t size)
{
	ssize_t n;

	do
		n = read(fd, to, size);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

ssize_t fs_read_at(int dirfd, const char *name, char *to, size_t size)
{
	AUTO_CLOSE int fd = fs_open_at(dirfd, name);
	size_t len = 0;
	ssize_t n;

	if (fd < 0)
		return fd;
	while ((n = read_some(fd, to + len, size - len)) > 0) {
		len += (size_t)n;
		if (len == size)
			return -EFBIG;
	}
	if (n < 0)
		return n;
	to[len] = '\0';
	return (ssize_t)len;
}

ssize_t fs_pread(int fd, char *to, size_t size)
{
	ssize_t n;

	do
		n = pread(fd, to, size, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	if ((size_t)n == size) {
		to[size - 1] = '\0';
		return -EFBIG;
	}
	to[n] = '\0';
	return n;
}

ssize_t fs_pread_at(int fd, int dirfd, const char *name, char *to, size_t size)
{
	AUTO_CLOSE int opened = fd == FS_LATER ? fs_open_at(dirfd, name) : -1;

	if (fd == FS_LATER)
		fd = opened;
	return fd < 0 ? fd : fs_pread(fd, to, size);
}

void fs_later(int *fd)
{
	if (*fd < 0)
		return;
	fs_close(fd);
	*fd = FS_LATER;
}

int fs_read_buf(int fd, struct buf *to)
{
	char chunk[16384];
	ssize_t n;

	while ((n = read_some(fd, chunk, sizeof(chunk))) > 0) {
		/* An over-long chunk is refused whole by buf_add: give it what fits
		 * first. */
		size_t left = to->cap - to->len, len = (size_t)n;

		if (!to->error && len > left) {
			buf_add(to, chunk, left);
			return -EFBIG;
		}
		buf_add(to, chunk, len);
		if (buf_error(to))
			return buf_error(to);
	}
	return (int)n;
}

int fs_read_buf_at(int dirfd, const char *name, struct buf *to)
{
	AUTO_CLOSE int fd = fs_open_at(dirfd, name);

	return fd < 0 ? fd : fs_read_buf(fd, to);
}

int fs_write_all(int fd, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (len > 0) {
		ssize_t n = write(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

int fs_sync_dir(int dirfd)
{
	AUTO_CLOSE int fd = fs_open_dir_at(dirfd, "."); /* O_PATH cannot be synced */

	if (fd < 0)
		return fd;
	return fsync(fd) < 0 ? -errno : 0;
}

static int write_new(int dirfd, const char *name, const struct span *content, int mode,
		     int durable)
{
	AUTO_CLOSE int fd = openat(
		dirfd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
	int r;

	if (fd < 0 || fchmod(fd, (mode_t)mode) < 0) /* the umask has no say */
		return -errno;
	r = fs_write_all(fd, content->at, content->len);
	if (r < 0)
		return r;
	if (durable && fsync(fd) < 0)
		return -errno;
	/* A quota or a network disk may say only here that the bytes were lost. */
	return close(TAKE_FD(fd)) < 0 ? -errno : 0;
}

int fs_replace_at(int dirfd, const char *name, const void *bytes, size_t len, int mode,
		  int durable)
{
	struct span content = {bytes, len};
	char fresh[256];
	int r, n = snprintf(fresh, sizeof(fresh), ".%s.new", name);

	if (strchr(name, '/') || !*name)
		return -EINVAL;
	if (n < 0 || (size_t)n >= sizeof(fresh))
		return -ENAMETOOLONG;
	if (unlinkat(dirfd, fresh, 0) < 0 && errno != ENOENT)
		return -errno;
	r = write_new(dirfd, fresh, &content, mode, durable);
	if (r == 0 && renameat(dirfd, fresh, dirfd, name) < 0)
		r = -errno;
	if (r < 0) {
		if (r != -EEXIST)                        /* then it is another writer's */
			(void)unlinkat(dirfd, fresh, 0); /* best effort: the error is r */
		return r;
	}
	return durable ? fs_sync_dir(dirfd) : 0;
}
