#include "core/verdict.h"

const char *const outcome_table[OUTCOME_N] = {
	[OUTCOME_OPEN] = "open",
	[OUTCOME_RECOVERED] = "recovered",
	[OUTCOME_PERSISTING] = "persisting",
	[OUTCOME_OOM_KILLED] = "oom-killed",
	[OUTCOME_EXITED] = "exited",
	[OUTCOME_AGENT_STOPPED] = "agent-stopped",
};

const char *const evidence_table[EVIDENCE_N] = {
	[EVIDENCE_NONE] = "none",
	[EVIDENCE_OWN_COUNTER] = "own-counter",
	[EVIDENCE_PARENT_COUNTER] = "parent-counter",
	[EVIDENCE_INFERRED] = "inferred",
};

const char *const victim_table[VICTIM_N] = {
	[VICTIM_UNKNOWN] = "unknown",
	[VICTIM_TARGET] = "target",
	[VICTIM_SIBLING] = "sibling",
};

const char *const scope_table[SCOPE_N] = {
	[SCOPE_UNKNOWN] = "unknown",
	[SCOPE_CGROUP] = "cgroup",
	[SCOPE_NODE] = "node",
};
