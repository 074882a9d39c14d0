/* Kept in one growing array with a hard end, because a hostile file can be wrong on every
 * line of its megabyte. */
#include "lib/fault.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "lib/text.h"

void fault_set(struct fault *fault, const char *file, unsigned line, unsigned column,
	       const char *format, ...)
{
	va_list args;

	(void)text_copy(fault->file, sizeof(fault->file), file); /* cut: still a help */
	fault->line = line;
	fault->column = column;
	fault->secret = false;
	fault->hint[0] = '\0';
	va_start(args, format);
	(void)vsnprintf(fault->message, sizeof(fault->message), format, args);
	va_end(args);
}

int faults_add(struct faults *faults, const struct fault *fault)
{
	struct fault *grown;

	if (faults->n == FAULTS_MAX) {
		faults->dropped++;
		return 0;
	}
	grown = realloc(faults->at, (faults->n + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	faults->at = grown;
	faults->at[faults->n++] = *fault;
	return 0;
}

void faults_fini(struct faults *faults)
{
	free(faults->at);
	*faults = (struct faults){0};
}
