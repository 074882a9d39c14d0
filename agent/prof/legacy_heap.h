#pragma once
/* The heap profile as text, heap?debug=1, into a table of stacks with the four sample
 * types of a binary one. Its numbers are those of the sampled allocations alone: each
 * record is scaled to what it stands for, exactly as `go tool pprof` does with this file,
 * so that both print the same. Formats: runtime/pprof/pprof.go, writeHeapInternal;
 * github.com/google/pprof, profile/legacy_profile.go. */

#include "prof/stacks.h"

#define LEGACY_HEAP_WHY_MAX 160

/* Does it begin with "heap profile: "? */
bool legacy_heap_is(struct span text);
/* text: plain. Adds to one side, whose types must be those of a heap. 0, or -errno with
 * why in words: -EBADMSG (not such a text, or damaged), -EFBIG, -ENOMEM. After an error
 * the table is only good for stacks_fini. */
int legacy_heap_read(struct span text, enum side side, struct stacks *to,
		     char why[LEGACY_HEAP_WHY_MAX]) must_check;
