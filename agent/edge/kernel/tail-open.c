/* A path is walked component by component, so that each link on it is seen together with
 * its owner: between a look at a path and its opening everything can be another. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "edge/fs.h"
#include "edge/kernel/tail-parts.h"
#include "lib/text.h"

#define LINKS_MAX 16 /* the kernel's own bound is 40 */
#define NOBODY ((uid_t)-1)

struct walk {
	char rest[PATH_MAX];     /* still to be walked, without a slash in front */
	char name[NAME_MAX + 1]; /* the component that is being looked at */
	int dir;                 /* that it stands in, O_PATH */
	unsigned links;
	uid_t stranger; /* whose link was followed; NOBODY: nobody's but ours or root's */
	const char *path; /* as a person wrote it */
	char *why;
};

static int fault(const struct walk *w, int r, const char *what)
{
	(void)snprintf(w->why, TAIL_WHY_MAX, "%.64s: %s", w->path, what);
	return r;
}

static int fault_errno(const struct walk *w, int error)
{
	if (error == EACCES || error == EPERM)
		return fault(w, -error,
			     "not permitted: give leakdog's user, or a group of it, the "
			     "right to read it");
	if (error == ENOENT)
		return fault(w, -error, "there is no such file");
	return fault(w, -error, strerror(error));
}

/* The next component; false: there is none. */
static bool next_name(struct walk *w)
{
	size_t skip = strspn(w->rest, "/"), len = strcspn(w->rest + skip, "/");

	if (len == 0 || len > NAME_MAX)
		return false;
	memcpy(w->name, w->rest + skip, len);
	w->name[len] = '\0';
	memmove(w->rest, w->rest + skip + len, strlen(w->rest + skip + len) + 1);
	return true;
}

/* The way goes on at what the link says, and then as before. */
static int follow(struct walk *w, int link, const struct stat *st)
{
	char to[PATH_MAX], way[PATH_MAX];
	ssize_t n = readlinkat(link, "", to, sizeof(to) - 1);

	if (n < 0)
		return fault_errno(w, errno);
	to[n] = '\0';
	if (++w->links > LINKS_MAX ||
	    (size_t)snprintf(way, sizeof(way), "%s/%s", to, w->rest) >= sizeof(way))
		return fault(w, -ELOOP, "its symbolic links lead nowhere");
	memcpy(w->rest, way, sizeof(way));
	if (st->st_uid != 0 && st->st_uid != geteuid()) {
		if (w->stranger != NOBODY && w->stranger != st->st_uid)
			return fault(w, -ELOOP,
				     "symbolic links of two other users lead to it: name "
				     "the file itself");
		w->stranger = st->st_uid;
	}
	if (to[0] == '/') {
		int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

		if (root < 0)
			return fault_errno(w, errno);
		fs_close(&w->dir);
		w->dir = root;
	}
	return 0;
}

static const char *kind_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return "is a directory: name the file in it";
	case S_IFIFO:
		return "is a fifo, and reading it would take its words away: name a file";
	case S_IFSOCK:
		return "is a socket: name a file";
	default:
		return "is a device: name a file";
	}
}

/* What was found, opened by its name once more: an O_PATH descriptor cannot be read. */
static int open_found(const struct walk *w, const struct stat *found, int flags)
{
	AUTO_CLOSE int fd = -1;
	struct stat st;

	if (!(flags & O_DIRECTORY) && !S_ISREG(found->st_mode))
		return fault(w, -EINVAL, kind_of(found->st_mode));
	fd = openat(w->dir, w->name,
		    O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC | flags);
	if (fd < 0 || fstat(fd, &st) < 0)
		return fault_errno(w, errno);
	if (!(flags & O_DIRECTORY) && !S_ISREG(st.st_mode))
		return fault(w, -EINVAL, kind_of(st.st_mode));
	if (w->stranger != NOBODY && st.st_uid != w->stranger)
		return fault(w, -EPERM,
			     "a symbolic link of another user leads to a file that is "
			     "not that user's: name the file itself");
	return TAKE_FD(fd);
}

/* One component: 0 (go on; *ret_fd is set where it was the last), or -errno. */
static int step(struct walk *w, int flags, int *ret_fd)
{
	AUTO_CLOSE int at = openat(w->dir, w->name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (at < 0 || fstat(at, &st) < 0)
		return fault_errno(w, errno);
	if (S_ISLNK(st.st_mode))
		return follow(w, at, &st);
	if (w->rest[strspn(w->rest, "/")] == '\0') {
		*ret_fd = open_found(w, &st, flags);
		return *ret_fd < 0 ? *ret_fd : 0;
	}
	fs_close(&w->dir);
	w->dir = TAKE_FD(at);
	return 0;
}

int tail_open_as(const char *path, int flags, char why[static TAIL_WHY_MAX])
{
	struct walk w = {.dir = -1, .stranger = NOBODY, .path = path, .why = why};
	int fd = -1, r = 0;

	if (path[0] != '/' || text_copy(w.rest, sizeof(w.rest), path) < 0)
		return fault(&w, -EINVAL, "is no absolute path");
	w.dir = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (w.dir < 0)
		return fault_errno(&w, errno);
	while (r == 0 && fd < 0) {
		r = next_name(&w) ? step(&w, flags, &fd)
				  : fault(&w, -EINVAL, "names no file");
	}
	fs_close(&w.dir);
	return r < 0 ? r : fd;
}
