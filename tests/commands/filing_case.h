#pragma once
/* What tests of the archive share: an archive in a directory of its own, a job, a capture
 * that is filed, a look at what stands there. */

#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commands/filing_parts.h"
#include "commands/inspect.h"
#include "edge/disk/folder.h"
#include "edge/fs.h"
#include "unit.h"

struct archive_case {
	char dir[64]; /* removed by case_end */
	struct filing_place place;
};

static inline void case_begin(struct archive_case *c)
{
	*c = (struct archive_case){.dir = "/tmp/leakdog-archive-XXXXXX"};
	assert_non_null(mkdtemp(c->dir));
	assert_int_equal(chmod(c->dir, 0750), 0);
	c->place.dir = c->dir;
}

static inline void case_end(struct archive_case *c)
{
	assert_int_equal(folder_remove(AT_FDCWD, c->dir), 0);
}

/* As `leakdog verify` sees it. */
static inline void case_expect_sound(const struct archive_case *c)
{
	AUTO_CLOSE int top = open(c->dir, O_RDONLY | O_DIRECTORY);
	struct findings findings = {0};

	assert_int_equal(inspect_archive(top, &findings), 0);
	expect(findings.n == 0, "%s: %s", findings.list[0].where, findings.list[0].what);
	findings_fini(&findings);
}

static inline void case_job(struct job *job, enum job_kind kind, const char *incident,
			    uint32_t number)
{
	memset(job, 0, sizeof(*job));
	job->kind = kind;
	job->number = number;
	job->recorder_keep = 3;
	(void)text_copy(job->service, sizeof(job->service), "cron");
	(void)text_copy(job->key, sizeof(job->key), "0a1b2c3d-4127-99");
	(void)text_copy(job->incident, sizeof(job->incident), incident);
	(void)text_copy(job->reason.rule, sizeof(job->reason.rule), "memory > 5G");
	(void)text_copy(job->reason.signal, sizeof(job->reason.signal), "memory");
	(void)text_copy(job->reason.unit, sizeof(job->reason.unit), "bytes");
	job->reason.value = UINT64_C(5368709121);
	job->reason.threshold = UINT64_C(5368709120);
	job->reason.at_ms = 1795291924123;
	job->target.pid = 4127;
	job->target.start_ticks = 99;
	(void)text_copy(job->target.exe, sizeof(job->target.exe), "/opt/cron");
	(void)text_copy(job->target.build, sizeof(job->target.build), "12-3456-789");
}

static inline void case_put(struct filing *filing, const char *name, const char *kind,
			    const char *bytes)
{
	struct artifact_record *record = filing_record(filing, name, kind);
	struct artifact_file file;

	assert_non_null(record);
	assert_int_equal(filing_file(filing, record, &file), 0);
	assert_int_equal(artifact_file_write(&file, bytes, strlen(bytes)), 0);
	assert_int_equal(artifact_file_end(&file, true, record), 0);
	assert_int_equal(filing_kept(filing), 0);
}

/* A job done as the capture child does it: heap and one file of the kernel. */
static inline int case_file(struct archive_case *c, const struct job *job,
			    const char *heap)
{
	struct filing filing;
	const char *why = NULL;
	int r = filing_open(&c->place, &filing, &why);

	expect(r == 0, "%s", why);
	r = filing_begin(&filing, job);
	if (r == 0) {
		case_put(&filing, "heap.pb.gz", "heap", heap);
		if (job->kind != JOB_RECORD)
			case_put(&filing, "proc/status", "kernel", "Name:\tcron\n");
		r = filing_commit(&filing);
	}
	filing_close(&filing);
	return r;
}

static inline int case_seal(struct archive_case *c, const struct job *job,
			    const char *timeline)
{
	struct filing filing;
	const char *why = NULL;
	int r = filing_open(&c->place, &filing, &why);

	expect(r == 0, "%s", why);
	r = filing_seal(&filing, job,
			&(struct filing_end){{timeline, strlen(timeline)}, -1});
	filing_close(&filing);
	return r;
}

/* Salvages; the open incidents that were told go to `told`. */
static inline void case_salvage(struct archive_case *c, struct buf *told)
{
	struct filing filing;
	const char *why = NULL;
	int r = filing_open(&c->place, &filing, &why);

	expect(r == 0, "%s", why);
	assert_int_equal(filing_salvage(&filing, told), 0);
	filing_close(&filing);
}

/* Every path of the archive with a blank before it, sorted, directories with a slash. */
static inline int case_list_one(void *context, const struct folder_entry *entry)
{
	if (S_ISDIR(entry->st.st_mode))
		return 0;
	buf_addf(context, "%s\n", entry->path);
	return 0;
}

static inline void case_list(const struct archive_case *c, const char *below,
			     struct buf *to)
{
	AUTO_CLOSE int top = open(c->dir, O_RDONLY | O_DIRECTORY);
	AUTO_CLOSE int dir = archive_path(top, below, false);

	buf_clear(to);
	if (dir >= 0)
		assert_int_equal(folder_walk(dir, case_list_one, to), 0);
}

static inline void case_manifest(const struct archive_case *c, const char *incident,
				 struct manifest *ret)
{
	AUTO_CLOSE int top = open(c->dir, O_RDONLY | O_DIRECTORY);
	AUTO_CLOSE int service = archive_path(top, "cron", false);
	AUTO_CLOSE int dir = archive_path(service, incident, false);
	char why[MANIFEST_WHY_MAX] = "";
	int r = store_read(dir, STORE_MANIFEST, ret, why);

	expect(r == 0, "%s: %s", incident, why);
}
