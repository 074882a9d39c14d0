#pragma once
/* status.json: what the agent knows now, for the reading commands and for people. Written
 * every second into a buffer, so no tree is built. Schema "leakdog.status/1". */

#include "core/status.h"

void status_json(const struct status *status, struct buf *to);
