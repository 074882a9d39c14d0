/* Control bytes are escaped in a record, so no value holds a tab and the exchange of tabs
 * and newlines loses nothing. */
#include "core/probe.h"

#include <errno.h>
#include <string.h>

#include "core/field.h"
#include "lib/record.h"

const char *const probe_table[PROBE_N] = {
	[PROBE_COUNTED] = "counted",
	[PROBE_FOREIGN] = "foreign",
	[PROBE_FAILED] = "failed",
};

static const struct field request_rows[] = {
	FIELD(struct probe_request, id, "id", FIELD_U64),
	FIELD(struct probe_request, pid, "pid", FIELD_I32),
	FIELD(struct probe_request, start_ticks, "start_ticks", FIELD_U64),
};
static const struct fields request_fields = {request_rows, ARRAY_SIZE(request_rows)};

static const struct field reply_rows[] = {
	FIELD(struct probe_reply, id, "id", FIELD_U64),
	FIELD_WORDS(struct probe_reply, kind, "kind", probe_table, PROBE_N),
	FIELD(struct probe_reply, goroutines, "goroutines", FIELD_U64),
	FIELD(struct probe_reply, threads, "threads", FIELD_U64),
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

int probe_request_format(const struct probe_request *request, struct buf *to)
{
	struct buf AUTO_BUF record;

	buf_init(&record, PROBE_LINE_MAX);
	fields_format(&request_fields, "", request, &record);
	for (size_t i = 0; i < endpoint_info.n; i++) {
		const struct field *field = &endpoint_info.rows[i];
		const char *text = (const char *)&request->endpoint + field->at;

		if (text[0]) /* most of an endpoint is not given */
			record_add(&record, field->name, text);
	}
	return add_line(&record, to);
}

int probe_reply_format(const struct probe_reply *reply, struct buf *to)
{
	struct buf AUTO_BUF record;

	buf_init(&record, PROBE_LINE_MAX);
	fields_format(&reply_fields, "", reply, &record);
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

/* Into `to`, first by the rows of `fields`, then (where given) by those of the endpoint.
 */
static int parse_line(struct span line, const struct fields *fields, void *to,
		      struct endpoint *endpoint)
{
	struct buf AUTO_BUF record;
	struct record_line field_line;
	const struct field *field;
	bool has_id = false;
	struct span rest;
	int error = 0, r;

	buf_init(&record, PROBE_LINE_MAX);
	r = line_to_record(line, &record);
	rest = (struct span){record.data, record.len};
	while (r == 0 && record_next(&rest, &field_line, &error)) {
		field = fields_find(fields, "", field_line.key);
		has_id |= field == &fields->rows[0];
		if (field)
			r = field_parse(field, &field_line, to);
		else if (endpoint &&
			 (field = fields_find(&endpoint_info, "", field_line.key)))
			r = field_parse(field, &field_line, endpoint);
	}
	if (r == 0 && error == 0 && !has_id)
		return -EBADMSG;
	return r < 0 ? r : error;
}

int probe_request_parse(struct span line, struct probe_request *ret)
{
	struct probe_request request = {0};
	int r = parse_line(line, &request_fields, &request, &request.endpoint);

	if (r == 0)
		*ret = request;
	return r;
}

int probe_reply_parse(struct span line, struct probe_reply *ret)
{
	struct probe_reply reply = {0};
	int r = parse_line(line, &reply_fields, &reply, NULL);

	if (r == 0)
		*ret = reply;
	return r;
}
