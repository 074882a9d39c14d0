/* What was built becomes visible: by one rename, and where a manifest has to follow, with
 * the note in place until it has. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "commands/filing_parts.h"
#include "edge/disk/folder.h"
#include "edge/fs.h"
#include "lib/stamp.h"

static bool has_complete(const struct capture_record *record)
{
	for (size_t i = 0; i < record->n_artifacts; i++) {
		if (record->artifacts[i].result == KEPT_COMPLETE)
			return true;
	}
	return false;
}

int filing_remove_note(int dirfd)
{
	if (unlinkat(dirfd, STORE_NOTE, 0) == 0)
		return archive_sync(dirfd);
	/* Of thousands that are looked through at a start hardly one has a note: nothing
	 * was changed, so nothing is made durable. */
	return errno == ENOENT ? 0 : -errno;
}

/* The incident appears with its first capture: whole, by one rename. */
static int commit_new(struct filing *filing)
{
	AUTO_MANIFEST struct manifest manifest;
	const struct job *job = filing->job;
	int r;

	manifest_from_job(job, &manifest);
	r = manifest_add_capture(&manifest, &filing->record);
	if (r == 0)
		r = filing_link_base(filing->servicefd, job, filing->topfd, &manifest);
	if (r == 0)
		r = filing_link_recorder(filing->servicefd, job->key, job->recorder_keep,
					 filing->topfd, &manifest);
	if (r == 0)
		r = filing_write(filing, filing->topfd, &manifest);
	if (r == 0)
		r = filing_remove_note(filing->dirfd);
	if (r == 0)
		r = folder_sync(filing->topfd);
	if (r == 0)
		r = archive_publish(filing->parentfd, filing->name, filing->servicefd,
				    job->incident);
	return r;
}

static int add_to_manifest(struct filing *filing)
{
	AUTO_MANIFEST struct manifest manifest;
	char why[MANIFEST_WHY_MAX];
	int r = store_read(filing->parentfd, STORE_MANIFEST, &manifest, why);

	if (r == 0)
		r = manifest_add_capture(&manifest, &filing->record);
	if (r == 0 && manifest.base.state == BASE_MISSING)
		r = filing_link_base(filing->servicefd, filing->job, filing->parentfd,
				     &manifest);
	return r < 0 ? r : filing_write(filing, filing->parentfd, &manifest);
}

/* A further capture gets its name first and is named in the manifest second; its note
 * goes last, so that salvage can finish what was begun. */
static int commit_further(struct filing *filing)
{
	int r = filing_note(filing, true);

	if (r == 0)
		r = folder_sync(filing->topfd);
	if (r == 0)
		r = archive_hold(filing->parentfd, true);
	if (r == 0)
		r = archive_publish(filing->parentfd, filing->name, filing->parentfd,
				    filing->record.dir);
	if (r == 0)
		r = add_to_manifest(filing);
	return r < 0 ? r : filing_remove_note(filing->dirfd);
}

static int live_path(const struct job *job, const char *below, char *to, size_t size)
{
	int len = snprintf(to, size, ARCHIVE_LIVE "/%s%s%s", job->key,
			   below[0] ? "/" : "", below);

	return len < 0 || (size_t)len >= size ? -ENAMETOOLONG : 0;
}

static int open_live(const struct filing *filing, const char *below)
{
	char path[2 * TARGET_KEY_MAX];
	int r = live_path(filing->job, below, path, sizeof(path));

	return r < 0 ? r : archive_path(filing->servicefd, path, true);
}

/* A later base takes the place of an early one in one step; incidents keep the early
 * one's files by their links. */
static int commit_base(struct filing *filing)
{
	AUTO_CLOSE int live = open_live(filing, "");
	int r = live < 0 ? live : filing_note(filing, true);

	if (r == 0)
		r = folder_sync(filing->topfd);
	if (r == 0)
		r = archive_swap(filing->parentfd, filing->name, live, STORE_BASE);
	return r == 1 ? folder_remove(filing->parentfd, filing->name) : r;
}

static int commit_heap(struct filing *filing)
{
	AUTO_CLOSE int ring = open_live(filing, STORE_RECORDER);
	char name[STAMP_MAX];
	int r = ring < 0 ? ring : filing_note(filing, true);

	if (r == 0)
		r = folder_sync(filing->topfd);
	if (r == 0)
		r = archive_publish(filing->parentfd, filing->name, ring,
				    stamp_name(filing->record.at_ms, name));
	if (r == -EEXIST) /* names tell seconds, and one heap of each is enough */
		return folder_remove(filing->parentfd, filing->name);
	return r < 0 ? r : filing_prune_recorder(filing, ring);
}

int filing_commit(struct filing *filing)
{
	bool live = filing->job->kind == JOB_BASE || filing->job->kind == JOB_RECORD;

	if (live && !has_complete(&filing->record))
		return -ENODATA;
	filing->leave = true;
	if (filing->job->kind == JOB_BASE)
		return commit_base(filing);
	if (filing->job->kind == JOB_RECORD)
		return commit_heap(filing);
	return filing->name[0] == '.' ? commit_further(filing) : commit_new(filing);
}
