#pragma once
/* From where a target in another network namespace is asked. Loopback is the target's own
 * in there, so that is where its pprof is; a routable address leads to it from here as
 * well, and a host name means one thing here and another, or nothing, in there. */

#include "core/url.h"
#include "edge/kernel/inside.h"

enum reach {
	REACH_HERE,  /* from our own namespace */
	REACH_THERE, /* from within the target's */
	REACH_NEVER,
};
enum reach reach_from(const struct url *url);

#define REACH_WHY_MAX 160
/* Why it is not asked at all: REACH_NEVER of this address, or (error below 0) that its
 * namespace could not be entered. */
void reach_why(const struct url *url, int error, char why[static REACH_WHY_MAX]);

/* The file system in which unix sockets of a target are looked for: *ret is its root, -1
 * where that is ours, or is taken for ours as it cannot be told without a right. 0, or
 * -EACCES where it is certainly another one (elsewhere: its network is). */
int reach_root(const struct process *process, bool elsewhere, int *ret) must_check;
/* A unix socket in there. */
struct reach_socket {
	int fd;                     /* held while it is asked; -1: by its name */
	char path[INSIDE_PATH_MAX]; /* what to connect to */
};
#define REACH_SOCKET_NONE ((struct reach_socket){.fd = -1})
int reach_socket(int root, const struct url *url, struct reach_socket *ret,
		 char why[static REACH_WHY_MAX]) must_check;
/* Why there is no way to its files. */
void reach_why_root(int error, char why[static REACH_WHY_MAX]);
