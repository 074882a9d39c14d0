#pragma once
/* Which rules of the running agent are blind, and which services it cannot watch, from
 * its status.json: for whoever looks at incidents and wonders why there is none. */

#include "lib/buf.h"

/* One line per blind rule, "rule 'memory > 92%' of 'cron' pid 4127 is blind: there is no
 * limit", and per
 * service or process in trouble, "service 'cron': cannot be found: ...". Nothing
 * where the text is no status or speaks of another archive. */
void status_blind(const char *json, size_t len, const char *archive, struct buf *to);
