#pragma once
/* A struct described by a table: one row per member. Record lines (job, result) and JSON
 * (manifest) are written and read from the same rows, so a member cannot be in one and
 * forgotten in the other. Names are those of the manifest, DESIGN section 8. */

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/text.h"

enum field_kind {
	FIELD_TEXT,  /* char[size], NUL-terminated */
	FIELD_U64,   /* uint64_t */
	FIELD_MAYBE, /* uint64_t, FIELD_UNKNOWN where it could not be had (JSON: null) */
	FIELD_U32,   /* uint32_t */
	FIELD_I32,   /* int32_t, not negative */
	FIELD_BOOL,  /* bool */
	FIELD_STAMP, /* int64_t, Unix ms, 0 where there is none (JSON: "2026-...Z" or left
			out) */
	FIELD_ENUM,  /* an enum from 0, with a word for each number */
};
#define FIELD_UNKNOWN UINT64_MAX

struct field {
	const char *name; /* [a-z0-9_]+ */
	enum field_kind kind;
	size_t at, size;          /* of the member, bytes */
	const char *const *words; /* FIELD_ENUM */
	size_t n_words;
};

#define FIELD(type, member, name, kind)                                                  \
	{                                                                                \
		(name), (kind), offsetof(type, member), sizeof(((type *)0)->member),     \
			NULL, 0                                                          \
	}
#define FIELD_WORDS(type, member, name, words, n)                                        \
	{                                                                                \
		(name), FIELD_ENUM, offsetof(type, member), sizeof(((type *)0)->member), \
			(words), (n)                                                     \
	}

struct fields {
	const struct field *rows;
	size_t n;
};

/* One line "PREFIX name=value" per row; prefix is "" or ends with a dot. */
void fields_format(const struct fields *fields, const char *prefix, const void *from,
		   struct buf *to);
/* The row that a record's key names, or NULL. */
const struct field *fields_find(const struct fields *fields, const char *prefix,
				struct span key);
struct record_line;
/* The value of a line into its member. 0, -EBADMSG (no such word, not a number, out of
 * range) or -ENAMETOOLONG; nothing is changed then. */
int field_parse(const struct field *field, const struct record_line *line,
		void *to) must_check;

/* The number of a numeric row and back. Numbers of every width pass through one uint64_t,
 * so that each notation needs one case for all of them; a stamp passes as its two's
 * complement. Inline, because the room view may use what belongs to a type and nothing
 * else of core. */
static inline uint64_t field_number(const struct field *field, const void *from)
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

static inline uint64_t field_largest(const struct field *field)
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

/* -ERANGE where it does not fit. */
static inline int field_set_number(const struct field *field, void *to, uint64_t number)
{
	char *at = (char *)to + field->at;
	uint32_t narrow = (uint32_t)number;

	if (number > field_largest(field))
		return -ERANGE;
	if (field->kind == FIELD_BOOL)
		*(bool *)at = number == 1;
	else if (field->size == sizeof(number))
		memcpy(at, &number, sizeof(number));
	else
		memcpy(at, &narrow, sizeof(narrow));
	return 0;
}
