#pragma once
/* timeline.csv (view/timeline.h writes it) back into points. */

#include "view/report.h"

/* The last values of the rows of such a file, in its order; what is not known is NAN. The
 * list is the caller's (free). 0, -EBADMSG (not such a file, or a damaged one), -ENOMEM.
 */
int timeline_read(struct span text, struct report_point **ret, size_t *ret_n) must_check;
