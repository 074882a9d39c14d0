#pragma once
/* What was found wrong, one line each: for `verify`. */

#include "lib/buf.h"

#define FINDING_TEXT_MAX 256
#define FINDINGS_MAX 10000 /* an archive that is none at all must not fill the memory */

struct finding {
	char where[FINDING_TEXT_MAX]; /* a path below the archive, foreign bytes */
	char what[FINDING_TEXT_MAX];
};

struct findings {
	struct finding *list; /* owned */
	size_t n;             /* may be more than are in the list: see FINDINGS_MAX */
	size_t incidents;     /* that were looked at */
	size_t files;
	int error; /* -ENOMEM where one could not be kept */
};

void findings_fini(struct findings *findings);
void findings_add(struct findings *findings, const char *where, const char *format, ...)
	printf_like(3, 4);
/* "WHERE: WHAT\n" each. */
void findings_text(const struct findings *findings, struct buf *to);
/* {"incidents":1,"files":12,"findings":[{"where":"...","what":"..."}]} */
int findings_json(const struct findings *findings, struct buf *to) must_check;
