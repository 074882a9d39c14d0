#pragma once
/* The pprof client: asks a target for one artifact and says what came of it. The body
 * goes to a sink as it arrives, so a gigabyte never stands in memory, and only if it
 * looks like what was asked for: a foreign page never reaches the archive. */

#include "core/url.h"
#include "edge/net/http.h"

/* Where Go stops writing goroutine?debug=2 (runtime/pprof writeGoroutineStacks): a text
 * of exactly this length is cut, whatever the server says. */
#define PPROF_TEXT_CUT (UINT64_C(64) << 20)

struct pprof_request {
	enum artifact artifact;
	struct url url;
	const char *socket; /* where url.socket is found from here; NULL: by its name */
	const struct endpoint *endpoint; /* its secrets and ca_file */
	uint64_t timeout_ms, max_bytes;
	/* Raw bytes of a body worth keeping; 0 or -errno. */
	int (*sink)(void *arg, const void *bytes, size_t len);
	http_ready *ready; /* as in http.h; NULL: always */
	void *arg;         /* of both */
};

struct pprof_reply {
	enum answer answer;
	int status;             /* of HTTP; 0: none came */
	uint64_t bytes, ms;     /* of the body as the target sent it */
	char why[HTTP_WHY_MAX]; /* of anything but OK, in words; foreign bytes escaped */
};

/* Blocks until the answer is there or stop_fd (-1: none) is readable. */
void pprof_get(struct http *http, const struct pprof_request *request, int stop_fd,
	       struct pprof_reply *ret);
