#pragma once
/* One file of a capture, written once, as its bytes arrive. It is NAME.partial until it
 * is whole, so a crash at any moment leaves nothing that looks complete. The digest is of
 * the bytes that were written: nothing is read back by name.
 *
 * Every 8 MiB written pages are sent to the disk, and dropped from the page cache, which
 * is charged to our own cgroup and is small, once they are there; at each of these steps
 * the free space is looked at as well.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "core/manifest.h"
#include "edge/disk/digest.h"

/* Outcome, beside 0 and -errno: the disk has no room (ENOSPC, EDQUOT), or would have less
 * than keep_free left. What was written stays, as .partial. */
#define ARTIFACT_FILE_FULL 1
#define ARTIFACT_PARTIAL ".partial"

struct artifact_file {
	int dirfd; /* owned: the directory that holds the file; -1: nothing is open */
	int fd;    /* owned */
	char name[ARTIFACT_NAME_MAX]; /* in that directory, without .partial */
	struct digest *digest;
	uint64_t bytes;     /* written so far */
	uint64_t flushed;   /* of them, sent to the disk already */
	uint64_t settled;   /* of those, on it and no longer in the page cache */
	uint64_t look_at;   /* so many bytes may be written before the next look at it */
	uint64_t keep_free; /* bytes that stay free on the file system */
	int result;   /* 0, or what the first failure returned: writing stops there */
	char why[96]; /* the first failure in words */
};

/* Creates DIRFD/NAME.partial by O_EXCL|O_NOFOLLOW with mode 0640. NAME may have one
 * directory in front ("proc/status"), which is made (0750) where it is missing.
 * keep_free: bytes; 0 for no check. 0, ARTIFACT_FILE_FULL or -errno: with these ret->why
 * says why, and nothing is open. */
int artifact_file_open(int dirfd, const char *name, uint64_t keep_free,
		       struct artifact_file *ret) must_check;
/* All bytes are on their way, or: ARTIFACT_FILE_FULL, -errno (the same ever after). */
int artifact_file_write(struct artifact_file *file, const void *bytes,
			size_t len) must_check;
/* Ends the file: one fsync, and where it is whole it gets its name; otherwise it stays
 * NAME.partial (an empty one is removed). The directory is not fsynced here: filing_kept
 * does it once for all files before it. Fills result, bytes and sha256 of the record and
 * adds .partial to its name where it stays so. 0, ARTIFACT_FILE_FULL or -errno: then the
 * file is not complete whatever the caller believed, and why is filled where it was
 * empty. Closes in any case. */
int artifact_file_end(struct artifact_file *file, bool whole,
		      struct artifact_record *record) must_check;
/* Closes and removes what was written. One that is ended or failed to open is fine. */
void artifact_file_drop(struct artifact_file *file);
/* open, write, end for bytes that are there already; not whole: they are the beginning
 * of more. A failure to open is KEPT_FAILED. */
int artifact_file_put(int dirfd, uint64_t keep_free, struct span bytes, bool whole,
		      struct artifact_record *record) must_check;
