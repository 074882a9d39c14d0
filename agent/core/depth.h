#pragma once
/* How much a look reads. A fast one is due with every tick, a slow one every 10 s, one
 * that reads all that is cheap every minute.
 *
 * Where the usage of a domain was the same to the byte at every look since the last slow
 * one, it rests: what changes only with memory that is charged or freed (the kinds of
 * memory, kills, the size of the process, its threads and descriptors) is as it was. The
 * limit is not of that kind, nor is who the process is and where it stands: these are
 * read as ever. Up to 64 pages a processor the kernel hands out without counting; for
 * what these may hide a domain that rests is read slowly once a minute and wholly every
 * five. */

#include "core/sample.h"

enum look_depth {
	LOOK_FAST,  /* memory and usage; rss and anon where wanted or memory is rss */
	LOOK_REST,  /* exactly, with limit and headroom; the wanted ones */
	LOOK_SLOW,  /* and kills and rss */
	LOOK_WHOLE, /* and all that is cheap, wanted or not */
};

/* Zeroed memory is one of which nothing is known yet. */
struct depth {
	unsigned turn;  /* slow looks so far */
	uint64_t usage; /* bytes, of the last one that was more than LOOK_REST */
	bool rests;     /* and so at every look since */
	bool owes;      /* a whole look was left out */
};

struct depth_turn {
	enum look_depth how;
	bool identify; /* once a minute: is it still the same process, in its place? */
};

/* The slow look that is due now. may_rest: a look is not what tells of the end of the
 * process, and no threshold is near. */
struct depth_turn depth_next(struct depth *depth, bool may_rest);
/* After each look. */
void depth_note(struct depth *depth, enum look_depth how, const struct sample *sample);
