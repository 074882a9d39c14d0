/* The smaller members of report.json: the incident and the answers. */
#include <math.h>

#include "view/report_json.h"
#include "view/report_words.h"

#define TEXT_MAX (64 * 1024)

/* --- the incident ----------------------------------------------------------- */

static void add_reason(struct emit *emit, const struct reason *reason)
{
	emit_open(emit, "reason", '{');
	emit_text(emit, "rule", reason->rule);
	emit_text(emit, "signal", reason->signal);
	emit_text(emit, "unit", reason->unit);
	emit_count(emit, "value", reason->value);
	emit_count(emit, "threshold", reason->threshold);
	emit_time(emit, "at", reason->at_ms);
	emit_close(emit, '}');
}

static void add_target(struct emit *emit, const struct target_facts *target)
{
	emit_open(emit, "target", '{');
	emit_int(emit, "pid", target->pid);
	emit_time(emit, "started", target->started_ms);
	emit_text(emit, "exe", target->exe);
	emit_text(emit, "cgroup", target->cgroup);
	emit_count(emit, "limit", target->limit ? target->limit : MANIFEST_UNKNOWN);
	emit_text(emit, "limit_from", target->limit_from);
	emit_close(emit, '}');
}

static void add_base(struct emit *emit, const struct base_record *base)
{
	emit_open(emit, "base", '{');
	emit_text(emit, "state", base_table[base->state]);
	emit_time(emit, "at", base->at_ms);
	emit_text(emit, "why", base->why);
	emit_close(emit, '}');
}

/* The one that is shown; null where the incident has none. */
static void add_capture(struct emit *emit, const struct report *report)
{
	const struct capture_record *capture;

	if (report->capture >= report->manifest->n_captures) {
		emit_null(emit, "capture");
		return;
	}
	capture = &report->manifest->captures[report->capture];
	emit_open(emit, "capture", '{');
	emit_text(emit, "dir", capture->dir);
	emit_text(emit, "rule", capture->rule);
	emit_time(emit, "at", capture->at_ms);
	emit_count(emit, "value", capture->value);
	emit_count(emit, "headroom", capture->headroom);
	emit_count(emit, "goroutines", capture->goroutines);
	emit_text(emit, "endpoint", endpoint_table[capture->endpoint]);
	emit_count(emit, "of", report->manifest->n_captures);
	emit_close(emit, '}');
}

static void add_verdict(struct emit *emit, const struct verdict *verdict)
{
	emit_open(emit, "verdict", '{');
	emit_text(emit, "outcome", outcome_table[verdict->outcome]);
	emit_time(emit, "at", verdict->at_ms);
	emit_text(emit, "evidence", evidence_table[verdict->evidence]);
	emit_text(emit, "detail", verdict->detail);
	emit_text(emit, "victim", victim_table[verdict->victim]);
	emit_text(emit, "scope", scope_table[verdict->scope]);
	emit_close(emit, '}');
}

void report_incident(struct report_writer *w)
{
	const struct manifest *manifest = w->report->manifest;
	struct emit *emit = &w->emit;

	emit_open(emit, "incident", '{');
	emit_text(emit, "id", manifest->id);
	emit_text(emit, "service", manifest->service);
	emit_text(emit, "state", manifest->sealed ? "sealed" : "open");
	emit_text(emit, "path", w->report->path);
	emit_count(emit, "bytes", w->report->bytes);
	add_reason(emit, &manifest->reason);
	emit_open(emit, "joined", '[');
	for (size_t i = 0; i < manifest->n_joined; i++)
		emit_text(emit, NULL, manifest->joined[i]);
	emit_close(emit, ']');
	add_target(emit, &manifest->target);
	add_base(emit, &manifest->base);
	add_capture(emit, w->report);
	add_verdict(emit, &manifest->verdict);
	emit_close(emit, '}');
}

/* --- what grew, where the memory is ----------------------------------------- */

static void add_suspect(struct report_writer *w, const struct suspect *suspect)
{
	AUTO_BUF struct buf text, who;

	buf_init(&text, TEXT_MAX);
	buf_init(&who, TEXT_MAX);
	report_suspect_text(w->report, suspect, &text);
	if (suspect->charged != NO_FRAME)
		words_function(w->report->symbols, suspect->charged, &who);
	emit_open(&w->emit, NULL, '{');
	emit_text(&w->emit, "kind", suspect_table[suspect->kind]);
	emit_buf(&w->emit, "text", &text);
	emit_buf(&w->emit, "who", &who);
	report_frame(w, "charged", suspect->charged);
	emit_int(&w->emit, "base", suspect->base);
	emit_int(&w->emit, "now", suspect->now);
	emit_real(&w->emit, "share", suspect->share);
	if (suspect->kind == SUSPECT_THREADS)
		emit_count(&w->emit, "holders", suspect->holders);
	emit_real(&w->emit, "per_minute", suspect->is_rate ? suspect->per_minute : NAN);
	emit_close(&w->emit, '}');
}

/* Where nobody is accused, why. */
static void add_nobody(struct report_writer *w)
{
	AUTO_BUF struct buf text;

	buf_init(&text, TEXT_MAX);
	if (w->report->grew.n == 0)
		report_grew_text(w->report, 0, &text);
	emit_buf(&w->emit, "nobody", &text);
}

static void add_growth(struct report_writer *w)
{
	const struct grew *grew = &w->report->grew;

	emit_open(&w->emit, "growth", '{');
	for (int kind = 0; kind < SUSPECT_N; kind++) {
		emit_open(&w->emit, suspect_table[kind], '{');
		emit_int(&w->emit, "all", grew->growth[kind]);
		emit_int(&w->emit, "unnamed", grew->rest[kind]);
		emit_close(&w->emit, '}');
	}
	emit_close(&w->emit, '}');
}

static void add_account(struct report_writer *w)
{
	static const char *const of[] = {
		[ACCOUNT_NONE] = "nothing",
		[ACCOUNT_CGROUP] = "cgroup",
		[ACCOUNT_RSS] = "process",
	};
	const struct memory_account *account = &w->report->account;
	struct emit *emit = &w->emit;

	emit_open(emit, "memory", '{');
	emit_text(emit, "label", memory_label_table[account->label]);
	emit_text(emit, "why", account->why);
	emit_text(emit, "of", of[account->of]);
	emit_count(emit, "total", account->total);
	emit_real(emit, "coverage", account->coverage < 0 ? NAN : account->coverage);
	emit_count(emit, "gc_age",
		   account->gc_age_ms < 0 ? MEMORY_UNKNOWN
					  : (uint64_t)account->gc_age_ms);
	emit_open(emit, "parts", '[');
	for (size_t i = 0; i < PART_N; i++) {
		emit_open(emit, NULL, '{');
		emit_text(emit, "id", memory_part_table[i]);
		emit_text(emit, "name", words_part_names[i]);
		if (account->known[i])
			emit_int(emit, "bytes", account->part[i]);
		else
			emit_null(emit, "bytes");
		emit_close(emit, '}');
	}
	emit_close(emit, ']');
	emit_close(emit, '}');
}

void report_answers(struct report_writer *w)
{
	AUTO_BUF struct buf rule;

	buf_init(&rule, TEXT_MAX);
	owners_say(w->report->owners, &rule);
	emit_open(&w->emit, "grew", '[');
	for (size_t i = 0; i < w->report->grew.n; i++)
		add_suspect(w, &w->report->grew.list[i]);
	emit_close(&w->emit, ']');
	add_nobody(w);
	add_growth(w);
	emit_buf(&w->emit, "own_code", &rule);
	add_account(w);
}
