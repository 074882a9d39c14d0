#include "view/list.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "lib/quantity.h"
#include "lib/stamp.h"
#include "view/container.h"
#include "view/incident.h"

enum {
	COLUMN_TIME,
	COLUMN_ID,
	COLUMN_SERVICE,
	COLUMN_CONTAINER, /* where any is in one */
	COLUMN_RULE,
	COLUMN_VALUE,
	COLUMN_VERDICT,
	COLUMN_BASE,
	COLUMN_CAPTURES,
	COLUMN_SIZE,
	COLUMN_GREW,
	COLUMN_N
};
static const char *const heads[COLUMN_N] = {
	[COLUMN_TIME] = "TIME (UTC)",   [COLUMN_ID] = "ID",
	[COLUMN_SERVICE] = "SERVICE",   [COLUMN_CONTAINER] = "CONTAINER",
	[COLUMN_RULE] = "RULE",         [COLUMN_VALUE] = "VALUE",
	[COLUMN_VERDICT] = "VERDICT",   [COLUMN_BASE] = "BASE",
	[COLUMN_CAPTURES] = "CAPTURES", [COLUMN_SIZE] = "SIZE",
	[COLUMN_GREW] = "WHAT GREW",
};
#define CELL_MAX 400

static void show(struct buf *to, const char *foreign)
{
	text_show(to, foreign, strlen(foreign), CELL_MAX / 4);
}

/* The four digits at its end are enough where no other incident has the same. */
static const char *short_id(const struct list_row *rows, size_t n, size_t i)
{
	const char *dash = strrchr(rows[i].id, '-');

	if (!dash || !dash[1])
		return rows[i].id;
	for (size_t j = 0; j < n; j++) {
		if (j != i && text_ends(rows[j].id, dash))
			return rows[i].id;
	}
	return dash + 1;
}

static void cell_time(const struct manifest *m, struct buf *to)
{
	char stamp[STAMP_MAX];

	if (!m->reason.at_ms)
		return;
	(void)stamp_format(m->reason.at_ms, stamp);
	buf_addf(to, "%.10s %.8s", stamp, stamp + 11);
}

/* What of a row the manifest says. */
static void cell_of_manifest(const struct manifest *m, int column, struct buf *to)
{
	switch (column) {
	case COLUMN_TIME:
		cell_time(m, to);
		break;
	case COLUMN_CONTAINER:
		container_where(&m->container, to);
		break;
	case COLUMN_RULE:
		show(to, m->reason.rule);
		if (m->omitted.folded)
			buf_addf(to, " (+%u)", m->omitted.folded);
		break;
	case COLUMN_VALUE:
		if (m->reason.signal[0]) /* an oom kill has none */
			incident_value(to, m->reason.value, m->reason.unit);
		break;
	case COLUMN_VERDICT:
		buf_adds(to, m->sealed ? outcome_table[m->verdict.outcome] : "open");
		break;
	case COLUMN_BASE:
		buf_adds(to, base_table[m->base.state]);
		break;
	case COLUMN_CAPTURES:
		buf_addf(to, "%zu", m->n_captures);
		if (m->omitted.suppressed)
			buf_addf(to, " (-%u)", m->omitted.suppressed);
		break;
	default:
		break;
	}
}

static void cell_grew(const struct report_head *report, struct buf *to)
{
	if (report)
		report_head_text(report, to);
	else
		buf_addc(to, '-');
}

static void cell(const struct list_row *rows, size_t n, size_t i, int column,
		 struct buf *to)
{
	char size[QUANTITY_MAX];

	if (column == COLUMN_ID)
		show(to, short_id(rows, n, i));
	else if (column == COLUMN_SERVICE)
		show(to, rows[i].service);
	else if (column == COLUMN_SIZE)
		buf_adds(to, quantity_format(rows[i].bytes, size));
	else if (column == COLUMN_GREW)
		cell_grew(rows[i].report, to);
	else if (rows[i].manifest)
		cell_of_manifest(rows[i].manifest, column, to);
	else if (column == COLUMN_RULE)
		buf_adds(to, "unreadable");
}

static size_t width(const struct list_row *rows, size_t n, int column)
{
	size_t most = strlen(heads[column]);

	for (size_t i = 0; i < n; i++) {
		AUTO_BUF struct buf text;

		buf_init(&text, CELL_MAX);
		cell(rows, n, i, column, &text);
		most = MAX(most, text.len);
	}
	return most;
}

static void pad(struct buf *to, const char *text, size_t to_width, bool last)
{
	buf_adds(to, text);
	if (last)
		buf_addc(to, '\n');
	for (size_t len = strlen(text); !last && len < to_width + 2; len++)
		buf_addc(to, ' ');
}

static bool any_container(const struct list_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (rows[i].manifest && rows[i].manifest->container.id[0])
			return true;
	}
	return false;
}

void list_text(const struct list_row *rows, size_t n, struct buf *to)
{
	bool containers = any_container(rows, n);
	size_t widths[COLUMN_N];

	for (int column = 0; column < COLUMN_N; column++) {
		if (column == COLUMN_CONTAINER && !containers)
			continue;
		widths[column] = width(rows, n, column);
		pad(to, heads[column], widths[column], column == COLUMN_N - 1);
	}
	for (size_t i = 0; i < n; i++) {
		for (int column = 0; column < COLUMN_N; column++) {
			AUTO_BUF struct buf text;

			if (column == COLUMN_CONTAINER && !containers)
				continue;
			buf_init(&text, CELL_MAX);
			cell(rows, n, i, column, &text);
			pad(to, text.data, widths[column], column == COLUMN_N - 1);
		}
	}
}

static json_t *shown(const char *foreign)
{
	AUTO_BUF struct buf text;

	buf_init(&text, 65536);
	text_show(&text, foreign, strlen(foreign), 16384);
	return json_stringn(text.data, text.len);
}

static json_t *number(uint64_t value)
{
	if (value == MANIFEST_UNKNOWN)
		return json_null();
	return json_integer((json_int_t)MIN(value, (uint64_t)INT64_MAX));
}

/* json_pack passes a NULL of ours on as a failure of its own. */
static int add_manifest(json_t *object, const struct manifest *m)
{
	char stamp[STAMP_MAX];
	json_t *more = json_pack(
		"{s:s, s:o, s:s, s:o, s:o, s:s, s:s, s:I, s:I, s:I}", "state",
		m->sealed ? "sealed" : "open", "rule", shown(m->reason.rule), "at",
		stamp_format(m->reason.at_ms, stamp), "value", number(m->reason.value),
		"unit", shown(m->reason.unit), "outcome",
		outcome_table[m->verdict.outcome], "base", base_table[m->base.state],
		"captures", (json_int_t)m->n_captures, "suppressed",
		(json_int_t)m->omitted.suppressed, "folded",
		(json_int_t)m->omitted.folded);
	int r = more ? json_object_update(object, more) : -1;

	json_decref(more);
	return r;
}

static json_t *report_object(const struct report_head *report)
{
	if (!report)
		return json_null();
	return json_pack("{s:o, s:I, s:o, s:o}", "kind",
			 report->kind[0] ? shown(report->kind) : json_null(), "growth",
			 (json_int_t)report->growth, "who", shown(report->who), "label",
			 shown(report->label));
}

static json_t *container_object(const struct container_facts *c)
{
	if (!c->id[0])
		return json_null();
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "runtime", shown(c->runtime),
			 "id", shown(c->id), "name", shown(c->name), "image",
			 shown(c->image), "namespace", shown(c->namespace), "pod",
			 shown(c->pod));
}

static json_t *row_object(const struct list_row *row)
{
	json_t *object = json_pack("{s:o, s:o, s:o, s:o}", "id", shown(row->id),
				   "service", shown(row->service), "path",
				   shown(row->path), "bytes", number(row->bytes));
	int r;

	if (!object)
		return NULL;
	r = row->manifest ? add_manifest(object, row->manifest)
			  : json_object_set_new(object, "error", shown(row->why));
	if (r == 0 && row->manifest)
		r = json_object_set_new(object, "container",
					container_object(&row->manifest->container));
	if (r == 0 && row->manifest)
		r = json_object_set_new(object, "report", report_object(row->report));
	if (r == 0)
		return object;
	json_decref(object);
	return NULL;
}

int list_json(const struct list_row *rows, size_t n, struct buf *to)
{
	json_t *list = json_array();
	AUTO_FREE char *text = NULL;
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++)
		r = json_array_append_new(list, row_object(&rows[i]));
	text = r < 0 ? NULL : json_dumps(list, JSON_INDENT(1));
	json_decref(list);
	if (!text)
		return -ENOMEM;
	buf_adds(to, text);
	buf_addc(to, '\n');
	return buf_error(to);
}
