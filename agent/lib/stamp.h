#pragma once
/* UTC time stamps by arithmetic alone: no time zone, no locale, no call to the clock.
 * Times are milliseconds since 1970 (Unix time), negative before it. */

#include "lib/def.h"

#define STAMP_MAX 48 /* what a compiler can prove; a stamp has 30 at most */
/* "2026-11-21T20:12:04.123Z". Returns text. */
char *stamp_format(int64_t unix_ms, char text[static STAMP_MAX]);
/* "20261121T201204Z", for names of files. Returns text. */
char *stamp_name(int64_t unix_ms, char text[static STAMP_MAX]);
/* Either form. 0 or -EINVAL. */
int stamp_parse(const char *text, int64_t *ret_unix_ms) must_check;
