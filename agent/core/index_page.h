#pragma once
/* The index page of net/http/pprof: a table with one row "count, name" per profile. It is
 * the cheapest question there is (no dump, no stop of the world) and answers how many
 * goroutines there are. The layout changed several times, from
 *   <tr><td align=right>5<td><a href="goroutine?debug=1">goroutine</a>   (up to Go 1.10)
 * to
 *   <tr><td>5</td><td><a href='goroutine?debug=1'>goroutine</a></td></tr> (from Go 1.17)
 * and other routers write prefixes into the links; two cells and a link stayed. */

#include <stdbool.h>

#include "lib/text.h"

struct index_row {
	struct span name; /* foreign bytes, inside of the page */
	uint64_t count;
};
/* Next row with a count; false at the end of the page. rest is moved on. */
bool index_page_next(struct span *rest, struct index_row *ret);

struct index_page {
	uint64_t goroutines;
	uint64_t threads;   /* created, not living */
	uint64_t places;    /* in the code that allocated so far, sampled */
	bool leaks_offered; /* goroutineleak: Go 1.26 with the experiment, 1.27 */
};
/* 0, or -EBADMSG where the page counts no goroutines: it is none of pprof. */
int index_page_parse(struct span page, struct index_page *ret) must_check;
