#pragma once
/* Trees of files into a configuration. Pure: the files were read by edge/disk, who runs
 * leakdog and what lives on the machine is nobody's business here. */

#include "core/conf.h"
#include "lib/fault.h"
#include "lib/tree.h"

/* Outcome: there are faults; they are all in *faults, and conf is not to be used. */
#define CONF_FAULTY 1

/* The files, the main one first, into a conf that conf_init made. `defaults:` of the main
 * file reach every service, those of another file the services of that file. 0,
 * CONF_FAULTY or -ENOMEM. */
int conf_load(const struct source *sources, size_t n, struct conf *conf,
	      struct faults *faults) must_check;
