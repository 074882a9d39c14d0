#pragma once
/* Writes JSON straight into a buffer: a report of 20,000 stacks is a million numbers, and
 * a tree of them first would cost ten times the memory of the text.
 *
 * What it writes can stand in an HTML page: < is \u003c, and foreign bytes are made
 * visible first (text_show), so that every text is valid UTF-8 without control bytes,
 * line separators or marks that turn the direction of reading. */

#include "lib/text.h"

#define EMIT_TEXT_MAX 400 /* unless text_max is changed */

struct emit {
	struct buf *to;  /* borrowed */
	size_t text_max; /* bytes of a foreign text: what is cut is said in its place */
	struct buf shown;
	unsigned depth;
	bool first; /* no comma before the next one */
};

void emit_init(struct emit *emit, struct buf *to);
void emit_fini(struct emit *emit);
#define AUTO_EMIT __attribute__((cleanup(emit_fini)))

/* In an array key is NULL; keys are ours and need no escapes. */
void emit_open(struct emit *emit, const char *key, char bracket);
void emit_close(struct emit *emit, char bracket);
void emit_text(struct emit *emit, const char *key, const char *foreign);
void emit_span(struct emit *emit, const char *key, struct span foreign);
/* A text of ours that may be long: never cut. */
void emit_whole(struct emit *emit, const char *key, struct span text);
/* The same of a buffer, whose error is passed on. */
void emit_buf(struct emit *emit, const char *key, const struct buf *text);
void emit_int(struct emit *emit, const char *key, int64_t number);
/* null above INT64_MAX: what is not known, and no limit at all. */
void emit_count(struct emit *emit, const char *key, uint64_t number);
/* Unix ms; null for 0. */
void emit_time(struct emit *emit, const char *key, int64_t unix_ms);
/* The same as text: "2026-11-21T20:12:04.000Z". */
void emit_stamp(struct emit *emit, const char *key, int64_t unix_ms);
void emit_real(struct emit *emit, const char *key, double number); /* null for NAN */
void emit_bool(struct emit *emit, const char *key, bool value);
void emit_null(struct emit *emit, const char *key);
