/* The report of an incident. Its files are replaced one by one, and a sealed incident
 * promises their digests: so the manifest first says that a report is being written and
 * names none of them, then the files follow, then the manifest with them. Killed in
 * between, each file is whole, old or new, and salvage names what it finds. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "commands/filing_parts.h"
#include "edge/clock.h"
#include "edge/fs.h"

static int derive(int dirfd, const char *name, struct manifest *manifest)
{
	struct file_record file = {0};
	int r = store_digest(dirfd, name, &file);

	if (r == -ENOENT) {
		manifest_drop_derived(manifest, name);
		return 0;
	}
	if (!manifest->sealed)
		file.sha256[0] = '\0'; /* it is no promise yet */
	return r < 0 ? r : manifest_add_derived(manifest, &file);
}

int filing_derive_report(int dirfd, struct manifest *manifest)
{
	int r = 0;

	for (size_t i = 0; r == 0 && store_report[i]; i++)
		r = derive(dirfd, store_report[i], manifest);
	return r;
}

static void say(struct manifest *manifest, enum report_result result, const char *why)
{
	manifest->reported =
		(struct report_record){.result = result, .at_ms = clock_unix_ms()};
	(void)text_copy(manifest->reported.why, sizeof(manifest->reported.why), why);
}

bool filing_settle_report(struct manifest *manifest)
{
	if (manifest->reported.result != REPORT_WRITING)
		return false;
	say(manifest, REPORT_FAILED, "agent-restart: it was interrupted while written");
	return true;
}

static void drop_all(struct manifest *manifest)
{
	for (size_t i = 0; store_report[i]; i++)
		manifest_drop_derived(manifest, store_report[i]);
}

static int replace(int dirfd, const char *name, struct span text)
{
	return fs_replace_at(dirfd, name, text.at, text.len, ARCHIVE_FILE_MODE, true);
}

static int replace_all(int dirfd, const struct filing_report *report)
{
	int r = replace(dirfd, STORE_PAGE, report->html);

	if (r == 0)
		r = replace(dirfd, STORE_SUMMARY, report->summary);
	return r < 0 ? r : replace(dirfd, STORE_REPORT, report->json);
}

/* What is on the disk after a failure is what the manifest names. */
static int settle(int dirfd, struct manifest *manifest, int error)
{
	int r = filing_derive_report(dirfd, manifest);

	if (error < 0)
		say(manifest, REPORT_FAILED, strerror(-error));
	else
		say(manifest, REPORT_COMPLETE, "");
	if (r == 0)
		r = store_write(dirfd, STORE_MANIFEST, manifest, true);
	return error < 0 ? error : r;
}

static int write_report(int dirfd, const struct filing_report *report,
			struct manifest *manifest)
{
	int r;

	say(manifest, REPORT_WRITING, "");
	drop_all(manifest);
	r = store_write(dirfd, STORE_MANIFEST, manifest, true);
	if (r < 0)
		return r; /* the old manifest stands, and so do its files */
	return settle(dirfd, manifest, replace_all(dirfd, report));
}

static int write_failure(int dirfd, const char *why, struct manifest *manifest)
{
	say(manifest, REPORT_FAILED, why);
	return store_write(dirfd, STORE_MANIFEST, manifest, true);
}

/* Retention may have moved it away before it was ours: nothing is written into what is
 * being removed. */
bool filing_stands(int servicefd, const char *id, int dirfd)
{
	struct stat named, held;

	return fstatat(servicefd, id, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	       fstat(dirfd, &held) == 0 && named.st_dev == held.st_dev &&
	       named.st_ino == held.st_ino;
}

static int report_standing(struct filing *filing, int dirfd,
			   const struct filing_report *report)
{
	AUTO_MANIFEST struct manifest manifest;
	char why[MANIFEST_WHY_MAX];
	int r;

	manifest_init(&manifest);
	r = store_read(dirfd, STORE_MANIFEST, &manifest, why);
	if (r < 0)
		return r;
	if (report->failed)
		return write_failure(dirfd, report->failed, &manifest);
	if (filing_free(&filing->archive) < filing->policy.keep_free) {
		r = write_failure(dirfd, "the disk has less than keep_free left",
				  &manifest);
		return r < 0 ? r : FILING_FULL;
	}
	return write_report(dirfd, report, &manifest);
}

int filing_report(struct filing *filing, const char *service, const char *id,
		  const struct filing_report *report)
{
	AUTO_CLOSE int servicefd = archive_dir(filing->archive.fd, service, false);
	AUTO_CLOSE int dirfd =
		servicefd < 0 ? servicefd : archive_dir(servicefd, id, false);
	int r = dirfd < 0 ? dirfd : archive_hold(dirfd, true);

	if (r == -ENOENT || (r == 0 && !filing_stands(servicefd, id, dirfd)))
		return FILING_GONE;
	return r < 0 ? r : report_standing(filing, dirfd, report);
}
