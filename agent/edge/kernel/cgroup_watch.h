#pragma once
/* Tells when containers appear: inotify on every directory of a hierarchy of cgroups that
 * is no container's. It is a hint to look soon, not the truth: a mount of another cgroup
 * namespace tells nothing of what others make there, and a queue may run over, so whoever
 * listens still looks at times by himself. */

#include <stdbool.h>
#include <stdint.h>

#include "lib/def.h"

struct cgroup_watch;

/* Whether a path of the hierarchy ("/docker/ID") is a container's: it is told, and not
 * gone into. */
typedef bool cgroup_watch_asks(const char *path);

/* top: directory of the hierarchy's mount, taken over. Watches what is there now. 0 or
 * -errno; only 0 leaves anything to free. */
int cgroup_watch_new(int top, cgroup_watch_asks *is_container,
		     struct cgroup_watch **ret) must_check;
void cgroup_watch_free(struct cgroup_watch *watch);    /* NULL is fine */
int cgroup_watch_fd(const struct cgroup_watch *watch); /* readable: cgroup_watch_read */
/* How many containers have appeared, ever, as far as it was told. */
uint64_t cgroup_watch_read(struct cgroup_watch *watch);
/* Some directories are not watched: too many, or the kernel's bound was reached. */
bool cgroup_watch_is_whole(const struct cgroup_watch *watch);
