/* What is done once both sides are there: a base without states finds the groups of now
 * that have its stack, the other way round as well, and the list is sorted. */
#include <errno.h>
#include <string.h>

#include "lib/num.h"
#include "prof/goroutines_parts.h"

/* --- A binary profile ---------------------------------------------------------- */

#define NAME_MAX_BYTES 4096

/* The frame under the name that a text would give it. */
static int plain_frame(struct symbols *symbols, uint32_t number, uint32_t *ret,
		       bool *ret_hidden)
{
	struct frame frame = *symbols_at(symbols, number);
	struct span function = symbols_text(symbols, frame.function);
	char room[NAME_MAX_BYTES];
	struct span name = goroutines_plain_name(function, room, sizeof(room));
	int r;

	*ret_hidden = goroutines_hidden(name);
	*ret = number;
	if (name.at == function.at)
		return 0;
	r = symbols_name(symbols, name, &frame.function);
	return r < 0 ? r : symbols_frame(symbols, &frame, ret);
}

static int count_stack(const struct stacks *stacks, const struct stack *stack,
		       uint64_t count, enum side side, struct goroutines *to)
{
	uint32_t frames[STACK_DEPTH_MAX];
	struct goroutine_seen seen = {
		.creator = NO_FRAME, .frames = frames, .count = count};
	bool hidden;
	int r;

	for (size_t i = 0; i < stack->depth && seen.depth < STACK_DEPTH_MAX; i++) {
		r = plain_frame(to->symbols, stacks->frames[stack->at + i],
				&frames[seen.depth], &hidden);
		if (r < 0)
			return r;
		seen.depth += !hidden;
	}
	if (seen.depth == 0) { /* nothing but the runtime: that is what there is to say */
		seen.frames = stacks->frames + stack->at;
		seen.depth = stack->depth;
	}
	return goroutines_count(to, side, &seen);
}

int goroutines_binary(const struct stacks *stacks, enum side side, struct goroutines *to)
{
	int r = 0;

	to->source[side] = GOROUTINES_BINARY;
	for (size_t i = 0; i < stacks->n && r == 0; i++) {
		int64_t count = stacks->values[side][i * stacks->n_types];

		if (count > 0)
			r = count_stack(stacks, &stacks->list[i], (uint64_t)count, side,
					to);
	}
	return r;
}

/* --- Base against now where one side has no states ------------------------------ */

/* A binary profile has the 32 frames nearest to the leaf (since Go 1.23 128), those of
 * the runtime included, a text has 100: a stack is known by so many. */
#define TELLING 24

struct by_stack { /* groups with the same frames stand together */
	const struct goroutines *of;
	uint64_t hash;
	size_t depth;
	struct goroutine_group *group;
};

static int compare_u64(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int same_stack_first(const void *a, const void *b)
{
	const struct by_stack *x = a, *y = b;
	int r = compare_u64(x->hash, y->hash);

	if (r == 0)
		r = compare_u64(x->depth, y->depth);
	if (r == 0 && x->depth > 0)
		r = memcmp(x->of->frames + x->group->at, y->of->frames + y->group->at,
			   x->depth * sizeof(uint32_t));
	return r;
}

/* Then the largest of now. */
static int stack_then_count(const void *a, const void *b)
{
	const struct by_stack *x = a, *y = b;
	int r = same_stack_first(a, b);

	if (r == 0)
		r = compare_u64(y->group->count[SIDE_NOW], x->group->count[SIDE_NOW]);
	return r ? r : compare_u64(x->group->at, y->group->at);
}

static bool has_states(enum goroutine_source source)
{
	return source == GOROUTINES_DEBUG2;
}

/* Groups [from, from + n) have one stack. What base counted of it goes to those that are
 * there now, the largest first and at most what it has; what is left shrank. */
static void charge_base(struct by_stack *from, size_t n)
{
	uint64_t base = 0, part;

	if (from[0].group->count[SIDE_NOW] == 0)
		return; /* all of it is gone: the groups of base tell more */
	for (size_t i = 0; i < n; i++) {
		base = num_add(base, from[i].group->count[SIDE_BASE]);
		from[i].group->count[SIDE_BASE] = 0;
	}
	for (size_t i = 0; i < n; i++) {
		part = MIN(base, from[i].group->count[SIDE_NOW]);
		from[i].group->count[SIDE_BASE] = part;
		base -= part;
	}
	from[0].group->count[SIDE_BASE] += base;
}

static int match_stacks(struct goroutines *to)
{
	AUTO_FREE struct by_stack *all = calloc(to->n, sizeof(*all));
	size_t end;

	if (!all)
		return -ENOMEM;
	for (size_t i = 0; i < to->n; i++) {
		struct goroutine_group *group = &to->list[i];
		size_t depth = MIN(group->depth, TELLING);

		all[i] = (struct by_stack){
			.of = to,
			.group = group,
			.depth = depth,
			.hash = depth ? hash_bytes(0, to->frames + group->at,
						   depth * sizeof(*to->frames))
				      : 0};
	}
	if (to->n > 0)
		qsort(all, to->n, sizeof(*all), stack_then_count);
	for (size_t i = 0; i < to->n; i = end) {
		end = i + 1;
		while (end < to->n && same_stack_first(&all[i], &all[end]) == 0)
			end++;
		charge_base(&all[i], end - i);
	}
	return 0;
}

/* --- Order ---------------------------------------------------------------------- */

/* More growth first; where base is larger it is negative. */
static int by_growth(const void *a, const void *b)
{
	const struct goroutine_group *x = a, *y = b;
	uint64_t gx = num_sub(x->count[SIDE_NOW], x->count[SIDE_BASE]);
	uint64_t gy = num_sub(y->count[SIDE_NOW], y->count[SIDE_BASE]);
	uint64_t sx = num_sub(x->count[SIDE_BASE], x->count[SIDE_NOW]);
	uint64_t sy = num_sub(y->count[SIDE_BASE], y->count[SIDE_NOW]);
	int r = compare_u64(gy, gx);

	if (r == 0)
		r = compare_u64(sx, sy);
	if (r == 0)
		r = compare_u64(y->count[SIDE_NOW], x->count[SIDE_NOW]);
	if (r == 0)
		r = compare_u64(x->at, y->at); /* as they came */
	return r ? r : compare_u64(x->state, y->state);
}

/* Without those whose goroutines were charged to others. */
static void drop_empty(struct goroutines *to)
{
	size_t n = 0;

	for (size_t i = 0; i < to->n; i++)
		if (to->list[i].count[SIDE_BASE] || to->list[i].count[SIDE_NOW])
			to->list[n++] = to->list[i];
	to->n = n;
}

int goroutines_finish(struct goroutines *to)
{
	bool both = to->source[SIDE_BASE] && to->source[SIDE_NOW];
	int r = 0;

	if (to->n == 0)
		return 0;
	if (both && has_states(to->source[SIDE_BASE]) != has_states(to->source[SIDE_NOW]))
		r = match_stacks(to);
	if (r < 0)
		return r;
	drop_empty(to);
	if (to->n > 0)
		qsort(to->list, to->n, sizeof(*to->list), by_growth);
	return 0;
}
