#pragma once
/* What the files of tail share; nobody else includes this. */

#include "edge/kernel/tail.h"

/* As tail_open; flags may have O_DIRECTORY: then it is a directory that is opened. */
int tail_open_as(const char *path, int flags, char why[static TAIL_WHY_MAX]) must_check;
/* The last bytes of a unit's journal. */
int tail_journal(const struct log_source *source, size_t max, struct buf *to,
		 char why[static TAIL_WHY_MAX]) must_check;
