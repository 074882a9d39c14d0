/* Sentences for somebody who was woken up: how much, who, where, since when; and where
 * the evidence ends, that it does. */
#include "view/report.h"

#include <string.h>

#include "lib/num.h"
#include "view/report_words.h"

static uint64_t growth(const struct suspect *suspect)
{
	int64_t more = num_sub_i64(suspect->now, suspect->base);

	return (uint64_t)MAX(more, 0);
}

static void add_percent(double share, struct buf *to)
{
	buf_addf(to, "%.1f%%", 100 * share);
}

/* "called by shop/api.handle" and such: nothing without a frame. */
static void add_frame(const struct report *report, const char *before, uint32_t frame,
		      struct buf *to)
{
	if (frame == NO_FRAME)
		return;
	buf_adds(to, before);
	words_function(report->symbols, frame, to);
}

static bool is_other(const struct report *report, uint32_t frame, uint32_t than)
{
	return frame != NO_FRAME &&
	       (than == NO_FRAME || symbols_at(report->symbols, frame)->function !=
					    symbols_at(report->symbols, than)->function);
}

static void add_not_own(const struct report *report, const struct suspect *suspect,
			struct buf *to)
{
	if (suspect->owner == OWNER_APP)
		return;
	buf_adds(to, "; no frame of the service's own code above it");
	if (suspect->own == NO_FRAME)
		return;
	buf_adds(to, " (");
	words_frame(report->symbols, suspect->own, to);
	buf_adds(to, " calls into its module and grew with it)");
}

static void site_text(const struct report *report, const struct suspect *suspect,
		      struct buf *to)
{
	buf_addc(to, '+');
	words_bytes(growth(suspect), to);
	buf_adds(to, " (");
	add_percent(suspect->share, to);
	buf_adds(to, " of the heap growth");
	if (suspect->is_rate && suspect->per_minute >= 1) {
		buf_adds(to, ", ");
		words_bytes((uint64_t)MIN(suspect->per_minute, 9e18), to);
		buf_adds(to, "/min");
	}
	buf_adds(to, ") allocated by ");
	words_frame(report->symbols, suspect->charged, to);
	if (is_other(report, suspect->leaf, suspect->charged))
		add_frame(report, " in ", suspect->leaf, to);
	add_frame(report, ", called by ", suspect->caller, to);
	add_not_own(report, suspect, to);
}

/* Go prints minutes, and refreshes them about once a collection. */
static void add_wait(const struct report *report, const struct suspect *suspect,
		     struct buf *to)
{
	struct span state = symbols_text(report->symbols, suspect->state);

	if (state.len > 0) {
		buf_adds(to, " in state \"");
		text_show(to, state.at, state.len, 64);
		buf_addc(to, '"');
	}
	if (suspect->wait_max == 0)
		return;
	/* Some that came a moment ago say nothing about the others. */
	buf_adds(to,
		 suspect->wait_min ? " for at least " : " (the longest for at least ");
	if (suspect->wait_min && suspect->wait_min < suspect->wait_max) {
		words_count(suspect->wait_min, to);
		buf_adds(to, " to ");
	}
	words_count(suspect->wait_max, to);
	buf_adds(to, suspect->wait_max == 1 ? " minute" : " minutes");
	buf_adds(to, suspect->wait_min ? "" : ")");
}

static void add_counts(const struct suspect *suspect, const char *what, struct buf *to)
{
	buf_addc(to, '+');
	words_count(growth(suspect), to);
	buf_addf(to, " %s (", what);
	add_percent(suspect->share, to);
	buf_adds(to, " of the new ones, ");
	words_count((uint64_t)MAX(suspect->base, 0), to);
	buf_adds(to, " -> ");
	words_count((uint64_t)MAX(suspect->now, 0), to);
	buf_addc(to, ')');
}

static void group_text(const struct report *report, const struct suspect *suspect,
		       struct buf *to)
{
	add_counts(suspect, "goroutines", to);
	add_wait(report, suspect, to);
	if (suspect->charged != NO_FRAME) {
		buf_adds(to,
			 suspect->charged == suspect->creator ? " started by " : " in ");
		words_frame(report->symbols, suspect->charged, to);
	}
	if (is_other(report, suspect->leaf, suspect->charged))
		add_frame(report, ", waiting in ", suspect->leaf, to);
	if (suspect->charged != suspect->creator)
		add_frame(report, ", started by ", suspect->creator, to);
	if (suspect->leaked) {
		buf_adds(to, "; the collector has proved that ");
		words_count(suspect->leaked, to);
		buf_adds(to, " of them never return");
	}
	add_not_own(report, suspect, to);
}

/* The kernel counts them; who holds them the goroutines tell, if anybody does. */
static void thread_text(const struct report *report, const struct suspect *suspect,
			struct buf *to)
{
	buf_addc(to, '+');
	words_count(growth(suspect), to);
	buf_adds(to, " threads (");
	words_count((uint64_t)MAX(suspect->base, 0), to);
	buf_adds(to, " -> ");
	words_count((uint64_t)MAX(suspect->now, 0), to);
	buf_addc(to, ')');
	if (suspect->holders == 0) {
		buf_adds(to, "; no goroutine is seen to hold one, and Go does not tell "
			     "who started them");
		return;
	}
	buf_adds(to, "; ");
	words_count(suspect->holders, to);
	buf_adds(to, suspect->holders == 1 ? " goroutine holds one"
					   : " goroutines hold one each");
	if (suspect->charged != NO_FRAME) {
		buf_adds(to, " in ");
		words_frame(report->symbols, suspect->charged, to);
	}
	if (is_other(report, suspect->leaf, suspect->charged))
		add_frame(report, ", waiting in ", suspect->leaf, to);
	if (suspect->charged != suspect->creator)
		add_frame(report, ", started by ", suspect->creator, to);
}

static void socket_text(const struct suspect *suspect, struct buf *to)
{
	add_counts(suspect, "sockets", to);
	buf_adds(to, " in state ");
	words_foreign(suspect->socket_state, to);
	if (suspect->peer[0]) {
		buf_adds(to, ", ");
		words_foreign(suspect->peer, to);
	}
	if (suspect->without_keepalive != UINT64_MAX && suspect->without_keepalive > 0) {
		buf_adds(to, ", ");
		words_count(suspect->without_keepalive, to);
		buf_adds(to, " of them without keepalive: a peer that is gone is never "
			     "noticed");
	}
	if (suspect->anybodys)
		buf_adds(to, "; of any process in its network namespace: whose they are "
			     "could not be read");
}

void report_suspect_text(const struct report *report, const struct suspect *suspect,
			 struct buf *to)
{
	switch (suspect->kind) {
	case SUSPECT_HEAP:
		site_text(report, suspect, to);
		return;
	case SUSPECT_GOROUTINES:
		group_text(report, suspect, to);
		return;
	case SUSPECT_THREADS:
		thread_text(report, suspect, to);
		return;
	case SUSPECT_SOCKETS:
		socket_text(suspect, to);
		return;
	case SUSPECT_N:
		return;
	}
}

/* --- All of them ------------------------------------------------------------ */

static void nothing_text(const struct report *report, struct buf *to)
{
	const struct grew *grew = &report->grew;

	if (!report->heap.stacks && !report->goroutines) {
		buf_adds(to, "No profile could be read: nobody can be named.\n");
		return;
	}
	buf_adds(to, "Nobody is accused: ");
	if (report->account.label == LABEL_FREED_NOT_RETURNED) {
		buf_adds(to, "what was allocated has been freed, and only the memory has "
			     "not been returned.\n");
		return;
	}
	if (report->heap.stacks) {
		buf_adds(to, "the live heap grew by ");
		words_signed(grew->growth[SUSPECT_HEAP], to);
	}
	if (report->goroutines) {
		buf_addf(to, "%sthe goroutines by ", report->heap.stacks ? " and " : "");
		words_count((uint64_t)MAX(grew->growth[SUSPECT_GOROUTINES], 0), to);
	}
	buf_adds(to, ", too little to be the reason.\n");
}

/* The hint at own code is said once. */
static void add_suspect(const struct report *report, size_t number, struct buf *to)
{
	struct suspect suspect = report->grew.list[number];

	for (size_t i = 0; i < number; i++) {
		if (report->grew.list[i].own == suspect.own)
			suspect.own = NO_FRAME;
	}
	report_suspect_text(report, &suspect, to);
	buf_addc(to, '\n');
}

void report_grew_text(const struct report *report, size_t lines, struct buf *to)
{
	const struct grew *grew = &report->grew;

	if (grew->n == 0)
		nothing_text(report, to);
	for (size_t i = 0; i < MIN(grew->n, lines); i++)
		add_suspect(report, i, to);
	if (grew->n > lines)
		buf_addf(to, "... and %zu more\n", grew->n - lines);
	if (grew->n > 0 && report->heap.stacks && !report->heap.stacks->read[SIDE_BASE])
		buf_adds(to, "There is no heap of the base: growth is all that the heap "
			     "holds now.\n");
}
