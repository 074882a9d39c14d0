#pragma once
/* A capture for a target that the agent itself may not reach: what a process without the
 * rights sends to one that systemd started with them, in one message. The target is
 * named by its pidfd alone: a number or a directory could be anybody's. */

#include "commands/filing.h"
#include "edge/kernel/process.h"

#define HANDED_SOCKET "/run/leakdog-capture.sock"
#define HANDED_SOCKET_VARIABLE "LEAKDOG_CAPTURE_SOCKET" /* another one */
#define HANDED_TEXT_MAX (JOB_TEXT_MAX + 2048)

/* Adds which archive it is filed in. 0 or -EFBIG. */
int handed_format(const struct filing_place *place, struct buf *to) must_check;

struct handed {
	struct job job;
	struct process process; /* the caller's */
	struct filing_place place;
	char dir[512], group[64]; /* of the place */
};
/* The job that waits on a connected socket, from our own user or root, with the pidfd of
 * its target. 0, PROCESS_GONE (job and place are there) or -errno, with the reason told
 * on stderr. */
int handed_receive(const struct roots *roots, int socket, struct handed *ret) must_check;
