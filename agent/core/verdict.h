#pragma once
/* How a target's incident ended, with graded evidence for a kill. */

#include "core/sample.h"

enum outcome {
	OUTCOME_OPEN,
	OUTCOME_RECOVERED,
	OUTCOME_PERSISTING,
	OUTCOME_OOM_KILLED,
	OUTCOME_EXITED,
	OUTCOME_AGENT_STOPPED,
	OUTCOME_N,
};
enum evidence {
	EVIDENCE_NONE,
	EVIDENCE_OWN_COUNTER,    /* oom_kill of the own cgroup went up */
	EVIDENCE_PARENT_COUNTER, /* of its parent (v2), with only one watched child ended
				    in it */
	EVIDENCE_INFERRED, /* ended within 1 s of a sample at >= 98 % of an effective
			      limit */
	EVIDENCE_N,
};
enum victim { VICTIM_UNKNOWN, VICTIM_TARGET, VICTIM_SIBLING, VICTIM_N };
enum kill_scope { SCOPE_UNKNOWN, SCOPE_CGROUP, SCOPE_NODE, SCOPE_N };

extern const char *const outcome_table[OUTCOME_N];
extern const char *const evidence_table[EVIDENCE_N];
extern const char *const victim_table[VICTIM_N];
extern const char *const scope_table[SCOPE_N];

struct verdict {
	enum outcome outcome;
	int64_t at_ms; /* Unix */
	enum evidence evidence;
	char detail[160]; /* one line with the numbers that decided it */
	enum victim victim;
	enum kill_scope scope;
	int32_t successor_pid; /* 0: none seen */
};
