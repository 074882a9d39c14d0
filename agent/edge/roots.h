#pragma once
/* Where /proc and the cgroup file systems are: descriptors handed in, never literal paths,
 * so that a captured tree (--root DIR) replays as a fixture. */

#include <stdbool.h>

struct roots {
	int root; /* "/" or DIR: mount points of mountinfo are resolved below it */
	int proc; /* root's proc */
	bool live; /* the real ones: pidfds and libproc2 work */
};

/* dir NULL: the machine's own. 0 or -errno; fini closes. */
int roots_open(const char *dir, struct roots *ret) __attribute__((warn_unused_result));
void roots_fini(struct roots *roots);
