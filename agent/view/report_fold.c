/* The shown stacks make a tree of frames. Dust falls down it from the root as far as it
 * finds its own frames, is collected there, and rises again while what was collected is
 * still dust.
 *
 * Time is linear in the frames, memory in the frames that are shown (frames_max). */
#include "view/report_fold.h"

#include <errno.h>
#include <string.h>

#include "lib/num.h"
#include "view/report_fold_tree.h"

struct ranked {
	double score;
	size_t stack;
};

struct sum {
	uint64_t small;
	int64_t values[SIDE_N][STACK_TYPES_MAX];
};

struct folding {
	const struct stacks *stacks;
	const struct fold_limits *limits;
	/* What shares are of: |base|, |now| and |now - base|, added up. */
	double total[SIDE_N + 1][STACK_TYPES_MAX];
	struct ranked *ranked;
	size_t n_ranked, n_shown;
	struct fold_tree tree;
	struct sum *sums;
	size_t n_sums, sums_room;
};

/* --- how large a stack is --------------------------------------------------- */

static double size_of(int64_t value)
{
	return value < 0 ? -(double)value : (double)value;
}

static int64_t value_of(const struct stacks *stacks, size_t stack, enum side side,
			size_t type)
{
	return stacks->values[side][stack * stacks->n_types + type];
}

static double score_of(const struct folding *f, int64_t base, int64_t now, size_t type)
{
	const double sizes[] = {
		size_of(base),
		size_of(now),
		size_of(num_sub_i64(now, base)),
	};
	double score = 0;

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		if (sizes[i] > 0)
			score = MAX(score, sizes[i] / f->total[i][type]);
	}
	return score;
}

static void add_totals(struct folding *f)
{
	const struct stacks *stacks = f->stacks;

	for (size_t s = 0; s < stacks->n; s++) {
		for (size_t t = 0; t < stacks->n_types; t++) {
			int64_t base = value_of(stacks, s, SIDE_BASE, t);
			int64_t now = value_of(stacks, s, SIDE_NOW, t);

			f->total[SIDE_BASE][t] += size_of(base);
			f->total[SIDE_NOW][t] += size_of(now);
			f->total[SIDE_N][t] += size_of(num_sub_i64(now, base));
		}
	}
}

static int by_score(const void *a, const void *b)
{
	const struct ranked *one = a, *other = b;

	if (one->score != other->score)
		return one->score > other->score ? -1 : 1;
	return one->stack < other->stack ? -1 : one->stack > other->stack;
}

/* Largest first, without those that have no value. */
static int rank(struct folding *f)
{
	const struct stacks *stacks = f->stacks;

	f->ranked = calloc(stacks->n + 1, sizeof(*f->ranked));
	if (!f->ranked)
		return -ENOMEM;
	for (size_t s = 0; s < stacks->n; s++) {
		struct ranked *r = &f->ranked[f->n_ranked];

		*r = (struct ranked){.stack = s};
		for (size_t t = 0; t < stacks->n_types; t++)
			r->score = MAX(r->score,
				       score_of(f, value_of(stacks, s, SIDE_BASE, t),
						value_of(stacks, s, SIDE_NOW, t), t));
		f->n_ranked += r->score > 0;
	}
	qsort(f->ranked, f->n_ranked, sizeof(*f->ranked), by_score);
	return 0;
}

/* How many of them are shown, and how many frames they have at most. */
static size_t choose(struct folding *f)
{
	size_t frames = 0;

	while (f->n_shown < MIN(f->n_ranked, f->limits->stacks_max)) {
		const struct ranked *r = &f->ranked[f->n_shown];
		size_t depth = f->stacks->list[r->stack].depth;
		bool is_dust = r->score < f->limits->share &&
			       f->n_shown >= f->limits->stacks_min;

		if (is_dust || depth > f->limits->frames_max - frames)
			break;
		frames += depth;
		f->n_shown++;
	}
	return frames;
}

/* --- dust ------------------------------------------------------------------- */

/* The sum at a node, or NULL. */
static struct sum *sum_at(struct folding *f, uint32_t node)
{
	if (f->tree.nodes[node].sum)
		return &f->sums[f->tree.nodes[node].sum - 1];
	if (f->n_sums == f->sums_room) {
		size_t room = f->sums_room ? 2 * f->sums_room : 64;
		struct sum *sums = reallocarray(f->sums, room, sizeof(*sums));

		if (!sums)
			return NULL;
		f->sums = sums;
		f->sums_room = room;
	}
	f->sums[f->n_sums] = (struct sum){0};
	f->tree.nodes[node].sum = (uint32_t)++f->n_sums;
	return &f->sums[f->n_sums - 1];
}

static int collect(struct folding *f, size_t stack)
{
	struct sum *sum = sum_at(f, fold_tree_fall(&f->tree, stack));

	if (!sum)
		return -ENOMEM;
	sum->small++;
	for (int side = 0; side < SIDE_N; side++) {
		for (size_t t = 0; t < f->stacks->n_types; t++) {
			int64_t *value = &sum->values[side][t];

			*value = num_add_i64(*value, value_of(f->stacks, stack, side, t));
		}
	}
	return 0;
}

static double score_of_sum(const struct folding *f, const struct sum *sum)
{
	double score = 0;

	for (size_t t = 0; t < f->stacks->n_types; t++)
		score = MAX(score, score_of(f, sum->values[SIDE_BASE][t],
					    sum->values[SIDE_NOW][t], t));
	return score;
}

static int lift(struct folding *f, uint32_t node)
{
	struct sum *to = sum_at(f, f->tree.nodes[node].parent); /* may move the others */
	const struct sum *from;

	if (!to)
		return -ENOMEM;
	from = &f->sums[f->tree.nodes[node].sum - 1];
	to->small += from->small;
	for (int side = 0; side < SIDE_N; side++) {
		for (size_t t = 0; t < STACK_TYPES_MAX; t++)
			to->values[side][t] =
				num_add_i64(to->values[side][t], from->values[side][t]);
	}
	f->tree.nodes[node].sum = 0;
	return 0;
}

/* Dust rises to where it is dust no more. *ret: how many sums are left. */
static int rise(struct folding *f, double share, size_t *ret)
{
	size_t left = 0;
	int result = 0;

	for (size_t i = f->tree.n; i-- > 0 && result == 0;) {
		const struct fold_node *node = &f->tree.nodes[i];

		if (!node->sum)
			continue;
		if (i > 0 && score_of_sum(f, &f->sums[node->sum - 1]) < share)
			result = lift(f, (uint32_t)i);
		else
			left++;
	}
	*ret = left;
	return result;
}

static int fold_dust(struct folding *f, size_t *ret_sums)
{
	double share = f->limits->share;
	int result = 0;

	for (size_t i = f->n_shown; i < f->n_ranked && result == 0; i++)
		result = collect(f, f->ranked[i].stack);
	if (result == 0)
		result = rise(f, share, ret_sums);
	/* No share is over 1: then all of it lies at the root. */
	while (result == 0 && *ret_sums > MAX(f->limits->small_max, 1)) {
		share *= 2;
		result = rise(f, share, ret_sums);
	}
	return result;
}

/* --- rows ------------------------------------------------------------------- */

static void stack_row(const struct folding *f, size_t stack, struct fold_row *ret)
{
	*ret = (struct fold_row){.stack = stack, .depth = f->stacks->list[stack].depth};
	for (int side = 0; side < SIDE_N; side++)
		memcpy(ret->values[side],
		       &f->stacks->values[side][stack * f->stacks->n_types],
		       f->stacks->n_types * sizeof(int64_t));
}

static void sum_row(const struct folding *f, const struct fold_node *node,
		    struct fold_row *ret)
{
	const struct sum *sum = &f->sums[node->sum - 1];

	*ret = (struct fold_row){
		.stack = node->stack, .depth = node->depth, .small = sum->small};
	memcpy(ret->values, sum->values, sizeof(ret->values));
}

static int make_rows(const struct folding *f, size_t sums, struct fold *ret)
{
	ret->rows = calloc(f->n_shown + sums + 1, sizeof(*ret->rows));
	if (!ret->rows)
		return -ENOMEM;
	for (size_t i = 0; i < f->n_shown; i++)
		stack_row(f, f->ranked[i].stack, &ret->rows[ret->n++]);
	for (size_t i = 0; i < f->tree.n; i++) {
		if (f->tree.nodes[i].sum)
			sum_row(f, &f->tree.nodes[i], &ret->rows[ret->n++]);
	}
	ret->folded = f->n_ranked - f->n_shown;
	return 0;
}

void fold_fini(struct fold *fold)
{
	free(fold->rows);
	*fold = (struct fold){0};
}

static void folding_fini(struct folding *f)
{
	free(f->ranked);
	fold_tree_fini(&f->tree);
	free(f->sums);
}

int fold_stacks(const struct stacks *stacks, const struct fold_limits *limits,
		struct fold *ret)
{
	struct folding f = {.stacks = stacks, .limits = limits};
	size_t sums = 0;
	int result;

	*ret = (struct fold){0};
	add_totals(&f);
	result = rank(&f);
	if (result == 0)
		result = fold_tree_init(&f.tree, stacks, choose(&f));
	for (size_t i = 0; i < f.n_shown && result == 0; i++)
		fold_tree_plant(&f.tree, f.ranked[i].stack);
	if (result == 0)
		result = fold_dust(&f, &sums);
	if (result == 0)
		result = make_rows(&f, sums, ret);
	folding_fini(&f);
	return result;
}
