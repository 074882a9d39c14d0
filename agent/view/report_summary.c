/* summary.txt: what a person reads first, the answer before the facts. */
#include "view/incident.h"
#include "view/report.h"

#include "view/report_words.h"

#define LINES 10

static void notes_text(const struct report *report, struct buf *to)
{
	if (report->n_notes == 0)
		return;
	buf_adds(to, "\nWhat could not be said\n");
	for (size_t i = 0; i < report->n_notes; i++) {
		buf_adds(to, "  ");
		words_foreign(report->notes[i], to);
		buf_addc(to, '\n');
	}
}

static void facts_text(const struct report *report, struct buf *to)
{
	if (report->n_facts > 0)
		buf_adds(to, "\nFacts\n");
	for (size_t i = 0; i < report->n_facts; i++) {
		buf_addf(to, "  %-16s ", report->facts[i].name);
		words_foreign(report->facts[i].value, to);
		buf_addc(to, '\n');
	}
}

void report_summary(const struct report *report, struct buf *to)
{
	const struct manifest *manifest = report->manifest;

	words_foreign(manifest->service, to);
	buf_adds(to, ": ");
	words_foreign(manifest->reason.rule, to);
	buf_adds(to, "\n\nWhat grew\n");
	report_grew_text(report, LINES, to);
	if (report->grew.n > 0) {
		buf_adds(to, "own code: ");
		owners_say(report->owners, to);
		buf_addc(to, '\n');
	}
	buf_adds(to, "\nWhere the memory is\n");
	report_memory_text(report, to);
	notes_text(report, to);
	facts_text(report, to);
	buf_addc(to, '\n');
	incident_text(&(struct incident_shown){manifest, report->heaps, report->path,
					       report->bytes},
		      to);
}
