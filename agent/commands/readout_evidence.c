/* What the kernel and the runtime said beside the profiles: numbers, sockets, the build.
 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "commands/readout_parts.h"
#include "lib/num.h"
#include "lib/quantity.h"
#include "prof/kernel_files.h"
#include "view/timeline_read.h"

static const enum readout_role role_of[SIDE_N] = {
	[SIDE_BASE] = READOUT_BASE,
	[SIDE_NOW] = READOUT_NOW,
};

static void read_memstats(struct readout *readout, enum side side)
{
	struct readout_file *file =
		readout_find(readout->files, role_of[side], ARTIFACT_MEMSTATS, false);
	size_t len = 0;
	AUTO_FREE char *text = file ? readout_text(readout, file, &len) : NULL;

	if (text &&
	    memstats_read((struct span){text, len}, &readout->report.stats[side]) < 0)
		readout_spoil(readout, file, "has no MemStats of Go's runtime");
}

/* ------------------------------------------------------------------ kernel files */

struct kernel_texts {
	struct kernel_file list[ARTIFACTS_MAX];
	char *bytes[ARTIFACTS_MAX]; /* owned */
	size_t n;
};

static void take_kernel_file(struct readout *readout, struct readout_file *file,
			     struct kernel_texts *texts)
{
	char *bytes = readout_bytes(readout, file);

	if (!bytes)
		return;
	texts->bytes[texts->n] = bytes;
	texts->list[texts->n++] =
		(struct kernel_file){file->artifact->name, {bytes, strlen(bytes)}};
}

static void read_kernel(struct readout *readout, enum side side)
{
	struct kernel_texts texts = {.n = 0};

	for (size_t i = 0; i < readout->files->n && texts.n < ARTIFACTS_MAX; i++) {
		struct readout_file *file = &readout->files->list[i];

		if (file->role == role_of[side] && file->artifact &&
		    file->artifact->result == KEPT_COMPLETE &&
		    kernel_files_wants(file->artifact->name))
			take_kernel_file(readout, file, &texts);
	}
	kernel_files_read(texts.list, texts.n, &readout->report.kernel[side]);
	for (size_t i = 0; i < texts.n; i++)
		free(texts.bytes[i]);
}

/* The agent looked further up than there are files of. */
static void read_limit(struct readout *readout)
{
	struct kernel_memory *now = &readout->report.kernel[SIDE_NOW];
	uint64_t limit = readout->report.manifest->target.limit;

	if (limit && (now->limit == MEMORY_UNKNOWN || now->limit == 0))
		now->limit = limit;
}

/* ------------------------------------------------------------------ one file each */

static char *table_of(struct readout *readout, enum side side, struct readout_file **ret)
{
	*ret = readout_find(readout->files, role_of[side], ARTIFACT_SOCKETS, false);
	return *ret ? readout_bytes(readout, *ret) : NULL;
}

static struct span span_of(const char *text)
{
	return (struct span){text ? text : "", text ? strlen(text) : 0};
}

static void read_sockets(struct readout *readout)
{
	struct readout_file *now_file, *base_file;
	AUTO_FREE char *now = table_of(readout, SIDE_NOW, &now_file);
	AUTO_FREE char *base = table_of(readout, SIDE_BASE, &base_file);

	if (!now)
		return;
	if (sockets_csv_read(span_of(base), span_of(now), &readout->sockets) < 0) {
		readout_spoil(readout, now_file,
			      "or that of the base is no socket table");
		return;
	}
	readout->report.sockets = readout->sockets.list;
	readout->report.n_sockets = readout->sockets.n;
}

/* Of the capture, or of the base: it is the same program. */
static char *program_text(struct readout *readout, enum artifact kind,
			  struct readout_file **ret)
{
	*ret = readout_find(readout->files, READOUT_NOW, kind, false);
	if (!*ret)
		*ret = readout_find(readout->files, READOUT_BASE, kind, false);
	return *ret ? readout_bytes(readout, *ret) : NULL;
}

static void read_build(struct readout *readout)
{
	struct readout_file *file;
	AUTO_FREE char *text = program_text(readout, ARTIFACT_BUILD, &file);

	if (text && build_read(span_of(text), &readout->build) < 0) {
		memset(&readout->build, 0, sizeof(readout->build));
		readout_spoil(readout, file, "is no build information of Go");
	}
}

/* "2147483648", "2147483648B" or "2GiB"; "off", or what Go refuses as well, is none. */
static uint64_t go_size(struct span text)
{
	uint64_t size = 0;
	bool units;

	if (text.len > 0 && text.at[text.len - 1] == 'B')
		text.len--;
	units = text.len > 0 && text.at[text.len - 1] == 'i';
	if ((units ? quantity_parse(text.at, text.len, &size)
		   : num_u64(text.at, text.len, &size)) < 0)
		return 0;
	return size;
}

static void read_environment(struct readout *readout)
{
	struct readout_file *file;
	AUTO_FREE char *text = program_text(readout, ARTIFACT_GOENV, &file);
	struct span rest = span_of(text), line;
	static const char key[] = "GOMEMLIMIT=";

	while (text_next(&rest, '\n', &line)) {
		size_t len = strlen(key);

		if (line.len <= len || memcmp(line.at, key, len) != 0)
			continue;
		line.at += len;
		line.len -= len;
		readout->gomemlimit = go_size(line);
	}
}

static void read_timeline(struct readout *readout)
{
	for (size_t i = 0; i < readout->files->n; i++) {
		struct readout_file *file = &readout->files->list[i];
		AUTO_FREE char *text = NULL;

		if (file->role != READOUT_TIMELINE)
			continue;
		text = readout_bytes(readout, file);
		if (text && timeline_read(span_of(text), &readout->points,
					  &readout->report.n_points) < 0)
			readout_spoil(readout, file, "is no timeline");
		readout->report.points = readout->points;
	}
}

void readout_evidence(struct readout *readout)
{
	for (int side = 0; side < SIDE_N; side++) {
		read_memstats(readout, (enum side)side);
		read_kernel(readout, (enum side)side);
	}
	read_limit(readout);
	read_sockets(readout);
	read_build(readout);
	read_environment(readout);
	read_timeline(readout);
}
