/* Both read the same capture, so they must not contradict each other in front of a
 * reader. */
#include "lib/num.h"
#include "prof/memory.h"

#define HOLDS 4 /* the part of the memory that is too much to be acquitted */

static bool is_not_live(enum memory_label label)
{
	return label == LABEL_FREED_NOT_RETURNED || label == LABEL_PAGE_CACHE ||
	       label == LABEL_NOT_THE_GO_HEAP || label == LABEL_AT_GOMEMLIMIT;
}

static void acquit(const struct memory_account *account, struct grew *grew)
{
	size_t kept = 0;

	for (size_t i = 0; i < grew->n; i++) {
		const struct suspect *suspect = &grew->list[i];
		int64_t growth = num_sub_i64(suspect->now, suspect->base);

		if (suspect->kind == SUSPECT_HEAP && growth >= 0 &&
		    (uint64_t)growth < account->total / HOLDS) {
			grew->rest[SUSPECT_HEAP] =
				num_add_i64(grew->rest[SUSPECT_HEAP], growth);
			continue;
		}
		grew->list[kept++] = *suspect;
	}
	grew->n = kept;
}

static void put_first(enum suspect_kind kind, struct grew *grew)
{
	const struct grew ranked = *grew;
	size_t n = 0;

	for (size_t i = 0; i < ranked.n; i++) {
		if (ranked.list[i].kind == kind)
			grew->list[n++] = ranked.list[i];
	}
	for (size_t i = 0; i < ranked.n; i++) {
		if (ranked.list[i].kind != kind)
			grew->list[n++] = ranked.list[i];
	}
}

void memory_follow(const struct memory_account *account, struct grew *grew)
{
	if (is_not_live(account->label) && account->of != ACCOUNT_NONE)
		acquit(account, grew);
	if (account->label == LABEL_HEAP_GROWTH)
		put_first(SUSPECT_HEAP, grew);
	if (account->label == LABEL_GOROUTINE_GROWTH)
		put_first(SUSPECT_GOROUTINES, grew);
}
