#pragma once
/* What profiles of one kind say, base beside now: one row per distinct stack, and for
 * each side the values of all sample types. The difference of two profiles is this table
 * and nothing more: flat, cum, growth, flame graph and JSON are sums over it.
 *
 * Two samples have the same stack where function, file and line of every frame are equal;
 * labels are added up. */

#include "prof/symbols.h"

enum side { SIDE_BASE, SIDE_NOW, SIDE_N };

#define STACK_TYPES_MAX 8 /* heap has 4; a profile with more is refused */
#define STACK_DEPTH_MAX                                                                  \
	1024 /* frames; deeper stacks lose their roots, which is counted */

struct stack {
	uint32_t at; /* of its frames in stacks.frames: [at, at + depth), leaf first */
	uint32_t depth;
};

struct stack_type {
	uint32_t name; /* "inuse_space" */
	uint32_t unit; /* "bytes" */
};

struct stacks {
	struct symbols *symbols; /* borrowed */
	/* Borrowed; the one type that will be looked at, "": the default one. Readers may
	 * leave out samples that have none of it: in a heap these are four of five, what
	 * was freed. NULL: all. */
	const char *only;
	struct stack_type types[STACK_TYPES_MAX];
	size_t n_types;
	size_t default_type; /* that the profile names; else the last */
	uint32_t *frames;    /* numbers of symbols_at */
	size_t n_frames;
	struct stack *list;
	size_t n;
	/* value of type t of stack s: values[side][s * n_types + t]; all zero for a side
	 * that was not read */
	int64_t *values[SIDE_N];
	bool read[SIDE_N];
	int64_t at_ns[SIDE_N];      /* Unix; when the profile was taken, 0: not said */
	uint64_t cut[SIDE_N];       /* stacks that were deeper than STACK_DEPTH_MAX */
	struct stacks_index *index; /* private: hash of the stacks */
};

void stacks_init(struct stacks *stacks, struct symbols *symbols);
void stacks_fini(struct stacks *stacks);
#define AUTO_STACKS __attribute__((cleanup(stacks_fini)))
/* Adds value to type t of side for this stack. For readers, who set types before the
 * first. 0, -ENOMEM, -EFBIG. */
int stacks_add(struct stacks *stacks, const uint32_t *frames, size_t depth,
	       enum side side, const int64_t *values) must_check;
/* The same with what pprof tells samples apart by: address and labels. */
struct stack_sample {
	const uint32_t *frames;
	size_t depth;
	const int64_t *values;
	uint64_t key; /* for stacks_pprof_total: a hash that is the same for the same
			 sample on both sides; 0: that of the frames */
};
int stacks_add_sample(struct stacks *stacks, const struct stack_sample *sample,
		      enum side side) must_check;
/* Index of the type with this name, or -ENOENT. */
int stacks_type(const struct stacks *stacks, const char *name) must_check;
int64_t stacks_total(const struct stacks *stacks, enum side side, size_t type);
/* What `go tool pprof -top -base` calls the total: the sum of |now - base| over what it
 * holds for one sample (addresses and labels, finer than our stacks). */
int64_t stacks_pprof_total(const struct stacks *stacks, size_t type);

/* A function's share, as `go tool pprof -top` prints it: a function that is several times
 * on one stack counts once in cum. */
struct share {
	uint32_t function; /* name */
	int64_t flat[SIDE_N], cum[SIDE_N];
};
struct shares {
	struct share *list; /* owned; by |flat now - flat base|, then |cum|, then name */
	size_t n;
};
/* The same list by |cum|, then |flat|, then name. */
void shares_by_cum(struct shares *shares, struct symbols *symbols);
void shares_fini(struct shares *shares);
#define AUTO_SHARES __attribute__((cleanup(shares_fini)))
/* 0 or -ENOMEM. */
int stacks_shares(const struct stacks *stacks, size_t type,
		  struct shares *ret) must_check;
