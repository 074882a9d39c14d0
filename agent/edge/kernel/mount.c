/* A path that leaves the reader's cgroup namespace begins with one "/.." per level up:
 *
 *   namespace root   a/b/c         (names that the reader is not told)
 *   mount root       "/../../.."   d = 3 levels up: the root of the hierarchy
 *   path             "/../../y/z"  k = 2 levels up, then y/z: a/y/z
 *
 * so below the mount stand d - k unknown names, then the rest of the path. */
#include "edge/kernel/mount.h"

#include <string.h>

/* Decodes \ooo; false where it does not fit. */
static bool unescape(struct span from, char *to, size_t size)
{
	size_t len = 0;

	for (size_t i = 0; i < from.len; i++, len++) {
		const char *at = from.at + i;

		if (len + 1 >= size)
			return false;
		to[len] = *at;
		if (*at == '\\' && from.len - i > 3) {
			to[len] = (char)((at[1] - '0') << 6 | (at[2] - '0') << 3 |
					 (at[3] - '0'));
			i += 3;
		}
	}
	to[len] = '\0';
	return len > 0 && to[0] == '/';
}

static bool has_option(struct span options, const char *name)
{
	struct span option;

	while (text_next(&options, ',', &option))
		if (span_is(option, name))
			return true;
	return false;
}

/* What follows the " - ": type, source, superoptions. */
static bool is_hierarchy(struct span rest, int version, const char *controller)
{
	struct span word = {0}, type, source, options;

	while (!span_is(word, "-"))
		if (!text_next(&rest, ' ', &word))
			return false;
	if (!text_next(&rest, ' ', &type) || !text_next(&rest, ' ', &source))
		return false;
	if (version == 2)
		return span_is(type, "cgroup2");
	return span_is(type, "cgroup") && text_next(&rest, ' ', &options) &&
	       has_option(options, controller);
}

bool mount_parse(struct span line, int version, const char *controller, struct mount *ret)
{
	struct span skipped, root, point;

	for (int i = 0; i < 3; i++)
		if (!text_next(&line, ' ', &skipped))
			return false;
	return text_next(&line, ' ', &root) && text_next(&line, ' ', &point) &&
	       is_hierarchy(line, version, controller) &&
	       unescape(root, ret->root, sizeof(ret->root)) &&
	       unescape(point, ret->point, sizeof(ret->point));
}

/* Leading "/..", and what follows them without its slash. */
static unsigned count_up(const char *path, const char **ret_rest)
{
	unsigned n = 0;

	while (!strncmp(path, "/..", 3) && (path[3] == '/' || path[3] == '\0')) {
		path += 3;
		n++;
	}
	*ret_rest = path + (*path == '/');
	return n;
}

bool mount_locate(const char *root, const char *path, unsigned *ret_unknown,
		  const char **ret_rest)
{
	const char *root_rest, *rest;
	unsigned up = count_up(root, &root_rest), path_up = count_up(path, &rest);
	size_t len = strlen(root_rest);

	if (path_up > up || (path_up < up && len > 0))
		return false;
	if (strncmp(rest, root_rest, len) != 0 ||
	    (len > 0 && rest[len] && rest[len] != '/'))
		return false;
	rest += len;
	*ret_rest = rest + (len > 0 && *rest == '/');
	*ret_unknown = up - path_up;
	return true;
}
