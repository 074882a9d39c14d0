#pragma once
/* Small files under a descriptor. Every name is relative to a directory descriptor and is
 * opened O_CLOEXEC; nothing here follows a path that a target can shape. */

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

/* The whole of a small file into memory of the caller, NUL-terminated; one read, as the
 * kernel's files want it. The number of bytes, -EFBIG when it did not fit, or -errno. */
ssize_t fs_read_at(int dirfd, const char *name, char *to, size_t size) must_check;
/* The same by pread from offset 0 of a descriptor that is kept open. */
ssize_t fs_pread(int fd, char *to, size_t size) must_check;
/* A file of unknown size into a buf with a cap. */
int fs_read_buf_at(int dirfd, const char *name, struct buf *to) must_check;
/* All bytes or -errno; EINTR and short writes are dealt with. */
int fs_write_all(int fd, const void *bytes, size_t len) must_check;
/* New file by O_EXCL|O_NOFOLLOW beside the old one, written, with durable set fsynced,
 * renamed over it, and with durable set the directory fsynced. */
int fs_replace_at(int dirfd, const char *name, const void *bytes, size_t len, int mode,
		  int durable) must_check;
