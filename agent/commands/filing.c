/* Every state that a kill can leave behind is one that salvage knows: until the rename
 * there is a directory in .staging (or .NN) whose note says what it is for, after it
 * there is a whole incident; between the rename of .NN and the new manifest the note is
 * still there. */
#include "commands/filing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands/filing_parts.h"
#include "edge/clock.h"
#include "edge/disk/folder.h"
#include "edge/fs.h"

static int set_name(struct filing *filing, const char *name, const char *tail)
{
	int len = snprintf(filing->name, sizeof(filing->name), "%s%c%s%c%s",
			   filing->job->service, STORE_SEPARATOR, name, STORE_SEPARATOR,
			   tail);

	return len < 0 || (size_t)len >= sizeof(filing->name) ? -ENAMETOOLONG : 0;
}

static bool exists(int dirfd, const char *name)
{
	return faccessat(dirfd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* A further capture of an incident that stands: .NN in it, held itself. */
static int place_further(struct filing *filing, int incidentfd)
{
	filing->parentfd = incidentfd;
	if (exists(incidentfd, filing->record.dir))
		return -EEXIST;
	(void)snprintf(filing->name, sizeof(filing->name), ".%s", filing->record.dir);
	return 0;
}

static int place_staging(struct filing *filing, const char *name, const char *tail)
{
	filing->parentfd = archive_dir(filing->archive.fd, ARCHIVE_STAGING, true);
	return filing->parentfd < 0 ? filing->parentfd : set_name(filing, name, tail);
}

/* Where it is built and what it is called there: parentfd, name, record.dir. */
static int choose_place(struct filing *filing)
{
	const struct job *job = filing->job;
	char *dir = filing->record.dir;
	int fd;

	if (job->kind == JOB_BASE || job->kind == JOB_RECORD) {
		bool base = job->kind == JOB_BASE;

		(void)text_copy(dir, sizeof(filing->record.dir),
				base ? STORE_BASE : "heap");
		return place_staging(filing, job->key, dir);
	}
	(void)snprintf(dir, sizeof(filing->record.dir), "%02u",
		       job->number % (CAPTURE_NUMBER_MAX + 1));
	fd = archive_dir(filing->servicefd, job->incident, false);
	if (fd >= 0)
		return place_further(filing, fd);
	return fd == -ENOENT ? place_staging(filing, job->incident, dir) : fd;
}

static int build(struct filing *filing)
{
	filing->topfd = archive_build(filing->parentfd, filing->name);
	if (filing->topfd < 0)
		return filing->topfd;
	if (filing->name[0] != '.' && store_is_capture(filing->record.dir))
		filing->dirfd = archive_dir(filing->topfd, filing->record.dir, true);
	else
		filing->dirfd = fcntl(filing->topfd, F_DUPFD_CLOEXEC, 0);
	return filing->dirfd < 0 ? -errno : 0;
}

/* What the directory is for, without waiting for the disk: a kill does not lose it, and
 * filing_kept makes it durable together with the first artifact. */
int filing_note(const struct filing *filing, bool durable)
{
	AUTO_MANIFEST struct manifest note;
	int r;

	manifest_from_job(filing->job, &note);
	r = manifest_add_capture(&note, &filing->record);
	return r < 0 ? r : store_write(filing->dirfd, STORE_NOTE, &note, durable);
}

static void begin_record(struct filing *filing)
{
	struct capture_record *record = &filing->record;
	const struct reason *reason = &filing->job->reason;

	capture_record_init(record);
	(void)text_copy(record->rule, sizeof(record->rule), reason->rule);
	record->at_ms = reason->at_ms ? reason->at_ms : clock_unix_ms();
	record->value = reason->rule[0] ? reason->value : MANIFEST_UNKNOWN;
}

static int begin_once(struct filing *filing)
{
	int r;

	filing->servicefd = archive_dir(filing->archive.fd, filing->job->service, true);
	if (filing->servicefd < 0)
		return filing->servicefd;
	r = choose_place(filing);
	if (r == 0)
		r = build(filing);
	return r < 0 ? r : filing_note(filing, false);
}

/* Back to before begin_once. */
static void undo(struct filing *filing)
{
	filing_remove(filing);
	filing_close_dirs(filing);
}

int filing_begin(struct filing *filing, const struct job *job)
{
	int r;

	filing->job = job;
	begin_record(filing);
	r = filing_make_room(filing);
	if (r != 0)
		return r;
	r = begin_once(filing);
	if (filing_is_full(r)) { /* no inode, no quota, a reserve of others: keep_free
				    cannot know */
		undo(filing);
		r = filing_drop_some(filing);
		if (r == 0)
			r = begin_once(filing);
	}
	if (r < 0)
		undo(filing);
	return filing_is_full(r) ? FILING_FULL : r;
}

struct artifact_record *filing_record(struct filing *filing, const char *name,
				      const char *kind)
{
	struct artifact_record *record =
		capture_add(&filing->record,
			    filing->job->kind == JOB_RECORD ? "heap.pb.gz" : name, kind);

	if (record)
		record->at_ms = clock_unix_ms();
	return record;
}

int filing_file(struct filing *filing, const struct artifact_record *record,
		struct artifact_file *ret)
{
	uint64_t keep_free = filing->policy.keep_free;
	int r = artifact_file_open(filing->dirfd, record->name, keep_free, ret);

	if (r == ARTIFACT_FILE_FULL && filing_drop_some(filing) == 0)
		r = artifact_file_open(filing->dirfd, record->name, keep_free, ret);
	return r;
}

/* The note and every directory from the capture's up to the one that stands already. */
static int sync_first(struct filing *filing)
{
	AUTO_CLOSE int note = fs_open_at(filing->dirfd, STORE_NOTE);
	int r;

	if (note < 0)
		return note;
	if (fsync(note) < 0)
		return -errno;
	r = archive_sync(filing->topfd);
	return r < 0 ? r : archive_sync(filing->parentfd);
}

int filing_kept(struct filing *filing)
{
	int r = archive_sync(filing->dirfd);

	if (r == 0 && !filing->noted)
		r = sync_first(filing);
	filing->noted |= r == 0;
	return r;
}
