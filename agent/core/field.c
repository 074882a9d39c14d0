/* The record notation of a struct that a table describes. */
#include "core/field.h"

#include <errno.h>
#include <string.h>

#include "lib/num.h"
#include "lib/record.h"

#define KEY_MAX 64

static void format_one(const struct field *field, const char *key, const void *from,
		       struct buf *to)
{
	uint64_t number;

	if (field->kind == FIELD_TEXT) {
		record_add(to, key, (const char *)from + field->at);
		return;
	}
	number = field_number(field, from);
	if (field->kind == FIELD_ENUM)
		record_add(to, key, number < field->n_words ? field->words[number] : "?");
	else if (field->kind == FIELD_STAMP)
		record_add_i64(to, key, (int64_t)number);
	else if (field->kind != FIELD_MAYBE || number != FIELD_UNKNOWN)
		record_add_u64(to, key, number);
}

void fields_format(const struct fields *fields, const char *prefix, const void *from,
		   struct buf *to)
{
	for (size_t i = 0; i < fields->n; i++) {
		char key[KEY_MAX] = "";

		/* Prefixes and names are literals of this program; none is near 64 bytes.
		 */
		(void)text_copy(key, sizeof(key), prefix);
		(void)text_copy(key + strlen(key), sizeof(key) - strlen(key),
				fields->rows[i].name);
		format_one(&fields->rows[i], key, from, to);
	}
}

const struct field *fields_find(const struct fields *fields, const char *prefix,
				struct span key)
{
	size_t len = strlen(prefix);

	if (key.len < len || memcmp(key.at, prefix, len))
		return NULL;
	key.at += len;
	key.len -= len;
	for (size_t i = 0; i < fields->n; i++) {
		if (span_is(key, fields->rows[i].name))
			return &fields->rows[i];
	}
	return NULL;
}

static int parse_word(const struct field *field, struct span raw, void *to)
{
	for (size_t i = 0; i < field->n_words; i++) {
		if (span_is(raw, field->words[i]))
			return field_set_number(field, to, i);
	}
	return -EBADMSG;
}

int field_parse(const struct field *field, const struct record_line *line, void *to)
{
	char *at = (char *)to + field->at;
	uint64_t number;
	int64_t stamp;
	int r;

	if (field->kind == FIELD_TEXT)
		return record_text(line, at, field->size);
	if (field->kind == FIELD_ENUM)
		return parse_word(field, line->raw, to);
	if (field->kind == FIELD_STAMP) {
		r = record_i64(line, &stamp);
		number = (uint64_t)stamp;
	} else {
		r = record_u64(line, &number);
	}
	if (r < 0 || field_set_number(field, to, number) < 0)
		return -EBADMSG;
	return 0;
}
