/* Flat and cum of every function, in one walk over the frames. A function is a name here,
 * as in pprof's default granularity: two functions with one name are one row. */
#include <errno.h>
#include <string.h>

#include "lib/num.h"
#include "prof/stacks.h"

/* Functions are numbered as they are met, so that what is summed up lies close together:
 * there are far more names than functions, and millions of frames. */
struct sums {
	const struct stacks *stacks;
	size_t type;
	uint32_t *of_frame, *of_name; /* 1 + the number of the share; 0: not met yet */
	uint32_t *seen;               /* by share: 1 + the last stack that counted it */
	struct share *list;
	uint32_t n;
};

void shares_fini(struct shares *shares)
{
	free(shares->list);
	*shares = (struct shares){0};
}

static void charge(int64_t sum[SIDE_N], const int64_t values[SIDE_N])
{
	for (size_t side = 0; side < SIDE_N; side++)
		sum[side] = num_add_i64(sum[side], values[side]);
}

static uint32_t meet(struct sums *sums, uint32_t frame)
{
	uint32_t function = symbols_at(sums->stacks->symbols, frame)->function;

	if (!sums->of_name[function]) {
		sums->list[sums->n].function = function;
		sums->of_name[function] = ++sums->n;
	}
	sums->of_frame[frame] = sums->of_name[function];
	return sums->of_name[function];
}

static void add_stack(struct sums *sums, uint32_t s)
{
	const struct stacks *stacks = sums->stacks;
	const struct stack *stack = &stacks->list[s];
	int64_t values[SIDE_N];

	for (size_t side = 0; side < SIDE_N; side++)
		values[side] = stacks->values[side][s * stacks->n_types + sums->type];
	if (!values[SIDE_BASE] && !values[SIDE_NOW])
		return;
	for (uint32_t i = 0; i < stack->depth; i++) {
		uint32_t frame = stacks->frames[stack->at + i];
		uint32_t number = sums->of_frame[frame];

		number = (number ? number : meet(sums, frame)) - 1;
		if (i == 0)
			charge(sums->list[number].flat, values);
		if (sums->seen[number] != s + 1)
			charge(sums->list[number].cum, values);
		sums->seen[number] = s + 1;
	}
}

static uint64_t growth(const int64_t value[SIDE_N])
{
	int64_t delta = num_sub_i64(value[SIDE_NOW], value[SIDE_BASE]);

	return delta < 0 ? -(uint64_t)delta : (uint64_t)delta;
}

static int order(uint64_t a, uint64_t b)
{
	return a > b ? -1 : a < b;
}

static int compare_names(const struct symbols *symbols, uint32_t left, uint32_t right)
{
	struct span a = symbols_text(symbols, left), b = symbols_text(symbols, right);
	int r = memcmp(a.at, b.at, MIN(a.len, b.len));

	return r ? r : -order(a.len, b.len);
}

static int compare_flat(const void *left, const void *right, void *symbols)
{
	const struct share *a = left, *b = right;
	int r = order(growth(a->flat), growth(b->flat));

	if (r == 0)
		r = order(growth(a->cum), growth(b->cum));
	return r ? r : compare_names(symbols, a->function, b->function);
}

static int compare_cum(const void *left, const void *right, void *symbols)
{
	const struct share *a = left, *b = right;
	int r = order(growth(a->cum), growth(b->cum));

	return r ? r : compare_flat(left, right, symbols);
}

void shares_by_cum(struct shares *shares, struct symbols *symbols)
{
	if (shares->n)
		qsort_r(shares->list, shares->n, sizeof(*shares->list), compare_cum,
			symbols);
}

int stacks_shares(const struct stacks *stacks, size_t type, struct shares *ret)
{
	size_t names = symbols_names(stacks->symbols);
	AUTO_FREE uint32_t *of_frame =
		calloc(symbols_frames(stacks->symbols) + 1UL, sizeof(*of_frame));
	AUTO_FREE uint32_t *of_name = calloc(names, sizeof(*of_name));
	AUTO_FREE uint32_t *seen = calloc(names, sizeof(*seen));
	AUTO_FREE struct share *list = calloc(names, sizeof(*list));
	struct sums sums = {.stacks = stacks,
			    .type = type,
			    .of_frame = of_frame,
			    .of_name = of_name,
			    .seen = seen,
			    .list = list};

	if (!of_frame || !of_name || !seen || !list)
		return -ENOMEM;
	for (size_t s = 0; s < stacks->n; s++)
		add_stack(&sums, (uint32_t)s);
	qsort_r(list, sums.n, sizeof(*list), compare_flat, stacks->symbols);
	ret->list = TAKE(list);
	ret->n = sums.n;
	return 0;
}
