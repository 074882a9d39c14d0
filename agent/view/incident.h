#pragma once
/* One incident for a person: why, of whom, what is held, how it ended, what to type next.
 */

#include "core/pair.h"

/* A value in its unit: "5.0G", "4000", "12.50%", "2m". */
void incident_value(struct buf *to, uint64_t value, const char *unit);
/* The line that says which one it is. */
void incident_head(const struct manifest *manifest, struct buf *to);
struct incident_shown {
	const struct manifest *manifest;
	struct pair_files heaps; /* of it */
	const char *path;        /* of its directory */
	uint64_t bytes;          /* allocated by it */
};
/* All the rest. */
void incident_facts(const struct incident_shown *shown, struct buf *to);
/* Both. */
void incident_text(const struct incident_shown *shown, struct buf *to);
/* Lines of what limits kept out, where they did. */
void incident_limits(const struct manifest *manifest, struct buf *to);
/* The line that shows what grew, below the incident's path. Nothing where no heap is
 * complete. No newline. */
void incident_pprof_line(const struct pair_files *heaps, const char *path,
			 struct buf *to);
