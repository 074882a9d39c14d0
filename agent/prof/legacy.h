#pragma once
/* Lines that the texts with debug=1 share: a record "12 @ 0x45 0x67" and below it one
 * line per frame, "#\t0x45\tmain.f+0x12\t/src/main.go:7". Source: runtime/pprof/pprof.go,
 * printStackRecord and printCountProfile. */

#include "lib/text.h"

struct legacy_symbol {
	struct span function; /* an address where there is no symbol */
	struct span file;     /* "" where it is not known */
	uint32_t line;
};
bool legacy_symbol_parse(struct span line, struct legacy_symbol *ret);
/* "12 @ 0x45 0x67". */
bool legacy_count_parse(struct span line, uint64_t *ret_count,
			struct span *ret_addresses);
/* Takes the next "0x..." from the front; false: there is none. */
bool legacy_address_next(struct span *rest, struct span *ret);
