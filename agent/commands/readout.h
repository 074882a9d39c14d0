#pragma once
/* The walk from the files of an incident to a report: base beside now, read, compared,
 * accounted. It runs in the jail: every byte of these files was sent by somebody. What
 * cannot be read is a note in the report and never the end of it. */

#include "commands/readout_files.h"
#include "prof/sockets_csv.h"
#include "view/report.h"

#define READOUT_NOTES_MAX 48
#define READOUT_FACTS_MAX 24
#define READOUT_MARKS_MAX (CAPTURES_MAX + 3)
/* Names and frames of all profiles together. */
#define READOUT_SYMBOLS_MAX (96U << 20)

struct readout {
	struct readout_files *files; /* borrowed */
	struct report report;        /* all that it borrows is here */
	/* Private from here on. */
	struct symbols *symbols;
	struct stacks heap, earlier, lists;
	struct goroutines goroutines;
	struct sockets_csv sockets;
	struct build build;
	struct owners *owners;
	struct report_point *points;
	struct report_mark marks[READOUT_MARKS_MAX];
	struct report_fact facts[READOUT_FACTS_MAX];
	char *notes[READOUT_NOTES_MAX];
	size_t n_notes, notes_left_out;
	double minutes; /* between earlier and now; 0: no rates */
	uint64_t gomemlimit;
};

/* path: of the incident's directory, for commands to type; bytes: allocated by it;
 * now_ms: Unix. 0 or -ENOMEM (nothing is in ret then). */
int readout_fill(struct readout_files *files, const char *path, uint64_t bytes,
		 int64_t now_ms, struct readout *ret) must_check;
void readout_fini(struct readout *readout);
