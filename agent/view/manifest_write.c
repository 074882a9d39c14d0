#include <jansson.h>

#include "lib/stamp.h"
#include "view/manifest_json.h"

/* jansson refuses text that is no UTF-8; a NULL passes through its setters as a failure,
 * so one flag at the end says whether all of it worked. */
struct writer {
	bool failed;
};

static void set(struct writer *w, json_t *object, const char *name, json_t *value)
{
	if (json_object_set_new_nocheck(object, name, value) < 0)
		w->failed = true;
}

static void append(struct writer *w, json_t *array, json_t *value)
{
	if (json_array_append_new(array, value) < 0)
		w->failed = true;
}

/* Foreign bytes made harmless, cut at a character so that they fit their member again. */
static json_t *text_value(const char *text, size_t size)
{
	AUTO_BUF struct buf shown;

	buf_init(&shown, size - 1);
	text_show(&shown, text, strnlen(text, size), size);
	return json_stringn(shown.data, shown.len);
}

static json_t *stamp_value(int64_t unix_ms)
{
	char stamp[STAMP_MAX];

	return json_string(stamp_format(unix_ms, stamp));
}

/* JSON has one kind of number and jansson keeps it in 63 bits. */
static json_t *number_value(uint64_t number)
{
	return json_integer((json_int_t)MIN(number, (uint64_t)INT64_MAX));
}

static json_t *field_value(const struct field *field, const void *from)
{
	uint64_t number;

	if (field->kind == FIELD_TEXT)
		return text_value((const char *)from + field->at, field->size);
	number = field_number(field, from);
	switch (field->kind) {
	case FIELD_ENUM:
		return json_string(number < field->n_words ? field->words[number] : "?");
	case FIELD_BOOL:
		return json_boolean(number);
	case FIELD_MAYBE:
		return number == FIELD_UNKNOWN ? json_null() : number_value(number);
	case FIELD_STAMP:
		return stamp_value((int64_t)number);
	case FIELD_TEXT:
	case FIELD_U64:
	case FIELD_U32:
	case FIELD_I32:
		break;
	}
	return number_value(number);
}

/* A stamp of 0 is none and has no key: 1970 would be a lie. */
static json_t *object_of(struct writer *w, const struct fields *fields, const void *from)
{
	json_t *object = json_object();

	for (size_t i = 0; i < fields->n; i++) {
		const struct field *field = &fields->rows[i];

		if (field->kind != FIELD_STAMP || field_number(field, from) != 0)
			set(w, object, field->name, field_value(field, from));
	}
	return object;
}

static json_t *list_of(struct writer *w, const struct fields *fields, const void *from,
		       size_t n, size_t size)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		append(w, list, object_of(w, fields, (const char *)from + i * size));
	return list;
}

static json_t *captures_of(struct writer *w, const struct manifest *m)
{
	json_t *list = json_array();

	for (size_t i = 0; i < m->n_captures; i++) {
		const struct capture_record *c = &m->captures[i];
		json_t *capture = object_of(w, &capture_record_table, c);

		if (c->hold.result != HELD_NONE)
			set(w, capture, "hold",
			    object_of(w, &hold_record_table, &c->hold));
		set(w, capture, "artifacts",
		    list_of(w, &artifact_record_table, c->artifacts, c->n_artifacts,
			    sizeof(c->artifacts[0])));
		append(w, list, capture);
	}
	return list;
}

static json_t *target_of(struct writer *w, const struct manifest *m)
{
	json_t *target = object_of(w, &target_table, &m->target);

	if (m->container.id[0])
		set(w, target, "container",
		    object_of(w, &container_table, &m->container));
	set(w, target, "key", text_value(m->key, sizeof(m->key)));
	set(w, target, "endpoint",
	    json_string(m->endpoint < ENDPOINT_N ? endpoint_table[m->endpoint] : "?"));
	return target;
}

static json_t *base_of(struct writer *w, const struct manifest *m)
{
	json_t *base = object_of(w, &base_record_table, &m->base);

	set(w, base, "artifacts",
	    list_of(w, &artifact_record_table, m->base.artifacts, m->base.n_artifacts,
		    sizeof(m->base.artifacts[0])));
	return base;
}

static json_t *joined_of(struct writer *w, const struct manifest *m)
{
	json_t *list = json_array();

	for (size_t i = 0; i < m->n_joined; i++)
		append(w, list, text_value(m->joined[i], sizeof(m->joined[i])));
	return list;
}

static json_t *manifest_of(struct writer *w, const struct manifest *m)
{
	json_t *root = json_object();

	set(w, root, "schema", json_string(MANIFEST_SCHEMA));
	set(w, root, "id", text_value(m->id, sizeof(m->id)));
	set(w, root, "service", text_value(m->service, sizeof(m->service)));
	set(w, root, "state", json_string(m->sealed ? "sealed" : "open"));
	set(w, root, "reason", object_of(w, &reason_table, &m->reason));
	set(w, root, "joined", joined_of(w, m));
	set(w, root, "target", target_of(w, m));
	set(w, root, "base", base_of(w, m));
	set(w, root, "captures", captures_of(w, m));
	set(w, root, "recorder",
	    list_of(w, &file_record_table, m->recorder, m->n_recorder,
		    sizeof(m->recorder[0])));
	set(w, root, "derived",
	    list_of(w, &file_record_table, m->derived, m->n_derived,
		    sizeof(m->derived[0])));
	if (m->omitted.suppressed || m->omitted.folded)
		set(w, root, "limits", object_of(w, &omitted_table, &m->omitted));
	if (m->reported.result != REPORT_NONE)
		set(w, root, "reported",
		    object_of(w, &report_record_table, &m->reported));
	if (m->log.kind[0])
		set(w, root, "log", object_of(w, &artifact_record_table, &m->log));
	set(w, root, "verdict", object_of(w, &verdict_table, &m->verdict));
	return root;
}

static int dump(const struct writer *w, json_t *root, struct buf *to)
{
	AUTO_FREE char *text = w->failed ? NULL : json_dumps(root, JSON_INDENT(1));

	json_decref(root);
	if (!text)
		return -ENOMEM;
	buf_adds(to, text);
	buf_addc(to, '\n');
	return buf_error(to);
}

int manifest_to_json(const struct manifest *manifest, struct buf *to)
{
	struct writer w = {false};
	json_t *root = manifest_of(&w, manifest);

	return dump(&w, root, to);
}

int manifest_with_report(const struct manifest *manifest, struct span report,
			 struct buf *to)
{
	struct writer w = {false};
	json_error_t error;
	json_t *inner = json_loadb(report.at, report.len, JSON_REJECT_DUPLICATES, &error);
	json_t *root;

	if (!inner)
		return -EBADMSG;
	root = manifest_of(&w, manifest);
	set(&w, root, "report", inner);
	return dump(&w, root, to);
}
