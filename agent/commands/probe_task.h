#pragma once
/* One question of the probe: to whom it goes, and what its answer means. */

#include "commands/probe_metrics.h"
#include "commands/probe_reach.h"
#include "edge/net/http.h"

#define PROBE_TIMEOUT_MS 2000      /* measured: an answer takes 0.2 to 3 ms */
#define PROBE_PAGE_MAX (64 * 1024) /* an index page has 2 to 4 KB */

struct probe_task {
	struct probe_task *next; /* in the order of arrival */
	struct probe_request request;
	struct url url;
	struct probe_reach reach; /* while it is in flight */
	struct auto_urls *found;  /* where its pprof may be, tried in turn; NULL: told */
	size_t at;
	struct buf page;
	struct measuring *measuring; /* owned; NULL: it is the index page */
	struct http_reply reply;
	bool in_flight, slow;
};

/* A line's question. 0, or -errno with the reason in words; the task is freed by its
 * owner in any case. */
int probe_task_init(struct probe_task *task, const struct probe_home *home,
		    char why[static REACH_WHY_MAX]) must_check;
void probe_task_free(struct probe_task *task);
/* Fills the request, which borrows from the task. False: out of reach, its reply is done.
 */
bool probe_task_ask(struct probe_task *task, const struct probe_home *home,
		    struct http_request *ret);
/* What the reply says. */
void probe_task_judge(const struct probe_task *task, struct probe_reply *ret);
/* No pprof there: true where another place is to be tried, and the task is ready for it.
 */
bool probe_task_goes_on(struct probe_task *task, const struct probe_reply *reply);
