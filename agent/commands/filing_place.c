#include <errno.h>
#include <string.h>
#include <sys/statvfs.h>

#include "commands/filing_parts.h"
#include "edge/disk/folder.h"
#include "edge/fs.h"
#include "lib/num.h"

/* What is left above keep_free when a capture begins: one of a large service needs it. */
#define ROOM (UINT64_C(8) << 20)
/* Where the disk says that it is full whatever was counted (inodes, a quota, a reserve of
 * others), this part of the archive gives way at once: 1/8. */
#define SHARE 8

static int number_option(const char *value, uint64_t *ret)
{
	return num_u64s(value, UINT64_MAX, ret) < 0 ? -EINVAL : 0;
}

int filing_place_option(struct filing_place *place, int option, const char *value)
{
	switch (option) {
	case FILING_ARCHIVE:
		place->dir = value;
		return value[0] ? 0 : -EINVAL;
	case FILING_GROUP:
		place->group = value;
		return 0;
	case FILING_MAX_USE:
		return number_option(value, &place->policy.max_use);
	case FILING_KEEP_FREE:
		return number_option(value, &place->policy.keep_free);
	case FILING_MAX_INCIDENTS:
		return number_option(value, &place->policy.max_incidents);
	case FILING_LOCKED:
		place->locked = true;
		return 0;
	default:
		return -EINVAL;
	}
}

int filing_open(const struct filing_place *place, struct filing *ret,
		const char **ret_why)
{
	int r;

	memset(ret, 0, sizeof(*ret));
	ret->dirfd = ret->servicefd = ret->parentfd = ret->topfd = -1;
	ret->policy = place->policy;
	r = archive_open(place->dir, place->group, ARCHIVE_WRITE, &ret->archive, ret_why);
	if (r == 0 && !place->locked) {
		r = archive_lock(&ret->archive);
		*ret_why = r == -EWOULDBLOCK ? "an agent or another command writes to it"
			   : r < 0           ? strerror(-r)
					     : NULL;
	}
	if (r < 0)
		archive_close(&ret->archive);
	return r;
}

void filing_remove(struct filing *filing)
{
	int r = 0;

	if (filing->topfd >= 0)
		r = folder_remove(filing->parentfd, filing->name);
	filing->leave = r < 0; /* what cannot be removed now is removed by salvage */
}

void filing_close_dirs(struct filing *filing)
{
	fs_close(&filing->dirfd);
	fs_close(&filing->topfd);
	fs_close(&filing->parentfd);
	fs_close(&filing->servicefd);
}

void filing_close(struct filing *filing)
{
	if (!filing->leave)
		filing_remove(filing);
	filing_close_dirs(filing);
	archive_close(&filing->archive);
}

uint64_t filing_free(const struct archive *archive)
{
	struct statvfs fs;

	if (fstatvfs(archive->fd, &fs) < 0)
		return UINT64_MAX; /* writing will tell */
	return num_mul(fs.f_bavail, fs.f_frsize);
}

int filing_drop_some(struct filing *filing)
{
	return filing_retain_share(&filing->archive, SHARE);
}

int filing_make_room(struct filing *filing)
{
	struct retention_policy policy = filing->policy;
	int r;

	/* Above the bound by what a capture needs, or the first file would meet it. */
	policy.keep_free = num_add(policy.keep_free, MIN(ROOM, policy.keep_free / 8));
	if (filing_free(&filing->archive) >= policy.keep_free)
		return 0;
	r = filing_retain_with(&filing->archive, &policy, NULL);
	if (r < 0)
		return r;
	return filing_free(&filing->archive) >= policy.keep_free ? 0 : FILING_FULL;
}

bool filing_is_full(int r)
{
	return r == -ENOSPC || r == -EDQUOT;
}

int filing_write(struct filing *filing, int dirfd, const struct manifest *manifest)
{
	int r = store_write(dirfd, STORE_MANIFEST, manifest, true);

	if (filing_is_full(r) && filing_drop_some(filing) == 0)
		r = store_write(dirfd, STORE_MANIFEST, manifest, true);
	return r;
}

int filing_retain(struct filing *filing)
{
	return filing_retain_with(&filing->archive, &filing->policy, NULL);
}
