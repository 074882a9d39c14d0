/* Flat and cum of every function, in one walk over the frames. A function is a name here,
 * as in pprof's default granularity: two functions with one name are one row. */
#include <errno.h>
#include <string.h>

#include "lib/num.h"
#include "prof/stacks.h"

struct sums {
	const struct stacks *stacks;
	size_t type;
	struct share *list; /* by the number of the name */
	uint32_t *seen;     /* 1 + the last stack that counted this name */
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
		uint32_t function =
			symbols_at(stacks->symbols, stacks->frames[stack->at + i])
				->function;

		if (i == 0)
			charge(sums->list[function].flat, values);
		if (sums->seen[function] != s + 1)
			charge(sums->list[function].cum, values);
		sums->seen[function] = s + 1;
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

/* Moves the names that stand on a counted stack to the front. */
static size_t keep_counted(struct sums *sums, uint32_t names)
{
	size_t n = 0;

	for (uint32_t i = 0; i < names; i++) {
		if (!sums->seen[i])
			continue;
		sums->list[n] = sums->list[i];
		sums->list[n++].function = i;
	}
	return n;
}

int stacks_shares(const struct stacks *stacks, size_t type, struct shares *ret)
{
	uint32_t names = symbols_names(stacks->symbols);
	AUTO_FREE struct share *list = calloc(names, sizeof(*list));
	AUTO_FREE uint32_t *seen = calloc(names, sizeof(*seen));
	struct sums sums = {stacks, type, list, seen};
	size_t n;

	if (!list || !seen)
		return -ENOMEM;
	for (size_t s = 0; s < stacks->n; s++)
		add_stack(&sums, (uint32_t)s);
	n = keep_counted(&sums, names);
	qsort_r(list, n, sizeof(*list), compare_flat, stacks->symbols);
	ret->list = TAKE(list);
	ret->n = n;
	return 0;
}
