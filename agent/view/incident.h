#pragma once
/* One incident for a person: why, of whom, what is held, how it ended, what to type next.
 */

#include "core/manifest.h"

/* A value in its unit: "5.0G", "4000", "12.50%", "2m". */
void incident_value(struct buf *to, uint64_t value, const char *unit);
/* path: of the incident's directory; bytes: allocated by it. */
void incident_text(const struct manifest *manifest, const char *path, uint64_t bytes,
		   struct buf *to);
/* The line that shows what grew: the newest complete heap (after a GC where there is one)
 * against the base. Nothing where no heap is complete. No newline. */
void incident_pprof_line(const struct manifest *manifest, const char *path,
			 struct buf *to);
