/* One victim at a time, because the service that holds most changes as it shrinks.
 * Entries are sorted by service and age first: a service is a run of them, its first and
 * its newest incident are the ends of the run. */
#include "core/retention.h"

#include <string.h>

#include "lib/num.h"

/* The entries of one service. */
struct run {
	struct retention_entry *at;
	size_t n;
};

enum { BY_BYTES, BY_COUNT };

static int compare(const void *left, const void *right)
{
	const struct retention_entry *a = left, *b = right;
	int services = strcmp(a->service, b->service);

	if (services)
		return services;
	if (a->at_ms != b->at_ms)
		return a->at_ms < b->at_ms ? -1 : 1;
	return strcmp(a->name, b->name);
}

static int compare_drop(const void *left, const void *right)
{
	const struct retention_entry *a = left, *b = right;

	/* 0 becomes the largest number: what stays comes last, in the order it had. */
	if (a->drop != b->drop)
		return a->drop - 1 < b->drop - 1 ? -1 : 1;
	return compare(left, right);
}

/* The run that begins at entry `from`; n is 0 behind the last. */
static struct run run_from(struct retention_entry *entries, size_t n, size_t from)
{
	struct run run = {entries + from, 0};

	while (from + run.n < n && !strcmp(run.at[run.n].service, run.at->service))
		run.n++;
	return run;
}

static uint64_t holding(struct run run, int by)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < run.n; i++) {
		if (run.at[i].drop)
			continue;
		sum = num_add(sum, by == BY_BYTES ? run.at[i].bytes
						  : run.at[i].kind == RETAIN_INCIDENT);
	}
	return sum;
}

static bool may_go(const struct retention_entry *entry)
{
	return entry->kind == RETAIN_INCIDENT && !entry->drop && !entry->open;
}

/* The incident that a service gives up next; NULL where it has none to give. */
static struct retention_entry *victim_of(struct run run)
{
	struct retention_entry *first = NULL, *worst = NULL, *newest = NULL;

	for (size_t i = 0; i < run.n; i++) {
		struct retention_entry *entry = &run.at[i];

		if (!may_go(entry))
			continue;
		first = first ? first : entry;
		newest = entry;
		/* Of equals the newer one is the better witness. */
		worst = !worst || entry->score >= worst->score ? entry : worst;
	}
	for (size_t i = 0; i < run.n; i++) {
		struct retention_entry *entry = &run.at[i];

		if (may_go(entry) && entry != first && entry != worst && entry != newest)
			return entry;
	}
	if (worst != first && worst != newest)
		return worst;
	return first;
}

/* The victim of the service that holds most among those that have one to give. */
static struct retention_entry *next_incident(struct retention_entry *entries, size_t n,
					     int by)
{
	struct retention_entry *best = NULL;
	uint64_t most = 0;
	struct run run;

	for (size_t from = 0; (run = run_from(entries, n, from)).n > 0; from += run.n) {
		struct retention_entry *victim = victim_of(run);
		uint64_t holds = holding(run, by);

		if (victim && (!best || holds > most)) {
			best = victim;
			most = holds;
		}
	}
	return best;
}

/* The oldest live files, those of targets that are gone first. */
static struct retention_entry *next_live(struct retention_entry *entries, size_t n)
{
	struct retention_entry *best = NULL;

	for (size_t i = 0; i < n; i++) {
		struct retention_entry *entry = &entries[i];

		if (entry->kind != RETAIN_LIVE || entry->drop || entry->pinned)
			continue;
		if (!best || entry->living < best->living ||
		    (entry->living == best->living && entry->at_ms < best->at_ms))
			best = entry;
	}
	return best;
}

/* Live files of targets that are gone serve nobody, but for the newest base of a service.
 */
static void drop_litter(struct run run, uint32_t *order)
{
	bool newer_base = false;

	for (size_t i = run.n; i-- > 0;) {
		struct retention_entry *entry = &run.at[i];

		if (entry->kind != RETAIN_LIVE)
			continue;
		if (!entry->living && !entry->pinned && (!entry->has_base || newer_base))
			entry->drop = ++*order;
		newer_base |= entry->has_base;
	}
}

static uint64_t total(const struct retention_entry *entries, size_t n, int by,
		      bool dropped)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		if (!entries[i].drop == dropped)
			continue;
		sum = num_add(sum, by == BY_BYTES ? entries[i].bytes
						  : entries[i].kind == RETAIN_INCIDENT);
	}
	return sum;
}

static bool too_large(const struct retention_entry *entries, size_t n,
		      const struct retention_policy *policy, uint64_t free_bytes)
{
	uint64_t freed = total(entries, n, BY_BYTES, true);

	return (policy->max_use &&
		total(entries, n, BY_BYTES, false) > policy->max_use) ||
	       num_add(free_bytes, freed) < policy->keep_free;
}

size_t retention_plan(struct retention_entry *entries, size_t n,
		      const struct retention_policy *policy, uint64_t free_bytes)
{
	struct retention_entry *victim;
	uint32_t order = 0;
	struct run run;

	for (size_t i = 0; i < n; i++)
		entries[i].drop = 0;
	if (n > 0)
		qsort(entries, n, sizeof(*entries), compare);
	for (size_t from = 0; (run = run_from(entries, n, from)).n > 0; from += run.n)
		drop_litter(run, &order);
	while (policy->max_incidents &&
	       total(entries, n, BY_COUNT, false) > policy->max_incidents &&
	       (victim = next_incident(entries, n, BY_COUNT)))
		victim->drop = ++order;
	while (too_large(entries, n, policy, free_bytes) &&
	       ((victim = next_incident(entries, n, BY_BYTES)) ||
		(victim = next_live(entries, n))))
		victim->drop = ++order;
	if (n > 0)
		qsort(entries, n, sizeof(*entries), compare_drop);
	return order;
}
