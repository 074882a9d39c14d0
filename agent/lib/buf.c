/* Growth doubles, so that adding byte by byte stays linear. One byte is always kept for
 * the NUL; the cap is checked by subtraction, so that no sum can wrap. An addition that
 * does not fit is left out whole: half a line looks like a line. */
#include "lib/buf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define BUF_FIRST_ROOM 64

void buf_init(struct buf *b, size_t cap)
{
	*b = (struct buf){.cap = MIN(cap, SIZE_MAX - 1)}; /* room for the NUL */
	b->data = &b->empty;
}

void buf_fini(struct buf *b)
{
	if (b->room > 0)
		free(b->data);
	buf_init(b, b->cap);
}

void buf_clear(struct buf *b)
{
	b->len = 0;
	b->error = 0;
	b->data[0] = '\0';
}

static int buf_reserve(struct buf *b, size_t more)
{
	size_t need, room;
	char *data;

	if (b->error)
		return b->error;
	if (more > b->cap - b->len)
		return b->error = -EFBIG;
	need = b->len + more + 1;
	if (need <= b->room)
		return 0;
	room = b->room > SIZE_MAX / 2 ? SIZE_MAX : 2 * b->room;
	room = MIN(MAX(MAX(room, need), BUF_FIRST_ROOM), b->cap + 1);
	data = realloc(b->room > 0 ? b->data : NULL, room);
	if (!data)
		return b->error = -ENOMEM;
	b->data = data;
	b->room = room;
	return 0;
}

void buf_drop(struct buf *b, size_t len)
{
	len = MIN(len, b->len);
	if (!len)
		return; /* data may be the empty byte, which is not ours to move */
	memmove(b->data, b->data + len, b->len - len + 1);
	b->len -= len;
}

void buf_add(struct buf *b, const void *bytes, size_t len)
{
	if (len == 0 || buf_reserve(b, len) < 0)
		return;
	memcpy(b->data + b->len, bytes, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void buf_adds(struct buf *b, const char *text)
{
	buf_add(b, text, strlen(text));
}

void buf_addc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_addf(struct buf *b, const char *format, ...)
{
	va_list arguments;
	int len;

	va_start(arguments, format);
	len = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (len < 0 && !b->error)
		b->error = -EFBIG; /* more than INT_MAX bytes */
	if (len <= 0 || buf_reserve(b, (size_t)len) < 0)
		return;
	va_start(arguments, format);
	(void)vsnprintf(b->data + b->len, (size_t)len + 1, format, arguments);
	va_end(arguments);
	b->len += (size_t)len;
}

int buf_error(const struct buf *b)
{
	return b->error;
}

char *buf_take(struct buf *b)
{
	char *text;

	if (b->error)
		return NULL;
	if (b->room == 0)
		return calloc(1, 1);
	text = b->data;
	buf_init(b, b->cap);
	return text;
}
