#pragma once
/* Durations as people write them: 10s, 5m, 1h, 250ms, 1h30m, 7d. In milliseconds. */

#include "lib/def.h"

/* A number without a unit is refused (10 what?). 0, -EINVAL, -ERANGE (over 10 years). */
int duration_parse(const char *text, size_t len, uint64_t *ret_ms) must_check;

#define DURATION_MAX 24
/* "1h30m", "45s", "250ms": the two largest units. Returns text. */
char *duration_format(uint64_t ms, char text[static DURATION_MAX]);
