#pragma once
/* One line about one target, for a person who watches it. */

#include "core/status.h"

/* "cron 4127  memory 3.1G of 8.0G (39%) +50M/s, full in 1m37s  goroutines 68  base 2m
 * ago". No newline, at most `columns` characters where columns is not 0. */
void live_line(const struct status_target *target, int64_t now_unix_ms, size_t columns,
	       struct buf *to);
