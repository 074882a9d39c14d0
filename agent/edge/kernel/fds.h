#pragma once
/* What a process has open, as a table that shows what leaks: 16,000 sockets are one line.
 */

#include "edge/kernel/process.h"
#include "lib/buf.h"

/* Adds CSV, most frequent first: kind,target,count. kind is file, socket, pipe,
 * anon_inode or another word of the kernel; target is a path (foreign bytes, escaped and
 * quoted) or what the kernel writes in brackets where that is no number. Targets beyond 1
 * MiB of names are counted in the line "other". 75 ms for 16,000. 0; -EACCES without the
 * right; -ENOENT or -ESRCH where the process ended; -ENOMEM. */
int fds_csv(const struct process *process, struct buf *to) must_check;
