#pragma once
/* A small profile, part by part, for tests that put them together in their own way. */

#include "prof/profile.h"
#include "prof/proto_make.h"
#include "unit.h"

/* Fields of Profile, as the format has them. */
enum { TYPE = 1, SAMPLE, MAPPING, LOCATION, FUNCTION, STRING, TIME = 9, DEFAULT = 14 };

struct fixture {
	struct symbols *symbols;
	struct stacks stacks;
	char why[PROFILE_WHY_MAX];
};

PROTO_UNUSED static void begin(struct fixture *f)
{
	assert_int_equal(symbols_new(1 << 19, &f->symbols), 0);
	stacks_init(&f->stacks, f->symbols);
}

PROTO_UNUSED static void end(struct fixture *f)
{
	stacks_fini(&f->stacks);
	symbols_free(f->symbols);
}

PROTO_UNUSED static int read_as(struct fixture *f, const struct buf *bytes,
				enum side side)
{
	assert_int_equal(buf_error(bytes), 0);
	return profile_read((struct span){bytes->data, bytes->len},
			    &(struct profile_limits){1 << 20}, side, &f->stacks, f->why);
}

static const char *const strings[] = {"",       "objects", "count",         "space",
				      "bytes",  "main.a",  "a.go",          "main.b",
				      "main.c", "c.go",    "/lib/libc.so.6"};
enum { S_OBJECTS = 1, S_COUNT, S_SPACE, S_BYTES, S_A, S_A_GO, S_B, S_C, S_C_GO, S_LIBC };

PROTO_UNUSED static void put_strings(struct buf *to)
{
	for (size_t i = 0; i < ARRAY_SIZE(strings); i++)
		put_text(to, STRING, strings[i]);
}

PROTO_UNUSED static void put_types(struct buf *to)
{
	PUT_MESSAGE(to, TYPE, 1, S_OBJECTS, 2, S_COUNT);
	PUT_MESSAGE(to, TYPE, 1, S_SPACE, 2, S_BYTES);
}

/* a and b inlined into it at location 1, c at location 2, an address of libc at 3. */
PROTO_UNUSED static void put_tables(struct buf *to)
{
	AUTO_BUF struct buf location;

	buf_init(&location, 1000);
	PUT_MESSAGE(to, MAPPING, 1, 1, 2, 0x400000, 3, 0x500000, 4, 0x1000, 5, S_LIBC);
	PUT_MESSAGE(to, FUNCTION, 1, 1, 2, S_A, 3, S_A, 4, S_A_GO, 5, 1);
	PUT_MESSAGE(to, FUNCTION, 1, 2, 2, S_B, 3, S_B, 4, S_A_GO, 5, 9);
	PUT_MESSAGE(to, FUNCTION, 1, 3, 2, S_C, 3, S_C, 4, S_C_GO, 5, 1);
	put_number(&location, 1, 1);
	put_number(&location, 2, 1);
	put_number(&location, 3, 0x400100);
	PUT_MESSAGE(&location, 4, 1, 2, 2, 12);
	PUT_MESSAGE(&location, 4, 1, 1, 2, 3);
	put_bytes(to, LOCATION, location.data, location.len);
	buf_clear(&location);
	put_number(&location, 1, 2);
	PUT_MESSAGE(&location, 4, 1, 3, 2, 40);
	put_bytes(to, LOCATION, location.data, location.len);
	PUT_MESSAGE(to, LOCATION, 1, 3, 2, 1, 3, 0x41e2e4);
}

PROTO_UNUSED static void put_head(struct buf *to)
{
	put_types(to);
	put_tables(to);
	put_strings(to);
}

PROTO_UNUSED static void put_whole(struct buf *to)
{
	put_head(to);
	PUT_MESSAGE(to, SAMPLE, 1, 1, 1, 2, 2, 1, 2, 2);
}
