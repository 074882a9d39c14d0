#pragma once
/* Finding the processes of services. One scan looks at the machine once and is asked once
 * per service. leakdog itself, kernel threads and zombies never match; where parent and
 * child both match, the one that listens counts, else the parent. That a match counts only
 * when seen twice is the agent's to keep. */

#include "core/conf.h"
#include "edge/kernel/process.h"

struct scan;

/* needs: bit per enum selector that will be asked for (a scan for pids alone opens nothing).
 * 0 or -errno. */
int scan_new(const struct roots *roots, uint32_t needs, struct scan **ret) must_check;
void scan_free(struct scan *scan);
/* Pids that match all selectors given (NULL: not given); at most max, *ret_n may be larger
 * than max: then the rest is not in pids. 0 or -errno; -EACCES where a selector asks for a
 * right that is missing (exe, listen of foreign processes) and nothing matched. */
int scan_match(const struct scan *scan, char *const selector[SELECTOR_N], int *pids,
	       size_t max, size_t *ret_n) must_check;
