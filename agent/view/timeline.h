#pragma once
/* timeline.csv: what the signals were before and during an incident, from the three
 * rings, oldest first: one row per slot, two columns per signal (last value and minimum
 * of the slot). An empty cell is "not known", never zero. */

#include "core/series.h"
#include "core/signal.h"
#include "lib/buf.h"

/* now_ms and unix_ms are the same moment on both clocks. Series that are NULL have no
 * columns. */
void timeline_csv(struct series *const series[SIGNAL_N], int64_t now_ms, int64_t unix_ms,
		  struct buf *to);
