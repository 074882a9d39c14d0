#pragma once
/* The line about one target that is written over and over on a terminal (stderr), and now
 * and then elsewhere. */

#include <stdbool.h>

#include "core/status.h"

struct ticker {
	bool terminal;
	int64_t plain_every_ms; /* where stderr is no terminal; 0: never */
	bool shown;
	int64_t next_ms;
};

/* Log lines clear it from now on. */
void ticker_init(struct ticker *ticker, int64_t plain_every_ms);
/* Writes it where it is due and there is a target. */
void ticker_show(struct ticker *ticker, const struct status *status);
void ticker_clear(struct ticker *ticker);
