#pragma once
/* A directory with all that is below it: walked, removed, copied by links. Nothing
 * follows a link or crosses into another file system, and nothing goes deeper than the
 * archive does. */

#include <stdbool.h>
#include <sys/stat.h>

#include "lib/def.h"

#define FOLDER_DEPTH_MAX 6
#define FOLDER_PATH_MAX 512

struct folder_entry {
	const char *path; /* below the directory where the walk began */
	int dirfd;        /* of the directory that it stands in */
	const char *name; /* there */
	struct stat st;   /* not followed */
};
/* Not 0 ends the walk with it. */
typedef int folder_visit(void *context, const struct folder_entry *entry);

/* Every entry below dirfd, a directory after what is in it. 0, what visit returned, or
 * -errno (-ELOOP: deeper than FOLDER_DEPTH_MAX; -EXDEV: another file system). An entry
 * that vanishes meanwhile is left out. */
int folder_walk(int dirfd, folder_visit *visit, void *context) must_check;
/* The names in one directory, sorted, without "." and ".."; each is passed once. */
int folder_names(int dirfd, int (*visit)(void *context, const char *name),
		 void *context) must_check;
/* Removes the directory NAME and all below it. One that is not there is fine. */
int folder_remove(int dirfd, const char *name) must_check;
/* fsync of a directory and every directory below it. */
int folder_sync(int dirfd) must_check;
/* The file FROM also stands as TO: by a hard link, or where that fails (EMLINK, EPERM,
 * EXDEV,
 * ...) as a copy that is fsynced. "a/b" makes the directory a below to_dirfd. */
int folder_link(int from_dirfd, const char *from, int to_dirfd,
		const char *to) must_check;
