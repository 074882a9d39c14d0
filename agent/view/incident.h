#pragma once
/* One incident for a person: why, of whom, what is held, how it ended, what to type next.
 */

#include "core/manifest.h"

/* A value in its unit: "5.0G", "4000", "12.50%", "2m". */
void incident_value(struct buf *to, uint64_t value, const char *unit);
/* The line that says which one it is. */
void incident_head(const struct manifest *manifest, struct buf *to);
/* All the rest. path: of the incident's directory; bytes: allocated by it. */
void incident_facts(const struct manifest *manifest, const char *path, uint64_t bytes,
		    struct buf *to);
/* Both. */
void incident_text(const struct manifest *manifest, const char *path, uint64_t bytes,
		   struct buf *to);

/* Index of the capture that has most to show, the newest of those; 0 where there is none.
 */
size_t incident_capture(const struct manifest *manifest);
/* The heaps of it that are compared: names of files below the incident, borrowed. */
struct incident_heaps {
	const char *now_dir, *now;
	const char *base_dir, *base; /* base NULL: there is none */
};
/* False: no capture has a complete heap. */
bool incident_heaps(const struct manifest *manifest, struct incident_heaps *ret);
/* The line that shows what grew. Nothing where no heap is complete. No newline. */
void incident_pprof_line(const struct manifest *manifest, const char *path,
			 struct buf *to);
