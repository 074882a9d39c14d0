#include "view/goroutines.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/duration.h"
#include "lib/num.h"

enum {
	COLUMN_NUMBER,
	COLUMN_COUNT,
	COLUMN_DELTA,
	COLUMN_STATE,
	COLUMN_WAIT,
	COLUMN_FUNCTION,
	COLUMN_CREATOR,
	COLUMN_N
};
static const char *const heads[COLUMN_N] = {
	[COLUMN_NUMBER] = "#",           [COLUMN_COUNT] = "COUNT",
	[COLUMN_DELTA] = "DELTA",        [COLUMN_STATE] = "STATE",
	[COLUMN_WAIT] = "WAIT",          [COLUMN_FUNCTION] = "FUNCTION",
	[COLUMN_CREATOR] = "CREATED BY",
};
#define CELL_MAX 512
#define NAME_SHOWN 72 /* bytes of a function in the table */
#define MINUTE_MS UINT64_C(60000)

static bool is_right(int column)
{
	return column <= COLUMN_DELTA;
}

static void show(struct buf *to, struct span foreign, size_t max)
{
	text_show(to, foreign.at, foreign.len, max);
	if (foreign.len > max)
		buf_adds(to, "...");
}

static struct span function_of(const struct goroutines *g, uint32_t frame)
{
	return symbols_text(g->symbols, symbols_at(g->symbols, frame)->function);
}

uint32_t goroutines_view_own(const struct goroutines_view *view,
			     const struct goroutine_group *group)
{
	const uint32_t *frames = view->goroutines->frames + group->at;
	uint32_t other = NO_FRAME;

	for (size_t i = 0; i < group->depth; i++) {
		enum owner owner = owners_of(view->owners, frames[i]);

		if (owner == OWNER_APP)
			return frames[i];
		if (other == NO_FRAME && owner == OWNER_DEPENDENCY)
			other = frames[i];
	}
	if (other == NO_FRAME && group->depth > 0)
		other = frames[0];
	return other;
}

/* --- Cells --------------------------------------------------------------------- */

static void cell_delta(const struct goroutine_group *group, struct buf *to)
{
	uint64_t now = group->count[SIDE_NOW], base = group->count[SIDE_BASE];

	if (now != base)
		buf_addf(to, "%c%" PRIu64, now > base ? '+' : '-',
			 now > base ? now - base : base - now);
}

/* The runtime looks about once a collection: it is at least as long. */
static void cell_wait(const struct goroutine_group *group, struct buf *to)
{
	char text[DURATION_MAX];

	if (group->wait_max > 0)
		buf_addf(to, ">=%s",
			 duration_format(num_mul(group->wait_max, MINUTE_MS), text));
}

static void cell_state(const struct goroutines *g, const struct goroutine_group *group,
		       struct buf *to)
{
	show(to, symbols_text(g->symbols, group->state), 40);
	if (group->leaked)
		buf_adds(to, " (leaked)");
	if (group->locked)
		buf_adds(to, " (locked)");
}

static void cell_frame(const struct goroutines *g, uint32_t frame, struct buf *to)
{
	if (frame != NO_FRAME)
		show(to, function_of(g, frame), NAME_SHOWN);
}

static void cell(const struct goroutines_view *view, size_t row, int column,
		 struct buf *to)
{
	const struct goroutines *g = view->goroutines;
	const struct goroutine_group *group = &g->list[view->rows[row]];

	switch (column) {
	case COLUMN_NUMBER:
		buf_addf(to, "%zu", row + 1);
		break;
	case COLUMN_COUNT:
		buf_addf(to, "%" PRIu64, group->count[SIDE_NOW]);
		break;
	case COLUMN_DELTA:
		cell_delta(group, to);
		break;
	case COLUMN_STATE:
		cell_state(g, group, to);
		break;
	case COLUMN_WAIT:
		cell_wait(group, to);
		break;
	case COLUMN_FUNCTION:
		cell_frame(g, goroutines_view_own(view, group), to);
		break;
	default:
		cell_frame(g, group->creator, to);
		break;
	}
}

/* --- The table ------------------------------------------------------------------- */

static size_t shown(const struct goroutines_view *view)
{
	return MIN(view->n_rows, view->top);
}

/* 0: nobody has something to say in it. */
static size_t width(const struct goroutines_view *view, int column)
{
	size_t most = 0;

	for (size_t row = 0; row < shown(view); row++) {
		AUTO_BUF struct buf text;

		buf_init(&text, CELL_MAX);
		cell(view, row, column, &text);
		most = MAX(most, text.len);
	}
	return most ? MAX(most, strlen(heads[column])) : 0;
}

static void pad(struct buf *to, size_t from, size_t width_of)
{
	for (; from < width_of; from++)
		buf_addc(to, ' ');
}

static void add_cell(struct buf *to, const char *text, size_t width_of, int column)
{
	size_t len = strlen(text);

	if (width_of == 0)
		return;
	if (column > 0)
		buf_adds(to, "  ");
	if (is_right(column))
		pad(to, len, width_of);
	buf_adds(to, text);
	if (!is_right(column))
		pad(to, len, width_of);
}

/* A line does not end in blanks. */
static void end_line(struct buf *to, size_t from)
{
	while (to->len > from && to->data[to->len - 1] == ' ')
		to->data[--to->len] = '\0';
	buf_addc(to, '\n');
}

static void table(const struct goroutines_view *view, struct buf *to)
{
	size_t widths[COLUMN_N], from = to->len;

	for (int column = 0; column < COLUMN_N; column++) {
		widths[column] =
			column == COLUMN_DELTA && !view->base ? 0 : width(view, column);
		add_cell(to, heads[column], widths[column], column);
	}
	end_line(to, from);
	for (size_t row = 0; row < shown(view); row++) {
		from = to->len;
		for (int column = 0; column < COLUMN_N; column++) {
			AUTO_BUF struct buf text;

			buf_init(&text, CELL_MAX);
			cell(view, row, column, &text);
			add_cell(to, text.data, widths[column], column);
		}
		end_line(to, from);
	}
}

/* --- Stacks ---------------------------------------------------------------------- */

static void frame_line(const struct goroutines *g, uint32_t number, const char *before,
		       struct buf *to)
{
	const struct frame *frame = symbols_at(g->symbols, number);

	buf_adds(to, before);
	show(to, symbols_text(g->symbols, frame->function), CELL_MAX);
	buf_adds(to, "\n        ");
	show(to, symbols_text(g->symbols, frame->file), CELL_MAX);
	if (frame->line)
		buf_addf(to, ":%u", frame->line);
	buf_addc(to, '\n');
}

static void stack(const struct goroutines_view *view, size_t row, struct buf *to)
{
	const struct goroutines *g = view->goroutines;
	const struct goroutine_group *group = &g->list[view->rows[row]];

	buf_addf(to, "\n#%zu  %" PRIu64 " ", row + 1, group->count[SIDE_NOW]);
	cell_state(g, group, to);
	if (view->base)
		buf_addf(to, ", base %" PRIu64, group->count[SIDE_BASE]);
	if (group->ids[0])
		buf_addf(to, ", such as goroutine %" PRIu64, group->ids[0]);
	buf_addc(to, '\n');
	if (group->depth == 0)
		buf_adds(to, "    its stack was not available\n");
	for (size_t i = 0; i < group->depth; i++)
		frame_line(g, g->frames[group->at + i], "    ", to);
	if (group->elided)
		buf_adds(to, "    Go left out frames of it\n");
	if (group->creator != NO_FRAME)
		frame_line(g, group->creator, "    created by ", to);
}

/* --- The whole ------------------------------------------------------------------- */

static uint64_t sum(const struct goroutines_view *view, size_t from, size_t to)
{
	uint64_t n = 0;

	for (; from < to; from++)
		n = num_add(n, view->goroutines->list[view->rows[from]].count[SIDE_NOW]);
	return n;
}

static void summary(const struct goroutines_view *view, struct buf *to)
{
	const struct goroutines *g = view->goroutines;
	uint64_t now = g->total[SIDE_NOW], base = g->total[SIDE_BASE];

	buf_addf(to, "%" PRIu64 " goroutines in %zu groups", now, g->n);
	if (view->base)
		buf_addf(to, ", base %" PRIu64 ": %c%" PRIu64, base,
			 now >= base ? '+' : '-', now >= base ? now - base : base - now);
	if (view->n_rows < g->n)
		buf_addf(to, "; %" PRIu64 " in %zu that match",
			 sum(view, 0, view->n_rows), view->n_rows);
	buf_addc(to, '\n');
	if (g->cut[SIDE_NOW] || g->cut[SIDE_BASE])
		buf_addf(to, "%s text is cut: there were more\n",
			 !g->cut[SIDE_BASE] ? "the"
			 : g->cut[SIDE_NOW] ? "each"
					    : "base's");
	if (g->left_out[SIDE_NOW] || g->left_out[SIDE_BASE])
		buf_addf(to, "%" PRIu64 " more are in no group: there are too many\n",
			 g->left_out[SIDE_NOW]);
}

void goroutines_view_text(const struct goroutines_view *view, struct buf *to)
{
	size_t n = shown(view);

	summary(view, to);
	buf_addc(to, '\n');
	table(view, to);
	if (n < view->n_rows)
		buf_addf(to, "and %zu more groups with %" PRIu64 " goroutines: --top\n",
			 view->n_rows - n, sum(view, n, view->n_rows));
	for (size_t row = 0; view->stacks && row < n; row++)
		stack(view, row, to);
}
