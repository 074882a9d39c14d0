/* make base|now > FILE: a heap profile of 60,000 distinct stacks of 24 to 35 frames out
 * of 12,000 locations in 3,000 functions, the same at each run; between base and now a
 * tenth of the stacks are new and the others have grown or shrunk. Written as Go writes
 * them: samples first, strings last. */
#include <stdbool.h>
#include <stdio.h>

#include "lib/buf.h"
#include "tests/prof/proto_make.h"

#define SAMPLES 60000
#define LOCATIONS 12000
#define FUNCTIONS 3000
#define STRINGS_FIRST 7 /* "" and the words of the types */

enum { COUNT = 1, BYTES, ALLOC_OBJECTS, ALLOC_SPACE, INUSE_OBJECTS, INUSE_SPACE };
static const char *const words[STRINGS_FIRST] = {
	"",           "count", "bytes", "alloc_objects", "alloc_space", "inuse_objects",
	"inuse_space"};

static uint32_t dice = 1;

static uint32_t roll(uint32_t sides)
{
	dice = dice * 1664525 + 1013904223;
	return (dice >> 8) % sides;
}

static void put_sample(struct buf *to, int64_t objects, int64_t size)
{
	AUTO_BUF struct buf sample, ids, values;
	uint32_t depth = 24 + roll(12), at = roll(LOCATIONS);

	buf_init(&sample, 10000);
	buf_init(&ids, 10000);
	buf_init(&values, 100);
	for (uint32_t i = 0; i < depth;
	     i++) { /* each has four callers, as in a program */
		put_varint(&ids, 1 + at);
		at = (at * 31 + roll(4)) % LOCATIONS;
	}
	for (int i = 0; i < 2; i++) {
		put_varint(&values, (uint64_t)(objects * (2 - i)));
		put_varint(&values, (uint64_t)(objects * size * (2 - i)));
	}
	put_bytes(&sample, 1, ids.data, ids.len);
	put_bytes(&sample, 2, values.data, values.len);
	PUT_MESSAGE(&sample, 3, 1, BYTES, 3, (uint64_t)size);
	put_bytes(to, 2, sample.data, sample.len);
}

static void put_samples(struct buf *to, bool now)
{
	for (uint32_t i = 0; i < SAMPLES; i++) {
		int64_t objects = 1 + roll(100), size = 16 << roll(8);

		dice = i;
		if (now && i % 10 == 0)
			dice += SAMPLES; /* another stack */
		put_sample(to, now ? objects + i % 7 : objects + 2, size);
		dice = i * 7919;
	}
}

static void put_tables(struct buf *to)
{
	AUTO_BUF struct buf location;
	char text[64];

	buf_init(&location, 1000);
	for (uint32_t i = 1; i <= LOCATIONS; i++) {
		buf_clear(&location);
		put_number(&location, 1, i);
		put_number(&location, 3, 0x400000 + 16 * i);
		PUT_MESSAGE(&location, 4, 1, 1 + i % FUNCTIONS, 2, i / FUNCTIONS + 10);
		put_bytes(to, 4, location.data, location.len);
	}
	for (uint32_t i = 0; i < FUNCTIONS; i++)
		PUT_MESSAGE(to, 5, 1, i + 1, 2, STRINGS_FIRST + 2 * i, 4,
			    STRINGS_FIRST + 2 * i + 1);
	for (size_t i = 0; i < STRINGS_FIRST; i++)
		put_text(to, 6, words[i]);
	for (uint32_t i = 0; i < FUNCTIONS; i++) {
		(void)snprintf(text, sizeof(text), "example.com/shop/pkg%u.(*T%u).Do%u",
			       i % 97, i % 13, i);
		put_text(to, 6, text);
		(void)snprintf(text, sizeof(text), "example.com/shop/pkg%u/file%u.go",
			       i % 97, i % 13);
		put_text(to, 6, text);
	}
}

int main(int argc, char **argv)
{
	AUTO_BUF struct buf bytes;

	buf_init(&bytes, (size_t)1 << 30);
	PUT_MESSAGE(&bytes, 1, 1, ALLOC_OBJECTS, 2, COUNT);
	PUT_MESSAGE(&bytes, 1, 1, ALLOC_SPACE, 2, BYTES);
	PUT_MESSAGE(&bytes, 1, 1, INUSE_OBJECTS, 2, COUNT);
	PUT_MESSAGE(&bytes, 1, 1, INUSE_SPACE, 2, BYTES);
	put_samples(&bytes, argc > 1 && !strcmp(argv[1], "now"));
	put_tables(&bytes);
	if (buf_error(&bytes) < 0)
		return 1;
	return fwrite(bytes.data, 1, bytes.len, stdout) == bytes.len ? 0 : 1;
}
