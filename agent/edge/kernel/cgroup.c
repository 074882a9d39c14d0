/* Which hierarchy counts is decided by the controller: a "0::" line stands in the file on
 * hybrid machines too, where memory is on v1. Of several mounts that show a cgroup the
 * one that shows most of its ancestors is taken (limits stand there). */
#include "edge/kernel/cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "edge/fs.h"
#include "edge/kernel/mount.h"

#define PROC_CGROUP_MAX 8192 /* a line per v1 hierarchy, paths up to 512 */
#define MOUNTINFO_MAX                                                                    \
	(4 << 20)         /* 10,000 mounts and more on a node full of containers         \
			   */
#define SEARCHED_MAX 4096 /* directories looked at for the names that nobody tells */

static bool lists(struct span controllers, const char *controller)
{
	struct span name;

	while (text_next(&controllers, ',', &name))
		if (span_is(name, controller))
			return true;
	return false;
}

int cgroup_parse(struct span text, const char *controller, struct cgroup *ret)
{
	struct span line, id, controllers, found = {0};
	int version = 0;

	while (version != 1 && text_next(&text, '\n', &line)) {
		if (!text_next(&line, ':', &id) || !text_next(&line, ':', &controllers))
			continue;
		if (span_is(id, "0") && controllers.len == 0)
			version = 2;
		else if (*controller && lists(controllers, controller))
			version = 1;
		else
			continue;
		found = line; /* the path, which may hold ':' */
	}
	if (!version || found.len == 0 || found.at[0] != '/')
		return CGROUP_NONE;
	if (found.len >= sizeof(ret->path))
		return -ENAMETOOLONG;
	memcpy(ret->path, found.at, found.len);
	ret->path[found.len] = '\0';
	ret->version = version;
	ret->n = 0;
	return 0;
}

int cgroup_of(int proc_dirfd, const char *controller, struct cgroup *ret)
{
	char text[PROC_CGROUP_MAX];
	ssize_t n = fs_read_at(proc_dirfd, "cgroup", text, sizeof(text));

	if (n < 0)
		return (int)n;
	return cgroup_parse((struct span){text, (size_t)n}, controller, ret);
}

void cgroup_fini(struct cgroup *cgroup)
{
	for (size_t i = 0; i < cgroup->n; i++)
		fs_close(&cgroup->dirfd[i]);
	cgroup->n = 0;
}

/* Opens each directory of path below top, the deepest one to dirfd[0]. */
static int open_levels(int top, const char *path, struct cgroup *to)
{
	struct span left = {path, strlen(path)}, name;
	char text[NAME_MAX + 1];
	int r = fs_open_dir_at(top, ".");

	for (to->n = 0; r >= 0; r = fs_open_dir_at(r, text)) {
		if (to->n == CGROUP_DEPTH_MAX) {
			fs_close(&r);
			r = -ENAMETOOLONG;
			break;
		}
		memmove(to->dirfd + 1, to->dirfd, to->n * sizeof(*to->dirfd));
		to->dirfd[0] = r;
		to->n++;
		if (!text_next(&left, '/', &name))
			return 0;
		if (name.len >= sizeof(text)) {
			r = -ENAMETOOLONG;
			break;
		}
		memcpy(text, name.at, name.len);
		text[name.len] = '\0';
	}
	cgroup_fini(to);
	return r;
}

/* The search for a directory that holds rest, unknown levels below the mount. */
struct search {
	const char *rest;
	unsigned looked_at, hits;
	char path[CGROUP_PATH_MAX]; /* of the directory looked at, below the mount */
	char hit[CGROUP_PATH_MAX];
};

static void search_below(int dir, unsigned unknown, struct search *s);

static void search_child(int dir, const char *name, unsigned unknown, struct search *s)
{
	size_t len = strlen(s->path);
	AUTO_CLOSE int child = fs_open_dir_at(dir, name);

	s->looked_at++;
	if (child < 0 || len + strlen(name) + 2 > sizeof(s->path))
		return;
	(void)snprintf(s->path + len, sizeof(s->path) - len, "%s/", name);
	search_below(child, unknown - 1, s);
	s->path[len] = '\0';
}

static void search_below(int dir, unsigned unknown, struct search *s)
{
	AUTO_CLOSE int again = fs_open_dir_at(dir, unknown || !*s->rest ? "." : s->rest);
	struct dirent *entry;
	DIR *stream;

	if (again < 0)
		return;
	if (unknown == 0) {
		int n = snprintf(s->hit, sizeof(s->hit), "%s%s", s->path, s->rest);

		s->hits += n > 0 && (size_t)n < sizeof(s->hit);
		return;
	}
	stream = fdopendir(again);
	if (!stream)
		return;
	(void)TAKE_FD(again); /* closed with the stream */
	while (s->hits < 2 && s->looked_at < SEARCHED_MAX && (entry = readdir(stream)))
		if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
			search_child(dir, entry->d_name, unknown, s);
	(void)closedir(stream);
}

/* The best of the mounts that show the cgroup. */
struct shown {
	char point[MOUNT_PATH_MAX];
	unsigned unknown;
	const char *rest; /* NULL: none found; in the cgroup's path */
};

/* info: the mounts of whom, below proc. */
static int find_mount(int proc, const char *info, const char *controller,
		      const struct cgroup *cgroup, struct shown *best)
{
	AUTO_BUF struct buf text;
	struct span lines, line;
	struct mount mount;
	const char *rest;
	unsigned unknown;
	int r;

	buf_init(&text, MOUNTINFO_MAX);
	r = fs_read_buf_at(proc, info, &text);
	if (r < 0)
		return r == -ENOENT ? CGROUP_HIDDEN : r;
	lines = (struct span){text.data, text.len};
	while (text_next(&lines, '\n', &line)) {
		if (!mount_parse(line, cgroup->version, controller, &mount) ||
		    !mount_locate(mount.root, cgroup->path, &unknown, &rest))
			continue;
		/* At equal worth the later one: it may cover the earlier. */
		if (best->rest &&
		    (unknown > best->unknown ||
		     (unknown == best->unknown && strlen(rest) < strlen(best->rest))))
			continue;
		best->rest = rest;
		best->unknown = unknown;
		memcpy(best->point, mount.point, sizeof(best->point));
	}
	return best->rest ? 0 : CGROUP_HIDDEN;
}

/* A mount can be covered by another: on a live machine the file system must be one. */
static bool is_cgroupfs(const struct roots *roots, int fd, int version)
{
	struct statfs fs;

	if (!roots->live)
		return true;
	return fstatfs(fd, &fs) == 0 &&
	       fs.f_type == (version == 2 ? CGROUP2_SUPER_MAGIC : CGROUP_SUPER_MAGIC);
}

/* The way from the mount's point, which is open, down to the cgroup. */
static int open_shown(int top, struct shown *shown, struct cgroup *cgroup)
{
	struct search search = {0};
	int r;

	if (shown->unknown) {
		search.rest = shown->rest;
		search_below(top, shown->unknown, &search);
		if (search.hits != 1)
			return CGROUP_HIDDEN;
		shown->rest = search.hit;
	}
	r = open_levels(top, shown->rest, cgroup);
	return r == -ENOENT ? CGROUP_HIDDEN : r;
}

int cgroup_open(const struct roots *roots, const char *controller, struct cgroup *cgroup)
{
	struct shown shown = {.rest = NULL};
	AUTO_CLOSE int top = -1;
	int r = find_mount(roots->proc, "self/mountinfo", controller, cgroup, &shown);

	if (r != 0)
		return r;
	top = fs_open_dir_at(roots->root, shown.point[1] ? shown.point + 1 : ".");
	if (top < 0 || !is_cgroupfs(roots, top, cgroup->version))
		return CGROUP_HIDDEN;
	return open_shown(top, &shown, cgroup);
}

/* --- As the process sees it itself ------------------------------------------- */

/* A directory below the root of another mount namespace: whatever stands on the way there
 * is its owner's, so no link is followed and nothing leads out. */
static int open_inside(int process_dirfd, const char *point)
{
	struct open_how how = {.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
			       .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS |
					  RESOLVE_NO_MAGICLINKS};
	AUTO_CLOSE int root =
		openat(process_dirfd, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd =
		root < 0 ? -1 : (int)syscall(SYS_openat2, root, point, &how, sizeof(how));

	return fd < 0 ? -errno : fd;
}

int cgroup_reach(const struct roots *roots, int process_dirfd, const char *controller,
		 struct cgroup *cgroup)
{
	struct shown shown = {.rest = NULL};
	AUTO_CLOSE int top = -1;
	int r = cgroup_open(roots, controller, cgroup);

	if (r != CGROUP_HIDDEN)
		return r;
	if (find_mount(process_dirfd, "mountinfo", controller, cgroup, &shown) != 0)
		return CGROUP_HIDDEN;
	top = open_inside(process_dirfd, shown.point);
	if (top < 0 || !is_cgroupfs(roots, top, cgroup->version))
		return CGROUP_HIDDEN;
	return open_shown(top, &shown, cgroup);
}

void cgroup_path_up(char path[static CGROUP_PATH_MAX])
{
	char *slash = strrchr(path, '/');

	if (!path[1])
		slash = path; /* "/" becomes "/.." */
	else if (!strcmp(slash, "/.."))
		slash += strlen(slash);
	else {
		slash[slash == path] = '\0';
		return;
	}
	(void)text_copy(slash, CGROUP_PATH_MAX - (size_t)(slash - path), "/..");
}
