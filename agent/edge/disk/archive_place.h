#pragma once
/* Where an archive is or would be, looked at without making it. */

#include "core/doctor.h"

/* Fills all but keep_free. */
/* Is this directory on a file system that is memory (tmpfs, ramfs)? */
bool archive_is_memory(int dirfd);
void archive_place(const char *dir, struct doctor_archive *ret);
