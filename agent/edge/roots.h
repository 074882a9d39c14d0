#pragma once
/* Where /proc and the cgroup file systems are: descriptors handed in, never literal
 * paths, so that a captured tree (--root DIR) replays as a fixture, and the host's /proc
 * mounted elsewhere (--root /host in a container) is watched like one's own. */

#include <stdbool.h>

struct roots {
	int root;  /* mount points of proc/self/mountinfo are below it: "/" where live,
		      else DIR */
	int proc;  /* DIR/proc */
	bool live; /* proc is a procfs of our pid namespace: pidfds are of the same
		      processes */
};

/* dir NULL: the machine's own. 0 or -errno (nothing is open then); fini closes. */
int roots_open(const char *dir, struct roots *ret) __attribute__((warn_unused_result));
void roots_fini(struct roots *roots);
