#pragma once
/* Files as another process sees them. Whatever lies in there was put there by strangers:
 * nothing is opened by a path that they could bend out of their own root, and nothing but
 * a socket is ever taken up. */

#include "edge/kernel/process.h"

/* Outcome: its files are ours, a path means the same to both. */
#define INSIDE_OURS 1

/* Its root, O_PATH, the caller's: 0, INSIDE_OURS or -errno (-EACCES without the right,
 * CAP_SYS_PTRACE or its uid). While it is open its file system stays mounted. */
int inside_root(const struct process *process, int *ret) must_check;
/* The unix socket at an absolute path below that root, O_PATH, the caller's. -ELOOP: its
 * last part is a symbolic link; -ENOTSOCK: something else is there; -errno (-ENOSYS
 * before Linux 5.6). */
int inside_socket(int root, const char *path) must_check;
/* Where connect(2) finds what fd holds, whatever its path has become. */
#define INSIDE_PATH_MAX 32
void inside_path(int fd, char ret[static INSIDE_PATH_MAX]);
