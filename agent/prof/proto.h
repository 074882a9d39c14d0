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

/* A number of any length: what follows it, or NULL where it is cut or longer than ten
 * bytes. */
const uint8_t *proto_long_varint(const uint8_t *at, const uint8_t *end,
				 uint64_t *ret) must_check;

/* The same, 0 or -EBADMSG. Ids and small values are of one or two bytes, and there are
 * millions: nothing here has an address that is given away, so all stays in registers. */
static inline int proto_varint(struct proto *message, uint64_t *ret)
{
	const uint8_t *at = message->at;
	uint64_t large;

	if (message->end - at >= 2 && at[0] < 0x80) {
		*ret = at[0];
		message->at = at + 1;
		return 0;
	}
	if (message->end - at >= 2 && at[1] < 0x80) {
		*ret = (uint64_t)(at[0] & 0x7f) | (uint64_t)at[1] << 7;
		message->at = at + 2;
		return 0;
	}
	at = proto_long_varint(at, message->end, &large);
	if (!at)
		return -EBADMSG;
	*ret = large;
	message->at = at;
	return 0;
}

/* The rest of a field of a type that is no number of varying length. */
int proto_other(struct proto *message, struct proto_field *ret) must_check;

/* The next field: 1, 0 at the end, -EBADMSG where there is none (groups, which nobody
 * writes any more, are none). */
static inline int proto_next(struct proto *message, struct proto_field *ret)
{
	uint64_t key;
	int r;

	if (message->at == message->end)
		return 0;
	r = proto_varint(message, &key);
	if (r < 0 || key >> 3 == 0 || key >> 3 > UINT32_MAX)
		return -EBADMSG;
	ret->number = (uint32_t)(key >> 3);
	ret->type = (enum proto_type)(key & 7);
	if (ret->type == PROTO_VARINT)
		r = proto_varint(message, &ret->value);
	else
		r = proto_other(message, ret);
	return r < 0 ? r : 1;
}

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

/* The numbers of a message by their fields: to[7] is that of field 7, 0 where there is
 * none. Fields from n on are skipped, as are those that are no numbers; of one that
 * stands twice the last counts, as everywhere in protobuf. 0 or -EBADMSG. */
int proto_numbers(struct proto message, uint64_t *to, size_t n) must_check;
