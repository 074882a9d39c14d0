#pragma once
/* Between the files of goroutines: how one goroutine is counted, and what a line of a
 * text is. */

#include "prof/goroutines.h"
#include "prof/hash.h"

/* More groups or frames than these are hostile, or of no use to a reader: they are
 * counted in left_out. 100,000 groups take 14 MiB. */
#define GOROUTINE_GROUPS_MAX 100000
#define GOROUTINE_FRAMES_MAX (8u << 20)

struct goroutines_index {
	struct table by_key; /* state, frames and creator: number of the group */
	size_t room, frames_room;
};

struct goroutine_seen { /* one, or `count` of them that are the same */
	uint32_t state, creator;
	const uint32_t *frames; /* leaf first, shown ones only */
	size_t depth;
	uint64_t count, wait, id;
	bool locked, leaked, elided;
};
/* 0 or -ENOMEM. */
int goroutines_count(struct goroutines *to, enum side side,
		     const struct goroutine_seen *seen) must_check;
/* Would Go leave this function out of a text? It hides the runtime's own functions, but
 * not those that a program may call. Source: runtime/traceback.go, showfuncinfo. */
bool goroutines_hidden(struct span function);
/* The name that Go's texts use: "panic" for runtime.gopanic, "[...]" for type arguments.
 * Others, and what is longer than room, stay as they are. May use to. */
struct span goroutines_plain_name(struct span function, char *to, size_t room);

/* "goroutine 7 gp=0x1 m=nil [select (durable), 5 minutes, locked to thread]:" */
struct goroutine_header {
	uint64_t id, wait;
	struct span state; /* without what is said behind it */
	bool locked, leaked;
};
bool goroutine_header_parse(struct span line, struct goroutine_header *ret);

/* "\t/src/main.go:12 +0x1d", "\t/src/x.c:3 pc=0x4": false where no line number is. */
bool goroutine_place_parse(struct span line, struct span *ret_file, uint32_t *ret_line);
/* "main.(*T).f(0x1, {0x2, ...})" -> "main.(*T).f"; without arguments as it is. */
struct span goroutine_call_name(struct span line);
/* "created by main.f in goroutine 7" -> "main.f". */
struct span goroutine_creator_name(struct span line);
