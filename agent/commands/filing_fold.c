/* A rule that opens incident after incident: of an hour a few stand (core/fold), and the
 * newest counts those that went. It counts before they go: a kill in between leaves one
 * that is counted and still stands, and the next seal lets it go. */
#include <errno.h>
#include <string.h>

#include "commands/filing_parts.h"
#include "core/fold.h"
#include "edge/disk/folder.h"
#include "edge/fs.h"
#include "edge/log.h"
#include "lib/num.h"

/* A loop fills these slowly: one comes, one goes. What is beyond them waits for the next
 * seal, or for retention. */
#define FOUND_MAX (2 * LIMITS_MOST)

struct found {
	char name[INCIDENT_MAX];
	struct omitted omitted;
};

struct fold {
	const struct filing *filing;
	const struct manifest *newest;
	struct fold_entry entries[FOUND_MAX + 1];
	struct found found[FOUND_MAX + 1];
	size_t n;
};

static uint64_t score(const struct reason *reason)
{
	return reason->threshold ? num_scale(reason->value, 1000, reason->threshold) : 0;
}

static void add(struct fold *fold, const char *name, const struct manifest *manifest)
{
	(void)text_copy(fold->found[fold->n].name, INCIDENT_MAX, name);
	fold->found[fold->n].omitted = manifest->omitted;
	fold->entries[fold->n++] =
		(struct fold_entry){.at_ms = manifest->reason.at_ms,
				    .score = score(&manifest->reason),
				    .captured = manifest->n_captures > 0};
}

/* Of the same rule, sealed, and not an hour away. */
static bool belongs(const struct fold *fold, const struct manifest *other)
{
	int64_t apart_ms = num_sub_i64(other->reason.at_ms, fold->newest->reason.at_ms);

	return other->sealed &&
	       text_equal(other->reason.rule, fold->newest->reason.rule) &&
	       apart_ms < FOLD_WINDOW_MS && apart_ms > -FOLD_WINDOW_MS;
}

static int visit(void *context, const char *name)
{
	struct fold *fold = context;
	AUTO_CLOSE int fd = -1;
	AUTO_MANIFEST struct manifest manifest;
	char why[MANIFEST_WHY_MAX];

	manifest_init(&manifest);
	/* The name has the rule: the manifests of others need not be read. */
	if (fold->n == FOUND_MAX || !job_is_component(name, INCIDENT_MAX) ||
	    !strstr(name, fold->newest->reason.slug) ||
	    text_equal(name, fold->newest->id))
		return 0;
	fd = archive_dir(fold->filing->servicefd, name, false);
	if (fd >= 0 && store_read(fd, STORE_MANIFEST, &manifest, why) == 0 &&
	    belongs(fold, &manifest))
		add(fold, name, &manifest);
	return 0; /* what cannot be read is `verify`'s to tell */
}

/* One more, and all those that it had counted. */
static void count(struct omitted *omitted, const struct fold_entry *entry,
		  const struct omitted *its)
{
	int64_t from_ms = its->folded ? MIN(its->from_ms, entry->at_ms) : entry->at_ms;
	int64_t to_ms = its->folded ? MAX(its->to_ms, entry->at_ms) : entry->at_ms;

	omitted->from_ms = omitted->folded ? MIN(omitted->from_ms, from_ms) : from_ms;
	omitted->to_ms = omitted->folded ? MAX(omitted->to_ms, to_ms) : to_ms;
	omitted->folded = (uint32_t)MIN(num_add(num_add(omitted->folded, its->folded), 1),
					UINT32_MAX);
}

int filing_fold(const struct filing *filing, struct manifest *manifest,
		struct folded *ret)
{
	AUTO_FREE struct fold *fold = NULL;
	size_t victim, own;
	int r;

	ret->n = 0;
	if (!filing->job->keep_incidents)
		return 0;
	fold = calloc(1, sizeof(*fold));
	if (!fold)
		return -ENOMEM;
	fold->filing = filing;
	fold->newest = manifest;
	r = folder_names(filing->servicefd, visit, fold);
	own = fold->n;
	add(fold, manifest->id, manifest);
	while (r == 0 && ret->n < FOLDED_MAX &&
	       (victim = fold_next(fold->entries, fold->n, filing->job->keep_incidents)) <
		       own) {
		fold->entries[victim].dropped = true;
		count(&manifest->omitted, &fold->entries[victim],
		      &fold->found[victim].omitted);
		(void)text_copy(ret->names[ret->n++], INCIDENT_MAX,
				fold->found[victim].name);
	}
	return r;
}

void filing_fold_drop(struct filing *filing, const struct folded *folded)
{
	const char *service = filing->job->service;

	for (size_t i = 0; i < folded->n; i++) {
		int r = filing_trash(&filing->archive, service, folded->names[i],
				     filing->servicefd, folded->names[i]);

		if (r < 0)
			log_warn("cannot drop incident %s of '%s': %s; the next seal "
				 "tries again",
				 folded->names[i], service, strerror(-r));
	}
}
