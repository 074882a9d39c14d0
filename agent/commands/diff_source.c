#include "commands/diff_source.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "commands/commands.h"
#include "edge/fs.h"

struct wanted { /* of an incident, the best kind first */
	enum artifact kinds[2];
	size_t n;
};

static const struct wanted heaps = {{ARTIFACT_HEAP_GC, ARTIFACT_HEAP}, 2};
static const struct wanted goroutines = {{ARTIFACT_GOROUTINE}, 1};

void diff_source_tell(const struct diff_source *source, const char *what)
{
	AUTO_BUF struct buf label;

	buf_init(&label, 4 * sizeof(source->label));
	text_show(&label, source->label, strlen(source->label), sizeof(source->label));
	fprintf(stderr, "leakdog diff: %s: %s\n", label.data, what);
}

int diff_source_read(const struct diff_source *source, struct buf *to)
{
	int r = fs_read_buf(source->fd, to);

	if (r < 0)
		diff_source_tell(source, r == -EFBIG ? "it is larger than is allowed"
						     : strerror(-r));
	return r;
}

/* --- Incidents --- */

static const struct artifact_record *find_record(const struct artifact_record *records,
						 size_t n, const struct wanted *wanted)
{
	for (size_t kind = 0; kind < wanted->n; kind++) {
		const char *name = artifact_table[wanted->kinds[kind]].name;

		for (size_t i = 0; i < n; i++) {
			if (records[i].result == KEPT_COMPLETE &&
			    text_equal(records[i].kind, name))
				return &records[i];
		}
	}
	return NULL;
}

struct found {
	const char *dir;
	const struct artifact_record *record; /* NULL: there is none */
};

static struct found find_base(const struct manifest *m, const struct wanted *wanted)
{
	return (struct found){
		STORE_BASE, find_record(m->base.artifacts, m->base.n_artifacts, wanted)};
}

static struct found find_newest(const struct manifest *m, const struct wanted *wanted)
{
	struct found found = {0};

	for (size_t i = m->n_captures; i-- > 0 && !found.record;) {
		const struct capture_record *c = &m->captures[i];

		found = (struct found){c->dir,
				       find_record(c->artifacts, c->n_artifacts, wanted)};
	}
	return found;
}

static int open_found(int fd, const char *path, const struct found *found,
		      struct diff_source *ret)
{
	AUTO_CLOSE int dir = -1;

	(void)snprintf(ret->label, sizeof(ret->label), "%s/%s/%s", path, found->dir,
		       found->record->name);
	dir = fs_open_dir_at(fd, found->dir);
	ret->fd = dir < 0 ? dir : fs_open_at(dir, found->record->name);
	ret->there = ret->fd >= 0;
	if (ret->there)
		return EXIT_OK;
	diff_source_tell(ret, strerror(-ret->fd));
	return EXIT_FAILED;
}

/* Its newest into now, and where base is not NULL its base there. */
static int open_both(int fd, const char *path, const struct manifest *m,
		     const struct wanted *wanted, struct diff_source *sides[SIDE_N])
{
	struct found now = find_newest(m, wanted), base = find_base(m, wanted);
	int r;

	if (!now.record) {
		fprintf(stderr, "leakdog diff: %s holds no complete %s profile\n", path,
			wanted == &heaps ? "heap" : "goroutine");
		return EXIT_NO_MATCH;
	}
	r = open_found(fd, path, &now, sides[SIDE_NOW]);
	if (r != EXIT_OK || !sides[SIDE_BASE])
		return r;
	if (base.record)
		return open_found(fd, path, &base, sides[SIDE_BASE]);
	fprintf(stderr,
		"leakdog diff: the incident has no base (%s): this is all that "
		"there was\n",
		base_table[m->base.state]);
	return EXIT_OK;
}

static int open_incident(const struct reader *reader, const char *name,
			 const struct wanted *wanted, struct diff_source *sides[SIDE_N])
{
	AUTO_MANIFEST struct manifest manifest;
	AUTO_FREE char *path = NULL;
	struct reader_incident incident;
	char why[MANIFEST_WHY_MAX];
	AUTO_CLOSE int fd = -1;
	int r;

	manifest_init(&manifest);
	r = reader_find("diff", reader, name, &incident);
	if (r != EXIT_OK)
		return r;
	fd = reader_dir(reader, &incident);
	path = reader_path(reader, &incident);
	if (fd < 0 || !path) {
		fprintf(stderr, "leakdog diff: %s: %s\n", incident.id,
			strerror(path ? -fd : ENOMEM));
		return EXIT_FAILED;
	}
	if (store_read(fd, STORE_MANIFEST, &manifest, why) < 0) {
		fprintf(stderr, "leakdog diff: %s: %s\n", path, why);
		return EXIT_FAILED;
	}
	return open_both(fd, path, &manifest, wanted, sides);
}

/* --- Names --- */

/* Whether it can be an incident: what has a slash or the end of a profile's name is a
 * file that is missing. */
static bool can_be_incident(const char *name)
{
	return !strchr(name, '/') && !text_ends(name, ".gz") && !text_ends(name, ".pb");
}

/* 0, -ENOENT: try it as an incident, or an exit code with the reason told. */
static int open_file(const char *name, struct diff_source *ret)
{
	(void)text_copy(ret->label, sizeof(ret->label), name);
	ret->fd = text_equal(name, "-") ? STDIN_FILENO : fs_open_path(name);
	ret->there = ret->fd >= 0;
	if (ret->there)
		return EXIT_OK;
	if (ret->fd == -ENOENT && can_be_incident(name))
		return -ENOENT;
	diff_source_tell(ret, ret->fd == -EINVAL || ret->fd == -EISDIR
				      ? "it is no file; an incident is named by its id"
				      : strerror(-ret->fd));
	return ret->fd == -ENOENT ? EXIT_NO_MATCH : EXIT_FAILED;
}

static int open_name(const char *archive, const char *name, const struct wanted *wanted,
		     struct diff_source *sides[SIDE_N])
{
	struct reader reader;
	int r = open_file(name, sides[SIDE_NOW]);

	if (r != -ENOENT)
		return r;
	r = reader_open("diff", archive, &reader);
	if (r != EXIT_OK)
		return r;
	r = open_incident(&reader, name, wanted, sides);
	archive_close(&reader.archive);
	return r;
}

int diff_sources_open(const char *archive, const char *metric, char *const *names,
		      struct diff_sources *ret)
{
	const struct wanted *wanted =
		text_equal(metric, "goroutine") ? &goroutines : &heaps;
	struct diff_source *sides[SIDE_N] = {&ret->side[SIDE_BASE], &ret->side[SIDE_NOW]};
	struct diff_source *first[SIDE_N] = {NULL, &ret->side[SIDE_BASE]};
	struct diff_source *second[SIDE_N] = {NULL, &ret->side[SIDE_NOW]};
	int r;

	*ret = (struct diff_sources){{{.fd = -1}, {.fd = -1}}};
	if (!names[1])
		return open_name(archive, names[0], wanted, sides);
	r = open_name(archive, names[0], wanted, first);
	return r ? r : open_name(archive, names[1], wanted, second);
}

void diff_sources_close(struct diff_sources *sources)
{
	for (size_t side = 0; side < SIDE_N; side++) {
		if (sources->side[side].there && sources->side[side].fd != STDIN_FILENO)
			fs_close(&sources->side[side].fd);
	}
}
