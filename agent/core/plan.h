#pragma once
/* What a capture takes next. Pure, and asked again before every step with a fresh sample:
 * a gate that was open two steps ago may be closed now.
 *
 * Order and gates are the result of measurements on Go 1.19:
 * - the plain heap takes 2 to 6 ms and under 1 MB whatever the heap's size: it comes
 * first;
 * - a binary goroutine profile costs 0.45 KB per goroutine;
 * - heap?gc=1 takes over a second beside busy CPUs, so it is never what a race hangs on;
 *   it is felt as any collection is (17 ms beside 2 GB), and asked for only where the
 *   plain heap, which is as of the last collection, shows too little of the memory;
 * - goroutine?debug=2 costs up to 2.4 times its text (1.4 KB a goroutine) and stops the
 * world again and again: it killed its target with 96 MB of headroom at 100,000
 * goroutines;
 * - a limit that is to be raised is raised as soon as the plain heap is on the disk: it
 * costs a millisecond, and everything after it is waiting for the target's scheduler;
 * - goroutine?debug=1 is the dearest of all (30 s where binary takes 5): never asked for.
 */

#include "core/answer.h"
#include "core/job.h"

struct plan_state {
	enum job_kind kind;
	const struct capture_conf *capture; /* which artifacts are wanted */
	bool pprof;                         /* the service has an endpoint */
	bool log;                           /* and a log */
	bool far;      /* there is no process to be looked at: HTTP alone */
	uint32_t done; /* bit per artifact: taken, tried or skipped in this capture */
	uint32_t held; /* bit per artifact: an earlier capture of this try has it whole */
	struct reading headroom; /* bytes, fresh; absent: no limit, nothing to run into */
	struct reading memory;   /* bytes of the process: bounds an unknown count */
	struct reading goroutines; /* of this capture's index page */
	bool leaks_offered;        /* the index page offers goroutineleak */
	bool collect;              /* heap-gc is taken whatever the plain heap shows */
	struct reading shown; /* bytes in use that the plain heap of this capture shows */
	const char *http_closed; /* why nothing more is asked over HTTP; NULL: go on */
	const char *ended;       /* why nothing more is done at all; NULL: go on */
	bool program; /* the program's file is held: it is there after the end too */
	bool hold; /* the limit is to be raised and was not tried yet; the caller clears
		      it */
};

enum plan_act {
	PLAN_END,  /* nothing is left */
	PLAN_TAKE, /* take this artifact now */
	PLAN_SKIP, /* do not: `why` goes into the manifest */
	PLAN_HOLD, /* raise the limit now, for what follows */
};

#define PLAN_WHY_MAX 160
struct plan_step {
	enum plan_act act;
	enum artifact artifact; /* of PLAN_TAKE and PLAN_SKIP */
	char why[PLAN_WHY_MAX]; /* one sentence with the numbers, with PLAN_SKIP */
};

/* The caller sets the step's bit in done (or clears hold) before it asks again. */
void plan_next(const struct plan_state *state, struct plan_step *ret);

/* Whether this artifact may still come in its turn. */
bool plan_comes(const struct plan_state *state, enum artifact artifact);

/* Whether an answer to an artifact ends all asking over HTTP, and in which words: after a
 * time-out the target may still be at work (Go cannot cancel a dump), and a second
 * question doubles the damage; a foreign page in place of the index means a foreign
 * server. False: go on; why is untouched then. */
bool plan_closes(enum artifact artifact, enum answer answer, uint64_t timeout_ms,
		 char why[static PLAN_WHY_MAX]);
