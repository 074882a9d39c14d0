/* The first failure decides: nothing is written after it, nothing is tried again. An
 * fsync that failed is not repeated, because the kernel forgets the pages that it could
 * not write and a second fsync would succeed without them. */
#include "edge/disk/artifact_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "edge/disk/archive.h"
#include "edge/fs.h"
#include "lib/num.h"

/* Twice as many bytes of page cache may be held: one step on its way to the disk, one
 * that is being written. A guess. */
#define STEP (UINT64_C(8) << 20)

static int fail(struct artifact_file *file, const char *doing, int error)
{
	bool full = error == -ENOSPC || error == -EDQUOT;

	file->result = full ? ARTIFACT_FILE_FULL : error;
	if (full)
		snprintf(file->why, sizeof(file->why), "%s: the %s is full", doing,
			 error == -EDQUOT ? "disk quota" : "disk");
	else
		snprintf(file->why, sizeof(file->why), "%s: %s", doing, strerror(-error));
	return file->result;
}

/* Where the file stands: DIRFD itself or the one directory in front of the name. */
static int open_directory(int dirfd, const char **name)
{
	const char *slash = strchr(*name, '/');
	char directory[ARTIFACT_NAME_MAX];
	int fd;

	if (*name[0] == '.' || (slash && (!slash[1] || strchr(slash + 1, '/'))))
		return -EINVAL;
	if (!slash) {
		fd = fcntl(dirfd, F_DUPFD_CLOEXEC, 0);
		return fd < 0 ? -errno : fd;
	}
	(void)snprintf(directory, sizeof(directory), "%.*s", (int)(slash - *name), *name);
	*name = slash + 1;
	return archive_dir(dirfd, directory, true);
}

static int partial_name(const char *name, char *to, size_t size)
{
	int len = snprintf(to, size, "%s" ARTIFACT_PARTIAL, name);

	return len < 0 || (size_t)len >= size ? -ENAMETOOLONG : 0;
}

static int create(struct artifact_file *file, const char *partial)
{
	file->fd = openat(file->dirfd, partial,
			  O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			  ARCHIVE_FILE_MODE);
	if (file->fd < 0)
		return -errno;
	/* The umask of whoever started us does not decide who may read the archive. */
	return fchmod(file->fd, ARCHIVE_FILE_MODE) < 0 ? -errno : 0;
}

/* Looks at the disk and says how far it may be written without another look. */
static int check_free(struct artifact_file *file)
{
	uint64_t left = STEP, bytes;
	struct statvfs fs;

	if (file->keep_free && fstatvfs(file->fd, &fs) == 0) {
		bytes = num_mul(fs.f_bavail, fs.f_frsize);
		left = num_sub(bytes, file->keep_free);
	}
	file->look_at = file->bytes + MIN(left, STEP);
	if (left > 0)
		return 0;
	snprintf(file->why, sizeof(file->why),
		 "no more than keep_free is left on the disk");
	return file->result = ARTIFACT_FILE_FULL;
}

static int open_partial(struct artifact_file *file, int dirfd, const char *name)
{
	char partial[ARTIFACT_NAME_MAX];
	int r;

	/* The whole name must fit with .partial behind it: so it is written in the
	 * record. */
	if (partial_name(name, partial, sizeof(partial)) < 0)
		return fail(file, "create", -ENAMETOOLONG);
	file->dirfd = open_directory(dirfd, &name);
	if (file->dirfd < 0)
		return fail(file, "create a directory", file->dirfd);
	(void)text_copy(file->name, sizeof(file->name), name);
	r = partial_name(name, partial, sizeof(partial));
	if (r == 0)
		r = create(file, partial);
	return r < 0 ? fail(file, "create", r) : check_free(file);
}

int artifact_file_open(int dirfd, const char *name, uint64_t keep_free,
		       struct artifact_file *ret)
{
	int r;

	*ret = (struct artifact_file){.dirfd = -1, .fd = -1, .keep_free = keep_free};
	ret->digest = digest_new();
	if (!ret->digest)
		return fail(ret, "create", -ENOMEM);
	r = open_partial(ret, dirfd, name);
	if (r != 0)
		artifact_file_drop(ret);
	return r;
}

/* Not every file system can; then the one fsync at the end must do. */
static int sync_range(struct artifact_file *file, uint64_t from, uint64_t to,
		      unsigned how)
{
	if (sync_file_range(file->fd, (off_t)from, (off_t)(to - from), how) == 0 ||
	    errno == ENOSYS || errno == EINVAL || errno == ESPIPE)
		return 0;
	return fail(file, "write", -errno);
}

/* Sends what was written since the last step to the disk, and waits for the step before
 * that, so that disk and network work at once. What has arrived leaves the page cache. */
static int flush(struct artifact_file *file)
{
	uint64_t from = file->settled, to = file->flushed;
	int r;

	if (file->bytes < file->look_at)
		return 0;
	r = sync_range(file, to, file->bytes, SYNC_FILE_RANGE_WRITE);
	file->flushed = file->bytes;
	if (r == 0 && from < to)
		r = sync_range(file, from, to,
			       SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
				       SYNC_FILE_RANGE_WAIT_AFTER);
	if (r != 0)
		return r;
	if (from < to) /* an empty range would mean all of the file */
		(void)posix_fadvise(file->fd, (off_t)from, (off_t)(to - from),
				    POSIX_FADV_DONTNEED);
	file->settled = to;
	return check_free(file);
}

int artifact_file_write(struct artifact_file *file, const void *bytes, size_t len)
{
	const char *at = bytes;

	while (file->result == 0 && len > 0) {
		ssize_t n = write(file->fd, at, MIN(len, file->look_at - file->bytes));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(file, "write", -errno);
		/* The digest is of what the file holds, so it follows a short write. */
		digest_add(file->digest, at, (size_t)n);
		file->bytes += (uint64_t)n;
		at += n;
		len -= (size_t)n;
		if (flush(file) != 0)
			break;
	}
	return file->result;
}

static void note_failure(const struct artifact_file *file, struct artifact_record *record)
{
	if (!record->why[0])
		(void)text_copy(record->why, sizeof(record->why), file->why);
}

/* The file is complete only once it has its name. */
static void give_name(struct artifact_file *file, const char *partial)
{
	if (renameat(file->dirfd, partial, file->dirfd, file->name) < 0)
		fail(file, "rename", -errno);
}

static void settle(struct artifact_file *file, bool whole, struct artifact_record *record)
{
	char partial[ARTIFACT_NAME_MAX];

	if (fsync(file->fd) < 0 && file->result == 0)
		fail(file, "fsync", -errno);
	(void)posix_fadvise(file->fd, 0, 0, POSIX_FADV_DONTNEED);
	digest_end(file->digest, record->sha256);
	if (partial_name(file->name, partial, sizeof(partial)) < 0)
		return; /* it was checked when it was opened */
	if (whole && file->result == 0)
		give_name(file, partial);
	record->bytes = file->bytes;
	if (whole && file->result == 0) {
		record->result = KEPT_COMPLETE;
		return;
	}
	record->result = KEPT_PARTIAL;
	(void)partial_name(record->name, partial, sizeof(partial));
	(void)text_copy(record->name, sizeof(record->name), partial);
}

static void close_all(struct artifact_file *file)
{
	digest_free(TAKE(file->digest));
	fs_close(&file->fd);
	fs_close(&file->dirfd);
}

int artifact_file_end(struct artifact_file *file, bool whole,
		      struct artifact_record *record)
{
	bool empty = file->bytes == 0 && (!whole || file->result != 0);

	if (empty) {
		record->result = KEPT_FAILED;
		record->bytes = 0;
		record->sha256[0] = '\0';
		artifact_file_drop(file);
	} else {
		settle(file, whole, record);
	}
	note_failure(file, record);
	close_all(file);
	return file->result;
}

void artifact_file_drop(struct artifact_file *file)
{
	char partial[ARTIFACT_NAME_MAX];

	/* Best effort: what cannot be removed is found by salvage as cut. */
	if (file->fd >= 0 && partial_name(file->name, partial, sizeof(partial)) == 0)
		(void)unlinkat(file->dirfd, partial, 0);
	close_all(file);
}

int artifact_file_put(int dirfd, uint64_t keep_free, struct span bytes, bool whole,
		      struct artifact_record *record)
{
	struct artifact_file file;
	int r = artifact_file_open(dirfd, record->name, keep_free, &file);

	if (r != 0) {
		record->result = KEPT_FAILED;
		note_failure(&file, record);
		return r;
	}
	r = artifact_file_write(&file, bytes.at, bytes.len);
	return artifact_file_end(&file, whole && r == 0, record);
}
