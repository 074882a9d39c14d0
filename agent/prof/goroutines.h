#pragma once
/* Goroutines in groups: same state, same stack, same creator. From a text with debug=2
 * (state, wait and creator of each), a text with debug=1 (counts per stack) or a binary
 * profile (counts per stack); base and now may be of different kinds, so that growth is
 * counted by stack and creator where one side has no states.
 *
 * A text leaves out the runtime's frames at the leaf (runtime.gopark) and ends with the
 * creator; a binary profile has the first and not the second. Stacks are compared without
 * either. */

#include "prof/stacks.h"

#define GOROUTINE_IDS_MAX 8 /* examples that are kept per group */
#define NO_FRAME UINT32_MAX

struct goroutine_group {
	uint32_t state;   /* name: "chan receive"; 0: not known (no text) */
	uint32_t at;      /* of its frames in goroutines.frames, leaf first */
	uint32_t depth;   /* 0: "goroutine running on other thread; stack unavailable" */
	uint32_t creator; /* frame, or NO_FRAME */
	uint64_t count[SIDE_N];
	/* Of now, minutes as Go prints them: 0 means less than one. The runtime refreshes
	 * them about once a garbage collection, so they are lower bounds. */
	uint64_t wait_min, wait_max;
	uint64_t locked; /* of now, how many are locked to a thread */
	uint64_t leaked; /* of now, proved leaked by the collector (Go 1.26) */
	bool elided;     /* Go left out frames in the middle: the stack was too deep */
	uint64_t ids[GOROUTINE_IDS_MAX]; /* of now, in the order of the text; 0: none */
};

enum goroutine_source {
	GOROUTINES_NONE,
	GOROUTINES_BINARY, /* counts and stacks */
	GOROUTINES_DEBUG1, /* counts and stacks */
	GOROUTINES_DEBUG2, /* all there is */
};

struct goroutines {
	struct symbols *symbols;      /* borrowed */
	struct goroutine_group *list; /* by growth, then count now */
	size_t n;
	uint32_t *frames;
	size_t n_frames;
	uint64_t total[SIDE_N]; /* that were read */
	/* Of total, in no group: a text with over 100,000 different ones is hostile. */
	uint64_t left_out[SIDE_N];
	enum goroutine_source source[SIDE_N];
	/* The text was cut (Go stops at 67108864 bytes; or the file ends in the middle):
	 * total is less than there were. */
	bool cut[SIDE_N];
	/* Where base has no states and several groups of now share a stack, the base
	 * count of that stack is charged to the largest of them first. */
	struct goroutines_index *index; /* private */
};

void goroutines_init(struct goroutines *goroutines, struct symbols *symbols);
void goroutines_fini(struct goroutines *goroutines);
#define AUTO_GOROUTINES __attribute__((cleanup(goroutines_fini)))

#define GOROUTINES_WHY_MAX 160
/* A text of any Go version, debug=1 or debug=2, plain or gzipped (inflated up to limit
 * bytes), from an HTTP body or a crash log: lines that are neither header nor frame are
 * skipped. Linear in the bytes. 0, or -errno with why: -EBADMSG (no goroutine in it),
 * -EFBIG, -ENOMEM. */
int goroutines_text(struct span bytes, size_t limit, enum side side,
		    struct goroutines *to, char why[GOROUTINES_WHY_MAX]) must_check;
/* The same for a plain text as it arrives, in a few hundred KB of memory. */
struct goroutine_reader;
/* 0 or -ENOMEM. */
int goroutine_reader_new(struct goroutines *to, enum side side,
			 struct goroutine_reader **ret) must_check;
void goroutine_reader_free(struct goroutine_reader *reader); /* NULL is fine */
/* 0, -ENOMEM, -EFBIG (more names than symbols may hold). */
int goroutine_reader_add(struct goroutine_reader *reader, struct span bytes) must_check;
/* Once, at the end of the text: as goroutines_text. */
int goroutine_reader_end(struct goroutine_reader *reader,
			 char why[GOROUTINES_WHY_MAX]) must_check;
/* One side of a goroutine profile (profile_read) as groups without states. */
int goroutines_binary(const struct stacks *stacks, enum side side,
		      struct goroutines *to) must_check;
/* To be called once after both sides: matches base to now and sorts. 0 or -ENOMEM. */
int goroutines_finish(struct goroutines *goroutines) must_check;
