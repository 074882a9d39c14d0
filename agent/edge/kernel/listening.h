#pragma once
/* Who listens where, looked at once and asked often: the listening sockets of each
 * network namespace and which of them each process has open. A scan asks it for every
 * service; to read every descriptor of the machine again for each of them held the tick
 * up for seconds beside 22 services and a process with a thousand connections. */

#include "edge/kernel/listeners.h"

struct listening;

/* 0 or -ENOMEM. */
int listening_new(struct listening **ret) must_check;
void listening_free(struct listening *listening); /* NULL is fine */
/* Whether a process (dirfd: its /proc/PID) has a socket open that a connect to `at` would
 * reach: 1 or 0; -EACCES where the right to look is missing and somebody does listen
 * there; -errno. The first answer about a process stands for as long as this is kept. */
int listening_asked(struct listening *listening, int pid, int dirfd,
		    const struct listen_at *at) must_check;
/* Whether anybody in its network namespace does: 1, 0 or -errno. */
int listening_anyone(struct listening *listening, int dirfd,
		     const struct listen_at *at) must_check;
/* Every listening socket that a process has open, TCP and with local set unix, until the
 * sink gives another result than 0. 0, what the sink gave, -EACCES or -errno. */
int listening_each(struct listening *listening, int pid, int dirfd, bool local,
		   listeners_sink *sink, void *arg) must_check;
