#include "commands/log_keep.h"

#include <stdio.h>
#include <string.h>

#include "edge/clock.h"
#include "edge/disk/artifact_file.h"
#include "edge/kernel/tail.h"

/* Compressed bytes can be a little more than what they were made of. */
#define PACKED_MAX (2 * LOG_TAIL_MAX)

static int add(void *arg, const void *bytes, size_t len)
{
	buf_add(arg, bytes, len);
	return buf_error(arg);
}

static int pack(struct gzip *gzip, const struct buf *text, struct buf *to)
{
	int r;

	gzip_begin(gzip, add, to);
	r = gzip_add(gzip, text->data, text->len);
	return r < 0 ? r : gzip_end(gzip);
}

static void say(struct artifact_record *record, enum kept result, const char *why)
{
	record->result = result;
	(void)text_copy(record->why, sizeof(record->why), why);
}

static void keep(const struct log_keeping *keeping, struct artifact_record *record)
{
	AUTO_BUF struct buf text, packed;
	char why[TAIL_WHY_MAX] = "";
	int tail, r;

	buf_init(&text, LOG_TAIL_MAX);
	buf_init(&packed, PACKED_MAX);
	tail = tail_read(keeping->source, keeping->lives, LOG_TAIL_MAX, &text, why);
	if (tail < 0 || text.len == 0) {
		say(record, KEPT_SKIPPED, tail < 0 ? why : "the log is empty");
		return;
	}
	r = pack(keeping->gzip, &text, &packed);
	if (r < 0) {
		say(record, KEPT_FAILED, strerror(-r));
		return;
	}
	if (tail == TAIL_CUT)
		(void)text_copy(record->why, sizeof(record->why), why);
	r = artifact_file_put(keeping->dirfd, keeping->keep_free,
			      (struct span){packed.data, packed.len}, tail != TAIL_CUT,
			      record);
	if (r != 0 && record->result == KEPT_COMPLETE) /* cannot be */
		record->result = KEPT_FAILED;
}

void log_keep(const struct log_keeping *keeping, struct artifact_record *record)
{
	int64_t began_ms = clock_ms();

	keep(keeping, record);
	record->ms = (uint64_t)(clock_ms() - began_ms);
}
