#include "prof/proto.h"

#include <string.h>

#define VARINT_MAX 10 /* bytes of 64 bits, seven in each */

int proto_long_varint(struct proto *message, uint64_t *ret)
{
	size_t len = MIN((size_t)(message->end - message->at), VARINT_MAX);
	uint64_t value = 0;

	for (size_t i = 0; i < len; i++) {
		value |= (uint64_t)(message->at[i] & 0x7f) << (7 * i);
		if (message->at[i] < 0x80) {
			message->at += i + 1;
			*ret = value;
			return 0;
		}
	}
	return -EBADMSG;
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

int proto_next(struct proto *message, struct proto_field *ret)
{
	uint64_t key;
	int r;

	if (message->at == message->end)
		return 0;
	r = proto_varint(message, &key);
	if (r < 0)
		return r;
	if (key >> 3 == 0 || key >> 3 > UINT32_MAX)
		return -EBADMSG;
	ret->number = (uint32_t)(key >> 3);
	ret->type = (enum proto_type)(key & 7);
	if (ret->type == PROTO_VARINT)
		r = proto_varint(message, &ret->value);
	else if (ret->type == PROTO_BYTES)
		r = bytes(message, &ret->bytes);
	else if (ret->type == PROTO_FIXED64)
		r = fixed(message, 8, &ret->value);
	else if (ret->type == PROTO_FIXED32)
		r = fixed(message, 4, &ret->value);
	else
		return -EBADMSG;
	return r < 0 ? r : 1;
}

int proto_numbers(struct proto message, const struct proto_place *places, size_t n)
{
	struct proto_field field;
	int r;

	while ((r = proto_next(&message, &field)) > 0) {
		for (size_t i = 0; i < n; i++) {
			if (places[i].field != field.number)
				continue;
			if (field.type != PROTO_VARINT)
				return -EBADMSG;
			*places[i].to = field.value;
		}
	}
	return r;
}
