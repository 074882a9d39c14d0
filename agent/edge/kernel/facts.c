#include "edge/kernel/facts.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "edge/fs.h"
#include "edge/kernel/cgroup.h"
#include "edge/kernel/procstat.h"

#define TEXT_MAX 4096 /* of cmdline and exe; of cgroup twice that */
#define NEEDS(needs, selector) ((needs)&UINT32_C(1) << (selector))
#define IN_CGROUP (UINT32_C(1) << SELECTOR_UNIT | UINT32_C(1) << SELECTOR_CGROUP)

/* Adds a text and its NUL; the place of the text. */
static size_t keep(struct buf *arena, const char *text, size_t len)
{
	size_t at = arena->len;

	buf_add(arena, text, len);
	buf_addc(arena, '\0');
	return at;
}

/* Of a long one its beginning. */
static ssize_t read_start(int dirfd, const char *name, char *to, size_t size)
{
	AUTO_CLOSE int fd = fs_open_at(dirfd, name);
	ssize_t n = fd < 0 ? fd : fs_pread(fd, to, size);

	return n == -EFBIG ? (ssize_t)size - 1 : n;
}

static int read_cmdline(int dirfd, struct buf *arena, struct facts *facts)
{
	char text[TEXT_MAX];
	ssize_t n = read_start(dirfd, "cmdline", text, sizeof(text));

	if (n < 0)
		return (int)n;
	while (n > 0 && text[n - 1] == '\0')
		n--;
	for (ssize_t i = 0; i < n; i++)
		if (text[i] == '\0')
			text[i] = ' ';
	facts->cmdline = keep(arena, text, (size_t)n);
	return 0;
}

static int read_cgroup(int dirfd, struct buf *arena, struct facts *facts)
{
	char text[2 * TEXT_MAX];
	ssize_t n = fs_read_at(dirfd, "cgroup", text, sizeof(text));

	if (n < 0)
		return (int)n;
	facts->cgroup = keep(arena, text, (size_t)n);
	return 0;
}

static void read_exe(int dirfd, struct buf *arena, struct facts *facts)
{
	static const char deleted[] = " (deleted)"; /* an upgrade replaced the file */
	char text[TEXT_MAX];
	ssize_t n = readlinkat(dirfd, "exe", text, sizeof(text));
	size_t len, skip = sizeof(deleted) - 1;

	facts->exe_error = n < 0 ? -errno : 0;
	len = n < 0 ? 0 : (size_t)n;
	if (len > skip && !memcmp(text + len - skip, deleted, skip))
		len -= skip;
	facts->exe = keep(arena, text, len);
}

static int read_stat(int dirfd, struct facts *facts)
{
	char text[PROCSTAT_MAX];
	ssize_t n = fs_read_at(dirfd, "stat", text, sizeof(text));
	struct procstat stat;
	int r;

	if (n < 0)
		return (int)n;
	r = procstat_parse((struct span){text, (size_t)n}, &stat);
	if (r < 0)
		return r;
	if (stat.kthread || stat.state == 'Z' || stat.state == 'X')
		return FACTS_NONE;
	facts->pid = stat.pid;
	facts->ppid = stat.ppid;
	facts->start_ticks = stat.start_ticks;
	memcpy(facts->comm, stat.comm, sizeof(facts->comm));
	return 0;
}

int facts_read(int dirfd, uint32_t needs, struct buf *arena, struct facts *ret)
{
	struct facts facts = {0};
	int r = read_stat(dirfd, &facts);

	if (r == 0 && NEEDS(needs, SELECTOR_CMDLINE))
		r = read_cmdline(dirfd, arena, &facts);
	if (r == 0 && needs & (IN_CGROUP | SELECTORS_IN_CONTAINER))
		r = read_cgroup(dirfd, arena, &facts);
	if (r == 0 && NEEDS(needs, SELECTOR_EXE))
		read_exe(dirfd, arena, &facts);
	if (r == -ENOENT || r == -ESRCH)
		return FACTS_NONE;
	if (r == 0 && buf_error(arena))
		r = buf_error(arena);
	if (r == 0)
		*ret = facts;
	return r;
}

static void move(size_t *at, const struct buf *from, struct buf *to)
{
	if (*at)
		*at = keep(to, from->data + *at, strlen(from->data + *at));
}

void facts_move(struct facts *facts, const struct buf *from, struct buf *to)
{
	move(&facts->cmdline, from, to);
	move(&facts->cgroup, from, to);
	move(&facts->exe, from, to);
}

/* systemd puts '_' before a name that the kernel could take for a file of a controller.
 */
static bool is_unit(struct span name, const char *unit)
{
	if (span_is(name, unit))
		return true;
	if (name.len == 0 || name.at[0] != '_')
		return false;
	return span_is((struct span){name.at + 1, name.len - 1}, unit);
}

static bool may_stand_above(struct span name)
{
	static const char slice[] = ".slice", service[] = ".service", user[] = "user@";
	const char *end = name.at + name.len;

	if (name.len > 6 && !memcmp(end - 6, slice, 6))
		return true;
	return name.len > 13 && !memcmp(name.at, user, 5) && !memcmp(end - 8, service, 8);
}

static bool match_unit(const char *cgroup, const char *unit, const char *systemd_root)
{
	struct cgroup found;
	struct span rest, name;
	char full[256];
	bool typed = text_ends(unit, ".service") || text_ends(unit, ".scope") ||
		     text_ends(unit, ".slice");
	int n = snprintf(full, sizeof(full), "%s%s", unit, typed ? "" : ".service");

	if (!strstr(cgroup, unit)) /* nearly all: told without parsing */
		return false;
	if (n < 0 || (size_t)n >= sizeof(full) ||
	    cgroup_parse((struct span){cgroup, strlen(cgroup)}, "name=systemd", &found) !=
		    0)
		return false;
	if (!text_starts(found.path, systemd_root))
		return false;
	rest.at = found.path + strlen(systemd_root);
	rest.len = strlen(rest.at);
	while (text_next(&rest, '/', &name)) {
		if (name.len > 0 && is_unit(name, full))
			return true;
		if (name.len > 0 && !may_stand_above(name))
			return false;
	}
	return false;
}

static bool match_path(const char *path, const char *pattern)
{
	if (*pattern == '/')
		return fnmatch(pattern, path, 0) == 0;
	for (; (path = strchr(path, '/')); path++)
		if (fnmatch(pattern, path + 1, 0) == 0)
			return true;
	return false;
}

static bool match_cgroup(const char *cgroup, const char *pattern)
{
	struct span text = {cgroup, strlen(cgroup)}, line, skipped;
	char path[CGROUP_PATH_MAX];

	while (text_next(&text, '\n', &line)) {
		if (!text_next(&line, ':', &skipped) ||
		    !text_next(&line, ':', &skipped) || line.len >= sizeof(path))
			continue;
		memcpy(path, line.at, line.len);
		path[line.len] = '\0';
		if (match_path(path, pattern))
			return true;
	}
	return false;
}

int facts_match(const struct facts *facts, const struct buf *arena,
		char *const selector[SELECTOR_N], const char *systemd_root)
{
	const char *cgroup = arena->data + facts->cgroup;
	const char *unit = selector[SELECTOR_UNIT], *glob = selector[SELECTOR_CGROUP];
	const char *name = selector[SELECTOR_NAME], *exe = selector[SELECTOR_EXE];
	const char *cmdline = selector[SELECTOR_CMDLINE];

	if (name && fnmatch(name, facts->comm, 0) != 0)
		return 0;
	if (cmdline && fnmatch(cmdline, arena->data + facts->cmdline, 0) != 0)
		return 0;
	if (unit && !match_unit(cgroup, unit, systemd_root))
		return 0;
	if (glob && !match_cgroup(cgroup, glob))
		return 0;
	if (exe && facts->exe_error)
		return facts->exe_error == -EACCES ? -EACCES : 0;
	return !exe || fnmatch(exe, arena->data + facts->exe, 0) == 0;
}
