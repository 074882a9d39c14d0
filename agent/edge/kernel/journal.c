/* A journal is a directory per machine with a system.journal, on the disk or, until the
 * next boot, in /run (systemd-journald.service(8)). Lists of access may let others in
 * than the group, so it is tried and not concluded. */
#include "edge/kernel/journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "edge/fs.h"
#include "lib/text.h"

#define JOURNAL_FILE "system.journal"

/* 0, or why none of the journals in this directory can be opened. */
static int try_all(DIR *dir)
{
	const struct dirent *entry;
	char name[sizeof(entry->d_name) + sizeof("/" JOURNAL_FILE)];
	int ret = -ENOENT;

	while ((entry = readdir(dir)) != NULL) {
		AUTO_CLOSE int fd = -1;

		(void)snprintf(name, sizeof(name), "%s/" JOURNAL_FILE, entry->d_name);
		fd = fs_open_at(dirfd(dir), name);
		if (fd >= 0)
			return 0;
		if (fd == -EACCES)
			ret = fd;
	}
	return ret;
}

static int try_place(int root, const char *place)
{
	AUTO_CLOSE int fd = fs_open_dir_at(root, place);
	DIR *dir;
	int r;

	if (fd < 0)
		return fd;
	dir = fdopendir(fd);
	if (!dir)
		return -errno;
	(void)TAKE_FD(fd); /* the stream's now */
	r = try_all(dir);
	(void)closedir(dir);
	return r;
}

int journal_access_at(int root)
{
	static const char *const places[] = {"var/log/journal", "run/log/journal"};
	int ret = -ENOENT;

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		int r = try_place(root, places[i]);

		if (r == 0)
			return 0;
		if (r == -EACCES)
			ret = r;
	}
	return ret;
}

int journal_access(void)
{
	AUTO_CLOSE int root = fs_open_dir_at(AT_FDCWD, "/");

	return root < 0 ? root : journal_access_at(root);
}
