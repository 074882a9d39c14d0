#pragma once
/* What the archive drops when it is too large, pure: entries and a policy in, names out.
 *
 * Of the service that holds most bytes: ordinary incidents by age (oldest first), then
 * its worst one (largest value / threshold), then its first, then its newest. So a quiet
 * service loses nothing to a noisy one, and a crash loop keeps its first, worst and
 * newest. For max_incidents the service with most incidents gives first. Live files go
 * last of all and only for bytes: those of targets that are gone before those of living
 * ones, and none where nobody knows who lives. Open incidents are never dropped. Live
 * files of a target that is gone are dropped without need, except for the newest base of
 * the service: it can be borrowed. */

#include "core/job.h"

enum retention_kind {
	RETAIN_INCIDENT,
	RETAIN_LIVE, /* .live/<key> */
};

struct retention_entry {
	enum retention_kind kind;
	char service[SERVICE_MAX];
	char name[INCIDENT_MAX]; /* the incident's directory, or the key */
	int64_t at_ms;  /* Unix: of the incident's opening, of the newest live file */
	uint64_t bytes; /* that dropping it frees */
	uint64_t score; /* value / threshold in thousandths; 0: unknown */
	bool open;      /* RETAIN_INCIDENT: not sealed */
	bool living;    /* RETAIN_LIVE: the target still runs */
	bool pinned;    /* RETAIN_LIVE: nobody knows whether it runs; it stays */
	bool has_base;  /* RETAIN_LIVE */
	uint32_t drop;  /* result: 0 stays, else its place in the order of dropping */
};

struct retention_policy {
	uint64_t max_use;       /* bytes of all entries; 0: no bound */
	uint64_t keep_free;     /* bytes that stay free on the file system; 0: no bound */
	uint64_t max_incidents; /* 0: no bound */
};

/* Marks what is to be dropped and sorts it to the front, in the order of dropping.
 * free_bytes: what the file system has free now. Returns how many are marked. */
size_t retention_plan(struct retention_entry *entries, size_t n,
		      const struct retention_policy *policy, uint64_t free_bytes);
