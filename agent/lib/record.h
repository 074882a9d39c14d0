#pragma once
/* A record: lines of "key=value". One notation for everything that passes between the
 * agent and its children and for the agent's state file: written without allocation into
 * a buffer, read without trust. A value is any text; backslash, newline and control bytes
 * are written as \xNN. Keys are [a-z0-9_.]. A list repeats its key. An empty line ends a
 * record; what follows it belongs to the caller. */

#include <stdbool.h>

#include "lib/buf.h"
#include "lib/text.h"

void record_add(struct buf *to, const char *key, const char *value); /* NULL: nothing */
void record_add_u64(struct buf *to, const char *key, uint64_t value);
void record_add_i64(struct buf *to, const char *key, int64_t value);
void record_end(struct buf *to); /* the empty line */

struct record_line {
	struct span key;
	struct span raw; /* the value, still escaped */
};
/* Next line; false at the end or at the empty line (which is consumed). A line without
 * '=', with a bad key or without its newline (it was cut) sets *ret_error to -EBADMSG and
 * ends the record. */
bool record_next(struct span *rest, struct record_line *ret, int *ret_error);
/* The value into memory of the caller; -ENAMETOOLONG, or -EBADMSG for a bad escape or a
 * byte that should be one. */
int record_text(const struct record_line *line, char *to, size_t size) must_check;
/* 0, -EINVAL or -ERANGE, as num_u64 and num_i64. */
int record_u64(const struct record_line *line, uint64_t *ret) must_check;
int record_i64(const struct record_line *line, int64_t *ret) must_check;
