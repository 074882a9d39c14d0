#pragma once
/* What the agent and the probe coprocess say to each other: one line in, one line out, in
 * any order. A line is a record (lib/record) with tabs in place of its newlines:
 *
 *   in   id=17<TAB>pid=812<TAB>start_ticks=4711<TAB>url=http://127.0.0.1:6060
 *   out  id=17<TAB>kind=counted<TAB>goroutines=68<TAB>threads=9<TAB>why=
 *   out  id=17<TAB>kind=failed<TAB>goroutines=0<TAB>threads=0<TAB>why=timed out
 *
 *   in   id=17<TAB>url1=http://127.0.0.1:8080/metrics<TAB>metric0=up{job="a"}
 *   out  id=17<TAB>kind=measured<TAB>metric0=1000
 *
 * so that it can be tried by hand and costs the agent no parser of its own. */

#include "core/job.h"
#include "core/metrics_page.h"

#define PROBE_LINE_MAX                                                                   \
	32768 /* any request fits: its longest texts, every byte escaped                 \
	       */

struct probe_request {
	uint64_t id; /* the agent's; comes back with the answer */
	/* Whose address it is: asked from within its network namespace where that is
	 * another one. A number may have passed to somebody else by then: who asks holds
	 * the process, and drops an answer that comes after its end. 0: nobody's. */
	int32_t pid;
	uint64_t start_ticks;
	struct endpoint endpoint;
	/* Not of the index page (whose address is taken) but of a page of metrics, and
	 * what picks the series of each; "": none. */
	char metric[METRICS_WANTED_MAX][METRIC_SELECTOR_MAX];
};

enum probe_kind {
	PROBE_COUNTED,  /* the index page counts goroutines and threads */
	PROBE_MEASURED, /* a page of metrics was read to its end */
	PROBE_FOREIGN,  /* something answers, but its index page is none of pprof */
	PROBE_GONE,     /* nothing listens there; why has the words */
	PROBE_FAILED,   /* no answer; why has the words */
	PROBE_N,
};
extern const char *const probe_table[PROBE_N];

struct probe_reply {
	uint64_t id;
	enum probe_kind kind;
	uint64_t goroutines;
	uint64_t threads; /* created by the runtime so far */
	uint64_t places;  /* in the code that allocated so far: it never falls */
	uint64_t metric[METRICS_WANTED_MAX]; /* see core/probe_metrics.h */
	/* Counted at, where the request left that open: see url_is_auto. */
	char url[64];
	char why[160]; /* of anything but counted; foreign bytes are escaped */
};

/* Adds one line with its newline. 0 or -EFBIG. */
int probe_request_format(const struct probe_request *request, struct buf *to) must_check;
int probe_reply_format(const struct probe_reply *reply, struct buf *to) must_check;
/* One line without its newline. 0, -EBADMSG, -ENAMETOOLONG, -EFBIG, -ENOMEM. Unknown keys
 * are ignored. */
int probe_request_parse(struct span line, struct probe_request *ret) must_check;
int probe_reply_parse(struct span line, struct probe_reply *ret) must_check;
