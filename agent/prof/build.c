/* Lines of fields between tabs. What is not known is skipped: a newer Go may say more. */
#include "prof/build.h"

#include <errno.h>
#include <string.h>

#define DEPS_MAX 4096

void build_fini(struct build *build)
{
	free(build->text);
	free(build->deps);
	*build = (struct build){0};
}

/* "go go1.19.8" is how some write the first line: the name ends at a tab or a blank. */
static struct span key_of(struct span *rest)
{
	struct span key = {rest->at, 0};

	while (key.len < rest->len && rest->at[key.len] != '\t' &&
	       rest->at[key.len] != ' ')
		key.len++;
	rest->at += key.len;
	rest->len -= key.len;
	if (rest->len > 0) {
		rest->at++;
		rest->len--;
	}
	return key;
}

/* What stands before the next tab; empty where nothing is left. */
static struct span field(struct span *rest)
{
	struct span part = {rest->at, 0};

	(void)text_next(rest, '\t', &part);
	return part;
}

static int add_dep(struct build *build, struct span rest)
{
	size_t n = build->n_deps;

	if (n == DEPS_MAX)
		return -EBADMSG;
	if ((n & (n - 1)) == 0) { /* doubles at powers of two */
		struct build_module *deps =
			reallocarray(build->deps, n ? 2 * n : 1, sizeof(*deps));

		if (!deps)
			return -ENOMEM;
		build->deps = deps;
	}
	build->deps[n].path = field(&rest);
	build->deps[n].version = field(&rest);
	build->n_deps++;
	return 0;
}

/* "vcs.revision=abc": the value where the key is this one. */
static bool setting(struct span line, const char *key, struct span *ret)
{
	size_t len = strlen(key);

	if (line.len <= len || memcmp(line.at, key, len) != 0 || line.at[len] != '=')
		return false;
	*ret = (struct span){line.at + len + 1, line.len - len - 1};
	return true;
}

static void take_setting(struct build *build, struct span line)
{
	struct span value;

	if (setting(line, "vcs.revision", &value))
		build->vcs_revision = value;
	else if (setting(line, "vcs.time", &value))
		build->vcs_time = value;
	else if (setting(line, "vcs.modified", &value))
		build->vcs_modified = span_is(value, "true");
}

static int take_line(struct build *build, struct span line)
{
	struct span key = key_of(&line);

	if (span_is(key, "go"))
		build->go = span_trim(line);
	else if (span_is(key, "path"))
		build->path = field(&line);
	else if (span_is(key, "dep"))
		return add_dep(build, line);
	else if (span_is(key, "build"))
		take_setting(build, line);
	else if (span_is(key, "mod")) {
		build->main_module = field(&line);
		build->main_version = field(&line);
	}
	return 0;
}

int build_read(struct span text, struct build *ret)
{
	AUTO_BUILD struct build build = {0};
	struct span rest, line;
	int r = 0;

	if (text.len == 0) {
		*ret = build;
		return 0;
	}
	if (text.len > BUILD_TEXT_MAX || memchr(text.at, '\0', text.len))
		return -EBADMSG;
	build.text = malloc(text.len);
	if (!build.text)
		return -ENOMEM;
	memcpy(build.text, text.at, text.len);
	rest = (struct span){build.text, text.len};
	while (r == 0 && text_next(&rest, '\n', &line))
		r = take_line(&build, line);
	if (r == 0 && build.go.len == 0 && build.path.len == 0)
		r = -EBADMSG; /* whatever it is, it is no build information */
	if (r == 0) {
		*ret = build;
		build = (struct build){0};
	}
	return r;
}
