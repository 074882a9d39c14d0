#pragma once
/* Which stacks a page shows one by one, and where the others are added up: a profile of
 * 20,000 stacks is mostly dust. A stack is dust where it has less than a share of what
 * was, of what is and of what changed, in every sample type, and is not among the largest
 * all the same. Dust is added up below the deepest frame that is shown anyway, as
 * "(small)" there; so every sum over the rows is exact: of all, and of every frame that
 * is shown. */

#include "prof/stacks.h"

struct fold_limits {
	double share;      /* below it a stack is dust: 0.0005 */
	size_t stacks_min; /* so many of the largest are never dust */
	size_t stacks_max; /* one by one */
	size_t small_max;  /* sums of dust */
	size_t frames_max; /* of all stacks together: one may have a thousand */
};
#define REPORT_FOLD                                                                      \
	((struct fold_limits){.share = 0.0005,                                           \
			      .stacks_min = 1500,                                        \
			      .stacks_max = REPORT_STACKS_MAX,                           \
			      .small_max = 1000,                                         \
			      .frames_max = 250000})

struct fold_row {
	size_t stack;   /* whose frames these are */
	uint32_t depth; /* how many of them, from the root */
	uint64_t small; /* how many stacks are added up below them; 0: the stack itself */
	int64_t values[SIDE_N][STACK_TYPES_MAX];
};

struct fold {
	struct fold_row *rows; /* owned; largest first, then sums of dust */
	size_t n;
	uint64_t folded; /* stacks in sums of dust */
};

void fold_fini(struct fold *fold);
#define AUTO_FOLD __attribute__((cleanup(fold_fini)))
/* Stacks without any value have no row. 0 or -ENOMEM. */
int fold_stacks(const struct stacks *stacks, const struct fold_limits *limits,
		struct fold *ret) must_check;
