#pragma once
/* What came of asking a target for one artifact. The client (edge/net) says which, the
 * plan and the manifest go by it. */

#include <stdbool.h>

enum answer {
	ANSWER_OK,          /* whole, and it looks like what was asked for */
	ANSWER_PPROF_ERROR, /* pprof itself says no (header X-Go-Pprof): "Unknown profile"
			     */
	ANSWER_HTTP_ERROR,  /* no pprof answered: a router, a proxy, a login (404, 401,
			       302) */
	ANSWER_FOREIGN,     /* 200, but not what pprof serves */
	ANSWER_REFUSED,     /* no connection: nothing listens, no route, no such name */
	ANSWER_TIMEOUT,     /* the target may still be working on it */
	ANSWER_BROKEN,      /* the connection ended in the middle */
	ANSWER_CAP,         /* max_bytes reached */
	ANSWER_CUT,         /* Go's own cut of goroutine?debug=2 at 64 MiB */
	ANSWER_TLS,         /* no trust, or no TLS at all */
	ANSWER_DISK,        /* what came could not be written */
	ANSWER_STOPPED,     /* we were asked to stop */
	ANSWER_LOCAL, /* not asked: a secret cannot be read, no memory, a bad address */
	ANSWER_N,
};

struct answer_info {
	const char *name; /* for progress and log: "timed out" */
	bool keeps;       /* the bytes that came are worth keeping, as .partial */
};
extern const struct answer_info answer_table[ANSWER_N];

/* Asked for the index page: does the answer say that no pprof is there? What is out of
 * order (5xx) may be pprof again in a moment. status: of HTTP, 0 where none came. */
bool answer_is_foreign(enum answer answer, int status);
