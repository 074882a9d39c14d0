#pragma once
/* Small files under a descriptor. Every name is relative to a directory descriptor and is
 * opened O_CLOEXEC|O_NOFOLLOW; nothing here follows a path that a target can shape,
 * blocks on a FIFO or opens a device. */

#include <limits.h>
#include <stddef.h>
#include <sys/types.h>
#include <unistd.h>

#include "lib/buf.h"

/* Closes and forgets; -1 is fine. errno is kept. */
void fs_close(int *fd);
#define AUTO_CLOSE __attribute__((cleanup(fs_close)))
/* Gives a descriptor away: return TAKE_FD(local). */
#define TAKE_FD(fd)                                                                      \
	({                                                                               \
		int taken_ = (fd);                                                       \
		(fd) = -1;                                                               \
		taken_;                                                                  \
	})

/* A regular file for reading: the descriptor (the caller's), -ELOOP for a symbolic link,
 * -EINVAL for anything else that is no regular file, or -errno. */
int fs_open_at(int dirfd, const char *name) must_check;
/* The same for a path that a person wrote (configuration, secrets): links are followed,
 * as mounted secrets are links. */
int fs_open_path(const char *path) must_check;
/* A directory, to be the dirfd of the others; for reading, not through a link. */
int fs_open_dir_at(int dirfd, const char *name) must_check;

/* The whole of a small file into memory of the caller, NUL-terminated, read to its end.
 * The number of bytes, -EFBIG when size - 1 bytes did not hold it, or -errno. */
ssize_t fs_read_at(int dirfd, const char *name, char *to, size_t size) must_check;
/* By ONE pread from offset 0 of a descriptor that is kept open, NUL-terminated: right for
 * the kernel's files that come whole in one read (cgroup files, statm, stat, status; not
 * mountinfo, net/tcp). -EFBIG when it did not fit: to then holds the first size - 1
 * bytes. */
ssize_t fs_pread(int fd, char *to, size_t size) must_check;
/* A file that is not kept open but opened for each read, in place of its descriptor:
 * costs five times as much, and no descriptor. */
#define FS_LATER INT_MIN
/* As fs_pread; where fd is FS_LATER, of `name` below dirfd. A negative fd else is -errno
 * of its opening, and the result. */
ssize_t fs_pread_at(int fd, int dirfd, const char *name, char *to,
		    size_t size) must_check;
/* Not kept from here on; one that could not be opened stays as it is. */
void fs_later(int *fd);
/* A file of unknown size, added to a buf; -EFBIG where its cap ends the reading (the
 * bytes before are kept). 0 or -errno. */
int fs_read_buf(int fd, struct buf *to) must_check;
int fs_read_buf_at(int dirfd, const char *name, struct buf *to) must_check;
/* All bytes or -errno; EINTR and short writes are dealt with. */
int fs_write_all(int fd, const void *bytes, size_t len) must_check;
/* Makes the names in a directory durable; dirfd may be O_PATH. */
int fs_sync_dir(int dirfd) must_check;
/* New file ".NAME.new" by O_EXCL|O_NOFOLLOW beside the old one (what a killed writer left
 * there is removed first), with this mode whatever the umask is, written, with durable
 * set fsynced, renamed over it, and with durable set the directory fsynced. name is a
 * plain name, else -EINVAL. */
int fs_replace_at(int dirfd, const char *name, const void *bytes, size_t len, int mode,
		  int durable) must_check;
