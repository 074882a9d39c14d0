#include "core/fold.h"

/* Is a the better one to keep as the worst of the hour? */
static bool is_worse(const struct fold_entry *a, const struct fold_entry *b)
{
	if (a->captured != b->captured)
		return a->captured;
	if (a->score != b->score)
		return a->score > b->score;
	return a->at_ms > b->at_ms;
}

/* What cost a capture goes later. */
static bool goes_before(const struct fold_entry *a, const struct fold_entry *b)
{
	if (a->captured != b->captured)
		return b->captured;
	return a->at_ms < b->at_ms;
}

size_t fold_next(const struct fold_entry *entries, size_t n, uint64_t keep)
{
	size_t first = n, worst = n, newest = n, victim = n, left = 0;

	for (size_t i = 0; i < n; i++) {
		if (entries[i].dropped)
			continue;
		left++;
		if (first == n || entries[i].at_ms < entries[first].at_ms)
			first = i;
		if (newest == n || entries[i].at_ms >= entries[newest].at_ms)
			newest = i;
		if (worst == n || is_worse(&entries[i], &entries[worst]))
			worst = i;
	}
	if (left <= keep)
		return n;
	for (size_t i = 0; i < n; i++) {
		if (entries[i].dropped || i == first || i == worst || i == newest)
			continue;
		if (victim == n || goes_before(&entries[i], &entries[victim]))
			victim = i;
	}
	return victim;
}
