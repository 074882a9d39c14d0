#pragma once
/* Between the files that write report.json: which names and frames the report uses. A
 * symbol table has everything that was ever read; the report numbers what it shows anew,
 * in the order of first use, and writes both tables at its end. */

#include "view/emit.h"
#include "view/report.h"

struct numbered { /* old number -> new number + 1, and back */
	uint32_t *of;
	uint32_t *list;
	uint32_t n;
};

struct report_writer {
	const struct report *report;
	struct emit emit;
	struct numbered frames, names;
};

/* A frame by its number in the report; null for NO_FRAME. */
void report_frame(struct report_writer *w, const char *key, uint32_t frame);
/* "names", "frames" and what owners there are. */
void report_tables(struct report_writer *w);
/* Why, of whom, and how it ended. */
void report_incident(struct report_writer *w);
void report_files(struct report_writer *w);
void report_commands(struct report_writer *w);
/* Sentences and account. */
void report_answers(struct report_writer *w);
/* -ENOMEM where it is so. */
int report_stacks(struct report_writer *w, const char *key, const struct stacks *stacks,
		  const struct report_heap *heap) must_check;
void report_goroutines(struct report_writer *w);
