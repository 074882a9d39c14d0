/* Files are opened before the jail is entered, texts leave it by memfds that are read
 * when nobody is in it any more: whoever takes the parser over has memory, a few files of
 * this incident to read, and a text of 16 MiB to say what he likes. */
#include "commands/reporting.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "commands/reader.h"
#include "edge/clock.h"
#include "edge/fs.h"
#include "edge/kernel/jail.h"

/* Of the sentences of what grew; the page has them all. */
#define FINDINGS_LINES 8

struct work {
	const struct reporting *reporting;
	struct readout_files *files;
	int out[REPORTING_N]; /* memfds; -1: not wanted */
	uint64_t bytes;
	int64_t now_ms;
};

/* ------------------------------------------------------------------ in the jail */

static int write_findings(const struct report *report, struct buf *to)
{
	report_grew_text(report, FINDINGS_LINES, to);
	buf_addc(to, '\n');
	report_memory_text(report, to);
	for (size_t i = 0; i < report->n_notes; i++) {
		buf_adds(to, i ? "note: " : "\nnote: ");
		text_show(to, report->notes[i], strlen(report->notes[i]), 512);
		buf_addc(to, '\n');
	}
	return 0;
}

static int write_summary(const struct report *report, struct buf *to)
{
	report_summary(report, to);
	return 0;
}

static int (*const write_table[REPORTING_N])(const struct report *, struct buf *) = {
	[REPORTING_PAGE] = report_html,
	[REPORTING_SUMMARY] = write_summary,
	[REPORTING_JSON] = report_json,
	[REPORTING_FINDINGS] = write_findings,
};

static int write_text(const struct report *report, int text, int fd)
{
	AUTO_BUF struct buf to;
	int r;

	buf_init(&to, REPORTING_TEXT_MAX);
	r = write_table[text](report, &to);
	if (r == 0)
		r = buf_error(&to);
	return r < 0 ? r : fs_write_all(fd, to.data, to.len);
}

static int work(void *context)
{
	const struct work *w = context;
	struct readout readout;
	int r = readout_fill(w->files, w->reporting->path, w->bytes, w->now_ms, &readout);

	if (r < 0)
		return -r;
	for (int i = 0; r == 0 && i < REPORTING_N; i++) {
		if (w->out[i] >= 0)
			r = write_text(&readout.report, i, w->out[i]);
	}
	readout_fini(&readout);
	return -r;
}

/* ------------------------------------------------------------------ around it */

static int explain(const struct jail_end *end, char why[static REPORTING_WHY_MAX])
{
	if (end->too_long)
		(void)snprintf(why, REPORTING_WHY_MAX, "it took longer than %d s",
			       REPORTING_WALL_S);
	else if (end->signal)
		(void)snprintf(why, REPORTING_WHY_MAX,
			       "the process that reads the profiles was killed by "
			       "signal %d (%s)",
			       end->signal, strsignal(end->signal));
	else if (end->code == JAIL_NOT_BUILT)
		(void)snprintf(why, REPORTING_WHY_MAX,
			       "the kernel does not lock the process in that reads the "
			       "profiles (seccomp)");
	else if (end->code == ENOMEM)
		(void)snprintf(why, REPORTING_WHY_MAX, "it needs more than %llu MiB",
			       (unsigned long long)REPORTING_MEMORY_MAX >> 20);
	else if (end->code == EPERM) /* no error of ours: a sanitizer ends so */
		(void)snprintf(why, REPORTING_WHY_MAX,
			       "the process that reads the profiles gave up");
	else
		(void)snprintf(why, REPORTING_WHY_MAX, "%s", strerror(end->code));
	return -ECANCELED;
}

static int run_jailed(struct work *w, char why[static REPORTING_WHY_MAX])
{
	int keep[READOUT_FILES_MAX + REPORTING_N];
	struct jail jail = {.memory_bytes = REPORTING_MEMORY_MAX,
			    .file_bytes = REPORTING_TEXT_MAX,
			    .cpu_s = REPORTING_CPU_S,
			    .wall_s = REPORTING_WALL_S,
			    .keep = keep};
	struct jail_end end;
	int r;

	for (size_t i = 0; i < w->files->n; i++) {
		if (w->files->list[i].fd >= 0)
			keep[jail.n_keep++] = w->files->list[i].fd;
	}
	for (int i = 0; i < REPORTING_N; i++) {
		if (w->out[i] >= 0)
			keep[jail.n_keep++] = w->out[i];
	}
	r = jail_run(&jail, work, w, &end);
	if (r < 0)
		(void)snprintf(why, REPORTING_WHY_MAX, "cannot start a process: %s",
			       strerror(-r));
	else if (end.signal || end.code)
		r = explain(&end, why);
	return r;
}

static int open_texts(struct work *w)
{
	for (int i = 0; i < REPORTING_N; i++) {
		if (!(w->reporting->wanted & UINT32_C(1) << i))
			continue;
		w->out[i] = memfd_create("leakdog-report", MFD_CLOEXEC);
		if (w->out[i] < 0)
			return -errno;
	}
	return 0;
}

static int take_texts(const struct work *w, struct reporting_result *ret)
{
	int r = 0;

	for (int i = 0; r == 0 && i < REPORTING_N; i++) {
		if (w->out[i] < 0)
			continue;
		if (lseek(w->out[i], 0, SEEK_SET) < 0)
			return -errno;
		r = fs_read_buf(w->out[i], &ret->text[i]);
	}
	return r;
}

static int run(struct work *w, struct reporting_result *ret)
{
	int r = open_texts(w);

	if (r == 0)
		r = run_jailed(w, ret->why);
	if (r == 0)
		r = take_texts(w, ret);
	if (r < 0 && !ret->why[0])
		(void)snprintf(ret->why, sizeof(ret->why), "%s", strerror(-r));
	return r;
}

int reporting_run(const struct reporting *reporting, struct reporting_result *ret)
{
	AUTO_FREE struct readout_files *files = malloc(sizeof(*files));
	struct work w = {.reporting = reporting,
			 .files = files,
			 .bytes = reader_size(reporting->dirfd),
			 .now_ms = clock_unix_ms()};
	int r;

	memset(ret, 0, sizeof(*ret));
	for (int i = 0; i < REPORTING_N; i++) {
		buf_init(&ret->text[i], REPORTING_TEXT_MAX);
		w.out[i] = -1;
	}
	if (!files)
		return -ENOMEM;
	readout_open(reporting->dirfd, reporting->manifest, files);
	if (reporting->timeline_fd >= 0)
		readout_use_timeline(files, reporting->timeline_fd);
	r = run(&w, ret);
	readout_close(files);
	for (int i = 0; i < REPORTING_N; i++)
		fs_close(&w.out[i]);
	return r;
}

void reporting_fini(struct reporting_result *result)
{
	for (int i = 0; i < REPORTING_N; i++)
		buf_fini(&result->text[i]);
}
