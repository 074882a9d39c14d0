#pragma once
/* How many bytes in use a heap profile shows in all, told while it passes: the sum alone,
 * in a few kilobytes, without a table of anything. Format: profile.proto of pprof;
 * runtime/pprof writes alloc_objects, alloc_space, inuse_objects, inuse_space. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A sample has a number for each frame of its stack and four values; runtime/pprof cuts
 * stacks at 128 frames. */
#define SHOWN_FIELD_MAX 4096

struct shown {
	uint64_t bytes;
	bool broken;   /* no heap profile */
	bool any;      /* some sample was seen */
	uint64_t skip; /* bytes of a field that is of no use, still to come */
	size_t len;    /* of rest */
	uint8_t rest[SHOWN_FIELD_MAX]; /* of a field that is not whole yet */
};

void shown_begin(struct shown *shown);
/* Some of the profile, inflated. */
void shown_add(struct shown *shown, const void *bytes, size_t len);
/* False: it was no heap profile, or ends in the middle. */
bool shown_end(const struct shown *shown, uint64_t *ret_bytes);
