/* Every member stands in a table of rows (core/field), so writing and reading are loops.
 * A child trusts nothing here: what becomes part of a path is checked before it leaves
 * job_parse, and a record without its empty line was cut on its way. */
#include "core/job.h"

#include <errno.h>
#include <string.h>

#include "lib/num.h"
#include "lib/record.h"

const char *const job_table[JOB_N] = {
	[JOB_CAPTURE] = "capture",
	[JOB_BASE] = "base",
	[JOB_RECORD] = "record",
	[JOB_SEAL] = "seal",
};

const char *const base_table[BASE_N] = {
	[BASE_MISSING] = "missing", [BASE_EARLY] = "early",       [BASE_TAKEN] = "taken",
	[BASE_LATE] = "late",       [BASE_BORROWED] = "borrowed",
};

const char *const result_table[RESULT_N] = {
	[RESULT_COMPLETE] = "complete",
	[RESULT_PARTIAL] = "partial",
	[RESULT_FAILED] = "failed",
	[RESULT_GONE] = "gone",
};

#define REASON(member, kind) FIELD(struct reason, member, #member, kind)
static const struct field reason_rows[] = {
	REASON(rule, FIELD_TEXT),
	REASON(slug, FIELD_TEXT),
	REASON(signal, FIELD_TEXT),
	REASON(unit, FIELD_TEXT),
	REASON(value, FIELD_U64),
	REASON(threshold, FIELD_U64),
	FIELD(struct reason, at_ms, "at", FIELD_STAMP),
};
const struct fields reason_table = {reason_rows, ARRAY_SIZE(reason_rows)};

#define TARGET(member, kind) FIELD(struct target_facts, member, #member, kind)
static const struct field target_rows[] = {
	TARGET(pid, FIELD_I32),
	TARGET(start_ticks, FIELD_U64),
	FIELD(struct target_facts, started_ms, "started", FIELD_STAMP),
	TARGET(boot_id, FIELD_TEXT),
	TARGET(exe, FIELD_TEXT),
	TARGET(build, FIELD_TEXT),
	TARGET(cgroup, FIELD_TEXT),
	TARGET(cgroup_version, FIELD_I32),
	TARGET(limit, FIELD_U64),
	TARGET(limit_from, FIELD_TEXT),
};
const struct fields target_table = {target_rows, ARRAY_SIZE(target_rows)};

#define CONTAINER(member) FIELD(struct container_facts, member, #member, FIELD_TEXT)
static const struct field container_rows[] = {
	CONTAINER(runtime),   CONTAINER(id),  CONTAINER(name),    CONTAINER(image),
	CONTAINER(namespace), CONTAINER(pod), CONTAINER(pod_uid),
};
const struct fields container_table = {container_rows, ARRAY_SIZE(container_rows)};

#define WORDS(type, member, words)                                                       \
	FIELD_WORDS(type, member, #member, words, ARRAY_SIZE(words))
static const struct field verdict_rows[] = {
	WORDS(struct verdict, outcome, outcome_table),
	FIELD(struct verdict, at_ms, "at", FIELD_STAMP),
	WORDS(struct verdict, evidence, evidence_table),
	FIELD(struct verdict, detail, "detail", FIELD_TEXT),
	WORDS(struct verdict, victim, victim_table),
	WORDS(struct verdict, scope, scope_table),
	FIELD(struct verdict, successor_pid, "successor_pid", FIELD_I32),
};
const struct fields verdict_table = {verdict_rows, ARRAY_SIZE(verdict_rows)};

static const struct field omitted_rows[] = {
	FIELD(struct omitted, suppressed, "suppressed", FIELD_U32),
	FIELD(struct omitted, by, "by", FIELD_TEXT),
	FIELD(struct omitted, folded, "folded", FIELD_U32),
	FIELD(struct omitted, from_ms, "from", FIELD_STAMP),
	FIELD(struct omitted, to_ms, "to", FIELD_STAMP),
};
const struct fields omitted_table = {omitted_rows, ARRAY_SIZE(omitted_rows)};

#define ENDPOINT(member) FIELD(struct endpoint, member, #member, FIELD_TEXT)
#define URLS(i)                                                                          \
	{                                                                                \
		"url" #i, FIELD_TEXT, offsetof(struct endpoint, urls[i]), 256, NULL, 0   \
	}
static const struct field endpoint_rows[] = {
	ENDPOINT(url),
	ENDPOINT(auth_kind),
	ENDPOINT(auth_file),
	ENDPOINT(ca_file),
	ENDPOINT(headers_file),
	/* By number of enum artifact, as `artifacts` and `held` are. */
	URLS(0),
	URLS(1),
	URLS(2),
	URLS(3),
	URLS(4),
	URLS(5),
	URLS(6),
	URLS(7),
	URLS(8),
	URLS(9),
	URLS(10),
	URLS(11),
	URLS(12),
	URLS(13),
};
const struct fields endpoint_info = {endpoint_rows, ARRAY_SIZE(endpoint_rows)};
_Static_assert(ARRAY_SIZE(endpoint_rows) == 5 + ARTIFACT_N, "one row per artifact's URL");

#define CAPTURE(member, kind) FIELD(struct capture_conf, member, #member, kind)
static const struct field capture_rows[] = {
	CAPTURE(artifacts, FIELD_U32),      CAPTURE(collect, FIELD_BOOL),
	CAPTURE(debug2_at_most, FIELD_U64), CAPTURE(timeout_ms, FIELD_U64),
	CAPTURE(max_bytes, FIELD_U64),
};
static const struct fields capture_fields = {capture_rows, ARRAY_SIZE(capture_rows)};

#define RAISE(member, kind) FIELD(struct conf_hold, limit.member, #member, kind)
static const struct field hold_rows[] = {
	RAISE(to_bytes, FIELD_U64),
	RAISE(by_bytes, FIELD_U64),
	RAISE(by_permille, FIELD_U32),
	FIELD(struct conf_hold, at_most_ms, "at_most_ms", FIELD_U64),
};
static const struct fields hold_fields = {hold_rows, ARRAY_SIZE(hold_rows)};

static const struct field log_rows[] = {
	WORDS(struct log_source, kind, log_kind_table),
	FIELD(struct log_source, at, "at", FIELD_TEXT),
};
static const struct fields log_fields = {log_rows, ARRAY_SIZE(log_rows)};

#define JOB(member, kind) FIELD(struct job, member, #member, kind)
static const struct field job_rows[] = {
	WORDS(struct job, kind, job_table),
	JOB(service, FIELD_TEXT),
	JOB(key, FIELD_TEXT),
	JOB(incident, FIELD_TEXT),
	JOB(number, FIELD_U32),
	WORDS(struct job, base, base_table),
	JOB(base_at_ms, FIELD_STAMP),
	JOB(base_why, FIELD_TEXT),
	JOB(only_verified, FIELD_BOOL),
	JOB(far, FIELD_BOOL),
	JOB(memory, FIELD_U64),
	JOB(held, FIELD_U32),
	JOB(recorder_keep, FIELD_U32),
	JOB(keep_incidents, FIELD_U32),
};
static const struct fields job_fields = {job_rows, ARRAY_SIZE(job_rows)};

static const struct part {
	const char *prefix;
	const struct fields *fields;
	size_t at;
} job_parts[] = {
	{"", &job_fields, 0},
	{"reason.", &reason_table, offsetof(struct job, reason)},
	{"target.", &target_table, offsetof(struct job, target)},
	{"container.", &container_table, offsetof(struct job, container)},
	{"endpoint.", &endpoint_info, offsetof(struct job, endpoint)},
	{"capture.", &capture_fields, offsetof(struct job, capture)},
	{"hold.", &hold_fields, offsetof(struct job, hold)},
	{"log.", &log_fields, offsetof(struct job, log)},
	{"verdict.", &verdict_table, offsetof(struct job, verdict)},
	{"limits.", &omitted_table, offsetof(struct job, omitted)},
};

#define RESULT(member, kind) FIELD(struct job_result, member, #member, kind)
static const struct field result_rows[] = {
	WORDS(struct job_result, kind, result_table),
	RESULT(filed, FIELD_BOOL),
	RESULT(held, FIELD_U32),
	RESULT(goroutines, FIELD_U64),
	RESULT(foreign_page, FIELD_BOOL),
	RESULT(foreign_endpoint, FIELD_BOOL),
	RESULT(bytes, FIELD_U64),
	RESULT(ms, FIELD_U64),
	RESULT(why, FIELD_TEXT),
};
static const struct fields result_fields = {result_rows, ARRAY_SIZE(result_rows)};
static const struct part result_parts[] = {{"result.", &result_fields, 0}};

static void parts_format(const struct part *parts, size_t n, const void *from,
			 struct buf *to)
{
	for (size_t i = 0; i < n; i++)
		fields_format(parts[i].fields, parts[i].prefix,
			      (const char *)from + parts[i].at, to);
	record_end(to);
}

static int line_parse(const struct part *parts, size_t n, const struct record_line *line,
		      void *to)
{
	for (size_t i = 0; i < n; i++) {
		const struct field *field =
			fields_find(parts[i].fields, parts[i].prefix, line->key);

		if (field)
			return field_parse(field, line, (char *)to + parts[i].at);
	}
	return 0; /* of a newer agent */
}

static bool ends_with_empty_line(struct span record, struct span rest)
{
	size_t len = (size_t)(rest.at - record.at);

	return len >= 2 && rest.at[-1] == '\n' && rest.at[-2] == '\n';
}

/* ret is zeroed by the caller. The first line must be a kind: an empty record is none. */
static int parts_parse(const struct part *parts, size_t n, struct span record, void *ret)
{
	struct span rest = record;
	struct record_line line;
	bool has_kind = false;
	int error = 0, r;

	while (record_next(&rest, &line, &error)) {
		r = line_parse(parts, n, &line, ret);
		if (r < 0)
			return r;
		has_kind |= fields_find(parts[0].fields, parts[0].prefix, line.key) ==
			    &parts[0].fields->rows[0];
	}
	if (error < 0)
		return error;
	return has_kind && ends_with_empty_line(record, rest) ? 0 : -EBADMSG;
}

bool job_is_component(const char *text, size_t size)
{
	size_t len = strlen(text);

	return len > 0 && len < size && text[0] != '.' &&
	       strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
			    "0123456789._-") == len;
}

static bool job_is_sound(const struct job *job)
{
	bool incident = job->kind == JOB_CAPTURE || job->kind == JOB_SEAL;

	if (!text_is_name(job->service) ||
	    !job_is_component(job->key, sizeof(job->key)) ||
	    (job->target.pid == 0 && !job->far))
		return false;
	if (incident && !job_is_component(job->incident, sizeof(job->incident)))
		return false;
	return job->kind != JOB_CAPTURE ||
	       (job->number >= 1 && job->number <= CAPTURE_NUMBER_MAX);
}

int job_format(const struct job *job, struct buf *to)
{
	parts_format(job_parts, ARRAY_SIZE(job_parts), job, to);
	return buf_error(to);
}

int job_parse(struct span record, struct job *ret)
{
	struct job job = {0};
	int r = parts_parse(job_parts, ARRAY_SIZE(job_parts), record, &job);

	if (r < 0)
		return r;
	if (!job_is_sound(&job))
		return -EBADMSG;
	*ret = job;
	return 0;
}

struct span job_rest(struct span record)
{
	const char *end = memmem(record.at, record.len, "\n\n", 2);
	size_t len = end ? (size_t)(end - record.at) + 2 : record.len;

	return (struct span){record.at + len, record.len - len};
}

void job_result_format(const struct job_result *result, struct buf *to)
{
	parts_format(result_parts, ARRAY_SIZE(result_parts), result, to);
}

int job_result_parse(struct span record, struct job_result *ret)
{
	struct job_result result = {0};
	int r = parts_parse(result_parts, ARRAY_SIZE(result_parts), record, &result);

	if (r == 0)
		*ret = result;
	return r;
}
