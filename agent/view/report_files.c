/* The last members of report.json: which files there are, and what to type. */
#include "view/incident.h"
#include "view/report_json.h"

#define TEXT_MAX (64 * 1024)

static void add_path(struct emit *emit, const char *dir, const char *name)
{
	AUTO_BUF struct buf path;

	buf_init(&path, TEXT_MAX);
	buf_addf(&path, "%s%s%s", dir, dir[0] ? "/" : "", name);
	emit_span(emit, "path", (struct span){path.data, path.len});
}

static void add_artifact(struct emit *emit, const char *dir,
			 const struct artifact_record *artifact)
{
	bool is_file = artifact->result <= KEPT_PARTIAL;

	emit_open(emit, NULL, '{');
	add_path(emit, dir, artifact->name[0] ? artifact->name : artifact->kind);
	emit_text(emit, "kind", artifact->kind);
	emit_text(emit, "result", kept_table[artifact->result]);
	if (artifact->why[0])
		emit_text(emit, "why", artifact->why);
	emit_count(emit, "bytes", is_file ? artifact->bytes : MANIFEST_UNKNOWN);
	emit_text(emit, "sha256", artifact->sha256);
	emit_close(emit, '}');
}

static void add_record(struct emit *emit, const char *dir,
		       const struct file_record *record)
{
	emit_open(emit, NULL, '{');
	add_path(emit, dir, record->name);
	emit_text(emit, "kind", dir[0] ? "recorder" : "derived");
	emit_text(emit, "result", kept_table[KEPT_COMPLETE]);
	emit_count(emit, "bytes", record->bytes ? record->bytes : MANIFEST_UNKNOWN);
	emit_text(emit, "sha256", record->sha256);
	emit_close(emit, '}');
}

void report_files(struct report_writer *w)
{
	const struct manifest *m = w->report->manifest;
	struct emit *emit = &w->emit;

	emit_open(emit, "files", '[');
	for (size_t i = 0; i < m->n_captures; i++) {
		const struct capture_record *capture = &m->captures[i];

		for (size_t k = 0; k < capture->n_artifacts; k++)
			add_artifact(emit, capture->dir, &capture->artifacts[k]);
	}
	for (size_t i = 0; i < m->base.n_artifacts; i++)
		add_artifact(emit, "base", &m->base.artifacts[i]);
	for (size_t i = 0; i < m->n_recorder; i++)
		add_record(emit, "recorder", &m->recorder[i]);
	for (size_t i = 0; i < m->n_derived; i++)
		add_record(emit, "", &m->derived[i]);
	emit_close(emit, ']');
}

static void add_command(struct emit *emit, const char *what, const struct buf *line)
{
	if (line->len == 0)
		return;
	emit_open(emit, NULL, '{');
	emit_text(emit, "what", what);
	emit_buf(emit, "line", line);
	emit_close(emit, '}');
}

static void add_leakdog(struct emit *emit, const char *what, const char *command,
			const char *id)
{
	AUTO_BUF struct buf line;

	buf_init(&line, TEXT_MAX);
	buf_addf(&line, "leakdog %s %s", command, id);
	add_command(emit, what, &line);
}

void report_commands(struct report_writer *w)
{
	const struct report *report = w->report;
	const char *id = report->manifest->id;
	AUTO_BUF struct buf pprof;

	buf_init(&pprof, TEXT_MAX);
	incident_pprof_line(&report->heaps, report->path, &pprof);
	emit_open(&w->emit, "commands", '[');
	add_leakdog(&w->emit, "this incident in a terminal", "show", id);
	if (report->goroutines)
		add_leakdog(&w->emit, "all groups of goroutines", "goroutines", id);
	if (report->heap.stacks)
		add_leakdog(&w->emit, "Go's own tool, with the right base", "pprof", id);
	add_command(&w->emit, "the same where leakdog is not installed", &pprof);
	add_leakdog(&w->emit, "whether the files are as they were filed", "verify", id);
	emit_close(&w->emit, ']');
}
