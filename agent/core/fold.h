#pragma once
/* A rule that opens one incident after the other (a crash loop): of an hour a few are
 * kept, the first, the worst and the newest ones; which one makes room is decided here.
 * The newest then counts what went ("seen 37 more times"), so that nothing is dropped in
 * silence.
 *
 * This is not retention: that keeps the archive within its size whatever the incidents
 * are; this keeps one nervous hour from costing the evidence of a quiet year. */

#include <stdbool.h>

#include "lib/def.h"

#define FOLD_WINDOW_MS INT64_C(3600000)

struct fold_entry {
	int64_t at_ms;  /* Unix: of its opening */
	uint64_t score; /* value / threshold in thousandths; 0: unknown */
	bool captured;  /* it holds more than timeline and verdict */
	bool dropped;
};

/* Of the incidents of one rule and hour, in any order, the one that goes next: neither
 * the first, nor the worst (with a capture before one without, of equals the newer), nor
 * the newest; of the others those without a capture, then the oldest. n where no more
 * than `keep` are left, or none can go. */
size_t fold_next(const struct fold_entry *entries, size_t n, uint64_t keep);
