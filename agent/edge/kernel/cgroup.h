#pragma once
/* From a process to the directory of its cgroup.
 *
 * /proc/PID/cgroup names a path in a hierarchy; proc/self/mountinfo says which part of
 * that hierarchy is mounted where. Both are relative to the reader's cgroup namespace, so
 * what is outside of it begins with "/.." in either. Where the mount reaches higher than
 * the namespace, the names between are told by nobody and are searched for.
 *
 * In a pod a sidecar has a namespace and a mount of its own, and a sibling's cgroup is
 * "/../NAME" there, which no mount of its own shows. But the sibling's does: its mount is
 * reached through /proc/PID/root, with the right to ptrace it (the same uid and no more
 * capabilities). Its limit is seen there, and those of the pod above it are not. */

#include "edge/roots.h"
#include "lib/text.h"

/* Outcomes. */
#define CGROUP_NONE 2   /* the process is in no hierarchy with this controller */
#define CGROUP_HIDDEN 3 /* no mount that can be seen shows its cgroup */

#define CGROUP_PATH_MAX 512
#define CGROUP_DEPTH_MAX                                                                 \
	64 /* directories between mount and cgroup; the kernel has no limit */

struct cgroup {
	int version;                /* 1 or 2: of the hierarchy that has the controller */
	char path[CGROUP_PATH_MAX]; /* as /proc/PID/cgroup has it */
	/* The cgroup itself and what is above it, up to the mount: [0] is its own. */
	int dirfd[CGROUP_DEPTH_MAX];
	size_t n;
};

/* The path of the hierarchy with this v1 controller ("memory", "pids"), or of v2 where v1
 * does not have it; controller "": v2 only. text: content of /proc/PID/cgroup.
 * CGROUP_NONE, -ENAMETOOLONG; 0 fills path and version. */
int cgroup_parse(struct span text, const char *controller, struct cgroup *ret) must_check;
/* The same of a process by the descriptor of its /proc/PID; a process that has ended is
 * -ESRCH or -ENOENT. */
int cgroup_of(int proc_dirfd, const char *controller, struct cgroup *ret) must_check;
/* Opens the directories of what cgroup_of found. 0, CGROUP_HIDDEN or -errno; only 0
 * leaves anything to close. */
int cgroup_open(const struct roots *roots, const char *controller,
		struct cgroup *cgroup) must_check;
/* The same, and where no mount of ours shows it, by the mounts of the process itself. */
int cgroup_reach(const struct roots *roots, int process_dirfd, const char *controller,
		 struct cgroup *cgroup) must_check;
void cgroup_fini(struct cgroup *cgroup); /* closes what is still open */
/* "/a/b" -> "/a" -> "/" -> "/.." -> "/../..", in place. */
void cgroup_path_up(char path[static CGROUP_PATH_MAX]);
