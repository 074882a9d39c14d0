/* Every kind is found, cleaned of noise and ranked in the same way; what differs is how
 * its suspects are made (grew_stacks.c, grew_groups.c). */
#include "prof/grew.h"

#include <errno.h>
#include <string.h>

#include "lib/num.h"
#include "prof/grew_parts.h"

const char *const suspect_table[SUSPECT_N] = {
	[SUSPECT_HEAP] = "heap",
	[SUSPECT_GOROUTINES] = "goroutines",
	[SUSPECT_THREADS] = "threads",
	[SUSPECT_SOCKETS] = "sockets",
};

/* From where growth counts. The shares are guesses that kept healthy services under load
 * quiet and every leak of the tests loud. */
struct noise {
	int64_t all;          /* what all suspects of the kind grew by, together */
	int64_t each;         /* one of them */
	unsigned of_growth;   /* percent of all growth */
	unsigned of_before;   /* percent of all that there was before */
	int64_t weight_bytes; /* of one, for the rank of the kind; 0: after the others */
};
#define SAMPLED_EVERY (512 << 10) /* bytes; what Go's heap profile is by default */
static const struct noise noise_table[SUSPECT_N] = {
	[SUSPECT_HEAP] = {5 * SAMPLED_EVERY, 5 * SAMPLED_EVERY, 2, 0, 1},
	[SUSPECT_GOROUTINES] = {100, 20, 5, 10, 4096},
	[SUSPECT_THREADS] = {100, 20, 5, 10, 16384}, /* a kernel stack */
	[SUSPECT_SOCKETS] = {100, 20, 5, 10, 0},
};
#define HEAP_OF_ABOUT 2 /* percent */

const struct symbols *grew_symbols(const struct grew_input *input)
{
	if (input->heap)
		return input->heap->symbols;
	return input->goroutines ? input->goroutines->symbols : NULL;
}

static int64_t growth(const struct suspect *suspect)
{
	return num_sub_i64(suspect->now, suspect->base);
}

static int by_growth(const void *a, const void *b)
{
	int64_t one = growth(a), other = growth(b);

	return (one < other) - (one > other);
}

static int64_t percent(int64_t of, unsigned percent)
{
	return of / 100 * percent + of % 100 * percent / 100;
}

static int64_t floor_of(const struct grew_input *input, enum suspect_kind kind,
			int64_t all, int64_t before)
{
	const struct noise *noise = &noise_table[kind];
	int64_t floor = MAX(noise->each, percent(all, noise->of_growth));

	floor = MAX(floor, percent(before, noise->of_before));
	if (kind == SUSPECT_HEAP && input->about <= INT64_MAX)
		floor = MAX(floor, percent((int64_t)input->about, HEAP_OF_ABOUT));
	return floor;
}

/* Adds those of one kind that count; what does not is added up in rest. */
static void keep(const struct grew_input *input, enum suspect_kind kind,
		 struct suspects *from, struct grew *to)
{
	const struct noise *noise = &noise_table[kind];
	int64_t all = 0, before = 0, kept = 0, floor, least = noise->all;

	/* What somebody has a rule for is wanted in full. */
	if (kind == SUSPECT_THREADS && input->about_threads)
		least = noise->each;

	for (size_t i = 0; i < from->n; i++) {
		all = num_add_i64(all, MAX(growth(&from->list[i]), 0));
		before = num_add_i64(before, MAX(from->list[i].base, 0));
	}
	if (from->n > 0)
		qsort(from->list, from->n, sizeof(*from->list), by_growth);
	floor = floor_of(input, kind, all, before);
	for (size_t i = 0; i < MIN(from->n, SUSPECTS_MAX); i++) {
		struct suspect *suspect = &from->list[i];

		if (all < least || growth(suspect) < floor)
			break;
		suspect->share = (double)growth(suspect) / (double)all;
		kept = num_add_i64(kept, growth(suspect));
		to->list[to->n++] = *suspect;
	}
	to->growth[kind] = all;
	to->rest[kind] = all - kept;
}

/* --- Own code beside a charged dependency ----------------------------------- */

static int64_t grown(const struct stacks *stacks, size_t stack, size_t type)
{
	size_t at = stack * stacks->n_types + type;

	return num_sub_i64(stacks->read[SIDE_NOW] ? stacks->values[SIDE_NOW][at] : 0,
			   stacks->read[SIDE_BASE] ? stacks->values[SIDE_BASE][at] : 0);
}

/* Own frames that call into the module of a suspect: the one that grew most. */
static void find_own(const struct grew_input *input, size_t type, struct suspect *suspect)
{
	const struct stacks *heap = input->heap;
	int64_t best = 0;

	for (size_t i = 0; i < heap->n; i++) {
		const uint32_t *frames = heap->frames + heap->list[i].at;
		int64_t more = grown(heap, i, type);
		int index = -ENOENT;

		if (more > best)
			index = grew_charge(input->owners, frames, heap->list[i].depth);
		if (index <= 0 || owners_of(input->owners, frames[index]) != OWNER_APP ||
		    !owners_same_module(input->owners, suspect->charged,
					frames[index - 1]))
			continue;
		best = more;
		suspect->own = frames[index];
	}
}

static void find_owns(const struct grew_input *input, struct grew *grew)
{
	for (size_t i = 0; input->heap && i < grew->n; i++) {
		struct suspect *suspect = &grew->list[i];

		if (suspect->owner == OWNER_DEPENDENCY || suspect->owner == OWNER_STD)
			find_own(input, grew->heap_type, suspect);
	}
}

/* --- All kinds -------------------------------------------------------------- */

/* Without a base there is no growth: all services have some. */
static bool are_threads_known(const struct grew_input *input)
{
	return input->threads[SIDE_BASE] != THREADS_UNKNOWN &&
	       input->threads[SIDE_NOW] != THREADS_UNKNOWN;
}

static int find_kind(const struct grew_input *input, enum suspect_kind kind,
		     struct grew *grew)
{
	struct suspects suspects = {0};
	int r = 0;

	if (kind == SUSPECT_HEAP && input->heap)
		r = grew_heap(input, grew->heap_type, &suspects);
	else if (kind == SUSPECT_GOROUTINES && input->goroutines)
		r = grew_goroutines(input, &suspects);
	else if (kind == SUSPECT_THREADS && are_threads_known(input))
		r = grew_threads(input, &suspects);
	else if (kind == SUSPECT_SOCKETS)
		r = grew_sockets(input, &suspects);
	if (r == 0)
		keep(input, kind, &suspects, grew);
	free(suspects.list);
	return r;
}

static int64_t weight(const struct grew *grew, enum suspect_kind kind)
{
	int64_t sum = 0, one = noise_table[kind].weight_bytes;

	if (one == 0)
		return -1;
	for (size_t i = 0; i < grew->n; i++) {
		if (grew->list[i].kind == kind)
			sum += MIN(growth(&grew->list[i]),
				   INT64_MAX / SUSPECTS_MAX / one) *
			       one;
	}
	return sum;
}

/* The list comes by kind, each sorted: the heaviest kind goes first. */
static void rank(struct grew *grew)
{
	const struct grew found = *grew;
	bool taken[SUSPECT_N] = {false};

	grew->n = 0;
	for (size_t round = 0; round < SUSPECT_N; round++) {
		size_t best = SUSPECT_N;

		for (size_t kind = 0; kind < SUSPECT_N; kind++) {
			if (!taken[kind] &&
			    (best == SUSPECT_N ||
			     weight(&found, (enum suspect_kind)kind) >
				     weight(&found, (enum suspect_kind)best)))
				best = kind;
		}
		taken[best] = true;
		for (size_t i = 0; i < found.n; i++) {
			if (found.list[i].kind == best)
				grew->list[grew->n++] = found.list[i];
		}
	}
}

int grew_find(const struct grew_input *input, struct grew *ret)
{
	struct grew grew = {.n = 0};
	int r = 0;

	if (input->heap)
		grew.heap_type = (size_t)MAX(stacks_type(input->heap, "inuse_space"), 0);
	for (size_t kind = 0; r == 0 && kind < SUSPECT_N; kind++)
		r = find_kind(input, (enum suspect_kind)kind, &grew);
	if (r < 0)
		return r;
	rank(&grew);
	find_owns(input, &grew);
	*ret = grew;
	return 0;
}
