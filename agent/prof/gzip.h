#pragma once
/* gzip (RFC 1952) as bytes arrive: texts are compressed on their way to the disk,
 * profiles are checked to be whole on theirs. Memory to memory; zlib is known to gzip.c
 * alone, and libdeflate to gzip_inflate.c. */

#include <stdbool.h>

#include "lib/text.h"

/* Level 1: 64 MiB of goroutines shrink 12 to 140 times at over 300 MB/s (measured). */
struct gzip;
/* Takes compressed bytes; 0 or -errno, which is passed up. */
typedef int gzip_sink(void *arg, const void *bytes, size_t len);

/* Allocates all that it will ever need (about 330 KB). 0 or -ENOMEM. */
int gzip_new(struct gzip **ret) must_check;
void gzip_free(struct gzip *gzip);
/* A new stream to this sink; one that was not ended is forgotten. */
void gzip_begin(struct gzip *gzip, gzip_sink *sink, void *arg);
/* 0, or the sink's error. */
int gzip_add(struct gzip *gzip, const void *bytes, size_t len) must_check;
/* What is still inside and the trailer. */
int gzip_end(struct gzip *gzip) must_check;

/* The other way, passed on piece by piece as it is inflated: a goroutine text of 64 MiB
 * needs 64 KiB here. One that ends in the middle gives what it has: a target that was
 * killed while it wrote its last words. */
#define GZIP_CUT 1 /* it ends in the middle; what was there has been passed on */
/* Members that stand one after the other are one text. 0, GZIP_CUT, -EBADMSG (damaged),
 * -EFBIG (more than limit bytes), -ENOMEM, or the sink's error. */
int gzip_stream(const void *bytes, size_t len, size_t limit, gzip_sink *sink,
		void *arg) must_check;

/* Is what passes one whole gzip member, with its checksum? A server that is stopped in
 * the middle of a body without a length looks as if it had finished. */
struct gzip_check;
/* What inflates to more than this is not looked at further and counts as whole: a bomb is
 * the reader's concern, who has limits. */
#define GZIP_CHECK_MAX (UINT64_C(1) << 30)
int gzip_check_new(struct gzip_check **ret) must_check;
void gzip_check_free(struct gzip_check *check);
void gzip_check_begin(struct gzip_check *check);
/* What is inflated is seen by `tap`, too (NULL: nobody), until the next begin. */
typedef void gzip_tap(void *arg, const void *bytes, size_t len);
void gzip_check_tap(struct gzip_check *check, gzip_tap *tap, void *arg);
void gzip_check_add(struct gzip_check *check, const void *bytes, size_t len);
/* True: everything since begin is one whole member and nothing more. */
bool gzip_check_whole(const struct gzip_check *check);

/* What may be gzipped, as it was before. */
struct gzip_bytes {
	struct span bytes; /* into owned, or those that were given */
	uint8_t *owned;
};
void gzip_bytes_fini(struct gzip_bytes *bytes);
#define AUTO_GZIP_BYTES __attribute__((cleanup(gzip_bytes_fini)))
bool gzip_is(struct span bytes); /* by its first two bytes */
/* All of the members that stand one after the other; what is not gzipped is passed
 * through. ret is to be finished after 0 only. Otherwise *ret_why says why, in words:
 * -EBADMSG (cut, damaged, or gzipped twice: nobody does that but bombs), -EFBIG (over
 * limit, also where nothing is gzipped), -ENOMEM. */
int gzip_inflate(struct span bytes, size_t limit, struct gzip_bytes *ret,
		 const char **ret_why) must_check;
