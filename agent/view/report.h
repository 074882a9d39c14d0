#pragma once
/* Everything that a report says of one incident, in one place: filled by `leakdog report`
 * (commands/reading), written as report.json, report.html, summary.txt and as the text of
 * `leakdog show`. All of it is borrowed from whoever fills it.
 *
 * Schema of the JSON: "leakdog.report/1"; view/report_json.c is its only writer. */

#include "core/pair.h"
#include "core/signal.h"
#include "prof/memory.h"

struct report_point {
	int64_t at_ms;          /* Unix */
	double value[SIGNAL_N]; /* NAN: not known */
};

enum report_mark_kind { MARK_BASE, MARK_CAPTURE, MARK_FIRED, MARK_END, MARK_N };
struct report_mark {
	enum report_mark_kind kind;
	int64_t at_ms;
	char what[96];
};

struct report_fact {
	const char *name; /* ours: "process", "Go version" */
	char value[512];  /* foreign bytes */
};

struct report_heap {
	const char *now_file, *base_file; /* below the incident: "01/heap-gc.pb.gz" */
	const struct stacks *stacks;      /* NULL: no heap could be read */
	/* The profile shows the heap as of a collection that was forced for it. */
	bool fresh;
};

struct report {
	const struct manifest *manifest;
	const char *path; /* of the incident's directory, for commands to type */
	uint64_t bytes;   /* allocated by it */
	size_t capture;   /* of manifest->captures, the one that is shown: the newest with
			     most to show */
	struct pair_files heaps; /* that a person would compare: of what was filed */
	struct report_heap heap; /* and that were, of what could be read */
	const struct goroutines *goroutines; /* NULL: none */
	const struct socket_group *sockets;
	size_t n_sockets;
	struct owners *owners;     /* of all frames; never NULL */
	const struct build *build; /* never NULL, may be empty */
	const struct symbols *symbols;
	struct kernel_memory kernel[SIDE_N];
	struct memstats stats[SIDE_N];
	struct memory_account account;
	struct grew grew;
	const struct report_point *points; /* timeline.csv, oldest first */
	size_t n_points;
	uint64_t threshold; /* of the rule's signal; 0: none that can be drawn */
	const struct report_mark *marks;
	size_t n_marks;
	const struct report_fact *facts;
	size_t n_facts;
	/* What could not be read or was left out, one sentence each: "01/heap.pb.gz: is
	 * not a profile: ..." They are shown, never swallowed. */
	const char *const *notes;
	size_t n_notes;
	int64_t written_ms; /* Unix */
};

/* What is too small or too much for a page is folded, and the page says so. */
#define REPORT_STACKS_MAX 5000
#define REPORT_GROUPS_MAX 500

/* The sentences of "what grew", ranked, one line each and at most `lines` of them, plain
 * text for people; foreign bytes escaped (text_show). Where nothing grew it says so. */
void report_grew_text(const struct report *report, size_t lines, struct buf *to);
/* One suspect as one sentence without newline. */
void report_suspect_text(const struct report *report, const struct suspect *suspect,
			 struct buf *to);
/* "Where the memory is": label, why, and one line per part. */
void report_memory_text(const struct report *report, struct buf *to);
/* The whole of summary.txt: reason, what grew, where the memory is, files, commands. */
void report_summary(const struct report *report, struct buf *to);
/* report.json. 0 or -errno; < is written as \u003c so that it can stand in a page. */
int report_json(const struct report *report, struct buf *to) must_check;
/* report.html: head, the JSON, tail. 0 or -errno. */
int report_html(const struct report *report, struct buf *to) must_check;
