#pragma once
/* What a person names to be compared: files and incidents, opened. */

#include "commands/reader.h"
#include "prof/stacks.h"

struct diff_source {
	bool there;
	int fd;          /* owned; STDIN_FILENO is not */
	char label[512]; /* for people, foreign bytes: a path */
};
struct diff_sources {
	struct diff_source side[SIDE_N];
};

/* names: one or two, up to a NULL. With metric "goroutine" the profiles of an incident
 * are those of goroutines, else of the heap. 0, or an exit code with the reason told on
 * stderr; to be closed either way. */
int diff_sources_open(const char *archive, const char *metric, char *const *names,
		      struct diff_sources *ret) must_check;
void diff_sources_close(struct diff_sources *sources);
/* All of it. 0, or -errno with the reason told. */
int diff_source_read(const struct diff_source *source, struct buf *to) must_check;
void diff_source_tell(const struct diff_source *source, const char *what);
