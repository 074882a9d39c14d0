#pragma once
/* Fields of a protobuf message, one after the other, in place: nothing is copied and
 * nothing is allocated. Every length is checked against the message it stands in.
 * Format: protobuf.dev/programming-guides/encoding */

#include <errno.h>
#include <stdbool.h>

#include "lib/text.h"

/* What is left of a message. */
struct proto {
	const uint8_t *at, *end;
};

enum proto_type { PROTO_VARINT, PROTO_FIXED64, PROTO_BYTES, PROTO_FIXED32 = 5 };

struct proto_field {
	uint32_t number;
	enum proto_type type;
	uint64_t value;     /* of a varint or a fixed one */
	struct proto bytes; /* of PROTO_BYTES */
};

static inline struct proto proto_begin(struct span bytes)
{
	return (struct proto){(const uint8_t *)bytes.at,
			      (const uint8_t *)bytes.at + bytes.len};
}

static inline struct span proto_span(struct proto bytes)
{
	return (struct span){(const char *)bytes.at, (size_t)(bytes.end - bytes.at)};
}

/* A number of any length. 0, or -EBADMSG: cut, or longer than ten bytes. */
int proto_long_varint(struct proto *message, uint64_t *ret) must_check;

/* The same; ids and small values are of one or two bytes, and there are millions. */
static inline int proto_varint(struct proto *message, uint64_t *ret)
{
	const uint8_t *at = message->at;

	if (message->end - at >= 2) {
		if (at[0] < 0x80) {
			*ret = at[0];
			message->at = at + 1;
			return 0;
		}
		if (at[1] < 0x80) {
			*ret = (uint64_t)(at[0] & 0x7f) | (uint64_t)at[1] << 7;
			message->at = at + 2;
			return 0;
		}
	}
	return proto_long_varint(message, ret);
}

/* The next field: 1, 0 at the end, -EBADMSG where there is none (groups, which nobody
 * writes any more, are none). */
int proto_next(struct proto *message, struct proto_field *ret) must_check;

/* Numbers of a repeated field, packed or not: while ((r = proto_number(&field, &n)) > 0).
 * 1, 0 at the end, -EBADMSG. */
static inline int proto_number(struct proto_field *field, uint64_t *ret)
{
	if (field->type == PROTO_BYTES) {
		int r;

		if (field->bytes.at == field->bytes.end)
			return 0;
		r = proto_varint(&field->bytes, ret);
		return r < 0 ? r : 1;
	}
	if (field->type == PROTO_VARINT) { /* the only one: next time the end */
		*ret = field->value;
		field->type = PROTO_BYTES;
		field->bytes = (struct proto){0};
		return 1;
	}
	return -EBADMSG;
}

/* Where a number of a message belongs. */
struct proto_place {
	uint32_t field;
	uint64_t *to;
};
/* The numbers of a message into their places; other fields are skipped, and of one that
 * stands twice the last counts, as everywhere in protobuf. 0, or -EBADMSG, also where
 * such a field is no number. */
int proto_numbers(struct proto message, const struct proto_place *places,
		  size_t n) must_check;
