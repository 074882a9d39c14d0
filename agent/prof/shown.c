/* Fields are looked at where they are whole in `rest`; a long one that is no sample (a
 * name, a mapping) is skipped as it comes. */
#include "prof/shown.h"

#include <string.h>

#include "lib/num.h"
#include "prof/proto.h"

#define FIELD_SAMPLE 2
#define SAMPLE_VALUE 2
#define VALUES 4 /* of a heap profile; the last is what is in use */

void shown_begin(struct shown *shown)
{
	shown->bytes = shown->skip = 0;
	shown->broken = shown->any = false;
	shown->len = 0;
}

/* Packed or not, the fourth value; false where there are not four. */
static bool in_use(struct proto sample, uint64_t *ret)
{
	struct proto_field field;
	unsigned n = 0;
	int r;

	while ((r = proto_next(&sample, &field)) > 0) {
		if (field.number != SAMPLE_VALUE)
			continue;
		while ((r = proto_number(&field, ret)) > 0)
			n++;
		if (r < 0)
			return false;
	}
	return r == 0 && n == VALUES && *ret <= INT64_MAX;
}

static void take(struct shown *shown, const struct proto_field *field)
{
	uint64_t bytes = 0;

	if (field->number != FIELD_SAMPLE)
		return;
	if (field->type != PROTO_BYTES || !in_use(field->bytes, &bytes))
		shown->broken = true;
	shown->bytes = num_add(shown->bytes, bytes);
	shown->any = true;
}

/* Of a field that is not whole: can the rest of it be passed over? Not what is whole and
 * was refused. */
static bool can_skip(struct shown *shown, struct proto message)
{
	uint64_t key, len;

	if (proto_varint(&message, &key) < 0 || (key & 7) != PROTO_BYTES ||
	    key >> 3 == FIELD_SAMPLE || key >> 3 == 0 || key >> 3 > UINT32_MAX ||
	    proto_varint(&message, &len) < 0 ||
	    len <= (uint64_t)(message.end - message.at))
		return false;
	shown->skip = len - (uint64_t)(message.end - message.at);
	return true;
}

/* Takes the whole fields out of `rest`. */
static void eat(struct shown *shown)
{
	struct proto all = {shown->rest, shown->rest + shown->len}, before = all;
	struct proto_field field;

	while (proto_next(&all, &field) > 0) {
		take(shown, &field);
		before = all;
	}
	if (before.at < before.end && can_skip(shown, before))
		before.at = before.end;
	shown->len = (size_t)(before.end - before.at);
	memmove(shown->rest, before.at, shown->len);
	if (shown->len == sizeof(shown->rest))
		shown->broken = true;
}

void shown_add(struct shown *shown, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;

	while (len > 0 && !shown->broken) {
		size_t n = (size_t)MIN((uint64_t)len, shown->skip);

		shown->skip -= n;
		if (n == 0) {
			n = MIN(len, sizeof(shown->rest) - shown->len);
			memcpy(shown->rest + shown->len, at, n);
			shown->len += n;
			eat(shown);
		}
		at += n;
		len -= n;
	}
}

bool shown_end(const struct shown *shown, uint64_t *ret_bytes)
{
	if (shown->broken || !shown->any || shown->skip || shown->len)
		return false;
	*ret_bytes = shown->bytes;
	return true;
}
