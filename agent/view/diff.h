#pragma once
/* One metric of one profile, or of two against each other, function by function: what
 * readers of `go tool pprof -top -base` know, with base and now beside the growth. */

#include "prof/stacks.h"

struct diff {
	const struct stacks *stacks;
	size_t type; /* of stacks.types */
	const struct shares
		*shares;          /* of that type, in the order in which to show them */
	int64_t pprof_total;      /* of that type: what the shares are of */
	const char *file[SIDE_N]; /* for people, foreign bytes; NULL: there is none */
	bool by_cum;              /* base and now are those of cum */
	size_t top;               /* rows at most; 0: all */
};

/* Growth of the whole, or where one side was read its total. */
int64_t diff_growth(const struct diff *diff);
/* Of it or of a side, what has no stack, and so belongs to no function: Go starts nearly
 * all threads without one. */
int64_t diff_bare(const struct diff *diff, enum side side);
int64_t diff_bare_growth(const struct diff *diff);
/* A value in its unit: "488M", "-12", "1.5s"; with a sign also "+488M". */
void diff_value(struct buf *to, struct span unit, int64_t value, bool sign);
/* How many functions moved: they stand first in either order. And of them the rows. */
size_t diff_moved(const struct diff *diff);
size_t diff_shown(const struct diff *diff);
void diff_text(const struct diff *diff, struct buf *to);
/* 0 or -ENOMEM. Schema "leakdog.diff/1". */
int diff_json(const struct diff *diff, struct buf *to) must_check;
