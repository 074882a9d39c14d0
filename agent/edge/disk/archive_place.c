#include "edge/disk/archive_place.h"

#include <errno.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#define XFS_MAGIC 0x58465342 /* statfs(2); linux/magic.h has it only in newer ones */

static const struct {
	long magic;
	const char *name;
	bool fleeting;
} types[] = {
	{EXT4_SUPER_MAGIC, "ext4", false},   {XFS_MAGIC, "xfs", false},
	{BTRFS_SUPER_MAGIC, "btrfs", false}, {F2FS_SUPER_MAGIC, "f2fs", false},
	{NFS_SUPER_MAGIC, "nfs", false},     {TMPFS_MAGIC, "tmpfs", true},
	{RAMFS_MAGIC, "ramfs", true},        {OVERLAYFS_SUPER_MAGIC, "overlay", true},
};

/* The nearest directory above that is there; "" turns into "/". */
static void go_up(char *path)
{
	char *slash;

	while (access(path, F_OK) < 0 && errno == ENOENT) {
		slash = strrchr(path, '/');
		if (!slash)
			return;
		slash[slash == path] = '\0';
		if (slash == path)
			return;
	}
}

void archive_place(const char *dir, struct doctor_archive *ret)
{
	char path[sizeof(ret->dir)];
	struct statfs fs;

	*ret = (struct doctor_archive){0};
	ret->exists = access(dir, F_OK) == 0 || errno != ENOENT;
	(void)text_copy(ret->dir, sizeof(ret->dir), dir);
	memcpy(path, ret->dir, sizeof(path));
	go_up(path);
	if (access(path, W_OK | X_OK) < 0)
		ret->error = errno;
	if (statfs(path, &fs) < 0)
		return;
	ret->free_bytes = fs.f_bavail * (uint64_t)fs.f_bsize;
	ret->whole_bytes = fs.f_blocks * (uint64_t)fs.f_bsize;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		if (types[i].magic != (long)fs.f_type)
			continue;
		(void)text_copy(ret->type, sizeof(ret->type), types[i].name);
		ret->fleeting = types[i].fleeting;
	}
}

bool archive_is_memory(int dirfd)
{
	struct statfs fs;

	return fstatfs(dirfd, &fs) == 0 &&
	       (fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC);
}
