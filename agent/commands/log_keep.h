#pragma once
/* The last words of a service, from where they stand into a directory of the archive:
 * log.gz, as they are, never parsed. */

#include "core/log_source.h"
#include "core/manifest.h"
#include "prof/gzip.h"

struct log_keeping {
	const struct log_source *source;
	unsigned lives; /* of a container: see tail_read */
	struct gzip *gzip;
	int dirfd;
	uint64_t keep_free;
};

/* Fills result, why, bytes, sha256 and ms of a record that has its name. What cannot be
 * read is skipped, and says why: trying again would not mend it. */
void log_keep(const struct log_keeping *keeping, struct artifact_record *record);
