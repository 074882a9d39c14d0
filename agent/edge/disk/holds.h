#pragma once
/* The notes of what was raised: <archive>/.hold/<incident>.<NN>, one file per hold,
 * durable before anything is changed and there until it is put back. Whoever captures
 * keeps its note's flock: a note that nobody holds is nobody's business any more. */

#include "edge/disk/archive.h"
#include "lib/buf.h"
#include "lib/text.h"

#define HOLDS_NAME_MAX 112

/* The directory; make: where it is missing. The descriptor, -ENOENT, or -errno. */
int holds_open(const struct archive *archive, bool make) must_check;
/* A new note, on the disk with its name when this returns, locked by *ret_fd, which is
 * the caller's. 0 or -errno. */
int holds_add(int dirfd, const char *name, struct span text, int *ret_fd) must_check;
/* A note into a buf. 0, -ENOENT or -errno. */
int holds_read(int dirfd, const char *name, struct buf *to) must_check;
/* Takes a note's lock without waiting: the descriptor, -EWOULDBLOCK, -ENOENT, -errno. */
int holds_lock(int dirfd, const char *name) must_check;
/* 0 (also where it was gone) or -errno. */
int holds_remove(int dirfd, const char *name) must_check;
/* Every note by its name, sorted. What a killed writer left half is removed with clean
 * set: nothing was raised for it. As folder_names. */
int holds_each(int dirfd, bool clean, int (*visit)(void *context, const char *name),
	       void *context) must_check;
