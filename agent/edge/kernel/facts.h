#pragma once
/* What a process looks like to the selectors, read through its opened /proc/PID. All
 * texts are foreign bytes in one arena; a text that is not there is empty. */

#include "core/conf.h"
#include "edge/roots.h"
#include "lib/buf.h"
#include "lib/text.h"

struct facts {
	int pid, ppid;
	uint64_t start_ticks;
	const void *container; /* see scan_contain */
	char comm[16];
	size_t cmdline, cgroup, exe; /* where each begins in the arena, NUL-terminated */
	int exe_error;               /* -EACCES: the right to see exe is missing */
};

/* Outcome: it ended, is a zombie or a kernel thread: no process to watch. */
#define FACTS_NONE 1

/* needs: bit per enum selector. 0, FACTS_NONE or -errno. */
int facts_read(int dirfd, uint32_t needs, struct buf *arena,
	       struct facts *ret) must_check;

/* Copies the texts to another arena, whose error tells. Both begin with an empty text:
 * one that was not asked for is there. */
void facts_move(struct facts *facts, const struct buf *from, struct buf *to);

/* Do the texts match? Selectors pid, pidfile, listen and those that ask for the container
 * are not looked at. systemd_root: path of the cgroup below which systemd keeps its
 * units, "" or "/docker/ID". 1, 0, or -EACCES where it hangs on exe alone and that could
 * not be read. */
int facts_match(const struct facts *facts, const struct buf *arena,
		char *const selector[SELECTOR_N], const char *systemd_root) must_check;
