#include <jansson.h>
#include <stdio.h>

#include "lib/stamp.h"
#include "view/manifest_json.h"

/* Where the reader stands, for its error; the first one is kept. */
struct reader {
	char path[128];
	char *why;
	int error;
};

static void fail(struct reader *r, const char *name, const char *what)
{
	if (r->error)
		return;
	r->error = -EBADMSG;
	snprintf(r->why, MANIFEST_WHY_MAX, "%s%s%s: %s", r->path,
		 r->path[0] && name[0] ? "." : "", name, what);
}

/* Goes down to "name" or "name[index]"; returns what leave() needs. */
static size_t enter(struct reader *r, const char *name, ssize_t index)
{
	size_t len = strlen(r->path);
	char number[24] = "";

	if (index >= 0)
		snprintf(number, sizeof(number), "[%zd]", index);
	snprintf(r->path + len, sizeof(r->path) - len, "%s%s%s", len ? "." : "", name,
		 number);
	return len;
}

static void leave(struct reader *r, size_t len)
{
	r->path[len] = '\0';
}

static void read_text(struct reader *r, const json_t *value, const char *name, char *to,
		      size_t size)
{
	const char *text = json_string_value(value);

	if (!text)
		fail(r, name, "not a text");
	else if (json_string_length(value) != strlen(text))
		fail(r, name, "holds a NUL");
	else if (text_copy(to, size, text) < 0)
		fail(r, name, "too long");
}

static void read_word(struct reader *r, const json_t *value, const struct field *field,
		      void *to)
{
	const char *text = json_string_value(value);

	for (size_t i = 0; text && i < field->n_words; i++) {
		if (text_equal(text, field->words[i]) && !field_set_number(field, to, i))
			return;
	}
	fail(r, field->name, text ? "a word that is not known here" : "not a text");
}

static void read_stamp(struct reader *r, const json_t *value, const struct field *field,
		       void *to)
{
	const char *text = json_string_value(value);
	int64_t unix_ms;

	if (!text || stamp_parse(text, &unix_ms) < 0 ||
	    field_set_number(field, to, (uint64_t)unix_ms) < 0)
		fail(r, field->name, "not a time like \"2026-11-21T20:12:04.123Z\"");
}

static void read_number(struct reader *r, const json_t *value, const struct field *field,
			void *to)
{
	json_int_t number = json_integer_value(value);

	if (!json_is_integer(value))
		fail(r, field->name, "not a whole number");
	else if (number < 0 || field_set_number(field, to, (uint64_t)number) < 0)
		fail(r, field->name, "out of range");
}

static void read_field(struct reader *r, const json_t *value, const struct field *field,
		       void *to)
{
	switch (field->kind) {
	case FIELD_TEXT:
		read_text(r, value, field->name, (char *)to + field->at, field->size);
		return;
	case FIELD_ENUM:
		read_word(r, value, field, to);
		return;
	case FIELD_STAMP:
		read_stamp(r, value, field, to);
		return;
	case FIELD_BOOL:
		if (!json_is_boolean(value) ||
		    field_set_number(field, to, json_is_true(value)) < 0)
			fail(r, field->name, "neither true nor false");
		return;
	case FIELD_MAYBE:
		if (json_is_null(value))
			return; /* unknown, as it was initialised */
		read_number(r, value, field, to);
		return;
	case FIELD_U64:
	case FIELD_U32:
	case FIELD_I32:
		read_number(r, value, field, to);
		return;
	}
}

/* Keys that are not there leave their member as it is. */
static void read_object(struct reader *r, const json_t *object,
			const struct fields *fields, void *to)
{
	if (!json_is_object(object)) {
		fail(r, "", "not an object");
		return;
	}
	for (size_t i = 0; i < fields->n; i++) {
		const json_t *value = json_object_get(object, fields->rows[i].name);

		if (value)
			read_field(r, value, &fields->rows[i], to);
	}
}

/* The member NAME of parent, an object; NULL where there is none. */
static const json_t *read_part(struct reader *r, const json_t *parent, const char *name,
			       const struct fields *fields, void *to)
{
	const json_t *part = json_object_get(parent, name);
	size_t len = enter(r, name, -1);

	if (part)
		read_object(r, part, fields, to);
	leave(r, len);
	return part;
}

/* The member NAME, a list of at most max; *ret_n is its length, 0 where there is none. */
static const json_t *find_list(struct reader *r, const json_t *parent, const char *name,
			       size_t max, size_t *ret_n)
{
	const json_t *list = json_object_get(parent, name);

	*ret_n = 0;
	if (!list)
		return NULL;
	if (!json_is_array(list))
		fail(r, name, "not a list");
	else if (json_array_size(list) > max)
		fail(r, name, "too long");
	else
		*ret_n = json_array_size(list);
	return list;
}

struct list {
	const char *name;
	const struct fields *fields;
	void *to;
	size_t max, size;
};

static size_t read_list(struct reader *r, const json_t *parent, const struct list *list)
{
	size_t n;
	const json_t *from = find_list(r, parent, list->name, list->max, &n);

	for (size_t i = 0; i < n; i++) {
		size_t len = enter(r, list->name, (ssize_t)i);

		read_object(r, json_array_get(from, i), list->fields,
			    (char *)list->to + i * list->size);
		leave(r, len);
	}
	return n;
}

static size_t read_artifacts(struct reader *r, const json_t *parent,
			     struct artifact_record *to)
{
	struct list list = {"artifacts", &artifact_record_table, to, ARTIFACTS_MAX,
			    sizeof(*to)};

	return read_list(r, parent, &list);
}

static void read_capture(struct reader *r, const json_t *from, struct capture_record *to)
{
	to->value = MANIFEST_UNKNOWN;
	to->headroom = MANIFEST_UNKNOWN;
	to->goroutines = MANIFEST_UNKNOWN;
	read_object(r, from, &capture_record_table, to);
	(void)read_part(r, from, "hold", &hold_record_table, &to->hold);
	to->n_artifacts = read_artifacts(r, from, to->artifacts);
}

static void read_captures(struct reader *r, const json_t *root, struct manifest *m)
{
	size_t n;
	const json_t *list = find_list(r, root, "captures", CAPTURES_MAX, &n);

	if (n > 0)
		m->captures = calloc(n, sizeof(*m->captures));
	if (n > 0 && !m->captures) {
		fail(r, "captures", "no memory");
		r->error = -ENOMEM;
		return;
	}
	m->n_captures = n;
	for (size_t i = 0; i < n; i++) {
		size_t len = enter(r, "captures", (ssize_t)i);

		read_capture(r, json_array_get(list, i), &m->captures[i]);
		leave(r, len);
	}
}

static void read_joined(struct reader *r, const json_t *root, struct manifest *m)
{
	const json_t *list = find_list(r, root, "joined", JOINED_MAX, &m->n_joined);

	for (size_t i = 0; i < m->n_joined; i++)
		read_text(r, json_array_get(list, i), "joined", m->joined[i],
			  sizeof(m->joined[i]));
}

static void read_target(struct reader *r, const json_t *root, struct manifest *m)
{
	static const struct field rows[] = {
		FIELD(struct manifest, key, "key", FIELD_TEXT),
		FIELD_WORDS(struct manifest, endpoint, "endpoint", endpoint_table,
			    ENDPOINT_N),
	};
	static const struct fields more = {rows, ARRAY_SIZE(rows)};

	const json_t *target = read_part(r, root, "target", &target_table, &m->target);
	size_t len;

	if (!target)
		return;
	(void)read_part(r, root, "target", &more, m);
	len = enter(r, "target", -1);
	(void)read_part(r, target, "container", &container_table, &m->container);
	leave(r, len);
}

static void read_base(struct reader *r, const json_t *root, struct manifest *m)
{
	const json_t *base = read_part(r, root, "base", &base_record_table, &m->base);
	size_t len = enter(r, "base", -1);

	if (base)
		m->base.n_artifacts = read_artifacts(r, base, m->base.artifacts);
	leave(r, len);
}

static void read_state(struct reader *r, const json_t *root, struct manifest *m)
{
	const char *state = json_string_value(json_object_get(root, "state"));

	m->sealed = text_equal(state, "sealed");
	if (!m->sealed && !text_equal(state, "open"))
		fail(r, "state", "neither \"open\" nor \"sealed\"");
}

static void read_head(struct reader *r, const json_t *root, struct manifest *m)
{
	const json_t *schema = json_object_get(root, "schema");

	if (!text_equal(json_string_value(schema), MANIFEST_SCHEMA)) {
		fail(r, "schema", "not \"" MANIFEST_SCHEMA "\"");
		return;
	}
	read_text(r, json_object_get(root, "id"), "id", m->id, sizeof(m->id));
	read_text(r, json_object_get(root, "service"), "service", m->service,
		  sizeof(m->service));
	read_state(r, root, m);
}

static void read_manifest(struct reader *r, const json_t *root, struct manifest *m)
{
	const struct list recorder = {"recorder", &file_record_table, m->recorder,
				      RECORDER_MAX, sizeof(m->recorder[0])};
	const struct list derived = {"derived", &file_record_table, m->derived,
				     DERIVED_MAX, sizeof(m->derived[0])};

	read_head(r, root, m);
	(void)read_part(r, root, "reason", &reason_table, &m->reason);
	read_joined(r, root, m);
	read_target(r, root, m);
	read_base(r, root, m);
	read_captures(r, root, m);
	m->n_recorder = read_list(r, root, &recorder);
	m->n_derived = read_list(r, root, &derived);
	(void)read_part(r, root, "limits", &omitted_table, &m->omitted);
	(void)read_part(r, root, "reported", &report_record_table, &m->reported);
	(void)read_part(r, root, "log", &artifact_record_table, &m->log);
	(void)read_part(r, root, "verdict", &verdict_table, &m->verdict);
}

int manifest_from_json(struct span text, struct manifest *ret,
		       char why[static MANIFEST_WHY_MAX])
{
	struct reader r = {.why = why};
	json_error_t error;
	json_t *root = json_loadb(text.at, text.len, JSON_REJECT_DUPLICATES, &error);

	memset(ret, 0, sizeof(*ret));
	if (!root) {
		AUTO_BUF struct buf shown; /* the message quotes what it met */

		buf_init(&shown, MANIFEST_WHY_MAX - 64);
		text_show(&shown, error.text, strlen(error.text), sizeof(error.text));
		snprintf(why, MANIFEST_WHY_MAX, "not JSON, line %d column %d: %s",
			 error.line, error.column, shown.data);
		return -EBADMSG;
	}
	if (json_is_object(root))
		read_manifest(&r, root, ret);
	else
		fail(&r, "the file", "not an object");
	json_decref(root);
	if (r.error < 0) {
		free(ret->captures);
		memset(ret, 0, sizeof(*ret));
	}
	return r.error;
}
