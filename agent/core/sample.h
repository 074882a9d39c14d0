#pragma once
/* One look at one target. A reading is a value, absent (there is no such thing here: no
 * cgroup, no pprof, no limit) or an error (it exists and could not be read); "0" never
 * stands for the latter two. */

#include <stdbool.h>

#include "core/signal.h"

enum have {
	HAVE_ABSENT, /* zeroed memory is a sample without values */
	HAVE_VALUE,
	HAVE_ERROR,
};

struct reading {
	uint64_t value; /* unit of the signal; meaningful with HAVE_VALUE only */
	uint8_t have;   /* enum have */
	int16_t error;  /* errno, with HAVE_ERROR */
};

struct sample {
	int64_t at_ms; /* monotonic (CLOCK_BOOTTIME), when the newest reading was taken */
	struct reading v[SIGNAL_N];
	uint32_t fresh; /* bit per signal: read at at_ms; others hold their last value */
	struct reading ceiling[CEILING_N]; /* what "N%" is of; CEILING_NONE unused */
	struct reading headroom; /* min over ancestors of (max_i - usage_i), bytes */
	/* Counters of kills: of the own cgroup and its parent (v2; v1 has the own). */
	struct reading oom_kill, parent_oom_kill;
	struct reading oom; /* how often its own limit, not an ancestor's, was met; v2 */
	bool exact; /* memory is exact; otherwise only usage bounds it, from above */
};
