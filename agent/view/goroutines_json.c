#include <errno.h>
#include <jansson.h>

#include "view/goroutines.h"

static const char *const sources[] = {
	[GOROUTINES_NONE] = "none",
	[GOROUTINES_BINARY] = "binary",
	[GOROUTINES_DEBUG1] = "debug=1",
	[GOROUTINES_DEBUG2] = "debug=2",
};

static json_t *shown(struct span foreign)
{
	AUTO_BUF struct buf text;

	buf_init(&text, 65536);
	text_show(&text, foreign.at, foreign.len, 16384);
	return json_stringn(text.data, text.len);
}

static json_t *number(uint64_t value)
{
	return json_integer((json_int_t)MIN(value, (uint64_t)INT64_MAX));
}

static json_t *frame_object(const struct goroutines_view *view, uint32_t number_of)
{
	const struct symbols *symbols = view->goroutines->symbols;
	const struct frame *frame;

	if (number_of == NO_FRAME)
		return json_null();
	frame = symbols_at(symbols, number_of);
	return json_pack("{s:o, s:o, s:I, s:s}", "function",
			 shown(symbols_text(symbols, frame->function)), "file",
			 shown(symbols_text(symbols, frame->file)), "line",
			 (json_int_t)frame->line, "owner",
			 owner_table[owners_of(view->owners, number_of)]);
}

static json_t *stack_array(const struct goroutines_view *view,
			   const struct goroutine_group *group)
{
	json_t *array = json_array();

	for (size_t i = 0; i < group->depth; i++)
		(void)json_array_append_new(/* a failure leaves it shorter: see below */
					    array,
					    frame_object(
						    view,
						    view->goroutines
							    ->frames[group->at + i]));
	if (json_array_size(array) == group->depth)
		return array;
	json_decref(array);
	return NULL;
}

static json_t *ids_array(const struct goroutine_group *group)
{
	json_t *array = json_array();

	for (size_t i = 0; i < GOROUTINE_IDS_MAX && group->ids[i]; i++)
		if (json_array_append_new(array, number(group->ids[i])) < 0) {
			json_decref(array);
			return NULL;
		}
	return array;
}

/* json_pack passes a NULL of ours on as a failure of its own. */
static json_t *group_object(const struct goroutines_view *view,
			    const struct goroutine_group *group)
{
	const struct goroutines *g = view->goroutines;

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:o, s:o, s:o, s:o}",
			 "state",
			 group->state ? shown(symbols_text(g->symbols, group->state))
				      : json_null(),
			 "count", number(group->count[SIDE_NOW]), "base",
			 view->base ? number(group->count[SIDE_BASE]) : json_null(),
			 "wait_min_minutes", number(group->wait_min), "wait_max_minutes",
			 number(group->wait_max), "locked", number(group->locked),
			 "leaked", number(group->leaked), "elided", group->elided, "own",
			 frame_object(view, goroutines_view_own(view, group)), "creator",
			 frame_object(view, group->creator), "ids", ids_array(group),
			 "stack", stack_array(view, group));
}

static json_t *side_object(const struct goroutines *g, enum side side)
{
	return json_pack("{s:s, s:o, s:b, s:o}", "source", sources[g->source[side]],
			 "total", number(g->total[side]), "cut", g->cut[side], "left_out",
			 number(g->left_out[side]));
}

static json_t *groups_array(const struct goroutines_view *view)
{
	json_t *array = json_array();
	size_t n = MIN(view->n_rows, view->top);

	for (size_t row = 0; row < n; row++)
		if (json_array_append_new(
			    array,
			    group_object(view,
					 &view->goroutines->list[view->rows[row]])) < 0) {
			json_decref(array);
			return NULL;
		}
	return array;
}

static int add_text(const char *text, size_t len, void *to)
{
	buf_add(to, text, len);
	return buf_error(to) < 0 ? -1 : 0;
}

int goroutines_view_json(const struct goroutines_view *view, struct buf *to)
{
	const struct goroutines *g = view->goroutines;
	json_t *page =
		json_pack("{s:s, s:o, s:o, s:I, s:I, s:o}", "schema",
			  "leakdog.goroutines/1", "now", side_object(g, SIDE_NOW), "base",
			  view->base ? side_object(g, SIDE_BASE) : json_null(),
			  "groups_total", (json_int_t)g->n, "groups_matching",
			  (json_int_t)view->n_rows, "groups", groups_array(view));
	int r;

	if (!page)
		return -ENOMEM;
	r = json_dump_callback(page, add_text, to, JSON_INDENT(1));
	json_decref(page);
	if (r < 0)
		return buf_error(to) < 0 ? buf_error(to) : -ENOMEM;
	buf_addc(to, '\n');
	return buf_error(to);
}
