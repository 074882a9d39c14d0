/* What a report says beside its numbers: who it was, and what happened when. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "commands/readout_parts.h"
#include "lib/quantity.h"
#include "lib/stamp.h"
#include "view/container.h"

void readout_fact(struct readout *readout, const char *name, const char *format, ...)
{
	struct report *report = &readout->report;
	struct report_fact *fact = &readout->facts[report->n_facts];
	va_list args;

	if (report->n_facts == READOUT_FACTS_MAX)
		return; /* the list below is shorter */
	fact->name = name;
	va_start(args, format);
	(void)vsnprintf(fact->value, sizeof(fact->value), format, args);
	va_end(args);
	report->n_facts++;
}

/* ------------------------------------------------------------------ facts */

static void target_facts(struct readout *readout)
{
	const struct target_facts *t = &readout->report.manifest->target;
	char stamp[STAMP_MAX], bytes[QUANTITY_MAX];
	AUTO_BUF struct buf container;

	readout_fact(readout, "process", "pid %d%s%s", t->pid, t->exe[0] ? ", " : "",
		     t->exe);
	if (t->started_ms)
		readout_fact(readout, "started", "%s",
			     stamp_format(t->started_ms, stamp));
	buf_init(&container, 480);
	container_line(&readout->report.manifest->container, &container);
	if (container.len)
		readout_fact(readout, "container", "%s", container.data);
	if (t->cgroup[0])
		readout_fact(readout, "cgroup", "%s (v%d)", t->cgroup, t->cgroup_version);
	if (t->limit)
		readout_fact(readout, "limit", "%s%s%s", quantity_format(t->limit, bytes),
			     t->limit_from[0] ? " from " : "", t->limit_from);
}

static void span_fact(struct readout *readout, const char *name, struct span text)
{
	if (text.len)
		readout_fact(readout, name, "%.*s", (int)MIN(text.len, (size_t)480),
			     text.at);
}

static void build_facts(struct readout *readout)
{
	const struct build *build = &readout->build;
	AUTO_BUF struct buf own;

	buf_init(&own, 480);
	span_fact(readout, "Go version", build->go);
	span_fact(readout, "program", build->path);
	if (build->main_module.len)
		readout_fact(readout, "module", "%.*s %.*s",
			     (int)MIN(build->main_module.len, (size_t)300),
			     build->main_module.at,
			     (int)MIN(build->main_version.len, (size_t)100),
			     build->main_version.at);
	if (build->vcs_revision.len)
		readout_fact(readout, "revision", "%.*s%s",
			     (int)MIN(build->vcs_revision.len, (size_t)300),
			     build->vcs_revision.at,
			     build->vcs_modified ? " (modified)" : "");
	owners_say(readout->owners, &own);
	readout_fact(readout, "own code", "%s", own.data);
}

static void say_endpoint(struct readout *readout)
{
	enum endpoint_state state = readout->report.manifest->endpoint;

	if (state != ENDPOINT_UNKNOWN && state < ENDPOINT_N)
		readout_fact(readout, "endpoint", "%s", endpoint_table[state]);
}

static void say_base(struct readout *readout)
{
	const struct base_record *base = &readout->report.manifest->base;
	char stamp[STAMP_MAX];

	readout_fact(readout, "base", "%s%s%s%s%s", base_table[base->state],
		     base->at_ms ? ", of " : "",
		     base->at_ms ? stamp_format(base->at_ms, stamp) : "",
		     base->why[0] ? ": " : "", base->why);
}

/* Where the last words stand, and how much that is: what they say is the service's. */
static void log_fact(struct readout *readout, const char *dir,
		     const struct artifact_record *log)
{
	char bytes[QUANTITY_MAX];

	if (log->result <= KEPT_PARTIAL)
		readout_fact(readout, "log", "%s%s%s, %s", dir, dir[0] ? "/" : "",
			     log->name, quantity_format(log->bytes, bytes));
	else
		readout_fact(readout, "log", "%s", log->why);
}

/* The seal's goes to the end; before it there is that of the newest capture. */
static void say_log(struct readout *readout)
{
	const struct manifest *m = readout->report.manifest;

	if (m->log.kind[0]) {
		log_fact(readout, "", &m->log);
		return;
	}
	for (size_t i = m->n_captures; i-- > 0;) {
		const struct capture_record *c = &m->captures[i];
		const struct artifact_record *log = artifact_find(
			c->artifacts, c->n_artifacts, ARTIFACT_LOG, KEPT_PARTIAL);

		if (log) {
			log_fact(readout, c->dir, log);
			return;
		}
	}
}

void readout_facts(struct readout *readout)
{
	char bytes[QUANTITY_MAX];

	target_facts(readout);
	build_facts(readout);
	if (readout->gomemlimit)
		readout_fact(readout, "GOMEMLIMIT", "%s",
			     quantity_format(readout->gomemlimit, bytes));
	say_endpoint(readout);
	say_base(readout);
	say_log(readout);
	readout->report.facts = readout->facts;
}

/* ------------------------------------------------------------------ marks */

static void mark(struct readout *readout, enum report_mark_kind kind, int64_t at_ms,
		 const char *what)
{
	struct report *report = &readout->report;
	struct report_mark *to = &readout->marks[report->n_marks];

	if (!at_ms || report->n_marks == READOUT_MARKS_MAX)
		return;
	*to = (struct report_mark){.kind = kind, .at_ms = at_ms};
	(void)text_copy(to->what, sizeof(to->what), what);
	report->n_marks++;
}

void readout_marks(struct readout *readout)
{
	struct report *report = &readout->report;
	const struct manifest *m = report->manifest;

	mark(readout, MARK_BASE, m->base.at_ms, "base");
	mark(readout, MARK_FIRED, m->reason.at_ms, m->reason.rule);
	for (size_t i = 0; i < m->n_captures; i++)
		mark(readout, MARK_CAPTURE, m->captures[i].at_ms, m->captures[i].dir);
	if (m->sealed)
		mark(readout, MARK_END, m->verdict.at_ms,
		     outcome_table[m->verdict.outcome]);
	report->marks = readout->marks;
	if (signal_by_name(m->reason.signal, strlen(m->reason.signal)) != SIGNAL_N &&
	    !text_equal(m->reason.unit, unit_table[UNIT_MS]))
		report->threshold = m->reason.threshold;
}
