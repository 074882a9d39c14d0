/* Stacks, charged and added up by the function that is charged: lines of one function
 * that grow together are one suspect, shown at the line that grew most. */
#include <errno.h>
#include <string.h>

#include "lib/num.h"
#include "prof/grew_parts.h"

/* A stack, or the same stack of the earlier capture. */
struct row {
	uint32_t function; /* name; UINT32_MAX: nobody's */
	uint32_t charged, caller, leaf;
	int64_t base, now, earlier, objects;
};
struct rows {
	struct row *list;
	size_t n;
};

static void rows_fini(struct rows *rows)
{
	free(rows->list);
}

/* --- Charging --------------------------------------------------------------- */

int grew_charge(struct owners *owners, const uint32_t *frames, size_t depth)
{
	int dependency = -ENOENT, other = -ENOENT;

	for (size_t i = 0; i < depth; i++) {
		enum owner owner = owners_of(owners, frames[i]);

		if (owner == OWNER_APP)
			return (int)i;
		if (owner == OWNER_DEPENDENCY && dependency < 0)
			dependency = (int)i;
		if (owner != OWNER_RUNTIME && other < 0)
			other = (int)i;
	}
	return dependency >= 0 ? dependency : other;
}

static uint32_t function_of(const struct grew_input *input, uint32_t frame)
{
	return symbols_at(grew_symbols(input), frame)->function;
}

uint32_t grew_caller(const struct grew_input *input, const uint32_t *frames, size_t depth,
		     size_t index)
{
	uint32_t function = function_of(input, frames[index]);

	while (index < depth && function_of(input, frames[index]) == function)
		index++;
	if (index == depth || owners_of(input->owners, frames[index]) == OWNER_RUNTIME)
		return NO_FRAME;
	return frames[index];
}

static bool is_called(const struct grew_input *input, uint32_t frame, const char *prefix)
{
	struct span name = symbols_text(grew_symbols(input), function_of(input, frame));
	size_t len = strlen(prefix);

	return name.len >= len && memcmp(name.at, prefix, len) == 0;
}

uint32_t grew_leaf(const struct grew_input *input, const uint32_t *frames, size_t depth,
		   size_t index)
{
	for (size_t i = 0; i < MIN(index, depth); i++) {
		if (owners_of(input->owners, frames[i]) != OWNER_RUNTIME &&
		    !is_called(input, frames[i], "internal/"))
			return frames[i];
	}
	return frames[index];
}

/* What is held for a dump that is being written is the price of looking, not a leak. */
static bool is_our_looking(const struct grew_input *input, const uint32_t *frames,
			   size_t depth)
{
	for (size_t i = 0; i < depth; i++) {
		if (is_called(input, frames[i], "runtime/pprof.(*Profile).WriteTo"))
			return true;
	}
	return false;
}

static bool charge_row(const struct grew_input *input, const struct stacks *stacks,
		       size_t number, struct row *row)
{
	const struct stack *stack = &stacks->list[number];
	const uint32_t *frames = stacks->frames + stack->at;
	int index = grew_charge(input->owners, frames, stack->depth);

	row->function = UINT32_MAX;
	row->charged = row->caller = row->leaf = NO_FRAME;
	if (index < 0)
		return false;
	row->charged = frames[index];
	row->function = function_of(input, row->charged);
	row->caller = grew_caller(input, frames, stack->depth, (size_t)index);
	row->leaf = grew_leaf(input, frames, stack->depth, (size_t)index);
	return true;
}

/* --- Adding up -------------------------------------------------------------- */

static int64_t growth(const struct row *row)
{
	return num_sub_i64(row->now, row->base);
}

#define BY(field)                                                                        \
	static int by_##field(const void *a, const void *b)                              \
	{                                                                                \
		const struct row *one = a, *other = b;                                   \
                                                                                         \
		return (one->field > other->field) - (one->field < other->field);        \
	}
BY(function)
BY(charged)
BY(caller)
BY(leaf)
#undef BY

typedef int by_row(const void *, const void *);

/* The frame that most of the growth goes through; rows are sorted by the way. */
static uint32_t most(struct row *rows, size_t n, by_row *by, size_t offset)
{
	uint32_t best = NO_FRAME;
	int64_t best_sum = INT64_MIN;

	if (n > 0)
		qsort(rows, n, sizeof(*rows), by);
	for (size_t i = 0, end; i < n; i = end) {
		int64_t sum = 0;

		for (end = i; end < n && by(&rows[i], &rows[end]) == 0; end++)
			sum = num_add_i64(sum, growth(&rows[end]));
		if (sum > best_sum) {
			best_sum = sum;
			memcpy(&best, (const char *)&rows[i] + offset, sizeof(best));
		}
	}
	return best;
}
#define MOST(rows, n, field) most(rows, n, by_##field, offsetof(struct row, field))

static void make_suspect(const struct grew_input *input, enum suspect_kind kind,
			 const struct rows *rows, struct suspect *ret)
{
	int64_t earlier = 0;

	*ret = (struct suspect){.kind = kind,
				.owner = OWNER_RUNTIME,
				.charged = MOST(rows->list, rows->n, charged),
				.caller = MOST(rows->list, rows->n, caller),
				.leaf = MOST(rows->list, rows->n, leaf),
				.creator = NO_FRAME,
				.own = NO_FRAME};
	for (size_t i = 0; i < rows->n; i++) {
		const struct row *row = &rows->list[i];

		ret->base = num_add_i64(ret->base, row->base);
		ret->now = num_add_i64(ret->now, row->now);
		ret->objects = num_add_i64(ret->objects, row->objects);
		earlier = num_add_i64(earlier, row->earlier);
	}
	if (ret->charged != NO_FRAME)
		ret->owner = owners_of(input->owners, ret->charged);
	ret->is_rate = kind == SUSPECT_HEAP && input->earlier && input->minutes > 0;
	if (ret->is_rate)
		ret->per_minute = (double)num_sub_i64(ret->now, earlier) / input->minutes;
}

static int add_up(const struct grew_input *input, enum suspect_kind kind,
		  struct rows *rows, struct suspects *ret)
{
	struct suspects suspects = {.list = calloc(rows->n + 1, sizeof(*suspects.list))};

	if (!suspects.list)
		return -ENOMEM;
	if (rows->n > 0)
		qsort(rows->list, rows->n, sizeof(*rows->list), by_function);
	for (size_t i = 0, end; i < rows->n; i = end) {
		struct rows some = {.list = rows->list + i};

		for (end = i;
		     end < rows->n && rows->list[end].function == rows->list[i].function;
		     end++)
			some.n++;
		make_suspect(input, kind, &some, &suspects.list[suspects.n++]);
	}
	*ret = suspects;
	return 0;
}

/* --- Heap ------------------------------------------------------------------- */

static int64_t value(const struct stacks *stacks, enum side side, size_t stack, int type)
{
	return type < 0 || !stacks->read[side]
		       ? 0
		       : stacks->values[side][stack * stacks->n_types + (size_t)type];
}

static void heap_rows(const struct grew_input *input, size_t type, struct rows *rows)
{
	const struct stacks *heap = input->heap;
	int objects = stacks_type(heap, "inuse_objects");

	for (size_t i = 0; i < heap->n; i++) {
		const struct stack *stack = &heap->list[i];
		struct row *row = &rows->list[rows->n];

		*row = (struct row){
			.base = value(heap, SIDE_BASE, i, (int)type),
			.now = value(heap, SIDE_NOW, i, (int)type),
			.objects = num_sub_i64(value(heap, SIDE_NOW, i, objects),
					       value(heap, SIDE_BASE, i, objects))};
		if (!row->base && !row->now)
			continue; /* all of it was freed before */
		if (is_our_looking(input, heap->frames + stack->at, stack->depth))
			continue;
		rows->n += charge_row(input, heap, i, row);
	}
}

static void earlier_rows(const struct grew_input *input, size_t type, struct rows *rows)
{
	const struct stacks *earlier = input->earlier;

	for (size_t i = 0; earlier && i < earlier->n; i++) {
		struct row *row = &rows->list[rows->n];

		*row = (struct row){.earlier = value(earlier, SIDE_NOW, i, (int)type)};
		rows->n += row->earlier && charge_row(input, earlier, i, row);
	}
}

int grew_heap(const struct grew_input *input, size_t type, struct suspects *ret)
{
	size_t n = input->heap->n + (input->earlier ? input->earlier->n : 0);
	__attribute__((cleanup(rows_fini))) struct rows rows = {
		.list = calloc(n + 1, sizeof(*rows.list))};

	if (!rows.list)
		return -ENOMEM;
	heap_rows(input, type, &rows);
	earlier_rows(input, type, &rows);
	return add_up(input, SUSPECT_HEAP, &rows, ret);
}
