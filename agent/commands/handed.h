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
	int pidfd;              /* of its target, the caller's; -1: handed on, or none */
	struct process process; /* the caller's, once it is open */
	struct filing_place place;
	char dir[512], group[64]; /* of the place */
};
/* Outcome: the peer ended and wants nothing. */
#define HANDED_END 1
/* Outcome: the peer says only where it would be filed. The job comes later or never; all
 * that can be is to be prepared by then. */
#define HANDED_AHEAD 2
/* What comes on a connected socket, from our own user or root: a job with the pidfd of
 * its target. Waits for it. 0, an outcome, or -errno with the reason told on stderr. */
int handed_receive(int socket, struct handed *ret) must_check;
/* Opens the process that the pidfd names, and takes the pidfd over. 0, PROCESS_GONE or
 * -errno with the reason told. */
int handed_open(const struct roots *roots, struct handed *handed) must_check;
/* The job of a peer belongs where it said before. */
bool handed_same_place(const struct handed *a, const struct handed *b) must_check;
