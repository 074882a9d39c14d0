#pragma once
/* Small questions to texts that other people wrote. */

#include <stdbool.h>

#include "lib/buf.h"

bool text_equal(const char *a, const char *b); /* two NULLs are equal */
bool text_starts(const char *text, const char *prefix);
bool text_ends(const char *text, const char *suffix);
/* Bounded copy, NUL-terminated unless size is 0; -ENAMETOOLONG when it was cut. */
int text_copy(char *to, size_t size, const char *from);
/* [A-Za-z0-9._-]{1,63}, not starting with a dot: safe as the name of a directory. */
bool text_is_name(const char *text);
/* "memory > 5G for 10s" -> "memory-5G-for-10s": [A-Za-z0-9._], runs of others become one
 * dash, none at the ends; at most size - 1 bytes. May be empty. */
void text_slug(const char *text, char *to, size_t size);
/* Levenshtein distance, stopping at 9 (texts over 64 bytes: 9). For "did you mean". */
unsigned text_distance(const char *a, const char *b);
/* Bytes of the well-formed UTF-8 character at a foreign text, 0 where there is none (then
 * *ret_number is untouched). */
size_t text_character(const char *foreign, size_t len, uint32_t *ret_number);
/* Appends a foreign text so that it can neither move a terminal nor forge a line of a
 * log: C0, C1, DEL, invalid UTF-8, bidirectional controls and U+2028/9 become \xNN. At
 * most max bytes of it, and never a part of a character. */
void text_show(struct buf *to, const char *foreign, size_t len, size_t max);

/* Walks a text by separators without copying: while (text_next(&rest, '\n', &line)) ...
 * A separator ends a part: "a\n\nb\n" is "a", "", "b"; an empty text has no part. */
struct span {
	const char *at;
	size_t len;
};
bool text_next(struct span *rest, char separator, struct span *ret);
size_t text_lines(struct span text); /* as text_next counts them */
bool span_is(struct span s, const char *text);
struct span span_trim(struct span s); /* without blanks at both ends */
/* The number after a key in "key value\n" or "Key:   value kB\n" lines (memory.stat,
 * status). 0, -ENOENT where no line has the key, -EINVAL where no number follows. */
int text_field(struct span lines, const char *key, uint64_t *ret) must_check;
