/* Stacks and goroutines of report.json: the frames root first, as a reader of a call tree
 * goes; values in the order of "types"; a side that is all zero is left out. What is too
 * small or too much is added up, and how much that was is said. */
#include <string.h>

#include "lib/num.h"
#include "view/report_fold.h"
#include "view/report_json.h"

/* --- profiles --------------------------------------------------------------- */

static void add_name(struct report_writer *w, const char *key, uint32_t name)
{
	emit_span(&w->emit, key, symbols_text(w->report->symbols, name));
}

static void add_types(struct report_writer *w, const struct stacks *stacks)
{
	emit_open(&w->emit, "types", '[');
	for (size_t t = 0; t < stacks->n_types; t++) {
		emit_open(&w->emit, NULL, '{');
		add_name(w, "name", stacks->types[t].name);
		add_name(w, "unit", stacks->types[t].unit);
		emit_int(&w->emit, "base", stacks_total(stacks, SIDE_BASE, t));
		emit_int(&w->emit, "now", stacks_total(stacks, SIDE_NOW, t));
		emit_int(&w->emit, "pprof_total", stacks_pprof_total(stacks, t));
		emit_close(&w->emit, '}');
	}
	emit_close(&w->emit, ']');
}

static void add_values(struct report_writer *w, const char *key, const int64_t *values,
		       size_t n)
{
	bool any = false;

	for (size_t t = 0; t < n; t++)
		any = any || values[t] != 0;
	if (!any)
		return;
	emit_open(&w->emit, key, '[');
	for (size_t t = 0; t < n; t++)
		emit_int(&w->emit, NULL, values[t]);
	emit_close(&w->emit, ']');
}

static void add_row(struct report_writer *w, const struct stacks *stacks,
		    const struct fold_row *row)
{
	const struct stack *stack = &stacks->list[row->stack];

	emit_open(&w->emit, NULL, '{');
	emit_open(&w->emit, "frames", '[');
	for (uint32_t i = 0; i < row->depth; i++)
		report_frame(w, NULL, stacks->frames[stack->at + stack->depth - 1 - i]);
	emit_close(&w->emit, ']');
	if (row->small)
		emit_count(&w->emit, "small", row->small);
	add_values(w, "base", row->values[SIDE_BASE], stacks->n_types);
	add_values(w, "now", row->values[SIDE_NOW], stacks->n_types);
	emit_close(&w->emit, '}');
}

static void add_sides(struct report_writer *w, const struct stacks *stacks)
{
	emit_open(&w->emit, "read", '[');
	emit_bool(&w->emit, NULL, stacks->read[SIDE_BASE]);
	emit_bool(&w->emit, NULL, stacks->read[SIDE_NOW]);
	emit_close(&w->emit, ']');
	emit_open(&w->emit, "at", '[');
	emit_time(&w->emit, NULL, stacks->at_ns[SIDE_BASE] / 1000000);
	emit_time(&w->emit, NULL, stacks->at_ns[SIDE_NOW] / 1000000);
	emit_close(&w->emit, ']');
}

static void add_file(struct report_writer *w, const char *key, const char *file)
{
	if (file)
		emit_text(&w->emit, key, file);
	else
		emit_null(&w->emit, key);
}

int report_stacks(struct report_writer *w, const char *key, const struct stacks *stacks,
		  const struct report_heap *heap)
{
	const struct fold_limits limits = REPORT_FOLD;
	AUTO_FOLD struct fold fold = {0};
	int result;

	if (!stacks) {
		emit_null(&w->emit, key);
		return 0;
	}
	result = fold_stacks(stacks, &limits, &fold);
	if (result < 0)
		return result;
	emit_open(&w->emit, key, '{');
	if (heap) {
		add_file(w, "base_file", heap->base_file);
		add_file(w, "now_file", heap->now_file);
		emit_bool(&w->emit, "fresh", heap->fresh);
	}
	add_sides(w, stacks);
	emit_count(&w->emit, "all", stacks->n);
	emit_count(&w->emit, "folded", fold.folded);
	emit_count(&w->emit, "too_deep",
		   num_add(stacks->cut[SIDE_BASE], stacks->cut[SIDE_NOW]));
	add_types(w, stacks);
	emit_open(&w->emit, "stacks", '[');
	for (size_t i = 0; i < fold.n; i++)
		add_row(w, stacks, &fold.rows[i]);
	emit_close(&w->emit, ']');
	emit_close(&w->emit, '}');
	return 0;
}

/* --- goroutines ------------------------------------------------------------- */

#define FOLDED_STATES_MAX 32

/* Groups that are not shown, by state, so that the sums over states stay whole. What
 * has more states than a Go program has is added up in the last row, "". */
struct folded {
	struct {
		uint32_t state;
		uint64_t groups, count[SIDE_N];
	} rows[FOLDED_STATES_MAX + 1];
	size_t n;
};

static void fold_group(struct folded *folded, const struct goroutine_group *group)
{
	size_t i = 0;

	while (i < folded->n && folded->rows[i].state != group->state)
		i++;
	if (i == folded->n && folded->n < FOLDED_STATES_MAX)
		folded->rows[folded->n++].state = group->state;
	folded->rows[i].groups++;
	folded->rows[i].count[SIDE_BASE] += group->count[SIDE_BASE];
	folded->rows[i].count[SIDE_NOW] += group->count[SIDE_NOW];
}

static void add_folded(struct report_writer *w, const struct goroutines *goroutines)
{
	struct folded folded = {0};

	for (size_t i = REPORT_GROUPS_MAX; i < goroutines->n; i++)
		fold_group(&folded, &goroutines->list[i]);
	emit_open(&w->emit, "folded", '[');
	for (size_t i = 0; i < ARRAY_SIZE(folded.rows); i++) {
		if (!folded.rows[i].groups)
			continue;
		emit_open(&w->emit, NULL, '{');
		add_name(w, "state", folded.rows[i].state);
		emit_count(&w->emit, "groups", folded.rows[i].groups);
		emit_count(&w->emit, "base", folded.rows[i].count[SIDE_BASE]);
		emit_count(&w->emit, "now", folded.rows[i].count[SIDE_NOW]);
		emit_close(&w->emit, '}');
	}
	emit_close(&w->emit, ']');
}

static void add_group(struct report_writer *w, const struct goroutines *goroutines,
		      const struct goroutine_group *group)
{
	emit_open(&w->emit, NULL, '{');
	add_name(w, "state", group->state);
	emit_count(&w->emit, "base", group->count[SIDE_BASE]);
	emit_count(&w->emit, "now", group->count[SIDE_NOW]);
	emit_open(&w->emit, "wait", '[');
	emit_count(&w->emit, NULL, group->wait_min);
	emit_count(&w->emit, NULL, group->wait_max);
	emit_close(&w->emit, ']');
	emit_open(&w->emit, "frames", '[');
	for (uint32_t i = group->depth; i-- > 0;)
		report_frame(w, NULL, goroutines->frames[group->at + i]);
	emit_close(&w->emit, ']');
	report_frame(w, "creator", group->creator);
	if (group->locked)
		emit_count(&w->emit, "locked", group->locked);
	if (group->leaked)
		emit_count(&w->emit, "leaked", group->leaked);
	if (group->elided)
		emit_bool(&w->emit, "elided", true);
	emit_open(&w->emit, "ids", '[');
	for (size_t i = 0; i < GOROUTINE_IDS_MAX && group->ids[i]; i++)
		emit_count(&w->emit, NULL, group->ids[i]);
	emit_close(&w->emit, ']');
	emit_close(&w->emit, '}');
}

static void add_side(struct report_writer *w, const struct goroutines *goroutines,
		     enum side side)
{
	static const char *const sources[] = {
		[GOROUTINES_NONE] = "none",
		[GOROUTINES_BINARY] = "binary",
		[GOROUTINES_DEBUG1] = "debug1",
		[GOROUTINES_DEBUG2] = "debug2",
	};

	emit_open(&w->emit, side == SIDE_BASE ? "base" : "now", '{');
	emit_text(&w->emit, "source", sources[goroutines->source[side]]);
	emit_count(&w->emit, "total", goroutines->total[side]);
	emit_count(&w->emit, "left_out", goroutines->left_out[side]);
	emit_bool(&w->emit, "cut", goroutines->cut[side]);
	emit_close(&w->emit, '}');
}

void report_goroutines(struct report_writer *w)
{
	const struct goroutines *goroutines = w->report->goroutines;

	if (!goroutines) {
		emit_null(&w->emit, "goroutines");
		return;
	}
	emit_open(&w->emit, "goroutines", '{');
	add_side(w, goroutines, SIDE_BASE);
	add_side(w, goroutines, SIDE_NOW);
	emit_count(&w->emit, "all", goroutines->n);
	add_folded(w, goroutines);
	emit_open(&w->emit, "groups", '[');
	for (size_t i = 0; i < MIN(goroutines->n, REPORT_GROUPS_MAX); i++)
		add_group(w, goroutines, &goroutines->list[i]);
	emit_close(&w->emit, ']');
	emit_close(&w->emit, '}');
}
