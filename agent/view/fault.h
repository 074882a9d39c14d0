#pragma once
/* Faults of files for people: place and message, the line, a caret, what may have been
 * meant. */

#include "lib/buf.h"
#include "lib/fault.h"
#include "lib/tree.h"

/* file:line:column: message
 *     4 |     memry > 5G
 *       |     ^
 *   did you mean 'memory'?
 *
 * The line is taken from the source of that path; without it, the first line only. */
void fault_text(struct buf *to, const struct fault *fault, const struct source *sources,
		size_t n);
/* All of them, and how many more there were. */
void faults_text(struct buf *to, const struct faults *faults,
		 const struct source *sources, size_t n);
