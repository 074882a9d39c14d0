#include "core/probe.h"

#include <errno.h>

#include "core/field.h"
#include "lib/record.h"

const char *const probe_table[PROBE_N] = {
	[PROBE_COUNTS] = "counts",
	[PROBE_FOREIGN] = "foreign",
	[PROBE_FAILED] = "failed",
};

static const struct field rows[] = {
	FIELD(struct probe_answer, key, "key", FIELD_TEXT),
	FIELD_WORDS(struct probe_answer, kind, "kind", probe_table, PROBE_N),
	FIELD(struct probe_answer, goroutines, "goroutines", FIELD_U64),
	FIELD(struct probe_answer, threads, "threads", FIELD_U64),
	FIELD(struct probe_answer, why, "why", FIELD_TEXT),
};
static const struct fields answer_fields = {rows, ARRAY_SIZE(rows)};

void probe_answer_format(const struct probe_answer *answer, struct buf *to)
{
	fields_format(&answer_fields, "", answer, to);
	record_end(to);
}

int probe_answer_parse(struct span record, struct probe_answer *ret)
{
	struct probe_answer answer = {0};
	struct record_line line;
	int error = 0;

	while (record_next(&record, &line, &error)) {
		const struct field *field = fields_find(&answer_fields, "", line.key);

		if (field && (error = field_parse(field, &line, &answer)) < 0)
			return error;
	}
	if (error < 0)
		return error;
	if (!answer.key[0])
		return -EBADMSG;
	*ret = answer;
	return 0;
}
