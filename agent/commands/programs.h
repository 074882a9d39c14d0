#pragma once
/* Where the programs of leakdog and its run directory are. */

#include <limits.h>

#include "lib/def.h"

struct programs {
	char self[PATH_MAX];  /* leakdog */
	char fetch[PATH_MAX]; /* leakdog-fetch, which stands beside it */
};

/* 0, or -errno with the reason told on stderr. */
int programs_find(struct programs *ret) must_check;

#define RUN_DIR_MAX 108
/* /run/leakdog; without root $XDG_RUNTIME_DIR/leakdog; $RUNTIME_DIRECTORY of a unit
 * first. */
void programs_run_dir(char ret[static RUN_DIR_MAX]);
/* Of the agent that is to be asked: one's own, or the machine's where that does not run.
 */
void programs_agent_dir(char ret[static RUN_DIR_MAX]);
/* The control socket of the agent whose run directory that is: a descriptor, or -errno.
 */
int programs_dial(const char *run_dir) must_check;
