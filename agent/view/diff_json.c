#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "lib/stamp.h"
#include "view/diff.h"

#define TEXT_MAX 4096 /* bytes of a foreign text; longer ones are cut */

static json_t *foreign(const char *at, size_t len)
{
	AUTO_BUF struct buf text;

	buf_init(&text, 4 * TEXT_MAX);
	text_show(&text, at, len, TEXT_MAX);
	return buf_error(&text) ? NULL : json_stringn(text.data, text.len);
}

static json_t *name(const struct diff *diff, uint32_t number)
{
	struct span text = symbols_text(diff->stacks->symbols, number);

	return foreign(text.at, text.len);
}

static json_t *side_json(const struct diff *diff, enum side side)
{
	const struct stacks *stacks = diff->stacks;
	char stamp[STAMP_MAX];

	if (!diff->file[side])
		return json_null();
	return json_pack(
		"{s:o, s:o, s:I, s:I, s:I}", "file",
		foreign(diff->file[side], strlen(diff->file[side])), "at",
		stacks->at_ns[side]
			? json_string(stamp_format(stacks->at_ns[side] / 1000000, stamp))
			: json_null(),
		"total", (json_int_t)stacks_total(stacks, side, diff->type),
		"without_stack", (json_int_t)diff_bare(diff, side), "cut_stacks",
		(json_int_t)stacks->cut[side]);
}

static json_t *values(const int64_t value[SIDE_N])
{
	return json_pack("{s:I, s:I}", "base", (json_int_t)value[SIDE_BASE], "now",
			 (json_int_t)value[SIDE_NOW]);
}

static json_t *functions(const struct diff *diff)
{
	json_t *list = json_array();
	size_t n = diff_shown(diff);
	int r = list ? 0 : -1;

	for (size_t i = 0; i < n && r == 0; i++) {
		const struct share *s = &diff->shares->list[i];

		r = json_array_append_new(list, json_pack("{s:o, s:o, s:o}", "function",
							  name(diff, s->function), "flat",
							  values(s->flat), "cum",
							  values(s->cum)));
	}
	if (r == 0)
		return list;
	json_decref(list);
	return NULL;
}

int diff_json(const struct diff *diff, struct buf *to)
{
	const struct stacks *stacks = diff->stacks;
	const struct stack_type *type = &stacks->types[diff->type];
	json_t *root =
		json_pack("{s:s, s:o, s:o, s:o, s:o, s:I, s:I, s:o, s:I}", "schema",
			  "leakdog.diff/1", "metric", name(diff, type->name), "unit",
			  name(diff, type->unit), "base", side_json(diff, SIDE_BASE),
			  "now", side_json(diff, SIDE_NOW), "growth",
			  (json_int_t)diff_growth(diff), "pprof_total",
			  (json_int_t)diff->pprof_total, "functions", functions(diff),
			  "more", (json_int_t)(diff_moved(diff) - diff_shown(diff)));
	AUTO_FREE char *text = root ? json_dumps(root, JSON_INDENT(1)) : NULL;

	json_decref(root);
	if (!text)
		return -ENOMEM;
	buf_adds(to, text);
	buf_addc(to, '\n');
	return buf_error(to);
}
