#include "commands/readout.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands/readout_parts.h"
#include "core/pair.h"
#include "prof/gzip.h"

#define TEXT_MAX ((size_t)80 << 20) /* inflated; Go's own limit of a dump is 64 MiB */

void readout_note(struct readout *readout, const char *format, ...)
{
	va_list args;
	char *note;
	int len;

	if (readout->n_notes == READOUT_NOTES_MAX - 1) {
		readout->notes_left_out++;
		return;
	}
	va_start(args, format);
	len = vasprintf(&note, format, args);
	va_end(args);
	if (len >= 0) /* without memory the note is the least of it */
		readout->notes[readout->n_notes++] = note;
}

void readout_spoil(struct readout *readout, struct readout_file *file, const char *why)
{
	file->spoilt = true;
	readout_note(readout, "%s: %s", file->path, why);
}

/* By pread: in the jail nothing can be opened or sought again. */
static int read_all(const struct readout_file *file, char *to)
{
	size_t len = 0;

	while (len < file->size) {
		ssize_t n = pread(file->fd, to + len, file->size - len, (off_t)len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -ENODATA;
		len += (size_t)n;
	}
	to[len] = '\0';
	return 0;
}

char *readout_bytes(struct readout *readout, struct readout_file *file)
{
	char *bytes = NULL;
	int r = MIN(file->fd, 0);

	if (r == 0) {
		bytes = malloc(file->size + 1);
		r = bytes ? read_all(file, bytes) : -ENOMEM;
	}
	if (r == 0)
		return bytes;
	free(bytes);
	readout_spoil(readout, file,
		      r == -EFBIG     ? "larger than what is read of a file (64M)"
		      : r == -ENODATA ? "was cut while it was read"
				      : strerror(-r));
	return NULL;
}

char *readout_text(struct readout *readout, struct readout_file *file, size_t *ret_len)
{
	AUTO_FREE char *bytes = readout_bytes(readout, file);
	struct gzip_bytes text;
	const char *why = NULL;
	char *copy;

	if (!bytes)
		return NULL;
	if (gzip_inflate((struct span){bytes, file->size}, TEXT_MAX, &text, &why) < 0) {
		readout_spoil(readout, file, why);
		return NULL;
	}
	copy = malloc(text.bytes.len + 1);
	if (copy) {
		memcpy(copy, text.bytes.at, text.bytes.len);
		copy[text.bytes.len] = '\0';
		*ret_len = text.bytes.len;
	} else {
		readout_spoil(readout, file, strerror(ENOMEM));
	}
	gzip_bytes_fini(&text);
	return copy;
}

/* ------------------------------------------------------------------ what follows */

static int64_t heap_total(const struct readout *readout, enum side side)
{
	const struct stacks *heap = readout->report.heap.stacks;
	int type = heap && heap->read[side] ? stacks_type(heap, "inuse_space") : -1;

	return type < 0 ? -1 : stacks_total(heap, side, (size_t)type);
}

static uint64_t goroutine_count(const struct readout *readout, enum side side)
{
	const struct goroutines *g = readout->report.goroutines;
	const struct manifest *m = readout->report.manifest;

	if (g && g->source[side] != GOROUTINES_NONE && !g->cut[side])
		return g->total[side];
	if (side == SIDE_NOW && m->n_captures > 0)
		return m->captures[readout->report.capture].goroutines;
	return MEMORY_UNKNOWN;
}

#define SMALL_SERVICE (UINT64_C(64) << 20)

static bool is_memory(const char *signal)
{
	return text_equal(signal, signal_table[SIGNAL_MEMORY].name) ||
	       text_equal(signal, signal_table[SIGNAL_RSS].name) ||
	       text_equal(signal, signal_table[SIGNAL_ANON].name) ||
	       text_equal(signal, signal_table[SIGNAL_USAGE].name);
}

static void account(struct readout *readout)
{
	struct report *report = &readout->report;
	const struct manifest *m = report->manifest;
	const struct memory_input input = {
		.base = report->kernel[SIDE_BASE],
		.now = report->kernel[SIDE_NOW],
		.stats_base = report->stats[SIDE_BASE],
		.stats_now = report->stats[SIDE_NOW],
		.heap_base = heap_total(readout, SIDE_BASE),
		.heap_now = heap_total(readout, SIDE_NOW),
		.captured_ms = m->n_captures > 0 ? m->captures[report->capture].at_ms
						 : m->reason.at_ms,
		.goroutines = report->goroutines,
		.goroutines_base = goroutine_count(readout, SIDE_BASE),
		.goroutines_now = goroutine_count(readout, SIDE_NOW),
		.threshold = is_memory(m->reason.signal) ? m->reason.threshold : 0,
		.gomemlimit = readout->gomemlimit,
	};

	memory_account(&input, &report->account);
}

/* What the incident is about, in bytes. Where no rule on memory says it, it is the memory
 * that there is: a limit far above it would make all that grew too little to be named. A
 * small service has no less than what rules call growth, base + 64M. */
static uint64_t about(const struct report *report)
{
	const struct reason *reason = &report->manifest->reason;

	if (is_memory(reason->signal) && reason->threshold > 0)
		return reason->threshold;
	return MAX(report->account.total, SMALL_SERVICE);
}

static bool is_about_threads(const struct report *report)
{
	const char *signal = report->manifest->reason.signal;

	return text_equal(signal, signal_table[SIGNAL_THREADS].name) ||
	       text_equal(signal, signal_table[SIGNAL_TASKS].name);
}

static int find_growth(struct readout *readout)
{
	struct report *report = &readout->report;
	const struct grew_input input = {
		.heap = report->heap.stacks,
		.earlier = readout->minutes > 0 ? &readout->earlier : NULL,
		.minutes = readout->minutes,
		.goroutines = report->goroutines,
		.threads = {[SIDE_BASE] = report->kernel[SIDE_BASE].threads,
			    [SIDE_NOW] = report->kernel[SIDE_NOW].threads},
		.about_threads = is_about_threads(report),
		.sockets = report->sockets,
		.n_sockets = report->n_sockets,
		.owners = readout->owners,
		.about = about(report),
	};
	int r = grew_find(&input, &report->grew);

	if (r == 0)
		memory_follow(&report->account, &report->grew);
	return r;
}

static void list_notes(struct readout *readout)
{
	struct report *report = &readout->report;

	if (readout->notes_left_out) {
		char *more;

		if (asprintf(&more, "%zu more files could not be read",
			     readout->notes_left_out) >= 0)
			readout->notes[readout->n_notes++] = more;
	}
	report->notes = (const char *const *)readout->notes;
	report->n_notes = readout->n_notes;
}

static void begin(struct readout *readout, struct readout_files *files)
{
	struct report *report = &readout->report;

	memset(readout, 0, sizeof(*readout));
	readout->files = files;
	report->manifest = files->manifest;
	report->capture = files->capture;
	report->build = &readout->build;
	memset(report->kernel, 0xff, sizeof(report->kernel)); /* all unknown */
	memset(report->stats, 0xff, sizeof(report->stats));
}

static int fill(struct readout *readout)
{
	struct report *report = &readout->report;
	int r = symbols_new(READOUT_SYMBOLS_MAX, &readout->symbols);

	if (r < 0)
		return r;
	report->symbols = readout->symbols;
	stacks_init(&readout->heap, readout->symbols);
	stacks_init(&readout->earlier, readout->symbols);
	stacks_init(&readout->lists, readout->symbols);
	goroutines_init(&readout->goroutines, readout->symbols);
	readout_evidence(readout);
	readout_heap(readout);
	readout_goroutines(readout);
	r = owners_new(&readout->build, readout->symbols, &readout->owners);
	if (r < 0)
		return r;
	report->owners = readout->owners;
	account(readout);
	r = find_growth(readout);
	if (r == 0) {
		readout_facts(readout);
		readout_marks(readout);
		list_notes(readout);
	}
	return r;
}

int readout_fill(struct readout_files *files, const char *path, uint64_t bytes,
		 int64_t now_ms, struct readout *ret)
{
	int r;

	begin(ret, files);
	ret->report.path = path;
	ret->report.heaps = pair_of_incident(ret->report.manifest);
	ret->report.bytes = bytes;
	ret->report.written_ms = now_ms;
	r = fill(ret);
	if (r < 0)
		readout_fini(ret);
	return r;
}

void readout_fini(struct readout *readout)
{
	if (readout->symbols) {
		stacks_fini(&readout->heap);
		stacks_fini(&readout->earlier);
		stacks_fini(&readout->lists);
		goroutines_fini(&readout->goroutines);
	}
	sockets_csv_fini(&readout->sockets);
	build_fini(&readout->build);
	owners_free(readout->owners);
	symbols_free(readout->symbols);
	free(readout->points);
	for (size_t i = 0; i < readout->n_notes; i++)
		free(readout->notes[i]);
	memset(readout, 0, sizeof(*readout));
}
