#pragma once
/* What is still raised, for commands that only read. */

#include "commands/inspect_files.h"
#include "edge/disk/archive.h"

/* A line on stderr for each limit that is raised. */
void held_tell(const struct archive *archive);
/* Notes that nobody could put back. */
int held_inspect(const struct archive *archive, struct findings *findings) must_check;
