/* Numbers of every width pass through one uint64_t, so that each notation needs one case
 * for all of them; a stamp passes as its two's complement. */
#include "core/field.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "lib/num.h"
#include "lib/record.h"

uint64_t field_number(const struct field *field, const void *from)
{
	const char *at = (const char *)from + field->at;
	uint64_t wide = 0;
	uint32_t narrow = 0;

	if (field->kind == FIELD_BOOL)
		return *(const bool *)at;
	if (field->size == sizeof(wide)) {
		memcpy(&wide, at, sizeof(wide));
		return wide;
	}
	memcpy(&narrow, at, sizeof(narrow));
	return narrow;
}

static uint64_t largest(const struct field *field)
{
	switch (field->kind) {
	case FIELD_BOOL:
		return 1;
	case FIELD_I32:
		return INT32_MAX;
	case FIELD_U32:
		return UINT32_MAX;
	case FIELD_ENUM:
		return field->n_words - 1;
	case FIELD_TEXT:
	case FIELD_U64:
	case FIELD_MAYBE:
	case FIELD_STAMP:
		break;
	}
	return UINT64_MAX;
}

int field_set_number(const struct field *field, void *to, uint64_t number)
{
	char *at = (char *)to + field->at;
	uint32_t narrow = (uint32_t)number;

	if (number > largest(field))
		return -ERANGE;
	if (field->kind == FIELD_BOOL)
		*(bool *)at = number == 1;
	else if (field->size == sizeof(number))
		memcpy(at, &number, sizeof(number));
	else
		memcpy(at, &narrow, sizeof(narrow));
	return 0;
}

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
