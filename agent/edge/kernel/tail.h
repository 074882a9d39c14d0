#pragma once
/* The last bytes of a log, whoever writes it. Nothing is parsed, nothing blocks for long:
 * only regular files are opened, and a journal is asked through a child with a deadline.
 *
 * Log files are often symbolic links (below /var/log/containers, glog's PROGRAM.INFO).
 * leakdog may read more than those who can make links, so a link of root or of our own
 * user is followed, and one of somebody else only where it ends at a file of the very
 * same user: then nothing is shown that its maker could not read anyway. */

#include "core/log_source.h"
#include "lib/buf.h"

#define TAIL_WHY_MAX 160

/* Outcome: it took too long, and what came until then is not the end of the log. */
#define TAIL_CUT 1

/* At most `max` bytes that end where the log ends, added to `to`. lives: of how many
 * lives of a container, 1 (the newest) or 2 (the one before it too, where its successor
 * writes already); they share `max`. 0 (also where there is nothing: then nothing is
 * added), TAIL_CUT, or -errno: with these why says where, what and what to do. */
int tail_read(const struct log_source *source, unsigned lives, size_t max, struct buf *to,
	      char why[static TAIL_WHY_MAX]) must_check;

/* Its parts. A descriptor for reading (the caller's), or -errno as above. */
int tail_open(const char *path, char why[static TAIL_WHY_MAX]) must_check;
int tail_fd(int fd, size_t max, struct buf *to) must_check;
/* What a program says on stdout, its last bytes; -ETIMEDOUT after timeout_ms (it is
 * killed then, and what it said is kept), -EIO where it fails. */
int tail_program(const char *path, const char *const *argv, int64_t timeout_ms,
		 size_t max, struct buf *to) must_check;

struct journal_reader {
	const char *program; /* NULL: there is none */
	int64_t timeout_ms;
};
/* tail_read of a journal, by this one. */
int tail_journal_by(const struct journal_reader *by, const struct log_source *source,
		    size_t max, struct buf *to, char why[static TAIL_WHY_MAX]) must_check;
