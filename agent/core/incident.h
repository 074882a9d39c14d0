#pragma once
/* The life of an incident, as data: when it opens, which captures it gets, when it is
 * sealed and with what verdict. Pure: the agent feeds it what happened and does what it
 * asks for.
 *
 *   none --open--> open --(calm for settle | at_most | target ended)--> sealing --> none
 *
 * While open it wants captures: the first at once, one for each rule that joins, one
 * `again` after the first (for rates), and one more try 30 s after a capture that failed.
 */

#include "core/job.h"

enum incident_phase {
	INCIDENT_NONE,
	INCIDENT_OPEN,
	INCIDENT_SEALING, /* verdict given; the child that seals has not ended yet */
};

/* One more try of a failed capture, ms after its end (a guess: a busy service's GC is
 * over). */
#define INCIDENT_RETRY_MS 30000
/* A rule that fires all the time must not fill the archive: captures of one incident. */
#define INCIDENT_CAPTURES_MAX 20

struct incident {
	enum incident_phase phase;
	char id[INCIDENT_MAX];
	int64_t opened_ms;     /* monotonic */
	struct reason reason;  /* of the first capture */
	struct reason next;    /* of the capture that is wanted */
	bool wanted;           /* a capture is wanted now */
	bool again_done;       /* the second capture for rates was taken or given up */
	bool second;           /* the wanted capture is another one of the same rule */
	bool retrying;         /* the wanted capture is that one more try */
	bool retried;          /* the failed capture had its one more try */
	int64_t again_at_ms;   /* INT64_MAX: none planned */
	int64_t retry_at_ms;   /* INT64_MAX: none planned */
	int64_t calm_since_ms; /* INT64_MIN: some rule is not calm */
	uint32_t captures;     /* numbers given out; 01 creates the directory */
	uint32_t held;         /* bit per artifact that some capture holds completely */
	bool filed;            /* the directory stands in the archive */
	uint32_t suppressed;   /* captures that a limit forbade */
	const char *suppressed_by; /* the key of the last such limit; borrowed */
	struct verdict verdict;
};

struct incident_times {
	int64_t again_ms, settle_ms, at_most_ms; /* of the service */
};

/* "<UTC>-<slug>-<dice>": names sort by time and say why. */
void incident_name(int64_t unix_ms, const char *slug, uint16_t dice,
		   char ret[static INCIDENT_MAX]);
void incident_init(struct incident *incident);
/* Opens it and wants the first capture; the caller gives the id by incident_name. */
void incident_open(struct incident *incident, const char *id, const struct reason *reason,
		   int64_t now_ms);
/* A further rule fired while it is open: wants a capture for it. */
void incident_join(struct incident *incident, const struct reason *reason);
/* The number of the capture that starts now; nothing is wanted after it. *ret_held: what
 * it need not take again, because it is the one more try of a capture that failed. */
uint32_t incident_begin_capture(struct incident *incident, uint32_t *ret_held);
/* The wanted capture is forbidden by a limit (its key is borrowed): nothing is wanted. */
void incident_suppress(struct incident *incident, const char *by);
/* A capture has ended. */
void incident_captured(struct incident *incident, const struct job_result *result,
		       const struct incident_times *times, int64_t now_ms);

enum incident_step {
	STEP_WAIT,
	STEP_CAPTURE, /* incident->next says why */
	STEP_SEAL,    /* incident->verdict.outcome is RECOVERED or PERSISTING */
};
/* What to do now. calm: no rule of the target is true or short of its margin. */
enum incident_step incident_next(struct incident *incident, bool calm,
				 const struct incident_times *times, int64_t now_ms);
/* The earliest time at which incident_next can say something new. */
int64_t incident_deadline(const struct incident *incident,
			  const struct incident_times *times);
