#pragma once
/* The incidents of an archive, one line each. */

#include "core/manifest.h"
#include "view/report_head.h"

struct list_row {
	const char *service, *id; /* borrowed, as the directories are called */
	/* What the manifest says; borrowed. NULL: it cannot be read, and why says why. */
	const struct manifest *manifest;
	const char *why;
	const struct report_head *report; /* borrowed; NULL: there is none */
	uint64_t bytes;                   /* allocated */
	const char *path;                 /* of the directory, borrowed */
};

/* A table with a head. */
void list_text(const struct list_row *rows, size_t n, struct buf *to);
/* [{"id":"...","service":"...","path":"...","bytes":0,"state":"...","rule":"...","at":"...",
 *   "value":0,"unit":"...","outcome":"...","base":"...","captures":0,"suppressed":0,
 *   "folded":0,"report":{"kind":"heap","growth":0,"who":"main.load","label":"heap
 * growth"},"container":{"runtime":"docker","id":"...","name":"","image":"","namespace":"",
 *   "pod":""}}] (suppressed and folded: what limits kept out, see struct omitted); one
 * that cannot be read has "error" instead of what comes after "bytes"; report and
 * container are null where there is none, the kind of a report where nobody is accused.
 * 0, -ENOMEM or -EFBIG. */
int list_json(const struct list_row *rows, size_t n, struct buf *to) must_check;
