#pragma once
/* One file of a capture, written once, as its bytes arrive. It is NAME.partial until it
 * is whole, so a crash at any moment leaves nothing that looks complete. The digest is of
 * the bytes that were written: nothing is read back by name.
 *
 * Every 8 MiB written pages are sent to the disk and dropped from the page cache, which
 * is charged to our own cgroup and is small; there the free space is looked at as well.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "core/manifest.h"
#include "edge/disk/digest.h"

/* Outcomes of writing, beside 0 and -errno: the disk has no room (ENOSPC, EDQUOT) or
 * would have less than keep_free left. What was written stays, as .partial. */
#define ARTIFACT_FILE_FULL 1

struct artifact_file {
	int dirfd; /* owned: a duplicate of the directory that holds the file */
	int fd;    /* of the file; -1 where none is open */
	char name[ARTIFACT_NAME_MAX]; /* without .partial, without a directory */
	struct digest *digest;
	uint64_t bytes;
	uint64_t flushed;   /* bytes that were sent to the disk already */
	uint64_t keep_free; /* bytes that stay free on the file system */
	int error;          /* first failure; writing stops there */
};

/* Creates DIRFD/NAME.partial by O_EXCL|O_NOFOLLOW with mode 0640. NAME may have one
 * directory in front ("proc/status"), which is made (0750) where it is missing.
 * keep_free: bytes; 0 for no check. 0, ARTIFACT_FILE_FULL or -errno. */
int artifact_file_open(int dirfd, const char *name, uint64_t keep_free,
		       struct artifact_file *ret) must_check;
/* All bytes are on their way, or: ARTIFACT_FILE_FULL, -errno (the same again ever after).
 */
int artifact_file_write(struct artifact_file *file, const void *bytes,
			size_t len) must_check;
/* Ends the file: fsync once; where it is whole it gets its name and the directory is
 * fsynced, otherwise it stays NAME.partial (an empty one is removed). Fills name
 * (relative to the directory that was given to open), bytes, sha256 and result of the
 * record; with nothing kept result is KEPT_FAILED. why and the rest are the caller's. 0,
 * ARTIFACT_FILE_FULL or -errno: then it was not whole whatever the caller believed, and
 * why is filled where it was empty. Closes in any case. */
int artifact_file_end(struct artifact_file *file, bool whole,
		      struct artifact_record *record) must_check;
/* Closes and removes what was written. An ended or zero-initialised file is fine. */
void artifact_file_drop(struct artifact_file *file);
/* open, write, end for bytes that are there already. */
int artifact_file_put(int dirfd, const char *name, uint64_t keep_free, struct span bytes,
		      struct artifact_record *record) must_check;
