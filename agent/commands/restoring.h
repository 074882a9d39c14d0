#pragma once
/* Putting raised limits back: one pass over the notes. Every step may be the last one of
 * this process, and may have been done before: what the cgroups say counts, a note goes
 * last. */

#include "core/hold_note.h"
#include "edge/disk/archive.h"
#include "edge/roots.h"

#define RESTORING_SAID_MAX 16
#define RESTORING_NAME_MAX 112

struct restoring {
	struct roots roots;
	struct archive archive;
	char boot_id[40];
	bool quiet; /* what must wait is said once, when its time is over */
	/* Notes of which it was said; what does not fit is not said twice a second. */
	char said[RESTORING_SAID_MAX][RESTORING_NAME_MAX];
	size_t n_said;
	/* Of the last pass. */
	size_t n_left, n_busy; /* still raised; of these: of a capture under way */
	size_t n_failed;       /* and of these: not for lack of room, see the log */
};

/* Opens what a pass needs; archive is opened by the caller. 0 or -errno. */
int restoring_open(struct restoring *ret) must_check;
void restoring_fini(struct restoring *restoring);
/* Puts back what can be. Each change, and each reason why one must wait when it is new,
 * is a line of the log. 0 or -errno (the notes cannot be read). */
int restoring_pass(struct restoring *restoring) must_check;
