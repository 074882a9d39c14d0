#pragma once
/* Writes protobuf by hand, also what no library would write. */

#include <string.h>

#include "lib/buf.h"

#define PROTO_UNUSED __attribute__((unused))

static void put_varint(struct buf *to, uint64_t value)
{
	for (; value >= 0x80; value >>= 7)
		buf_addc(to, (char)(0x80 | (value & 0x7f)));
	buf_addc(to, (char)value);
}

PROTO_UNUSED static void put_number(struct buf *to, uint32_t field, uint64_t value)
{
	put_varint(to, (uint64_t)field << 3);
	put_varint(to, value);
}

PROTO_UNUSED static void put_bytes(struct buf *to, uint32_t field, const void *bytes,
				   size_t len)
{
	put_varint(to, (uint64_t)field << 3 | 2);
	put_varint(to, len);
	buf_add(to, bytes, len);
}

PROTO_UNUSED static void put_text(struct buf *to, uint32_t field, const char *text)
{
	put_bytes(to, field, text, strlen(text));
}

/* A message of numbers: field, value, field, value ... up to a field 0. */
PROTO_UNUSED static void put_message(struct buf *to, uint32_t field,
				     const uint64_t *pairs)
{
	AUTO_BUF struct buf message;

	buf_init(&message, 1 << 20);
	for (; pairs[0]; pairs += 2)
		put_number(&message, (uint32_t)pairs[0], pairs[1]);
	put_bytes(to, field, message.data, message.len);
}
#define PUT_MESSAGE(to, field, ...)                                                      \
	put_message(to, field, (const uint64_t[]){__VA_ARGS__, 0, 0})
