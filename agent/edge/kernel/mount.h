#pragma once
/* The mounts of cgroup hierarchies, as a line of mountinfo tells them (proc(5)):
 *   31 23 0:28 ROOT POINT options optional... - TYPE source superoptions
 * ROOT is the part of the hierarchy that is seen at POINT; both are escaped (\040). */

#include <stdbool.h>

#include "lib/text.h"

#define MOUNT_PATH_MAX 512

struct mount {
	char root[MOUNT_PATH_MAX];
	char point[MOUNT_PATH_MAX];
};

/* Is this line a mount of the v1 hierarchy with this controller (version 1) or of v2
 * (version 2)? Lines that are none, or too long, are false. */
bool mount_parse(struct span line, int version, const char *controller,
		 struct mount *ret);

/* Where below a mount with this root is this path of the hierarchy? "rest" of path, below
 * "unknown" directories whose names nobody tells. False: not below it. */
bool mount_locate(const char *root, const char *path, unsigned *ret_unknown,
		  const char **ret_rest);
