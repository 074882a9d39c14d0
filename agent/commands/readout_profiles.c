/* Heap and goroutines: the files of the two sides are read, and where one is spoilt the
 * next best pair. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "commands/readout_parts.h"
#include "core/pair.h"
#include "prof/profile.h"

#define GOROUTINE_TEXT_MAX ((size_t)80 << 20) /* Go stops at 64 MiB */

static int read_profile(struct readout *readout, struct readout_file *file,
			enum side side, struct stacks *to)
{
	AUTO_FREE char *bytes = readout_bytes(readout, file);
	char why[PROFILE_WHY_MAX] = "";
	int r;

	if (!bytes)
		return -EBADMSG;
	r = profile_read((struct span){bytes, file->size}, &PROFILE_LIMITS, side, to,
			 why);
	if (r < 0)
		readout_spoil(readout, file, why);
	return r;
}

static void begin_again(struct stacks *stacks, struct symbols *symbols)
{
	stacks_fini(stacks);
	stacks_init(stacks, symbols);
}

/* ------------------------------------------------------------------ heap */

struct pair {
	struct readout_file *now, *base; /* base NULL: none */
};

static struct readout_file *find_recorded(struct readout *readout, enum readout_role role)
{
	for (size_t i = 0; i < readout->files->n; i++) {
		struct readout_file *file = &readout->files->list[i];

		if (file->role == role && !file->spoilt)
			return file;
	}
	return NULL;
}

/* The best pair of those that are not spoilt; now NULL: there is no heap. */
static struct pair choose_pair(struct readout *readout)
{
	struct readout_files *files = readout->files;
	struct readout_file *heaps[HEAP_N + 1] = {
		[HEAP_NOW] = readout_find(files, READOUT_NOW, ARTIFACT_HEAP, false),
		[HEAP_NOW_GC] = readout_find(files, READOUT_NOW, ARTIFACT_HEAP_GC, false),
		[HEAP_BASE] = readout_find(files, READOUT_BASE, ARTIFACT_HEAP, false),
		[HEAP_BASE_GC] =
			readout_find(files, READOUT_BASE, ARTIFACT_HEAP_GC, false),
		[HEAP_OLDEST] = find_recorded(readout, READOUT_OLDEST),
		[HEAP_NEWEST] = find_recorded(readout, READOUT_NEWEST),
	};
	struct heap_pair pair;
	unsigned there = 0;

	for (unsigned i = 0; i < HEAP_N; i++)
		there |= heaps[i] ? 1U << i : 0;
	pair = pair_heaps(there);
	return (struct pair){heaps[pair.now], heaps[pair.base]};
}

/* True: both are read as far as they are there; false: one is spoilt now. */
static bool read_pair(struct readout *readout, const struct pair *pair)
{
	begin_again(&readout->heap, readout->symbols);
	if (pair->base &&
	    read_profile(readout, pair->base, SIDE_BASE, &readout->heap) < 0)
		return false;
	return read_profile(readout, pair->now, SIDE_NOW, &readout->heap) == 0;
}

static bool is_fresh(const struct readout_file *file)
{
	return file->artifact &&
	       text_equal(file->artifact->kind, artifact_table[ARTIFACT_HEAP_GC].name);
}

static void tell_pair(struct readout *readout, const struct pair *pair)
{
	struct report_heap *heap = &readout->report.heap;

	heap->stacks = &readout->heap;
	heap->fresh = is_fresh(pair->now);
	heap->now_file = pair->now->path;
	heap->base_file = pair->base ? pair->base->path : NULL;
	if (!pair->now->artifact)
		readout_note(
			readout,
			"no capture has a heap: %s is the recorder's last one, and what "
			"came after it is not in it",
			pair->now->path);
	if (!pair->base)
		return; /* which the sentences say */
	if (pair->base->role == READOUT_OLDEST)
		readout_note(readout,
			     "there is no heap of a base: %s is compared with %s, the "
			     "oldest heap of the recorder",
			     pair->now->path, pair->base->path);
	else if (is_fresh(pair->now) != is_fresh(pair->base))
		readout_note(readout,
			     "%s is compared with %s: one of them was taken after a "
			     "garbage collection and the other was not",
			     pair->now->path, pair->base->path);
}

/* The time between two captures of this incident. */
static void read_earlier(struct readout *readout, const struct readout_file *now)
{
	struct readout_file *earlier =
		readout_find(readout->files, READOUT_EARLIER,
			     is_fresh(now) ? ARTIFACT_HEAP_GC : ARTIFACT_HEAP, false);
	int64_t ms;

	if (!earlier || !now->artifact)
		return;
	ms = now->artifact->at_ms - earlier->artifact->at_ms;
	if (ms < 1000 || read_profile(readout, earlier, SIDE_NOW, &readout->earlier) < 0)
		return;
	readout->minutes = (double)ms / 60000;
}

void readout_heap(struct readout *readout)
{
	struct pair pair = choose_pair(readout);

	/* Every round spoils a file, or is the last. */
	while (pair.now && !read_pair(readout, &pair))
		pair = choose_pair(readout);
	if (!pair.now) {
		begin_again(&readout->heap, readout->symbols);
		readout_note(readout, "there is no heap that could be read");
		return;
	}
	tell_pair(readout, &pair);
	read_earlier(readout, pair.now);
}

/* ------------------------------------------------------------------ goroutines */

static struct readout_file *best_list(struct readout *readout, enum readout_role role)
{
	struct readout_file *text =
		readout_find(readout->files, role, ARTIFACT_GOROUTINE_TEXT, true);

	return text ? text
		    : readout_find(readout->files, role, ARTIFACT_GOROUTINE, false);
}

static bool read_text(struct readout *readout, struct readout_file *file, enum side side)
{
	AUTO_FREE char *bytes = readout_bytes(readout, file);
	char why[GOROUTINES_WHY_MAX] = "";
	int r;

	if (!bytes)
		return false;
	r = goroutines_text((struct span){bytes, file->size}, GOROUTINE_TEXT_MAX, side,
			    &readout->goroutines, why);
	if (r < 0)
		readout_spoil(readout, file, why);
	return r == 0;
}

static bool read_binary(struct readout *readout, struct readout_file *file,
			enum side side)
{
	int r = read_profile(readout, file, side, &readout->lists);

	if (r == 0) {
		r = goroutines_binary(&readout->lists, side, &readout->goroutines);
		if (r < 0)
			readout_spoil(readout, file, strerror(-r));
	}
	begin_again(&readout->lists, readout->symbols);
	return r == 0;
}

static bool read_list(struct readout *readout, struct readout_file *file, enum side side)
{
	if (text_equal(file->artifact->kind, artifact_table[ARTIFACT_GOROUTINE].name))
		return read_binary(readout, file, side);
	return read_text(readout, file, side);
}

static bool read_lists(struct readout *readout, struct readout_file *now,
		       struct readout_file *base)
{
	goroutines_fini(&readout->goroutines);
	goroutines_init(&readout->goroutines, readout->symbols);
	return (!now || read_list(readout, now, SIDE_NOW)) &&
	       (!base || read_list(readout, base, SIDE_BASE));
}

void readout_goroutines(struct readout *readout)
{
	struct readout_file *now, *base;
	int r;

	do { /* every round spoils a file, or is the last */
		now = best_list(readout, READOUT_NOW);
		base = now ? best_list(readout, READOUT_BASE) : NULL;
	} while (!read_lists(readout, now, base));
	r = goroutines_finish(&readout->goroutines);
	if (!now)
		readout_note(readout, "there are no goroutines that could be read");
	else if (r < 0)
		readout_note(readout, "goroutines: %s", strerror(-r));
	else
		readout->report.goroutines = &readout->goroutines;
	if (now && !base)
		readout_note(readout, "there are no goroutines of a base");
}
