#pragma once
/* How a target's incident ended, with graded evidence for a kill. Pure: the caller brings
 * counters and the last sample.
 *
 * What counts is oom_kill, never oom: lowering a limit below the usage made thousands of
 * "oom" and one kill; but where there was a kill, an oom of the cgroup's own says that
 * its limit was met, and not that of the machine. The kernel counts a kill before it
 * sends the signal, so an own counter that was read after the end and has not moved
 * excludes one. Under a service manager the cgroup is gone 70 ms after the kill; then its
 * parent's counter (v2, over all below it) tells, if only one watched child ended
 * meanwhile. Without counters a sample of at least 98 % of the limit within a second of
 * the end does. */

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
	EVIDENCE_PARENT_COUNTER, /* of its parent, with only one watched child ended */
	EVIDENCE_INFERRED,       /* ended within 1 s of a sample at >= 98 % of a limit */
	EVIDENCE_N,
};
enum victim { VICTIM_UNKNOWN, VICTIM_TARGET, VICTIM_SIBLING, VICTIM_N };
enum kill_scope { SCOPE_UNKNOWN, SCOPE_CGROUP, SCOPE_NODE, SCOPE_N };

/* The words of manifests: "oom-killed", "own-counter", "target", "cgroup" ... */
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

/* Why the incident is looked at. */
enum end {
	END_NOT,     /* it goes on */
	END_CALM,    /* no rule has held for `settle` */
	END_AT_MOST, /* its longest time is over */
	END_EXIT,    /* the target's exit was seen, or it is gone */
	END_EXEC,    /* the target became another program */
	END_STOP,    /* the agent stops */
};

struct ending {
	enum end end;
	/* Growth of oom_kill: for an exit, from the last look at the living target to
	 * after its end; else since the incident began. A value only where it was read
	 * then; of a cgroup that is gone it is an error. */
	struct reading own_kills;
	struct reading parent_kills; /* absent on v1 */
	/* Growth of oom in its memory.events.local: its own limit was met without a way
	 * out. It says where a kill came from, never that there was one. Absent on v1. */
	struct reading own_ooms;
	unsigned own_ended; /* watched targets of the domain that ended, with this one */
	unsigned parent_ended; /* the same for all watched targets below the parent */
	/* Of the last sample; the limit is absent where only the machine's memory is. */
	struct reading usage, limit;
	int64_t usage_age_ms; /* from that sample to the end; negative: unknown */
	bool foretold;        /* usage is not a sample but the growth to the end */
};

/* Fills outcome, evidence, victim, scope and detail; the rest belongs to the caller. */
void verdict_grade(const struct ending *ending, struct verdict *ret);
