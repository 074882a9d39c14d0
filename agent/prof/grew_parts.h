#pragma once
/* What the files of grew share. */

#include "prof/grew.h"

/* Suspects of one kind before the noise is taken out; owned by whoever has it. */
struct suspects {
	struct suspect *list;
	size_t n;
};

/* Where a stack is charged: its index in frames, or -ENOENT where all of it is the
 * runtime's. */
int grew_charge(struct owners *owners, const uint32_t *frames, size_t depth) must_check;
/* Frame that calls the one at index, of another function; NO_FRAME where that is the
 * runtime or nobody. */
uint32_t grew_caller(const struct grew_input *input, const uint32_t *frames, size_t depth,
		     size_t index);
/* The innermost frame that tells a person where this is: not the runtime's, and not an
 * internal package below the one that was called. */
uint32_t grew_leaf(const struct grew_input *input, const uint32_t *frames, size_t depth,
		   size_t index);
/* Fills charged, caller, leaf, creator and owner. */
void grew_charge_group(const struct grew_input *input, const struct goroutine_group *g,
		       struct suspect *ret);
const struct symbols *grew_symbols(const struct grew_input *input);

/* One suspect per function that is charged. 0 or -ENOMEM. */
int grew_heap(const struct grew_input *input, size_t type,
	      struct suspects *ret) must_check;
/* One for all of them. 0 or -ENOMEM. */
int grew_threads(const struct grew_input *input, struct suspects *ret) must_check;
/* One per group. 0 or -ENOMEM. */
int grew_goroutines(const struct grew_input *input, struct suspects *ret) must_check;
int grew_sockets(const struct grew_input *input, struct suspects *ret) must_check;
