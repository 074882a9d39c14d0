#pragma once
/* From the files of a configuration to a struct conf: the one way in, for `run` and for
 * `check`. */

#include "core/conf_load.h"
#include "edge/disk/conf_file.h"

#define CONF_DEFAULT_PATH CONF_FILE_DEFAULT

/* What was read, for whoever wants to show the faults himself. */
struct conf_opened {
	struct conf conf;
	struct source *sources; /* owned */
	size_t n_sources;
	struct faults faults;
};

/* given: a file, a directory or NULL for the default. 0, CONF_FAULTY or -ENOMEM;
 * conf_opened_fini in each case. */
int conf_open_files(const char *given, struct conf_opened *ret) must_check;
void conf_opened_fini(struct conf_opened *opened);

/* The configuration alone; all faults are told on stderr. 0, -EINVAL or -ENOMEM. */
int conf_open(const char *given, struct conf *ret) must_check;

#define CONF_ARCHIVE_DIR_MAX 256
/* Where the archive is when nobody says it: $STATE_DIRECTORY of a unit, /var/lib/leakdog
 * for root and for the unit's user, who may write there, else $XDG_STATE_HOME/leakdog or
 * ~/.local/state/leakdog. */
void conf_archive_dir(char ret[static CONF_ARCHIVE_DIR_MAX]);
