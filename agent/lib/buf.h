#pragma once
/* A growing run of bytes that cannot outgrow its cap and is always NUL-terminated. The
 * first failure sticks (buf_error), so that a page of buf_addf needs one check at its
 * end. It is not to be copied: before the first byte, data points into it. */

#include "lib/def.h"

struct buf {
	char *data; /* NUL after data[len - 1]; never NULL after buf_init */
	size_t len;
	size_t room; /* bytes allocated */
	size_t cap;  /* bytes that data may hold at most, without the NUL */
	int error;   /* 0, -ENOMEM or -EFBIG; nothing is added after it */
	char empty;  /* where data points before the first byte */
};

void buf_init(struct buf *b, size_t cap);
void buf_fini(struct buf *b);  /* a zeroed or finished buf is fine */
void buf_clear(struct buf *b); /* keeps the memory, forgets bytes and error */
/* Forgets the first len bytes (at most all). */
void buf_drop(struct buf *b, size_t len);
void buf_add(struct buf *b, const void *bytes, size_t len);
void buf_adds(struct buf *b, const char *text);
void buf_addc(struct buf *b, char c);
void buf_addf(struct buf *b, const char *format, ...) printf_like(2, 3);
/* 0 or the error that stopped the buffer from growing. */
int buf_error(const struct buf *b) must_check;
/* The caller owns the text from here on (free); the buffer is empty. NULL after error. */
char *buf_take(struct buf *b) must_check;

#define AUTO_BUF __attribute__((cleanup(buf_fini)))
