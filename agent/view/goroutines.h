#pragma once
/* Groups of goroutines for people and as JSON: what `leakdog goroutines` prints. */

#include "lib/buf.h"
#include "prof/build.h"
#include "prof/goroutines.h"

struct goroutines_view {
	const struct goroutines *goroutines; /* finished */
	struct owners *owners;               /* of their frames */
	const uint32_t *rows; /* groups that are meant, numbers in goroutines.list */
	size_t n_rows;
	size_t top;  /* so many are shown */
	bool stacks; /* with all frames */
	bool base;   /* there is one to compare with */
};

/* The frame that a group is known by: the first of the service's own code, else the first
 * that is not Go's, else the first; NO_FRAME where there are none. */
uint32_t goroutines_view_own(const struct goroutines_view *view,
			     const struct goroutine_group *group);
/* A table, below it the stacks; foreign bytes escaped. */
void goroutines_view_text(const struct goroutines_view *view, struct buf *to);
/* "leakdog.goroutines/1". 0 or -errno. */
int goroutines_view_json(const struct goroutines_view *view, struct buf *to) must_check;
