/* The table of stacks: frames in one array, values of each side in one array, a hash over
 * the frames. Beside it, and only for pprof_total, what pprof tells samples apart by. */
#include "prof/stacks.h"

#include <errno.h>

#include "lib/num.h"
#include "prof/hash.h"
#include "prof/list.h"

/* A profile of 300,000 samples has 9 million frames (measured); seven times that. Stacks
 * may be far larger than the bytes that a hostile file spends on them. */
#define FRAMES_MAX ((size_t)64 << 20)
#define ROWS_MAX ((size_t)2 << 20) /* of stacks, and of what pprof calls samples */

/* For each row what pprof calls a sample: its key, and for each type now - base. The
 * first rows are the stacks with the first key that each came with; other keys, which are
 * few, have rows of their own. */
struct samples {
	uint64_t *keys;
	int64_t *growth;
	size_t n, keys_room, growth_room;
};

struct stacks_index {
	uint64_t seed;
	struct table by_frames;
	size_t list_room, frames_room, values_room[SIDE_N];
	uint32_t guess;        /* the stack after the last one: Go keeps the order */
	struct samples firsts; /* by the number of the stack */
	struct samples others;
	struct table by_key; /* of the others */
};

void stacks_init(struct stacks *stacks, struct symbols *symbols)
{
	*stacks = (struct stacks){.symbols = symbols};
}

static void samples_fini(struct samples *samples)
{
	free(samples->keys);
	free(samples->growth);
}

void stacks_fini(struct stacks *stacks)
{
	if (stacks->index) {
		table_fini(&stacks->index->by_frames);
		table_fini(&stacks->index->by_key);
		samples_fini(&stacks->index->firsts);
		samples_fini(&stacks->index->others);
	}
	free(stacks->index);
	free(stacks->frames);
	free(stacks->list);
	for (size_t side = 0; side < SIDE_N; side++)
		free(stacks->values[side]);
	*stacks = (struct stacks){.symbols = stacks->symbols, .only = stacks->only};
}

static bool same(const struct stacks *stacks, const struct stack *stack,
		 const struct stack_sample *sample)
{
	return stack->depth == sample->depth &&
	       (sample->depth == 0 || !memcmp(stacks->frames + stack->at, sample->frames,
					      sample->depth * sizeof(*sample->frames)));
}

/* Room for one stack more on both sides; its values are zero. */
static int grow_values(struct stacks *stacks)
{
	struct stacks_index *index = stacks->index;
	size_t had = stacks->n * stacks->n_types;
	int r;

	for (size_t side = 0; side < SIDE_N; side++) {
		r = list_grow(&stacks->values[side], sizeof(*stacks->values[side]),
			      had + stacks->n_types, &index->values_room[side]);
		if (r < 0)
			return r;
		if (stacks->n_types)
			memset(stacks->values[side] + had, 0,
			       stacks->n_types * sizeof(*stacks->values[side]));
	}
	return 0;
}

static int add_key(struct samples *samples, size_t n_types, uint64_t key)
{
	int r = list_grow(&samples->keys, sizeof(*samples->keys), samples->n + 1,
			  &samples->keys_room);

	if (r == 0)
		r = list_grow(&samples->growth, sizeof(*samples->growth),
			      (samples->n + 1) * n_types, &samples->growth_room);
	if (r < 0)
		return r;
	if (n_types)
		memset(samples->growth + samples->n * n_types, 0,
		       n_types * sizeof(*samples->growth));
	samples->keys[samples->n++] = key;
	return 0;
}

static int add_stack(struct stacks *stacks, const struct stack_sample *sample,
		     uint64_t hash)
{
	struct stacks_index *index = stacks->index;
	int r;

	if (stacks->n == ROWS_MAX || sample->depth > FRAMES_MAX - stacks->n_frames)
		return -EFBIG;
	r = list_grow(&stacks->frames, sizeof(*stacks->frames),
		      stacks->n_frames + sample->depth, &index->frames_room);
	if (r == 0)
		r = list_grow(&stacks->list, sizeof(*stacks->list), stacks->n + 1,
			      &index->list_room);
	if (r == 0)
		r = grow_values(stacks);
	if (r == 0)
		r = table_add(&index->by_frames, hash, (uint32_t)stacks->n);
	if (r == 0)
		r = add_key(&index->firsts, stacks->n_types, sample->key);
	if (r < 0)
		return r;
	if (sample->depth)
		memcpy(stacks->frames + stacks->n_frames, sample->frames,
		       sample->depth * sizeof(*sample->frames));
	stacks->list[stacks->n++] =
		(struct stack){(uint32_t)stacks->n_frames, (uint32_t)sample->depth};
	stacks->n_frames += sample->depth;
	return 0;
}

static int find_by_hash(struct stacks *stacks, const struct stack_sample *sample,
			uint32_t *ret)
{
	uint64_t hash = hash_bytes(stacks->index->seed, sample->frames,
				   sample->depth * sizeof(*sample->frames));
	size_t at = 0;
	int r;

	while (table_next(&stacks->index->by_frames, hash, &at, ret)) {
		if (same(stacks, &stacks->list[*ret], sample))
			return 0;
	}
	r = add_stack(stacks, sample, hash);
	if (r == 0)
		*ret = (uint32_t)stacks->n - 1;
	return r;
}

/* Two profiles of one program tell their stacks in nearly the same order: those of the
 * second are mostly where they are guessed. */
static int find_stack(struct stacks *stacks, const struct stack_sample *sample,
		      uint32_t *ret)
{
	uint32_t guess = stacks->index->guess;
	int r = 0;

	if (guess < stacks->n && same(stacks, &stacks->list[guess], sample))
		*ret = guess;
	else
		r = find_by_hash(stacks, sample, ret);
	stacks->index->guess = *ret + 1;
	return r;
}

/* The growth of what pprof calls this sample. */
static int find_growth(struct stacks *stacks, uint32_t stack, uint64_t key, int64_t **ret)
{
	struct stacks_index *index = stacks->index;
	uint32_t number;
	size_t at = 0;
	int r;

	if (index->firsts.keys[stack] == key) {
		*ret = &index->firsts.growth[stack * stacks->n_types];
		return 0;
	}
	key = hash_mix(key, stack); /* 0 is a key of many */
	while (table_next(&index->by_key, key, &at, &number)) {
		if (index->others.keys[number] == key) {
			*ret = &index->others.growth[number * stacks->n_types];
			return 0;
		}
	}
	if (index->others.n == ROWS_MAX)
		return -EFBIG;
	number = (uint32_t)index->others.n;
	r = table_add(&index->by_key, key, number);
	if (r == 0)
		r = add_key(&index->others, stacks->n_types, key);
	if (r == 0)
		*ret = &index->others.growth[number * stacks->n_types];
	return r;
}

static int64_t clamp(__int128 sum)
{
	if (sum > INT64_MAX)
		return INT64_MAX;
	return sum < INT64_MIN ? INT64_MIN : (int64_t)sum;
}

/* Modulo 2^64, as pprof adds: what is the same on both sides cancels, even where a sum
 * goes beyond an end on its way. */
static void charge_growth(const struct stacks *stacks, int64_t *growth, enum side side,
			  const int64_t *values)
{
	for (size_t t = 0; t < stacks->n_types; t++) {
		uint64_t was = (uint64_t)growth[t], value = (uint64_t)values[t];

		growth[t] = (int64_t)(side == SIDE_NOW ? was + value : was - value);
	}
}

static int begin(struct stacks *stacks)
{
	if (stacks->index)
		return 0;
	stacks->index = calloc(1, sizeof(*stacks->index));
	if (!stacks->index)
		return -ENOMEM;
	stacks->index->seed = hash_seed(stacks->index);
	return 0;
}

int stacks_add_sample(struct stacks *stacks, const struct stack_sample *given,
		      enum side side)
{
	struct stack_sample sample = *given;
	int64_t *growth = NULL;
	uint32_t stack = 0;
	int r = begin(stacks);

	if (r < 0)
		return r;
	sample.depth = MIN(sample.depth, STACK_DEPTH_MAX);
	r = find_stack(stacks, &sample, &stack);
	if (r == 0)
		r = find_growth(stacks, stack, sample.key, &growth);
	if (r < 0)
		return r;
	for (size_t t = 0; t < stacks->n_types; t++) {
		int64_t *value = &stacks->values[side][stack * stacks->n_types + t];

		*value = num_add_i64(*value, sample.values[t]);
	}
	charge_growth(stacks, growth, side, sample.values);
	stacks->cut[side] += given->depth > STACK_DEPTH_MAX;
	stacks->read[side] = true;
	return 0;
}

int stacks_add(struct stacks *stacks, const uint32_t *frames, size_t depth,
	       enum side side, const int64_t *values)
{
	struct stack_sample sample = {frames, depth, values, 0};

	return stacks_add_sample(stacks, &sample, side);
}

int stacks_type(const struct stacks *stacks, const char *name)
{
	for (size_t t = 0; t < stacks->n_types; t++) {
		if (span_is(symbols_text(stacks->symbols, stacks->types[t].name), name))
			return (int)t;
	}
	return -ENOENT;
}

int64_t stacks_total(const struct stacks *stacks, enum side side, size_t type)
{
	__int128 sum = 0;

	for (size_t s = 0; s < stacks->n; s++)
		sum += stacks->values[side][s * stacks->n_types + type];
	return clamp(sum);
}

static __int128 size_of(int64_t value)
{
	return value < 0 ? -(__int128)value : value;
}

static __int128 total_growth(const struct samples *samples, size_t n_types, size_t type)
{
	__int128 sum = 0;

	for (size_t i = 0; i < samples->n; i++)
		sum += size_of(samples->growth[i * n_types + type]);
	return sum;
}

int64_t stacks_pprof_total(const struct stacks *stacks, size_t type)
{
	const struct stacks_index *index = stacks->index;

	if (!index)
		return 0;
	return clamp(total_growth(&index->firsts, stacks->n_types, type) +
		     total_growth(&index->others, stacks->n_types, type));
}
