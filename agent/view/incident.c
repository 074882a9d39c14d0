#include "view/incident.h"

#include "view/container.h"

#include <stdio.h>
#include <string.h>

#include "lib/duration.h"
#include "lib/num.h"
#include "lib/quantity.h"
#include "lib/stamp.h"
#include "view/incident_hold.h"

#define SHOW_MAX 1024

static void show(struct buf *to, const char *foreign)
{
	text_show(to, foreign, strlen(foreign), SHOW_MAX);
}

static void show_bytes(struct buf *to, uint64_t bytes)
{
	char text[QUANTITY_MAX];

	buf_adds(to, quantity_format(bytes, text));
}

static void show_time(struct buf *to, int64_t unix_ms)
{
	char stamp[STAMP_MAX];

	buf_adds(to, unix_ms ? stamp_format(unix_ms, stamp) : "unknown");
}

void incident_value(struct buf *to, uint64_t value, const char *unit)
{
	char text[MAX(DURATION_MAX, QUANTITY_MAX)];

	if (value == MANIFEST_UNKNOWN)
		buf_adds(to, "unknown");
	else if (text_equal(unit, "bytes"))
		show_bytes(to, value);
	else if (text_equal(unit, "centipercent"))
		buf_addf(to, "%llu.%02llu%%", (unsigned long long)(value / 100),
			 (unsigned long long)(value % 100));
	else if (text_equal(unit, "thousandth"))
		buf_adds(to, quantity_thousandths(value, text));
	else if (text_equal(unit, "ms"))
		buf_adds(to, duration_format(value, text));
	else
		buf_addf(to, "%llu", (unsigned long long)value);
}

static void label(struct buf *to, const char *name)
{
	buf_addf(to, "  %-11s ", name);
}

static void text_value(const struct manifest *m, struct buf *to)
{
	label(to, m->reason.signal);
	incident_value(to, m->reason.value, m->reason.unit);
	buf_adds(to, ", the rule says ");
	incident_value(to, m->reason.threshold, m->reason.unit);
	buf_adds(to, m->target.limit ? "; limit " : "\n");
}

/* A kill that no rule saw coming has no value. */
static void text_reason(const struct manifest *m, struct buf *to)
{
	if (m->reason.signal[0])
		text_value(m, to);
	else if (m->target.limit)
		label(to, "limit");
	if (m->target.limit) {
		show_bytes(to, m->target.limit);
		buf_adds(to, m->target.limit_from[0] ? " from " : "");
		show(to, m->target.limit_from);
		buf_addc(to, '\n');
	}
	for (size_t i = 0; i < m->n_joined; i++) {
		label(to, i ? "" : "then fired");
		show(to, m->joined[i]);
		buf_addc(to, '\n');
	}
}

static void text_target(const struct manifest *m, struct buf *to)
{
	const struct target_facts *t = &m->target;

	label(to, "target");
	buf_addf(to, "pid %d", t->pid);
	if (t->exe[0]) {
		buf_adds(to, ", ");
		show(to, t->exe);
	}
	buf_adds(to, ", started ");
	show_time(to, t->started_ms);
	buf_addc(to, '\n');
	if (m->container.id[0]) {
		label(to, "container");
		container_line(&m->container, to);
		buf_addc(to, '\n');
	}
	if (t->cgroup[0]) {
		label(to, "cgroup");
		show(to, t->cgroup);
		buf_addf(to, " (v%d)\n", t->cgroup_version);
	}
	if (m->endpoint != ENDPOINT_UNKNOWN) {
		static const char *const means[ENDPOINT_N] = {
			[ENDPOINT_VERIFIED] = "verified: the socket is the target's",
			[ENDPOINT_UNVERIFIED] = "unverified: the right to see whose "
						"socket it is is missing",
			[ENDPOINT_FOREIGN] = "foreign: the address belongs to another "
					     "process, nothing "
					     "was fetched",
		};
		label(to, "endpoint");
		buf_addf(to, "%s\n", means[m->endpoint]);
	}
}

static void text_verdict(const struct manifest *m, struct buf *to)
{
	const struct verdict *v = &m->verdict;

	label(to, "verdict");
	if (!m->sealed) {
		buf_adds(to, "open\n");
		return;
	}
	buf_adds(to, outcome_table[v->outcome]);
	if (v->evidence != EVIDENCE_NONE)
		buf_addf(to, " (%s)", evidence_table[v->evidence]);
	buf_adds(to, " at ");
	show_time(to, v->at_ms);
	if (v->detail[0]) {
		buf_adds(to, ": ");
		show(to, v->detail);
	}
	buf_addc(to, '\n');
	if (v->outcome == OUTCOME_OOM_KILLED) {
		label(to, "");
		buf_addf(to, "victim %s, scope %s\n", victim_table[v->victim],
			 scope_table[v->scope]);
	}
	if (v->successor_pid) {
		label(to, "");
		buf_addf(to, "followed by pid %d\n", v->successor_pid);
	}
}

static void text_base(const struct manifest *m, struct buf *to)
{
	label(to, "base");
	buf_adds(to, base_table[m->base.state]);
	if (m->base.at_ms) {
		buf_adds(to, ", of ");
		show_time(to, m->base.at_ms);
	}
	if (m->base.why[0]) {
		buf_adds(to, ": ");
		show(to, m->base.why);
	}
	buf_addc(to, '\n');
	if (m->n_recorder > 0) {
		label(to, "recorder");
		buf_addf(to, "%zu heap%s, from ", m->n_recorder,
			 m->n_recorder == 1 ? "" : "s");
		show_time(to, m->recorder[0].at_ms);
		buf_adds(to, " to ");
		show_time(to, m->recorder[m->n_recorder - 1].at_ms);
		buf_addc(to, '\n');
	}
}

static void text_artifact(const struct artifact_record *a, struct buf *to)
{
	AUTO_BUF struct buf name;

	buf_init(&name, SHOW_MAX);
	show(&name, a->name[0] ? a->name : a->kind);
	buf_addf(to, "      %-28s %-9s", name.data, kept_table[a->result]);
	if (a->result <= KEPT_PARTIAL) {
		char bytes[QUANTITY_MAX];

		buf_addf(to, " %8s", quantity_format(a->bytes, bytes));
		if (a->ms)
			buf_addf(to, " %6llu ms", (unsigned long long)a->ms);
	}
	if (a->why[0]) {
		buf_adds(to, "  ");
		show(to, a->why);
	}
	buf_addc(to, '\n');
}

static bool is_usual_file(const struct artifact_record *a)
{
	return a->result == KEPT_COMPLETE &&
	       text_equal(a->kind, artifact_table[ARTIFACT_KERNEL].name);
}

/* The kernel's twenty small files are one line where nothing is to be said of them. */
static void text_usual_files(const struct capture_record *c, struct buf *to)
{
	char text[QUANTITY_MAX];
	uint64_t bytes = 0;
	unsigned n = 0;

	for (size_t i = 0; i < c->n_artifacts; i++) {
		if (is_usual_file(&c->artifacts[i])) {
			bytes = num_add(bytes, c->artifacts[i].bytes);
			n++;
		}
	}
	if (n)
		buf_addf(to, "      %-28s %-9s %8s  %u files\n", "proc/ cgroup/",
			 kept_table[KEPT_COMPLETE], quantity_format(bytes, text), n);
}

static void text_capture(const struct manifest *m, const struct capture_record *c,
			 struct buf *to)
{
	buf_adds(to, "  ");
	show(to, c->dir);
	buf_adds(to, "  ");
	show_time(to, c->at_ms);
	buf_adds(to, "  ");
	show(to, c->rule);
	if (c->value != MANIFEST_UNKNOWN && text_equal(c->rule, m->reason.rule)) {
		buf_adds(to, ": ");
		incident_value(to, c->value, m->reason.unit);
	}
	if (c->headroom != MANIFEST_UNKNOWN) {
		buf_adds(to, ", headroom ");
		show_bytes(to, c->headroom);
	}
	if (c->goroutines != MANIFEST_UNKNOWN)
		buf_addf(to, ", %llu goroutines", (unsigned long long)c->goroutines);
	buf_addc(to, '\n');
	for (size_t i = 0; i < c->n_artifacts; i++) {
		if (!is_usual_file(&c->artifacts[i]))
			text_artifact(&c->artifacts[i], to);
	}
	text_usual_files(c, to);
	incident_hold(&c->hold, to);
}

/* What the seal itself took. */
static void text_seal(const struct manifest *m, struct buf *to)
{
	if (!m->log.kind[0])
		return;
	buf_adds(to, "  seal  ");
	show_time(to, m->log.at_ms);
	buf_addc(to, '\n');
	text_artifact(&m->log, to);
}

/* Of the report only that there is none: what it says stands elsewhere. */
static void text_reported(const struct manifest *m, struct buf *to)
{
	if (m->reported.result != REPORT_FAILED)
		return;
	label(to, "report");
	buf_adds(to, "failed at ");
	show_time(to, m->reported.at_ms);
	buf_adds(to, ": ");
	show(to, m->reported.why);
	buf_addc(to, '\n');
}

void incident_head(const struct manifest *m, struct buf *to)
{
	show(to, m->service);
	buf_adds(to, "  ");
	show(to, m->reason.rule);
	buf_adds(to, "  ");
	show_time(to, m->reason.at_ms);
	buf_adds(to, "  ");
	show(to, m->id);
	buf_addc(to, '\n');
}

void incident_facts(const struct incident_shown *shown, struct buf *to)
{
	const struct manifest *m = shown->manifest;

	text_reason(m, to);
	text_target(m, to);
	text_verdict(m, to);
	incident_limits(m, to);
	text_base(m, to);
	text_reported(m, to);
	for (size_t i = 0; i < m->n_captures; i++)
		text_capture(m, &m->captures[i], to);
	text_seal(m, to);
	label(to, "files");
	show_bytes(to, shown->bytes);
	buf_adds(to, " in ");
	show(to, shown->path);
	buf_adds(to, "\n\n");
	incident_pprof_line(&shown->heaps, shown->path, to);
	buf_addc(to, '\n');
}

void incident_text(const struct incident_shown *shown, struct buf *to)
{
	incident_head(shown->manifest, to);
	incident_facts(shown, to);
}

/* ------------------------------------------------------------------ the line to type */

/* One word for a shell, whatever the archive is called. */
static void quote(struct buf *to, const char *path, const struct pair_file *file)
{
	const char *parts[] = {path, "/", file->dir, "/", file->name};
	bool plain =
		path[strspn(path, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				  "0123456789._-/+:,@%")] == '\0';

	buf_adds(to, plain ? "" : "'");
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		for (const char *c = parts[i]; *c; c++) {
			if (*c == '\'')
				buf_adds(to, "'\\''");
			else
				text_show(to, c, 1, 1);
		}
	}
	buf_adds(to, plain ? "" : "'");
}

void incident_pprof_line(const struct pair_files *heaps, const char *path, struct buf *to)
{
	if (!heaps->now.name)
		return;
	buf_adds(to, "go tool pprof ");
	if (heaps->base.name) {
		buf_adds(to, "-base ");
		quote(to, path, &heaps->base);
		buf_addc(to, ' ');
	}
	quote(to, path, &heaps->now);
}
