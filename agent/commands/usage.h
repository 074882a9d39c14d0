#pragma once
/* What is in an archive and what each of it would free: the entries for retention, also
 * what `list` shows. Sizes are allocated blocks; a file that several directories link is
 * counted once, in the one that retention would drop last. */

#include "commands/filing_parts.h"

struct usage {
	struct retention_entry *entries; /* owned */
	size_t n;
	struct usage_link *links; /* owned: files with more than one name */
	size_t n_links;
};

/* Reads all of an archive. living NULL: nobody knows who lives, live files are pinned.
 * What cannot be read (a manifest that is none) counts as a sealed incident of unknown
 * score. 0 or -errno. */
int usage_read(struct archive *archive, const struct living *living,
	       struct usage *ret) must_check;
void usage_fini(struct usage *usage);
#define AUTO_USAGE __attribute__((cleanup(usage_fini)))
