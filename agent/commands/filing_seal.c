/* The end of an incident: timeline, digests of what was derived, verdict. The manifest
 * says `sealed` last; a seal that was cut is done again. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "commands/filing_parts.h"
#include "commands/log_keep.h"
#include "edge/clock.h"
#include "edge/disk/folder.h"
#include "edge/fs.h"
#include "edge/kernel/buildinfo.h"
#include "edge/roots.h"

#define LOG_PARTIAL "log.gz" ARTIFACT_PARTIAL

/* Every derived file that is there, with its digest: from now on it is a promise. */
static int digest_derived(int dirfd, struct manifest *manifest)
{
	int r = 0;

	manifest->n_derived = 0;
	for (size_t i = 0; r == 0 && store_derived[i]; i++) {
		struct file_record file = {0};

		r = store_digest(dirfd, store_derived[i], &file);
		if (r == 0)
			r = manifest_add_derived(manifest, &file);
		else if (r == -ENOENT)
			r = 0;
	}
	return r;
}

static int put_timeline(struct filing *filing, int dirfd, struct span timeline)
{
	int r;

	if (timeline.len == 0)
		return 0;
	r = fs_replace_at(dirfd, STORE_TIMELINE, timeline.at, timeline.len,
			  ARCHIVE_FILE_MODE, true);
	if (filing_is_full(r) && filing_drop_some(filing) == 0)
		r = fs_replace_at(dirfd, STORE_TIMELINE, timeline.at, timeline.len,
				  ARCHIVE_FILE_MODE, true);
	/* Without room for the timeline the verdict is still worth its few bytes. */
	return filing_is_full(r) ? 0 : r;
}

/* The last words: what a capture has ends when it was taken, and this goes to the end. A
 * failure is told in the manifest and keeps no verdict back. */
static int put_log(const struct filing *filing, int dirfd, struct manifest *manifest)
{
	const struct artifact_info *info = &artifact_table[ARTIFACT_LOG];
	struct log_keeping keeping = {
		.source = &filing->job->log,
		.lives = 2,
		.dirfd = dirfd,
		.keep_free = filing->policy.keep_free,
	};
	int r;

	manifest->log = (struct artifact_record){0};
	if (keeping.source->kind == LOG_NONE)
		return 0;
	r = gzip_new(&keeping.gzip);
	if (r < 0)
		return r;
	manifest->log.at_ms = clock_unix_ms();
	(void)text_copy(manifest->log.name, sizeof(manifest->log.name), info->file);
	(void)text_copy(manifest->log.kind, sizeof(manifest->log.kind), info->name);
	/* Of an earlier try, which ended before the manifest knew. */
	(void)unlinkat(dirfd, info->file, 0);
	(void)unlinkat(dirfd, LOG_PARTIAL, 0);
	log_keep(&keeping, &manifest->log);
	gzip_free(keeping.gzip);
	return 0;
}

static int write_seal(struct filing *filing, int dirfd, struct span timeline,
		      struct manifest *manifest)
{
	int r = put_timeline(filing, dirfd, timeline);

	if (r == 0)
		r = digest_derived(dirfd, manifest);
	if (r == 0)
		r = put_log(filing, dirfd, manifest);
	if (r < 0)
		return r;
	filing_settle_report(manifest);
	manifest->sealed = true;
	manifest->verdict = filing->job->verdict;
	manifest->omitted = filing->job->omitted;
	/* Which others stand is no reason for this one not to be sealed. */
	(void)!filing_fold(filing, manifest, &filing->folded);
	return filing_write(filing, dirfd, manifest);
}

static int seal_standing(struct filing *filing, int dirfd, struct span timeline)
{
	AUTO_MANIFEST struct manifest manifest;
	char why[MANIFEST_WHY_MAX];
	int r = archive_hold(dirfd, true);

	manifest_init(&manifest);
	if (r == 0)
		r = store_read(dirfd, STORE_MANIFEST, &manifest, why);
	if (r < 0 || manifest.sealed) /* done before; whoever asked did not hear of it */
		return r;
	return write_seal(filing, dirfd, timeline, &manifest);
}

/* Below base/, where the build of a target stands that has a base: without it nobody can
 * tell the program's own functions in the heaps of the recorder. */
static int put_build(struct filing *filing, int program, struct manifest *manifest)
{
	struct base_record *base = &manifest->base;
	struct artifact_record *record = &base->artifacts[base->n_artifacts];
	AUTO_CLOSE int dir = -1;
	AUTO_BUF struct buf text;
	struct roots roots;
	int r = roots_open(NULL, &roots);

	buf_init(&text, BUILDINFO_MAX);
	if (r < 0)
		return r;
	r = buildinfo_program(&roots, program, &text);
	roots_fini(&roots);
	if (r != 0)
		return 0; /* it has none, or it is too late: the verdict counts */
	dir = archive_dir(filing->topfd, STORE_BASE, true);
	if (dir < 0)
		return dir;
	*record = (struct artifact_record){.at_ms = manifest->verdict.at_ms};
	(void)text_copy(record->name, sizeof(record->name),
			artifact_table[ARTIFACT_BUILD].file);
	(void)text_copy(record->kind, sizeof(record->kind),
			artifact_table[ARTIFACT_BUILD].name);
	r = artifact_file_put(dir, filing->policy.keep_free,
			      (struct span){text.data, text.len}, true, record);
	if (r == 0)
		base->n_artifacts++;
	return r < 0 ? r : archive_sync(dir);
}

/* No capture was filed: a kill that no rule saw coming, or one that left no time. */
static int seal_new(struct filing *filing, const struct filing_end *end)
{
	AUTO_MANIFEST struct manifest manifest;
	const struct job *job = filing->job;
	int r;

	manifest_from_job(job, &manifest);
	r = filing_link_base(filing->servicefd, job, filing->topfd, &manifest);
	if (r == 0)
		r = filing_link_recorder(filing->servicefd, job->key, job->recorder_keep,
					 filing->topfd, &manifest);
	if (r == 0 && manifest.base.state == BASE_MISSING && end->program >= 0)
		r = put_build(filing, end->program, &manifest);
	if (r == 0)
		r = write_seal(filing, filing->topfd, end->timeline, &manifest);
	if (r == 0)
		r = folder_sync(filing->topfd);
	filing->leave = r == 0;
	return r < 0 ? r
		     : archive_publish(filing->parentfd, filing->name, filing->servicefd,
				       job->incident);
}

static int build_new(struct filing *filing)
{
	const struct job *job = filing->job;
	int len = snprintf(filing->name, sizeof(filing->name), "%s%c%s%cseal",
			   job->service, STORE_SEPARATOR, job->incident, STORE_SEPARATOR);

	if (len < 0 || (size_t)len >= sizeof(filing->name))
		return -ENAMETOOLONG;
	filing->parentfd = archive_dir(filing->archive.fd, ARCHIVE_STAGING, true);
	if (filing->parentfd < 0)
		return filing->parentfd;
	filing->topfd = archive_build(filing->parentfd, filing->name);
	if (filing->topfd == -EEXIST) { /* an earlier try, which ended */
		int r = folder_remove(filing->parentfd, filing->name);

		filing->topfd = r < 0 ? r : archive_build(filing->parentfd, filing->name);
	}
	return MIN(filing->topfd, 0);
}

static int seal(struct filing *filing, const struct filing_end *end)
{
	const struct job *job = filing->job;
	AUTO_CLOSE int incident = -1;
	int r;

	filing->servicefd = archive_dir(filing->archive.fd, job->service, true);
	if (filing->servicefd < 0)
		return filing->servicefd;
	incident = archive_dir(filing->servicefd, job->incident, false);
	if (incident >= 0)
		return seal_standing(filing, incident, end->timeline);
	if (incident != -ENOENT)
		return incident;
	r = build_new(filing);
	return r < 0 ? r : seal_new(filing, end);
}

int filing_seal(struct filing *filing, const struct job *job,
		const struct filing_end *end)
{
	int r;

	filing->job = job;
	filing->folded.n = 0;
	r = seal(filing, end);
	if (r == 0)
		filing_fold_drop(filing, &filing->folded);
	return r;
}
