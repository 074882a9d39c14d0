/* The archive back within its bounds. What goes is renamed into .staging first: half a
 * removal is not half an incident. */
#include <errno.h>
#include <stdio.h>

#include "commands/filing_parts.h"
#include "commands/usage.h"
#include "edge/disk/folder.h"
#include "edge/fs.h"
#include "edge/log.h"
#include "lib/num.h"
#include "lib/quantity.h"

/* Dropping changes who is charged for shared files: it is counted anew, a few times. */
#define ROUNDS 4

static int open_parent(int servicefd, const struct retention_entry *entry)
{
	if (entry->kind == RETAIN_LIVE)
		return archive_dir(servicefd, ARCHIVE_LIVE, false);
	return archive_dir(servicefd, ".", false);
}

int filing_trash(const struct archive *archive, const char *service, const char *label,
		 int dirfd, const char *name)
{
	AUTO_CLOSE int staging = archive_dir(archive->fd, ARCHIVE_STAGING, true);
	AUTO_CLOSE int held = -1;
	char to[SERVICE_MAX + INCIDENT_MAX + 16];
	int r;

	if (staging < 0)
		return staging;
	(void)snprintf(to, sizeof(to), "%s%c%s%ctrash", service, STORE_SEPARATOR, label,
		       STORE_SEPARATOR);
	/* Whoever changes it (a report) finishes first, and is told that it is gone when
	 * it comes again. */
	held = archive_dir(dirfd, name, false);
	if (held >= 0)
		(void)!archive_hold(held, true); /* the hold is a courtesy among us */
	r = archive_publish(dirfd, name, staging, to);
	if (r == -ENOENT)
		return 0; /* somebody was faster */
	return r < 0 ? r : folder_remove(staging, to);
}

static int drop_entry(const struct archive *archive, const struct retention_entry *entry)
{
	AUTO_CLOSE int service = archive_dir(archive->fd, entry->service, false);
	AUTO_CLOSE int parent = -1;
	char bytes[QUANTITY_MAX];
	int r;

	if (service < 0)
		return service;
	parent = open_parent(service, entry);
	if (parent < 0)
		return parent;
	r = filing_trash(archive, entry->service, entry->name, parent, entry->name);
	if (r == 0)
		log_info("dropped %s %s of '%s' (%s)",
			 entry->kind == RETAIN_LIVE ? "live files" : "incident",
			 entry->name, entry->service,
			 quantity_format(entry->bytes, bytes));
	return r;
}

/* Returns how many were dropped, or -errno. */
static int drop_planned(struct archive *archive, struct usage *usage,
			const struct retention_policy *policy)
{
	size_t n = retention_plan(usage->entries, usage->n, policy, filing_free(archive));
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++)
		r = drop_entry(archive, &usage->entries[i]);
	return r < 0 ? r : (int)n;
}

static int retain_once(struct archive *archive, const struct retention_policy *policy,
		       const struct living *living)
{
	AUTO_USAGE struct usage usage = {0};
	int r = usage_read(archive, living, &usage);

	return r < 0 ? r : drop_planned(archive, &usage, policy);
}

/* 0: ours until the descriptor is closed. 1: another process is at it. */
static int begin(int staging)
{
	int r = staging < 0 ? staging : archive_hold(staging, false);

	return r == -EWOULDBLOCK ? 1 : r;
}

int filing_retain_with(struct archive *archive, const struct retention_policy *policy,
		       const struct living *living)
{
	AUTO_CLOSE int staging = archive_dir(archive->fd, ARCHIVE_STAGING, true);
	int r = begin(staging);

	if (r != 0)
		return MIN(r, 0);
	for (int i = 0; i < ROUNDS; i++) {
		r = retain_once(archive, policy, living);
		if (r <= 0)
			break;
	}
	return MIN(r, 0);
}

int filing_retain_share(struct archive *archive, uint64_t share)
{
	AUTO_CLOSE int staging = archive_dir(archive->fd, ARCHIVE_STAGING, true);
	AUTO_USAGE struct usage usage = {0};
	struct retention_policy policy = {0};
	int r = begin(staging);

	if (r == 0)
		r = usage_read(archive, NULL, &usage);
	if (r != 0)
		return MIN(r, 0);
	for (size_t i = 0; i < usage.n; i++)
		policy.max_use = num_add(policy.max_use, usage.entries[i].bytes);
	policy.max_use =
		MAX(policy.max_use - policy.max_use / share, 1); /* 0 is no bound */
	r = drop_planned(archive, &usage, &policy);
	return MIN(r, 0);
}
