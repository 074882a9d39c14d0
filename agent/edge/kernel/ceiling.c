#include "edge/kernel/ceiling.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "edge/fs.h"
#include "edge/kernel/cgroup.h"
#include "lib/num.h"

#define MEMINFO_MAX 8192
/* PAGE_COUNTER_MAX in bytes depends on the size of a page; no real limit is near it. */
#define V1_NO_LIMIT (UINT64_C(1) << 62)

_Static_assert(sizeof(((struct ceiling_place *)0)->path) == CGROUP_PATH_MAX, "one path");

/* By version; NULL: there is none. */
static const struct ceiling_files {
	const char *max, *high, *swap, *usage, *none;
} files[3] = {
	[1] = {"memory.limit_in_bytes", NULL, "memory.memsw.limit_in_bytes",
	       "memory.usage_in_bytes", "-1"},
	[2] = {"memory.max", "memory.high", NULL, "memory.current", "max"},
};

/* ------------------------------------------------------------------ opening */

static bool has(int dirfd, const char *name)
{
	return faccessat(dirfd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* A v1 parent whose use_hierarchy is 0 does not count its children. */
static bool counts_children(int dirfd)
{
	char text[8];

	return fs_read_at(dirfd, "memory.use_hierarchy", text, sizeof(text)) < 0 ||
	       text[0] != '0';
}

/* Takes over the descriptor. */
static int add(struct ceilings *to, const char *path, int *dirfd)
{
	struct ceiling_place *place = &to->at[to->n];
	struct stat st;

	if (to->n == HOLD_LEVELS_MAX)
		return -E2BIG;
	if (fstat(*dirfd, &st) < 0)
		return -errno;
	memcpy(place->path, path, sizeof(place->path));
	place->inode = (uint64_t)st.st_ino;
	place->dirfd = TAKE_FD(*dirfd);
	to->n++;
	return 0;
}

/* From the nearest one with the controller up to the first without. */
static int gather(struct cgroup *cgroup, struct ceilings *to)
{
	char path[CGROUP_PATH_MAX];
	int r = 0;

	memcpy(path, cgroup->path, sizeof(path));
	to->version = cgroup->version;
	for (size_t i = 0; r == 0 && i < cgroup->n; i++) {
		bool limits = has(cgroup->dirfd[i], files[cgroup->version].max);

		if (to->n > 0 && (!limits || (cgroup->version == 1 &&
					      !counts_children(cgroup->dirfd[i]))))
			break;
		if (limits)
			r = add(to, path, &cgroup->dirfd[i]);
		cgroup_path_up(path);
	}
	return r == 0 && to->n == 0 ? CEILING_GONE : r;
}

int ceilings_open(const struct roots *roots, const struct process *process,
		  struct ceilings *ret)
{
	struct cgroup cgroup = {0};
	int r = cgroup_of(process->dirfd, "memory", &cgroup);

	*ret = (struct ceilings){0};
	if (r == -ESRCH || r == -ENOENT)
		return PROCESS_GONE;
	if (r == 0)
		r = cgroup_open(roots, "memory", &cgroup);
	if (r != 0)
		return r < 0 ? r : CEILING_GONE;
	r = gather(&cgroup, ret);
	cgroup_fini(&cgroup);
	if (r != 0)
		ceilings_fini(ret);
	return r;
}

int ceilings_open_path(const struct roots *roots, const char *path, int version,
		       struct ceilings *ret)
{
	struct cgroup cgroup = {.version = version};
	int r = text_copy(cgroup.path, sizeof(cgroup.path), path);

	*ret = (struct ceilings){.version = version};
	if (r == 0)
		r = cgroup_open(roots, "memory", &cgroup);
	if (r != 0)
		return r < 0 ? r : CEILING_GONE;
	r = has(cgroup.dirfd[0], files[version].max)
		    ? add(ret, cgroup.path, &cgroup.dirfd[0])
		    : CEILING_GONE;
	cgroup_fini(&cgroup);
	return r;
}

void ceilings_fini(struct ceilings *ceilings)
{
	for (size_t i = 0; i < ceilings->n; i++)
		fs_close(&ceilings->at[i].dirfd);
	ceilings->n = 0;
}

/* ------------------------------------------------------------------ reading */

/* Of a file that some kernels do not have: no limit. */
static int read_limit(int dirfd, const char *name, uint64_t *ret)
{
	char text[32];
	struct span value;
	ssize_t n;

	*ret = HOLD_NO_LIMIT;
	if (!name)
		return 0;
	n = fs_read_at(dirfd, name, text, sizeof(text));
	if (n < 0)
		return (int)n;
	value = span_trim((struct span){text, (size_t)n});
	if (span_is(value, "max"))
		return 0;
	if (num_u64(value.at, value.len, ret) < 0)
		return -EBADMSG;
	if (*ret >= V1_NO_LIMIT)
		*ret = HOLD_NO_LIMIT;
	return 0;
}

static int or_none(int r)
{
	return r == -ENOENT || r == -EOPNOTSUPP ? 0 : r;
}

int ceiling_read(const struct ceilings *ceilings, size_t i, struct hold_level *ret)
{
	const struct ceiling_files *names = &files[ceilings->version];
	int dirfd = ceilings->at[i].dirfd;
	int r = read_limit(dirfd, names->max, &ret->is.max);

	if (r == 0)
		r = read_limit(dirfd, names->usage, &ret->usage);
	if (r == -ENOENT || r == -ENODEV)
		return CEILING_GONE;
	if (r == 0)
		r = or_none(read_limit(dirfd, names->high, &ret->is.high));
	if (r == 0)
		r = or_none(read_limit(dirfd, names->swap, &ret->is.swap));
	return r;
}

int ceiling_host(const struct roots *roots, struct hold_host *ret)
{
	char text[MEMINFO_MAX];
	ssize_t n = fs_read_at(roots->proc, "meminfo", text, sizeof(text));
	struct span lines = {text, (size_t)n};
	int r = (int)MIN(n, 0);

	if (r == 0)
		r = text_field(lines, "MemTotal", &ret->total);
	if (r == 0)
		r = text_field(lines, "MemAvailable", &ret->available);
	if (r < 0)
		return r;
	ret->total = num_mul(ret->total, 1024);
	ret->available = num_mul(ret->available, 1024);
	return 0;
}

/* ------------------------------------------------------------------ writing */

int ceilings_writable(const struct ceilings *ceilings)
{
	const char *name = files[ceilings->version].max;

	for (size_t i = 0; i < ceilings->n; i++) {
		if (faccessat(ceilings->at[i].dirfd, name, W_OK, AT_EACCESS) < 0)
			return -errno;
	}
	return 0;
}

static int write_limit(const struct ceilings *ceilings, size_t i, const char *name,
		       uint64_t bytes)
{
	AUTO_CLOSE int fd =
		openat(ceilings->at[i].dirfd, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	char text[32];
	ssize_t n;
	int len;

	if (fd < 0)
		return errno == ENOENT || errno == ENODEV ? CEILING_GONE : -errno;
	len = bytes == HOLD_NO_LIMIT
		      ? snprintf(text, sizeof(text), "%s\n",
				 files[ceilings->version].none)
		      : snprintf(text, sizeof(text), "%" PRIu64 "\n", bytes);
	do /* one write: the kernel takes a limit whole */
		n = write(fd, text, (size_t)len);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		return 0;
	if (errno == EBUSY)
		return CEILING_BUSY;
	return errno == ENODEV ? CEILING_GONE : -errno;
}

int ceiling_write(const struct ceilings *ceilings, size_t i,
		  const struct hold_ceiling *from, const struct hold_ceiling *to)
{
	const struct ceiling_files *names = &files[ceilings->version];
	bool up = to->swap > from->swap;
	int r = 0;

	/* v1: of both together is never below that of memory alone. */
	if (names->swap && to->swap != from->swap && up)
		r = write_limit(ceilings, i, names->swap, to->swap);
	if (r == 0 && to->max != from->max)
		r = write_limit(ceilings, i, names->max, to->max);
	if (r == 0 && names->swap && to->swap != from->swap && !up)
		r = write_limit(ceilings, i, names->swap, to->swap);
	if (r == 0 && names->high && to->high != from->high)
		r = write_limit(ceilings, i, names->high, to->high);
	return r;
}
