/* What the kernel says of the target: needs no endpoint and no help of the target. A
 * missing right is no failure of this capture, and trying again would not mend it: it is
 * skipped, with the right's name. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "commands/log_keep.h"
#include "commands/taking.h"
#include "edge/clock.h"
#include "edge/fs.h"
#include "edge/kernel/buildinfo.h"
#include "edge/kernel/fds.h"
#include "edge/kernel/goenv.h"
#include "edge/kernel/sockets.h"

/* --- Evidence --------------------------------------------------------------- */

static void tell_error(struct artifact_record *record, int error)
{
	bool right = error == -EACCES || error == -EPERM;

	record->result = right ? KEPT_SKIPPED : KEPT_FAILED;
	if (right)
		(void)text_copy(
			record->why, sizeof(record->why),
			"not permitted: it takes the target's uid, or CAP_SYS_PTRACE "
			"and CAP_DAC_READ_SEARCH");
	else
		(void)text_copy(record->why, sizeof(record->why), strerror(-error));
}

/* A file has at most one directory in front: "cgroup/parent-1/memory.max" becomes
 * "cgroup/parent-1.memory.max". */
static void flatten(const char *name, char to[static ARTIFACT_NAME_MAX])
{
	char *slash;

	(void)text_copy(to, ARTIFACT_NAME_MAX, name);
	slash = strchr(to, '/');
	while (slash && (slash = strchr(slash + 1, '/')))
		*slash = '.';
}

static void file_item(struct taking *t, const struct evidence_item *item,
		      struct artifact_record *sum)
{
	struct span bytes = {t->evidence->bytes + item->at, item->len};
	char name[ARTIFACT_NAME_MAX];
	struct artifact_record *record;

	flatten(item->name, name);
	record = filing_record(&t->filing, name, artifact_table[ARTIFACT_KERNEL].name);
	if (!record)
		return; /* the manifest is full of them: the rest are deep ancestors */
	record->at_ms = t->evidence_at_ms;
	if (item->error < 0)
		tell_error(record, item->error);
	else
		taking_put(t, bytes, record);
	sum->bytes += record->bytes;
	if (record->result == KEPT_FAILED && sum->result == KEPT_COMPLETE) {
		sum->result = KEPT_PARTIAL;
		(void)snprintf(sum->why, sizeof(sum->why), "%s: %.100s", name,
			       record->why);
	}
}

void taking_file_evidence(struct taking *t)
{
	struct artifact_record sum = {.result = KEPT_COMPLETE};
	int64_t began_ms = clock_ms();

	if (!t->evidence_waits)
		return;
	t->evidence_waits = false;
	for (size_t i = 0; i < t->evidence->n; i++)
		file_item(t, &t->evidence->item[i], &sum);
	sum.ms = (uint64_t)(clock_ms() - began_ms);
	taking_done(t, ARTIFACT_KERNEL, &sum);
}

void taking_evidence(struct taking *t)
{
	int r;

	t->evidence_at_ms = clock_unix_ms();
	if (t->process.dirfd < 0)
		return;
	r = evidence_take(t->evidence, &t->process, t->domain);
	t->gone = t->gone || r == PROCESS_GONE;
	t->evidence_waits = t->evidence->n > 0;
}

static void take_evidence(struct taking *t)
{
	struct artifact_record *record;

	if (!t->evidence_at_ms) /* else it was read while there was the right to */
		taking_evidence(t);
	if (t->evidence_waits)
		return;
	record = taking_record(t, ARTIFACT_KERNEL);
	if (!record)
		return;
	record->result = KEPT_SKIPPED;
	(void)text_copy(record->why, sizeof(record->why), "the target ended");
	taking_done(t, ARTIFACT_KERNEL, record);
}

/* --- Tables ----------------------------------------------------------------- */

static int read_smaps(const struct process *process, struct buf *to)
{
	return fs_read_buf_at(process->dirfd, "smaps_rollup", to);
}

static int (*const readers[ARTIFACT_N])(const struct process *, struct buf *) = {
	[ARTIFACT_SOCKETS] = sockets_csv, [ARTIFACT_FDS] = fds_csv,
	[ARTIFACT_SMAPS] = read_smaps,    [ARTIFACT_BUILD] = buildinfo_process,
	[ARTIFACT_GOENV] = goenv_process,
};

int taking_table(const struct taking *t, enum artifact artifact, struct buf *to)
{
	const struct taking_early *early = &t->early[artifact];

	if (early->have) {
		buf_add(to, early->text.data, early->text.len);
		return early->result < 0 ? early->result : buf_error(to);
	}
	if (artifact == ARTIFACT_SMAPS && t->smaps_fd >= 0)
		return fs_read_buf(t->smaps_fd, to);
	if (artifact == ARTIFACT_BUILD && t->program >= 0)
		return buildinfo_program(&t->roots, t->program, to);
	return readers[artifact](&t->process, to);
}

static void tell_none(struct artifact_record *record)
{
	record->result = KEPT_SKIPPED;
	(void)text_copy(record->why, sizeof(record->why),
			"the program has no build information of Go");
}

static void take_table(struct taking *t, enum artifact artifact)
{
	struct artifact_record *record = taking_record(t, artifact);
	int64_t began_ms = clock_ms();
	AUTO_BUF struct buf text;
	int r;

	buf_init(&text, TABLE_MAX);
	if (!record)
		return;
	r = taking_table(t, artifact, &text);
	if (r < 0)
		tell_error(record, r);
	else if (r == BUILDINFO_NONE)
		tell_none(record);
	else
		taking_put(t, (struct span){text.data, text.len}, record);
	record->ms = (uint64_t)(clock_ms() - began_ms);
	taking_done(t, artifact, record);
}

static void take_log(struct taking *t)
{
	const struct log_keeping keeping = {
		.source = &t->job->log,
		.lives = 1,
		.gzip = t->gzip,
		.dirfd = t->filing.dirfd,
		.keep_free = t->filing.policy.keep_free,
	};
	struct artifact_record *record = taking_record(t, ARTIFACT_LOG);

	if (!record)
		return;
	log_keep(&keeping, record);
	taking_done(t, ARTIFACT_LOG, record);
}

void taking_kernel(struct taking *t, enum artifact artifact)
{
	if (artifact == ARTIFACT_KERNEL) {
		take_evidence(t);
		return;
	}
	taking_file_evidence(t);
	if (artifact == ARTIFACT_LOG)
		take_log(t);
	else
		take_table(t, artifact);
}
