#pragma once
/* Where an archive is or would be, looked at without making it. */

#include "core/doctor.h"

/* Fills all but keep_free. */
void archive_place(const char *dir, struct doctor_archive *ret);
