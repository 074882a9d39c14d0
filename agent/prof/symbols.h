#pragma once
/* Names and frames of all profiles that are read together, each once: two profiles (base
 * and now), goroutine texts and heap profiles of one capture share them, so that a frame
 * is one number everywhere and comparing stacks is comparing numbers.
 *
 * Names are foreign bytes (a symbol of a Go program may hold anything): they are never
 * NUL-terminated and whoever shows one escapes it. */

#include "lib/text.h"

struct frame {
	uint32_t
		function; /* name; of an address without a symbol "[libc.so.6]+0x1f2e4" */
	uint32_t file;    /* name; "" where it is not known */
	uint32_t line;    /* 0: not known */
};

struct symbols;

/* cap: bytes of names and frames together that it may hold at most. 0 or -ENOMEM. */
int symbols_new(size_t cap_bytes, struct symbols **ret) must_check;
void symbols_free(struct symbols *symbols); /* NULL is fine */
/* The number of a text, the same for the same bytes; 0 is "". 0, -ENOMEM, -EFBIG (cap).
 */
int symbols_name(struct symbols *symbols, struct span text, uint32_t *ret) must_check;
int symbols_frame(struct symbols *symbols, const struct frame *frame,
		  uint32_t *ret) must_check;
/* Valid until the next symbols_name. */
struct span symbols_text(const struct symbols *symbols, uint32_t name);
/* Valid until the next symbols_frame. */
const struct frame *symbols_at(const struct symbols *symbols, uint32_t frame);
uint32_t symbols_names(const struct symbols *symbols);  /* how many there are */
uint32_t symbols_frames(const struct symbols *symbols); /* how many there are */
