#pragma once
/* Children of the agent: started by spawn, watched by pidfd, fed by a socket or a memfd
 * so that the agent never waits for one. */

#include "edge/roots.h"
#include "lib/buf.h"

struct child {
	int pid;
	int pidfd;  /* readable at its end */
	int socket; /* our end of its socket, -1: none */
	int out;    /* memfd that is its stdout, -1: ours is inherited */
};
#define CHILD_NONE ((struct child){.pid = 0, .pidfd = -1, .socket = -1, .out = -1})

struct child_spec {
	const char *path;        /* of the program */
	const char *const *argv; /* NULL-terminated */
	const char *input;       /* becomes its stdin through a memfd; NULL: /dev/null */
	size_t input_len;
	enum {
		CHILD_TALK_NONE,
		CHILD_TALK_FD3,   /* a SOCK_SEQPACKET as its fd 3 */
		CHILD_TALK_STDIO, /* a SOCK_STREAM as its stdin and stdout: lines */
	} talk;
	bool output;     /* collect its stdout */
	const int *pass; /* becomes its fd 3, where it does not talk; NULL: nothing */
};

int child_spawn(const struct child_spec *spec, struct child *ret) must_check;
/* Its exit code, 128 + signal when killed; -EAGAIN while it runs. Reaps. */
int child_exit(struct child *child) must_check;
/* The same, waiting so long for its end; -ETIMEDOUT. Never in the agent. */
int child_wait(struct child *child, int64_t timeout_ms) must_check;
/* The same, and what has not ended by then is killed: 128 + SIGKILL. */
int child_end(struct child *child, int64_t timeout_ms) must_check;
void child_signal(const struct child *child, int signal);
/* What it wrote to stdout, after its end. */
int child_output(const struct child *child, struct buf *to) must_check;
/* Closes; a child that still runs goes on and is reaped by nobody until we end. */
void child_fini(struct child *child);

/* One message with descriptors: those before the first -1. 0 or -errno; never blocks. */
#define CHILD_FDS_MAX 3
int child_send(const struct child *child, const void *bytes, size_t len,
	       const int fds[static CHILD_FDS_MAX]) must_check;
/* One message into memory of the caller, NUL-terminated: its length, 0 at the end of the
 * peer, -EAGAIN, or -errno. What came with it is the caller's, -1 where nothing did. */
ssize_t child_receive(int socket, char *to, size_t size,
		      int ret_fds[static CHILD_FDS_MAX]) must_check;
