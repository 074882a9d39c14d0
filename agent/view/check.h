#pragma once
/* What `leakdog check` found out, for people and as JSON. */

#include "core/check.h"
#include "lib/fault.h"

/* path: of the main file. */
void check_text(const struct check *check, const char *path, struct buf *to);
/* {"schema":"leakdog.check/1","faults":[...], ...}; check NULL: there is none, as the
 * configuration could not be loaded. 0 or -ENOMEM. */
int check_json(const struct check *check, const struct faults *faults,
	       struct buf *to) must_check;
