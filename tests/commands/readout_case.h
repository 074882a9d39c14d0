#pragma once
/* An incident whose files are put down one by one, with the manifest that names them, and
 * the report that is read out of it. */

#include "commands/readout.h"
#include "edge/fs.h"
#include "tree.h"
#include "unit.h"

#define BEGAN_MS INT64_C(1795291924123)
#define MINUTE_MS INT64_C(60000)

struct readout_case {
	struct tree tree;
	struct manifest manifest;
	struct readout_files files;
	struct readout readout;
	const struct report *report; /* NULL: not read yet */
};

static void case_begin(struct readout_case *c)
{
	struct manifest *m = &c->manifest;

	memset(c, 0, sizeof(*c));
	tree_make(&c->tree);
	manifest_init(m);
	(void)text_copy(m->id, sizeof(m->id), "20261121T201204Z-memory-5G-7f3a");
	(void)text_copy(m->service, sizeof(m->service), "cron");
	(void)text_copy(m->reason.rule, sizeof(m->reason.rule), "memory > 5G");
	(void)text_copy(m->reason.signal, sizeof(m->reason.signal), "memory");
	(void)text_copy(m->reason.unit, sizeof(m->reason.unit), "bytes");
	m->reason.threshold = UINT64_C(5) << 30;
	m->reason.at_ms = BEGAN_MS;
	m->target.pid = 4127;
}

static inline void case_end(struct readout_case *c)
{
	if (c->report)
		readout_fini(&c->readout);
	readout_close(&c->files);
	manifest_fini(&c->manifest);
	tree_drop(&c->tree);
}

/* The record of a file below base/ or of a capture, which begins with its first file:
 * number N of them N minutes after the first. */
static struct artifact_record *case_record(struct readout_case *c, const char *path,
					   const char *kind)
{
	char dir[8] = "";
	const char *name = strchr(path, '/') + 1;
	struct manifest *m = &c->manifest;
	struct artifact_record *record;

	memcpy(dir, path, (size_t)(name - path) - 1);
	if (!strcmp(dir, "base")) {
		m->base.state = BASE_TAKEN;
		m->base.at_ms = BEGAN_MS - 60 * MINUTE_MS;
		record = &m->base.artifacts[m->base.n_artifacts++];
		*record = (struct artifact_record){.at_ms = m->base.at_ms};
	} else {
		size_t index = (size_t)(dir[1] - '1');

		while (m->n_captures <= index) {
			struct capture_record capture;

			capture_record_init(&capture);
			(void)snprintf(capture.dir, sizeof(capture.dir), "%02zu",
				       m->n_captures + 1);
			capture.at_ms = BEGAN_MS + (int64_t)m->n_captures * MINUTE_MS;
			assert_int_equal(manifest_add_capture(m, &capture), 0);
		}
		record = capture_add(&m->captures[index], name, kind);
		assert_non_null(record);
		record->at_ms = m->captures[index].at_ms;
	}
	(void)text_copy(record->name, sizeof(record->name), name);
	(void)text_copy(record->kind, sizeof(record->kind), kind);
	return record;
}

/* The file as well: "@leaker1-heap.pb" is one of the fuzzers' seeds. */
static struct artifact_record *case_put(struct readout_case *c, const char *path,
					const char *kind, const char *bytes)
{
	AUTO_BUF struct buf seed;
	AUTO_CLOSE int fd = -1;
	char from[512];

	buf_init(&seed, 1 << 20);
	if (bytes[0] == '@') {
		(void)snprintf(from, sizeof(from), TESTS_DIR "/fuzz/seeds/%s", bytes + 1);
		fd = open(from, O_RDONLY | O_CLOEXEC);
		assert_int_equal(fs_read_buf(fd, &seed), 0);
	} else {
		buf_adds(&seed, bytes);
	}
	tree_put_bytes(&c->tree, path, seed.data, seed.len);
	return kind ? case_record(c, path, kind) : NULL;
}

static const struct report *case_read(struct readout_case *c)
{
	AUTO_CLOSE int dir =
		open(c->tree.dir, O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	assert_true(dir >= 0);
	readout_open(dir, &c->manifest, &c->files);
	assert_int_equal(
		readout_fill(&c->files, "/var/lib/x", 4096, BEGAN_MS, &c->readout), 0);
	c->report = &c->readout.report;
	return c->report;
}

/* A note that begins so; how many. */
static inline size_t case_notes(const struct readout_case *c, const char *prefix)
{
	size_t n = 0;

	for (size_t i = 0; i < c->report->n_notes; i++)
		n += text_starts(c->report->notes[i], prefix);
	return n;
}

/* "" where there is no such fact. */
static inline const char *case_fact(const struct readout_case *c, const char *name)
{
	for (size_t i = 0; i < c->report->n_facts; i++) {
		if (!strcmp(c->report->facts[i].name, name))
			return c->report->facts[i].value;
	}
	return "";
}
