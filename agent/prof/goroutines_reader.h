#pragma once
/* What a reader of goroutine texts remembers between two lines. */

#include "prof/goroutines_parts.h"

#define GOROUTINE_LINE_MAX (64u * 1024)
#define GOROUTINE_TEXT_MAX UINT64_C(67108864) /* where Go stops writing: 64 MiB */

struct goroutine_next {
	uint32_t frame, creator; /* what is known of it + 1; 0: nothing */
};

struct goroutine_reader {
	struct goroutines *to; /* borrowed */
	enum side side;
	uint64_t bytes; /* that have arrived */
	uint64_t said;  /* "goroutine profile: total 12" */
	bool counted;   /* it has counts per stack: debug=1 */
	bool leaked;    /* "goroutineleak profile": all of it is proved */
	size_t prefix;  /* bytes before each line that are somebody else's */

	bool open; /* in a goroutine: */
	struct goroutine_seen seen;
	uint32_t frames[STACK_DEPTH_MAX];
	bool hidden[STACK_DEPTH_MAX];
	size_t depth, n_shown;
	struct span function; /* waits for the line of its file; len 0: none */
	bool creator_next;    /* it is the creator's */
	bool whole;           /* nothing that follows belongs to the stack */

	uint64_t seed;
	struct table known;          /* frames that were seen in this text */
	struct goroutine_next *next; /* owned: behind each frame; goroutines_guess.c */
	size_t n_next;

	char carry[GOROUTINE_LINE_MAX + 1]; /* the beginning of a line */
	size_t n_carry;
	char kept[GOROUTINE_LINE_MAX];
};

/* One line without its newline. 0, -ENOMEM, -EFBIG. */
int goroutine_reader_line(struct goroutine_reader *r, struct span line) must_check;
/* Begins a goroutine (the one before ends), ends it, adds a frame to it. */
int goroutine_reader_open(struct goroutine_reader *r,
			  const struct goroutine_seen *seen) must_check;
int goroutine_reader_close(struct goroutine_reader *r) must_check;
int goroutine_reader_frame(struct goroutine_reader *r, struct span function,
			   struct span file, uint32_t line) must_check;
/* Bytes of the frame at the beginning, where it is the one that is expected; else 0. */
size_t goroutine_reader_guess(struct goroutine_reader *r, struct span bytes);
/* This frame has followed the last one. 0 or -ENOMEM. */
int goroutine_reader_learn(struct goroutine_reader *r, uint32_t known) must_check;
