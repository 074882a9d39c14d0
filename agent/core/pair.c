#include "core/pair.h"

static const struct artifact_record *held(const struct capture_record *c,
					  enum artifact kind)
{
	return artifact_find(c->artifacts, c->n_artifacts, kind, KEPT_COMPLETE);
}

/* A text of goroutines says something even where its end is missing. */
static bool has_goroutines(const struct capture_record *c)
{
	return held(c, ARTIFACT_GOROUTINE) ||
	       artifact_find(c->artifacts, c->n_artifacts, ARTIFACT_GOROUTINE_TEXT,
			     KEPT_PARTIAL);
}

/* How much a capture has to show: a heap before all, goroutines next, and a heap after a
 * GC is better than one that is as of the last finished GC. */
static unsigned worth(const struct capture_record *c)
{
	bool fresh = held(c, ARTIFACT_HEAP_GC) != NULL;
	bool heap = fresh || held(c, ARTIFACT_HEAP);

	return 4U * heap + 2U * has_goroutines(c) + fresh;
}

size_t pair_capture(const struct manifest *manifest)
{
	size_t best = 0;

	for (size_t i = 1; i < manifest->n_captures; i++) {
		if (worth(&manifest->captures[i]) >= worth(&manifest->captures[best]))
			best = i;
	}
	return best;
}

size_t pair_earlier(const struct manifest *manifest, size_t shown)
{
	for (size_t i = 0; i < shown && shown < manifest->n_captures; i++) {
		bool fresh = held(&manifest->captures[shown], ARTIFACT_HEAP_GC);

		if (held(&manifest->captures[i],
			 fresh ? ARTIFACT_HEAP_GC : ARTIFACT_HEAP))
			return i;
	}
	return SIZE_MAX;
}

struct heap_pair pair_heaps(unsigned there)
{
	/* The best first. */
	static const struct heap_pair pairs[] = {
		{HEAP_NOW_GC, HEAP_BASE_GC}, {HEAP_NOW, HEAP_BASE},
		{HEAP_NOW_GC, HEAP_BASE},    {HEAP_NOW, HEAP_BASE_GC},
		{HEAP_NOW, HEAP_OLDEST},     {HEAP_NOW_GC, HEAP_OLDEST},
		{HEAP_NOW_GC, HEAP_N},       {HEAP_NOW, HEAP_N},
		{HEAP_NEWEST, HEAP_BASE},    {HEAP_NEWEST, HEAP_BASE_GC},
		{HEAP_NEWEST, HEAP_OLDEST},  {HEAP_OLDEST, HEAP_BASE},
		{HEAP_OLDEST, HEAP_BASE_GC}, {HEAP_OLDEST, HEAP_N},
	};

	there |= 1U << HEAP_N; /* no base can always be had */
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		unsigned needs = 1U << pairs[i].now | 1U << pairs[i].base;

		if ((there & needs) == needs)
			return pairs[i];
	}
	return (struct heap_pair){HEAP_N, HEAP_N};
}

static void put(struct pair_file *to, const char *dir,
		const struct artifact_record *record)
{
	if (record)
		*to = (struct pair_file){dir, record->name};
}

struct pair_files pair_of_incident(const struct manifest *manifest)
{
	const struct base_record *base = &manifest->base;
	size_t recorder = manifest->n_recorder;
	struct pair_file heaps[HEAP_N + 1] = {{NULL, NULL}};
	struct heap_pair pair;
	unsigned there = 0;

	if (manifest->n_captures > 0) {
		const struct capture_record *c =
			&manifest->captures[pair_capture(manifest)];

		put(&heaps[HEAP_NOW], c->dir, held(c, ARTIFACT_HEAP));
		put(&heaps[HEAP_NOW_GC], c->dir, held(c, ARTIFACT_HEAP_GC));
	}
	put(&heaps[HEAP_BASE], "base",
	    artifact_find(base->artifacts, base->n_artifacts, ARTIFACT_HEAP,
			  KEPT_COMPLETE));
	put(&heaps[HEAP_BASE_GC], "base",
	    artifact_find(base->artifacts, base->n_artifacts, ARTIFACT_HEAP_GC,
			  KEPT_COMPLETE));
	if (recorder > 0)
		heaps[HEAP_OLDEST] =
			(struct pair_file){"recorder", manifest->recorder[0].name};
	if (recorder > 1)
		heaps[HEAP_NEWEST] = (struct pair_file){
			"recorder", manifest->recorder[recorder - 1].name};
	for (unsigned i = 0; i < HEAP_N; i++)
		there |= heaps[i].name ? 1U << i : 0;
	pair = pair_heaps(there);
	return (struct pair_files){heaps[pair.now], heaps[pair.base]};
}
