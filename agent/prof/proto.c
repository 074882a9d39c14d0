#include "prof/proto.h"

#include <string.h>

#define VARINT_MAX 10 /* bytes of 64 bits, seven in each */

const uint8_t *proto_long_varint(const uint8_t *at, const uint8_t *end, uint64_t *ret)
{
	size_t len = MIN((size_t)(end - at), VARINT_MAX);
	uint64_t value = 0;

	for (size_t i = 0; i < len; i++) {
		value |= (uint64_t)(at[i] & 0x7f) << (7 * i);
		if (at[i] < 0x80) {
			*ret = value;
			return at + i + 1;
		}
	}
	return NULL;
}

static int fixed(struct proto *message, size_t len, uint64_t *ret)
{
	*ret = 0;
	if ((size_t)(message->end - message->at) < len)
		return -EBADMSG;
	for (size_t i = 0; i < len; i++)
		*ret |= (uint64_t)message->at[i] << (8 * i);
	message->at += len;
	return 0;
}

static int bytes(struct proto *message, struct proto *ret)
{
	uint64_t len;
	int r = proto_varint(message, &len);

	if (r < 0)
		return r;
	if (len > (uint64_t)(message->end - message->at))
		return -EBADMSG;
	*ret = (struct proto){message->at, message->at + len};
	message->at += len;
	return 0;
}

int proto_other(struct proto *message, struct proto_field *ret)
{
	switch (ret->type) {
	case PROTO_BYTES:
		return bytes(message, &ret->bytes);
	case PROTO_FIXED64:
		return fixed(message, 8, &ret->value);
	case PROTO_FIXED32:
		return fixed(message, 4, &ret->value);
	case PROTO_VARINT:
	default:
		return -EBADMSG;
	}
}

int proto_numbers(struct proto message, uint64_t *to, size_t n)
{
	struct proto_field field;
	int r;

	memset(to, 0, n * sizeof(*to));
	while ((r = proto_next(&message, &field)) > 0) {
		if (field.type == PROTO_VARINT && field.number < n)
			to[field.number] = field.value;
	}
	return r;
}
