/* Recursion over descriptors: each level holds one directory open, so no path is ever
 * resolved twice. */
#include "edge/disk/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "edge/disk/archive.h"
#include "edge/fs.h"
#include "lib/text.h"

struct names {
	char **names;
	size_t n;
};

static void names_fini(struct names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->names[i]);
	free(names->names);
}

static int compare(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

static int names_add(struct names *names, const char *name)
{
	char **more;

	if (!strcmp(name, ".") || !strcmp(name, ".."))
		return 0;
	more = reallocarray(names->names, names->n + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	names->names = more;
	more[names->n] = strdup(name);
	return more[names->n++] ? 0 : -ENOMEM;
}

static int names_read(int dirfd, struct names *ret)
{
	int r = 0, fd = fs_open_dir_at(dirfd, "."); /* a position of our own */
	struct dirent *entry;
	DIR *dir;

	if (fd < 0)
		return fd;
	dir = fdopendir(fd);
	if (!dir) {
		r = -errno;
		fs_close(&fd);
		return r;
	}
	while (r == 0 && (errno = 0, entry = readdir(dir)))
		r = names_add(ret, entry->d_name);
	if (r == 0)
		r = -errno;
	closedir(dir);
	if (r == 0 && ret->n > 0)
		qsort(ret->names, ret->n, sizeof(*ret->names), compare);
	return r;
}

int folder_names(int dirfd, int (*visit)(void *context, const char *name), void *context)
{
	struct names __attribute__((cleanup(names_fini))) names = {0};
	int r = names_read(dirfd, &names);

	for (size_t i = 0; r == 0 && i < names.n; i++)
		r = visit(context, names.names[i]);
	return r;
}

struct walk {
	folder_visit *visit;
	void *context;
	dev_t dev;
	int depth;
	int dirfd;
	char path[FOLDER_PATH_MAX];
};

static int walk_here(struct walk *walk);

static int walk_into(struct walk *walk, const char *name)
{
	AUTO_CLOSE int fd = fs_open_dir_at(walk->dirfd, name);
	int outer = walk->dirfd, r;

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	if (walk->depth == FOLDER_DEPTH_MAX)
		return -ELOOP;
	walk->depth++;
	walk->dirfd = fd;
	r = walk_here(walk);
	walk->dirfd = outer;
	walk->depth--;
	return r;
}

static int walk_entry(void *context, const char *name)
{
	struct walk *walk = context;
	size_t len = strlen(walk->path);
	struct folder_entry entry = {walk->path, walk->dirfd, name, {0}};
	int r = 0, more;

	if (fstatat(walk->dirfd, name, &entry.st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	/* Nothing may be mounted below. Directories only: on overlayfs a file tells the
	 * device of the layer that it lies in. */
	if (S_ISDIR(entry.st.st_mode) && entry.st.st_dev != walk->dev)
		return -EXDEV;
	more = snprintf(walk->path + len, sizeof(walk->path) - len, "%s%s",
			len ? "/" : "", name);
	if (more < 0 || (size_t)more >= sizeof(walk->path) - len)
		return -ENAMETOOLONG;
	if (S_ISDIR(entry.st.st_mode))
		r = walk_into(walk, name);
	if (r == 0)
		r = walk->visit(walk->context, &entry);
	walk->path[len] = '\0';
	return r;
}

static int walk_here(struct walk *walk)
{
	return folder_names(walk->dirfd, walk_entry, walk);
}

int folder_walk(int dirfd, folder_visit *visit, void *context)
{
	struct walk walk = {.visit = visit, .context = context, .dirfd = dirfd};
	struct stat st;

	if (fstat(dirfd, &st) < 0)
		return -errno;
	walk.dev = st.st_dev;
	return walk_here(&walk);
}

static int remove_one(void *context, const struct folder_entry *entry)
{
	int flags = S_ISDIR(entry->st.st_mode) ? AT_REMOVEDIR : 0;

	(void)context;
	return unlinkat(entry->dirfd, entry->name, flags) < 0 && errno != ENOENT ? -errno
										 : 0;
}

int folder_remove(int dirfd, const char *name)
{
	AUTO_CLOSE int fd = fs_open_dir_at(dirfd, name);
	int r;

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	r = folder_walk(fd, remove_one, NULL);
	if (r < 0)
		return r;
	return unlinkat(dirfd, name, AT_REMOVEDIR) < 0 && errno != ENOENT ? -errno : 0;
}

static int sync_one(void *context, const struct folder_entry *entry)
{
	AUTO_CLOSE int fd = -1;

	(void)context;
	if (!S_ISDIR(entry->st.st_mode))
		return 0;
	fd = fs_open_dir_at(entry->dirfd, entry->name);
	return fd < 0 ? fd : archive_sync(fd);
}

int folder_sync(int dirfd)
{
	int r = folder_walk(dirfd, sync_one, NULL);

	return r < 0 ? r : archive_sync(dirfd);
}

static int copy_bytes(int from, int to)
{
	char chunk[16384];
	ssize_t n;
	int r = 0;

	while (r == 0 && (n = read(from, chunk, sizeof(chunk))) != 0) {
		if (n < 0 && errno != EINTR)
			r = -errno;
		else if (n > 0)
			r = fs_write_all(to, chunk, (size_t)n);
	}
	if (r == 0 && (fchmod(to, ARCHIVE_FILE_MODE) < 0 || fsync(to) < 0))
		r = -errno;
	return r;
}

static int copy(int from_dirfd, const char *from, int to_dirfd, const char *to)
{
	AUTO_CLOSE int in = fs_open_at(from_dirfd, from);
	AUTO_CLOSE int out = -1;
	int r;

	if (in < 0)
		return in;
	out = openat(to_dirfd, to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		     ARCHIVE_FILE_MODE);
	if (out < 0)
		return -errno;
	r = copy_bytes(in, out);
	if (r < 0)
		(void)unlinkat(to_dirfd, to, 0); /* half a copy is none */
	return r;
}

int folder_link(int from_dirfd, const char *from, int to_dirfd, const char *to)
{
	const char *slash = strrchr(to, '/');
	AUTO_CLOSE int below = -1;
	char directory[FOLDER_PATH_MAX];

	if (slash) {
		(void)text_copy(directory,
				MIN(sizeof(directory), (size_t)(slash - to) + 1), to);
		below = archive_path(to_dirfd, directory, true);
		if (below < 0)
			return below;
		to_dirfd = below;
		to = slash + 1;
	}
	if (linkat(from_dirfd, from, to_dirfd, to, 0) == 0)
		return 0;
	if (errno == ENOENT || errno == EEXIST || errno == ENOSPC || errno == EROFS)
		return -errno;
	return copy(from_dirfd, from, to_dirfd, to);
}
