#pragma once
/* A profile in the format of pprof (profile.proto, gzipped or not) into a table of
 * stacks: heap, allocs, goroutine, threadcreate, block, mutex, and whatever else has
 * samples. The bytes come from a target and are hostile: every length is checked, ids
 * need not be dense, unknown fields are skipped, a gzip inside of a gzip is refused.
 * Format: github.com/google/pprof/blob/main/proto/profile.proto */

#include "prof/stacks.h"

struct profile_limits {
	size_t inflated_bytes; /* of the profile.proto */
};
/* A profile of 300,000 samples is 25 MB inflated (measured); ten times that. */
#define PROFILE_LIMITS ((struct profile_limits){.inflated_bytes = 256 * 1024 * 1024})

#define PROFILE_WHY_MAX 160
/* Adds what it says to one side of the table. Where both sides are read, their sample
 * types must agree. 0, or -errno with why in words ("sample 812: location 77 does not
 * exist"): -EBADMSG (not a profile, or a damaged one), -EFBIG (over a limit), -ENOMEM.
 * After an error the table is only good for stacks_fini. */
int profile_read(struct span bytes, const struct profile_limits *limits, enum side side,
		 struct stacks *to, char why[PROFILE_WHY_MAX]) must_check;
