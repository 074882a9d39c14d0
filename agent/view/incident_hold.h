#pragma once
/* One line of what became of the memory limit while a capture ran. */

#include "core/manifest.h"

/* Nothing where it was not to be raised. */
void incident_hold(const struct hold_record *hold, struct buf *to);
