/* file-capture --archive DIR [...] < JOB: files what the job asks for as the capture
 * child does, but with bytes of its own instead of a target's. So every system call that
 * it makes is one of the archive, in the same order each time. Exit 0: filed whole. 3:
 * filed, but not whole. 1: not filed. */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands/filing.h"
#include "edge/fs.h"

static const struct {
	const char *name, *kind, *bytes;
} artifacts[] = {
	{"heap.pb.gz", "heap", "the bytes of a heap"},
	{"goroutine.pb.gz", "goroutine", "the bytes of all goroutines"},
	{"proc/status", "kernel", "Name:\tcron\nVmRSS:\t5242880 kB\n"},
	{"cgroup/memory.current", "kernel", "5368709121\n"},
};

/* In two halves, as bytes come from a network. */
static int put(struct filing *filing, size_t i)
{
	struct artifact_record *record =
		filing_record(filing, artifacts[i].name, artifacts[i].kind);
	size_t len = strlen(artifacts[i].bytes), half = len / 2;
	struct artifact_file file;
	int r, kept;

	if (!record)
		return -1;
	r = filing_file(filing, record, &file);
	if (r != 0) {
		record->result = KEPT_FAILED;
		(void)text_copy(record->why, sizeof(record->why), file.why);
		return r;
	}
	r = artifact_file_write(&file, artifacts[i].bytes, half);
	if (r == 0)
		r = artifact_file_write(&file, artifacts[i].bytes + half, len - half);
	r = artifact_file_end(&file, r == 0, record);
	kept = filing_kept(filing);
	return r != 0 ? r : kept;
}

static int capture(struct filing *filing)
{
	size_t n = filing->job->kind == JOB_RECORD ? 1 : ARRAY_SIZE(artifacts);
	struct artifact_record *record;
	int r = 0, commit;

	for (size_t i = 0; i < n; i++)
		r |= put(filing, i);
	if (filing->job->kind == JOB_CAPTURE) {
		record = filing_record(filing, "goroutine.txt.gz", "goroutine-text");
		if (!record)
			return 1;
		record->result = KEPT_SKIPPED;
		(void)text_copy(record->why, sizeof(record->why), "too many goroutines");
	}
	commit = filing_commit(filing);
	if (commit < 0)
		fprintf(stderr, "file-capture: cannot commit: %s\n", strerror(-commit));
	return commit < 0 ? 1 : r ? 3 : 0;
}

static int run(const struct filing_place *place, const struct job *job)
{
	struct filing filing;
	const char *why = NULL;
	int r = filing_open(place, &filing, &why);

	if (r < 0) {
		fprintf(stderr, "file-capture: %s\n", why);
		return 1;
	}
	r = filing_begin(&filing, job);
	if (r != 0)
		fprintf(stderr, "file-capture: cannot begin: %s\n",
			r < 0 ? strerror(-r) : "the disk is full");
	r = r != 0 ? 1 : capture(&filing);
	if (r != 1 && filing_retain(&filing) < 0)
		fputs("file-capture: retention failed\n", stderr);
	filing_close(&filing);
	return r;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {FILING_OPTIONS, {NULL, 0, NULL, 0}};
	struct filing_place place = {0};
	AUTO_BUF struct buf input;
	struct job job;
	int option;

	buf_init(&input, JOB_TEXT_MAX);
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (filing_place_option(&place, option, optarg) < 0)
			return 2;
	}
	if (!place.dir || fs_read_buf(STDIN_FILENO, &input) < 0 ||
	    job_parse((struct span){input.data, input.len}, &job) < 0) {
		fputs("usage: file-capture --archive DIR < JOB\n", stderr);
		return 2;
	}
	return run(&place, &job);
}
