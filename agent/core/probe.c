/* Control bytes are escaped in a record, so no value holds a tab and the exchange of tabs
 * and newlines loses nothing. */
#include "core/probe.h"

#include <errno.h>
#include <string.h>

#include "core/field.h"
#include "lib/record.h"

const char *const probe_table[PROBE_N] = {
	[PROBE_COUNTED] = "counted", [PROBE_MEASURED] = "measured",
	[PROBE_FOREIGN] = "foreign", [PROBE_GONE] = "gone",
	[PROBE_FAILED] = "failed",
};

static const struct field request_rows[] = {
	FIELD(struct probe_request, id, "id", FIELD_U64),
	FIELD(struct probe_request, pid, "pid", FIELD_I32),
	FIELD(struct probe_request, start_ticks, "start_ticks", FIELD_U64),
};
#define METRIC(i)                                                                        \
	{                                                                                \
		"metric" #i, FIELD_TEXT, offsetof(struct probe_request, metric[i]),      \
			METRIC_SELECTOR_MAX, NULL, 0                                     \
	}
static const struct field wanted_rows[] = {
	METRIC(0),  METRIC(1),  METRIC(2),  METRIC(3),  METRIC(4),  METRIC(5),
	METRIC(6),  METRIC(7),  METRIC(8),  METRIC(9),  METRIC(10), METRIC(11),
	METRIC(12), METRIC(13), METRIC(14), METRIC(15),
};
static const struct fields wanted_fields = {wanted_rows, ARRAY_SIZE(wanted_rows)};

#define MEASURED(i) FIELD(struct probe_reply, metric[i], "metric" #i, FIELD_U64)
static const struct field measured_rows[] = {
	MEASURED(0),  MEASURED(1),  MEASURED(2),  MEASURED(3),
	MEASURED(4),  MEASURED(5),  MEASURED(6),  MEASURED(7),
	MEASURED(8),  MEASURED(9),  MEASURED(10), MEASURED(11),
	MEASURED(12), MEASURED(13), MEASURED(14), MEASURED(15),
};
static const struct fields measured_fields = {measured_rows, ARRAY_SIZE(measured_rows)};
_Static_assert(ARRAY_SIZE(wanted_rows) == METRICS_WANTED_MAX &&
		       ARRAY_SIZE(measured_rows) == METRICS_WANTED_MAX,
	       "one row per metric");

static const struct fields request_fields = {request_rows, ARRAY_SIZE(request_rows)};

static const struct field reply_rows[] = {
	FIELD(struct probe_reply, id, "id", FIELD_U64),
	FIELD_WORDS(struct probe_reply, kind, "kind", probe_table, PROBE_N),
	FIELD(struct probe_reply, goroutines, "goroutines", FIELD_U64),
	FIELD(struct probe_reply, threads, "threads", FIELD_U64),
	FIELD(struct probe_reply, url, "url", FIELD_TEXT),
	FIELD(struct probe_reply, places, "places", FIELD_U64),
	FIELD(struct probe_reply, why, "why", FIELD_TEXT),
};
static const struct fields reply_fields = {reply_rows, ARRAY_SIZE(reply_rows)};

/* The record as a line behind what `to` holds already. */
static int add_line(struct buf *record, struct buf *to)
{
	for (size_t i = 0; i + 1 < record->len; i++)
		if (record->data[i] == '\n')
			record->data[i] = '\t';
	buf_add(to, record->data, record->len);
	return buf_error(record) < 0 ? buf_error(record) : buf_error(to);
}

/* Most of an endpoint is not given, and most ask for no metric. */
static void add_given(const struct fields *fields, const void *from, struct buf *record)
{
	for (size_t i = 0; i < fields->n; i++) {
		const char *text = (const char *)from + fields->rows[i].at;

		if (text[0])
			record_add(record, fields->rows[i].name, text);
	}
}

int probe_request_format(const struct probe_request *request, struct buf *to)
{
	AUTO_BUF struct buf record;

	buf_init(&record, PROBE_LINE_MAX);
	fields_format(&request_fields, "", request, &record);
	add_given(&endpoint_info, &request->endpoint, &record);
	add_given(&wanted_fields, request, &record);
	return add_line(&record, to);
}

int probe_reply_format(const struct probe_reply *reply, struct buf *to)
{
	AUTO_BUF struct buf record;

	buf_init(&record, PROBE_LINE_MAX);
	fields_format(&reply_fields, "", reply, &record);
	if (reply->kind == PROBE_MEASURED)
		fields_format(&measured_fields, "", reply, &record);
	return add_line(&record, to);
}

static int line_to_record(struct span line, struct buf *record)
{
	buf_add(record, line.at, line.len);
	buf_addc(record, '\n');
	for (size_t i = 0; i < record->len; i++) {
		if (record->data[i] == '\n' && i + 1 < record->len)
			return -EBADMSG; /* two lines */
		if (record->data[i] == '\t')
			record->data[i] = '\n';
	}
	return buf_error(record);
}

/* A table of rows and what they describe. */
struct part {
	const struct fields *fields;
	void *to;
};

static int parse_field(const struct part *parts, size_t n, const struct record_line *line)
{
	for (size_t i = 0; i < n; i++) {
		const struct field *field = fields_find(parts[i].fields, "", line->key);

		if (field)
			return field_parse(field, line, parts[i].to);
	}
	return 0; /* of a newer agent */
}

/* The first row of the first part must be there: the id. */
static int parse_line(struct span line, const struct part *parts, size_t n)
{
	AUTO_BUF struct buf record;
	struct record_line field_line;
	bool has_id = false;
	struct span rest;
	int error = 0, r;

	buf_init(&record, PROBE_LINE_MAX);
	r = line_to_record(line, &record);
	rest = (struct span){record.data, record.len};
	while (r == 0 && record_next(&rest, &field_line, &error)) {
		has_id |= span_is(field_line.key, parts[0].fields->rows[0].name);
		r = parse_field(parts, n, &field_line);
	}
	if (r == 0 && error == 0 && !has_id)
		return -EBADMSG;
	return r < 0 ? r : error;
}

int probe_request_parse(struct span line, struct probe_request *ret)
{
	struct probe_request request = {0};
	const struct part parts[] = {{&request_fields, &request},
				     {&endpoint_info, &request.endpoint},
				     {&wanted_fields, &request}};
	int r = parse_line(line, parts, ARRAY_SIZE(parts));

	if (r == 0)
		*ret = request;
	return r;
}

int probe_reply_parse(struct span line, struct probe_reply *ret)
{
	struct probe_reply reply = {0};
	const struct part parts[] = {{&reply_fields, &reply}, {&measured_fields, &reply}};
	int r = parse_line(line, parts, ARRAY_SIZE(parts));

	if (r == 0)
		*ret = reply;
	return r;
}
