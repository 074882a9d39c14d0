#pragma once
/* What passes between the agent and `leakdog-fetch probe`: a question is a job record (of
 * JOB_RECORD: its key and its endpoint count), an answer is one record like this. Both
 * end with an empty line, so that a person can play either side. */

#include "core/job.h"

enum probe_kind {
	PROBE_COUNTS,  /* the index page was read */
	PROBE_FOREIGN, /* something answers, but it is no index page of pprof */
	PROBE_FAILED,  /* no answer: `why` */
	PROBE_N,
};
extern const char *const probe_table[PROBE_N];

struct probe_answer {
	char key[TARGET_KEY_MAX]; /* of the question */
	enum probe_kind kind;
	uint64_t goroutines, threads; /* threads: created so far, not alive */
	char why[128];
};

void probe_answer_format(const struct probe_answer *answer, struct buf *to);
/* 0, -EBADMSG or -ENAMETOOLONG. */
int probe_answer_parse(struct span record, struct probe_answer *ret) must_check;
