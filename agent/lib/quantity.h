#pragma once
/* Quantities as people write them: 5G, 512Mi, 1.5G, 200kB, 4096.
 *
 * K M G T and Ki Mi Gi Ti are binary, as in memory.max, MemoryMax= and docker -m; kB MB
 * GB TB are decimal. Whoever writes 5G means 5 x 1024^3 here, and every page prints the
 * bytes. */

#include "lib/def.h"

/* Bytes (or a plain count where no unit stands). 0, -EINVAL (no quantity), -ERANGE. */
int quantity_parse(const char *text, size_t len, uint64_t *ret_bytes) must_check;

#define QUANTITY_MAX 24
/* "5.0G", "512M", "640K", "17": at most one decimal, binary units. Returns text. */
char *quantity_format(uint64_t bytes, char text[static QUANTITY_MAX]);
/* 1500 is "1.5", 2000 is "2": exactly, and never longer than needed. Returns text. */
char *quantity_thousandths(uint64_t value, char text[static QUANTITY_MAX]);
