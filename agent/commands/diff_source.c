#include "commands/diff_source.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "commands/commands.h"
#include "core/pair.h"
#include "edge/fs.h"

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

/* --- Files --- */

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

/* --- Incidents --- */

/* What a name means. */
struct named {
	struct diff_source *source;
	const struct reader_held *held; /* NULL: a file, which is open */
	struct pair_file chosen;        /* of the incident */
};

static const char *complete(const struct capture_record *c, enum artifact kind)
{
	const struct artifact_record *found =
		artifact_find(c->artifacts, c->n_artifacts, kind, KEPT_COMPLETE);

	return found ? found->name : NULL;
}

static struct pair_file newest_goroutines(const struct manifest *m)
{
	for (size_t i = m->n_captures; i-- > 0;) {
		const struct capture_record *c = &m->captures[i];
		const char *name = complete(c, ARTIFACT_GOROUTINE);

		if (name)
			return (struct pair_file){c->dir, name};
	}
	return (struct pair_file){NULL, NULL};
}

static struct pair_files goroutines_of(const struct manifest *m)
{
	const struct artifact_record *base =
		artifact_find(m->base.artifacts, m->base.n_artifacts, ARTIFACT_GOROUTINE,
			      KEPT_COMPLETE);

	return (struct pair_files){newest_goroutines(m),
				   {STORE_BASE, base ? base->name : NULL}};
}

/* Bits of the heaps of the capture that shows most; names by enum heap. */
static unsigned heaps_of(const struct manifest *m, enum heap plain, enum heap fresh,
			 struct pair_file names[HEAP_N + 1])
{
	const struct capture_record *c;

	if (m->n_captures == 0)
		return 0;
	c = &m->captures[pair_capture(m)];
	names[plain] = (struct pair_file){c->dir, complete(c, ARTIFACT_HEAP)};
	names[fresh] = (struct pair_file){c->dir, complete(c, ARTIFACT_HEAP_GC)};
	return (names[plain].name ? 1U << plain : 0) |
	       (names[fresh].name ? 1U << fresh : 0);
}

/* Of two incidents; of one beside a file, whose kind is unknown, the best. */
static void choose_heaps(struct named named[SIDE_N])
{
	struct pair_file names[HEAP_N + 1] = {{NULL, NULL}};
	struct named *base = &named[SIDE_BASE], *now = &named[SIDE_NOW];
	struct named *newer = now->held ? now : base;
	struct heap_pair pair;
	unsigned there = 0;

	if (newer->held)
		there = heaps_of(&newer->held->manifest, HEAP_NOW, HEAP_NOW_GC, names);
	if (newer == now && base->held)
		there |= heaps_of(&base->held->manifest, HEAP_BASE, HEAP_BASE_GC, names);
	pair = pair_heaps(there);
	base->chosen = names[pair.base];
	newer->chosen = names[pair.now];
}

static void choose_goroutines(struct named named[SIDE_N])
{
	for (size_t side = 0; side < SIDE_N; side++) {
		if (named[side].held)
			named[side].chosen =
				newest_goroutines(&named[side].held->manifest);
	}
}

static int open_chosen(const struct named *named)
{
	struct diff_source *source = named->source;
	AUTO_CLOSE int dir = -1;

	(void)snprintf(source->label, sizeof(source->label), "%s/%s/%s",
		       named->held->path, named->chosen.dir, named->chosen.name);
	dir = fs_open_dir_at(named->held->dirfd, named->chosen.dir);
	source->fd = dir < 0 ? dir : fs_open_at(dir, named->chosen.name);
	source->there = source->fd >= 0;
	if (source->there)
		return EXIT_OK;
	diff_source_tell(source, strerror(-source->fd));
	return EXIT_FAILED;
}

static int tell_nothing(const struct named *named, bool goroutines)
{
	fprintf(stderr, "leakdog diff: %s holds no complete %s profile\n",
		named->held->path, goroutines ? "goroutine" : "heap");
	return EXIT_NO_MATCH;
}

/* --- Names --- */

struct walk {
	const char *archive; /* as a person named it; NULL: the usual one */
	bool goroutines;
	struct reader reader;
	bool reading; /* reader is open */
	struct reader_held held[SIDE_N];
	struct named named[SIDE_N];
};

static int find_incident(struct walk *walk, const char *name, struct reader_held *ret)
{
	if (!walk->reading) {
		int r = reader_open("diff", walk->archive, &walk->reader);

		if (r != EXIT_OK)
			return r;
		walk->reading = true;
	}
	return reader_read("diff", &walk->reader, name, ret);
}

/* A file is open then. */
static int resolve(struct walk *walk, const char *name, enum side side)
{
	int r = open_file(name, walk->named[side].source);

	if (r != -ENOENT)
		return r;
	r = find_incident(walk, name, &walk->held[side]);
	if (r == EXIT_OK)
		walk->named[side].held = &walk->held[side];
	return r;
}

/* Its base against its newest; without a base, all that there was. */
static int open_one(struct walk *walk, const char *name)
{
	struct named *base = &walk->named[SIDE_BASE], *now = &walk->named[SIDE_NOW];
	int r = resolve(walk, name, SIDE_NOW);
	struct pair_files files;

	if (r != EXIT_OK || !now->held)
		return r;
	files = (walk->goroutines ? goroutines_of
				  : pair_of_incident)(&now->held->manifest);
	now->chosen = files.now;
	base->held = now->held;
	base->chosen = files.base;
	if (!now->chosen.name)
		return tell_nothing(now, walk->goroutines);
	if (base->chosen.name) {
		r = open_chosen(base);
		return r ? r : open_chosen(now);
	}
	fprintf(stderr,
		"leakdog diff: the incident has no base (%s): this is all that there "
		"was\n",
		base_table[now->held->manifest.base.state]);
	return open_chosen(now);
}

static int open_two(struct walk *walk, char *const names[SIDE_N])
{
	int r = EXIT_OK;

	for (enum side side = SIDE_BASE; side < SIDE_N && r == EXIT_OK; side++)
		r = resolve(walk, names[side], side);
	if (r != EXIT_OK)
		return r;
	(walk->goroutines ? choose_goroutines : choose_heaps)(walk->named);
	/* The newer first: without one, nothing was chosen of the base either. */
	for (size_t side = SIDE_N; side-- > 0 && r == EXIT_OK;) {
		const struct named *named = &walk->named[side];

		if (named->held)
			r = named->chosen.name ? open_chosen(named)
					       : tell_nothing(named, walk->goroutines);
	}
	return r;
}

int diff_sources_open(const char *archive, const char *metric, char *const *names,
		      struct diff_sources *ret)
{
	struct walk walk = {.archive = archive,
			    .goroutines = text_equal(metric, "goroutine")};
	int r;

	*ret = (struct diff_sources){{{.fd = -1}, {.fd = -1}}};
	for (size_t side = 0; side < SIDE_N; side++) {
		walk.named[side].source = &ret->side[side];
		walk.held[side].dirfd = -1;
	}
	r = names[1] ? open_two(&walk, names) : open_one(&walk, names[0]);
	for (size_t side = 0; side < SIDE_N; side++)
		reader_held_fini(&walk.held[side]);
	if (walk.reading)
		archive_close(&walk.reader.archive);
	return r;
}

void diff_sources_close(struct diff_sources *sources)
{
	for (size_t side = 0; side < SIDE_N; side++) {
		if (sources->side[side].there && sources->side[side].fd != STDIN_FILENO)
			fs_close(&sources->side[side].fd);
	}
}
