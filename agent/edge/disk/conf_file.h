#pragma once
/* The files of a configuration on disk: which they are, whether they may be trusted,
 * their bytes. Who can write a configuration decides what leakdog reads, where it writes
 * and whom it asks, so a file that others may write is refused. */

#include "lib/fault.h"
#include "lib/tree.h"

/* Outcome: *ret_fault says which file and why. */
#define CONF_FILE_FAULT 1

#define CONF_FILE_DEFAULT "/etc/leakdog/leakdog.yaml"
#define CONF_FILES_MAX 1000

struct conf_files {
	char (*path)[256]; /* owned; the main file first, then services.d in order of
			      names */
	size_t n;
};

/* given: a file, a directory with leakdog.yaml in it, or NULL for the default; services.d
 * is looked for beside the file. 0, CONF_FILE_FAULT or -ENOMEM. */
int conf_files_find(const char *given, struct conf_files *ret,
		    struct fault *ret_fault) must_check;
void conf_files_fini(struct conf_files *files); /* a zeroed one is fine */

/* The bytes of a file into *ret, without a tree. 0, CONF_FILE_FAULT or -ENOMEM. */
int conf_file_read(const char *path, struct source *ret,
		   struct fault *ret_fault) must_check;
