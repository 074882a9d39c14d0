#include "edge/kernel/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "edge/fs.h"
#include "edge/kernel/child.h"
#include "lib/text.h"

#define CONTROL "run/systemd/system.control"
#define FILE_MAX 4096
#define PROPERTY_MAX 64
/* 30 ms alone; where it hangs, the limit that was written into the cgroup holds. */
#define SYSTEMCTL_MS 15000

static const char *const properties[] = {"MemoryMax", "MemoryHigh"};

bool unit_manager(const struct roots *roots)
{
	return roots->live && faccessat(roots->root, "run/systemd/system", F_OK, 0) == 0;
}

static int open_control(const struct roots *roots, const char *unit)
{
	char path[512];
	int n = snprintf(path, sizeof(path), CONTROL "/%s.d", unit);

	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	return fs_open_dir_at(roots->root, path);
}

static void file_of(const char *property, char to[static PROPERTY_MAX])
{
	(void)snprintf(to, PROPERTY_MAX, "50-%s.conf", property); /* literals: it fits */
}

bool unit_has_file(const struct roots *roots, const char *unit)
{
	AUTO_CLOSE int dirfd = open_control(roots, unit);
	char name[PROPERTY_MAX];

	for (size_t i = 0; dirfd >= 0 && i < ARRAY_SIZE(properties); i++) {
		file_of(properties[i], name);
		if (faccessat(dirfd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			return true;
	}
	return false;
}

static bool says(int dirfd, const char *property, uint64_t bytes)
{
	char name[PROPERTY_MAX], text[FILE_MAX], line[PROPERTY_MAX];
	struct span lines, one;
	ssize_t n;

	file_of(property, name);
	n = fs_read_at(dirfd, name, text, sizeof(text));
	if (n < 0)
		return false;
	(void)snprintf(line, sizeof(line), "%s=%" PRIu64, property, bytes);
	lines = (struct span){text, (size_t)n};
	while (text_next(&lines, '\n', &one))
		if (span_is(one, line))
			return true;
	return false;
}

bool unit_says(const struct roots *roots, const char *unit, const struct hold_ceiling *is)
{
	AUTO_CLOSE int dirfd = open_control(roots, unit);

	return dirfd >= 0 && says(dirfd, properties[0], is->max);
}

static void assignment(const char *property, uint64_t bytes, char to[static PROPERTY_MAX])
{
	if (bytes == HOLD_NO_LIMIT)
		(void)snprintf(to, PROPERTY_MAX, "%s=infinity", property);
	else
		(void)snprintf(to, PROPERTY_MAX, "%s=%" PRIu64, property, bytes);
}

static int run(const char *const *argv)
{
	static const char *const paths[] = {"/usr/bin/systemctl", "/bin/systemctl"};
	struct child child = CHILD_NONE;
	struct child_spec spec = {.argv = argv};
	int r = -ENOENT;

	for (size_t i = 0; r == -ENOENT && i < ARRAY_SIZE(paths); i++) {
		spec.path = paths[i];
		r = child_spawn(&spec, &child);
	}
	if (r == 0)
		r = child_wait(&child, SYSTEMCTL_MS);
	if (r < 0) {
		child_signal(&child, SIGKILL);
		(void)!child_wait(&child, SYSTEMCTL_MS); /* reaped, or never */
	}
	child_fini(&child);
	return r > 0 ? -EIO : r;
}

int unit_set(const char *unit, const struct hold_ceiling *from,
	     const struct hold_ceiling *to)
{
	char max[PROPERTY_MAX], high[PROPERTY_MAX];
	const char *argv[] = {"systemctl",
			      "--runtime",
			      "--no-ask-password",
			      "--quiet",
			      "set-property",
			      "--",
			      unit,
			      max,
			      NULL,
			      NULL};

	assignment(properties[0], to->max, max);
	assignment(properties[1], to->high, high);
	if (to->high != from->high)
		argv[ARRAY_SIZE(argv) - 2] = high;
	return run(argv);
}

int unit_forget(const struct roots *roots, const char *unit)
{
	AUTO_CLOSE int dirfd = open_control(roots, unit);
	char name[PROPERTY_MAX];

	if (dirfd < 0)
		return dirfd == -ENOENT ? 0 : dirfd;
	for (size_t i = 0; i < ARRAY_SIZE(properties); i++) {
		file_of(properties[i], name);
		if (unlinkat(dirfd, name, 0) < 0 && errno != ENOENT)
			return -errno;
	}
	return 0;
}
