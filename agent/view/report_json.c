/* report.json from top to bottom. What it is for: the page draws it, and a script of the
 * reader's takes its numbers from it; so every member says what it is by its name, times
 * are Unix ms, null is "not known", and nothing has to be computed twice. */
#include "view/report_json.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* --- names and frames ------------------------------------------------------- */

static int numbered_init(struct numbered *numbered, uint32_t n)
{
	numbered->of = calloc((size_t)n + 1, sizeof(*numbered->of));
	numbered->list = calloc((size_t)n + 1, sizeof(*numbered->list));
	return numbered->of && numbered->list ? 0 : -ENOMEM;
}

static void numbered_fini(struct numbered *numbered)
{
	free(numbered->of);
	free(numbered->list);
}

static uint32_t number_of(struct numbered *numbered, uint32_t old)
{
	if (!numbered->of[old]) {
		numbered->list[numbered->n] = old;
		numbered->of[old] = ++numbered->n;
	}
	return numbered->of[old] - 1;
}

void report_frame(struct report_writer *w, const char *key, uint32_t frame)
{
	if (frame == NO_FRAME)
		emit_null(&w->emit, key);
	else
		emit_int(&w->emit, key, number_of(&w->frames, frame));
}

void report_tables(struct report_writer *w)
{
	const struct symbols *symbols = w->report->symbols;

	emit_open(&w->emit, "owners", '[');
	for (size_t i = 0; i < OWNER_N; i++)
		emit_text(&w->emit, NULL, owner_table[i]);
	emit_close(&w->emit, ']');
	emit_open(&w->emit, "frames", '[');
	for (uint32_t i = 0; i < w->frames.n; i++) {
		const struct frame *frame = symbols_at(symbols, w->frames.list[i]);

		emit_open(&w->emit, NULL, '[');
		emit_int(&w->emit, NULL, number_of(&w->names, frame->function));
		emit_int(&w->emit, NULL, number_of(&w->names, frame->file));
		emit_int(&w->emit, NULL, frame->line);
		emit_int(&w->emit, NULL, owners_of(w->report->owners, w->frames.list[i]));
		emit_close(&w->emit, ']');
	}
	emit_close(&w->emit, ']');
	emit_open(&w->emit, "names", '[');
	for (uint32_t i = 0; i < w->names.n; i++)
		emit_span(&w->emit, NULL, symbols_text(symbols, w->names.list[i]));
	emit_close(&w->emit, ']');
}

/* --- what was watched ------------------------------------------------------- */

static bool is_known(const struct report *report, size_t signal)
{
	for (size_t i = 0; i < report->n_points; i++) {
		if (!isnan(report->points[i].value[signal]))
			return true;
	}
	return false;
}

static void add_signal(struct report_writer *w, size_t signal)
{
	const struct report *report = w->report;

	emit_open(&w->emit, NULL, '{');
	emit_text(&w->emit, "name", signal_table[signal].name);
	emit_text(&w->emit, "unit", unit_table[signal_table[signal].unit]);
	emit_open(&w->emit, "values", '[');
	for (size_t i = 0; i < report->n_points; i++)
		emit_real(&w->emit, NULL, report->points[i].value[signal]);
	emit_close(&w->emit, ']');
	emit_close(&w->emit, '}');
}

static void add_series(struct report_writer *w)
{
	const struct report *report = w->report;

	emit_open(&w->emit, "series", '{');
	emit_open(&w->emit, "at", '[');
	for (size_t i = 0; i < report->n_points; i++)
		emit_int(&w->emit, NULL, report->points[i].at_ms);
	emit_close(&w->emit, ']');
	emit_open(&w->emit, "signals", '[');
	for (size_t s = 0; s < SIGNAL_N; s++) {
		if (is_known(report, s))
			add_signal(w, s);
	}
	emit_close(&w->emit, ']');
	emit_close(&w->emit, '}');
}

static void add_marks(struct report_writer *w)
{
	static const char *const kinds[MARK_N] = {
		[MARK_BASE] = "base",
		[MARK_CAPTURE] = "capture",
		[MARK_FIRED] = "fired",
		[MARK_END] = "end",
	};

	emit_open(&w->emit, "marks", '[');
	for (size_t i = 0; i < w->report->n_marks; i++) {
		const struct report_mark *mark = &w->report->marks[i];

		emit_open(&w->emit, NULL, '{');
		emit_text(&w->emit, "kind", kinds[mark->kind]);
		emit_time(&w->emit, "at", mark->at_ms);
		emit_text(&w->emit, "what", mark->what);
		emit_close(&w->emit, '}');
	}
	emit_close(&w->emit, ']');
}

static void add_sockets(struct report_writer *w)
{
	emit_open(&w->emit, "sockets", '[');
	for (size_t i = 0; i < w->report->n_sockets; i++) {
		const struct socket_group *group = &w->report->sockets[i];

		emit_open(&w->emit, NULL, '{');
		emit_text(&w->emit, "state", group->state);
		emit_text(&w->emit, "peer", group->peer);
		emit_count(&w->emit, "base", group->count[SIDE_BASE]);
		emit_count(&w->emit, "now", group->count[SIDE_NOW]);
		emit_count(&w->emit, "without_keepalive", group->without_keepalive);
		emit_bool(&w->emit, "anybodys", group->anybodys);
		emit_close(&w->emit, '}');
	}
	emit_close(&w->emit, ']');
}

static void add_facts(struct report_writer *w)
{
	emit_open(&w->emit, "facts", '[');
	for (size_t i = 0; i < w->report->n_facts; i++) {
		emit_open(&w->emit, NULL, '{');
		emit_text(&w->emit, "name", w->report->facts[i].name);
		emit_text(&w->emit, "value", w->report->facts[i].value);
		emit_close(&w->emit, '}');
	}
	emit_close(&w->emit, ']');
	emit_open(&w->emit, "notes", '[');
	for (size_t i = 0; i < w->report->n_notes; i++)
		emit_text(&w->emit, NULL, w->report->notes[i]);
	emit_close(&w->emit, ']');
}

/* --- all of it -------------------------------------------------------------- */

static int write_all(struct report_writer *w)
{
	const struct report *report = w->report;
	int result;

	emit_open(&w->emit, NULL, '{');
	emit_text(&w->emit, "schema", "leakdog.report/1");
	emit_text(&w->emit, "version", LEAKDOG_VERSION);
	emit_time(&w->emit, "written", report->written_ms);
	report_incident(w);
	report_answers(w);
	emit_count(&w->emit, "threshold",
		   report->threshold ? report->threshold : MANIFEST_UNKNOWN);
	add_series(w);
	add_marks(w);
	result = report_stacks(w, "heap", report->heap.stacks, &report->heap);
	report_goroutines(w);
	add_sockets(w);
	add_facts(w);
	report_files(w);
	report_commands(w);
	report_tables(w);
	emit_close(&w->emit, '}');
	buf_addc(w->emit.to, '\n');
	return result < 0 ? result : buf_error(w->emit.to);
}

int report_json(const struct report *report, struct buf *to)
{
	struct report_writer w = {.report = report};
	int result = numbered_init(&w.frames, symbols_frames(report->symbols));

	if (result == 0)
		result = numbered_init(&w.names, symbols_names(report->symbols));
	emit_init(&w.emit, to);
	if (result == 0)
		result = write_all(&w);
	emit_fini(&w.emit);
	numbered_fini(&w.frames);
	numbered_fini(&w.names);
	return result;
}
