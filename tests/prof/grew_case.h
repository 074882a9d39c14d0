#pragma once
/* Stacks written as text: "main.load x.go:7;fmt.Sprintf fmt/print.go:2" has the root
 * first, as people read them. */
#include "prof/grew.h"

#include <string.h>

#include "unit.h"

struct grew_case {
	struct symbols *symbols;
	struct build build;
	struct owners *owners;
	struct stacks heap, earlier;
	struct goroutines goroutines;
	struct goroutine_group groups[16];
	uint32_t group_frames[64];
	struct grew_input input;
	struct grew grew;
};

static uint32_t case_name(struct grew_case *c, const char *text, size_t len)
{
	uint32_t number;

	assert_int_equal(symbols_name(c->symbols, (struct span){text, len}, &number), 0);
	return number;
}

static uint32_t case_frame(struct grew_case *c, struct span text)
{
	const char *blank = memchr(text.at, ' ', text.len);
	size_t len = blank ? (size_t)(blank - text.at) : text.len;
	struct frame frame = {.function = case_name(c, text.at, len)};
	const char *colon = blank ? memchr(blank, ':', text.len - len) : NULL;
	uint32_t number;

	if (blank)
		frame.file = case_name(c, blank + 1,
				       colon ? (size_t)(colon - blank - 1)
					     : text.len - len - 1);
	if (colon)
		frame.line = (uint32_t)strtoul(colon + 1, NULL, 10);
	assert_int_equal(symbols_frame(c->symbols, &frame, &number), 0);
	return number;
}

/* Leaf first, as in a table; how many. */
static size_t case_frames(struct grew_case *c, const char *text, uint32_t to[static 16])
{
	struct span rest = {text, strlen(text)}, part;
	size_t n = 0;

	while (text_next(&rest, ';', &part)) {
		assert_true(n < 16);
		memmove(to + 1, to, n * sizeof(*to));
		to[0] = case_frame(c, part);
		n++;
	}
	return n;
}

static void case_stack(struct grew_case *c, struct stacks *stacks, const char *text,
		       enum side side, int64_t space)
{
	const int64_t values[] = {space / 1024, space};
	uint32_t frames[16];
	size_t n = case_frames(c, text, frames);

	assert_int_equal(stacks_add(stacks, frames, n, side, values), 0);
	stacks->read[side] = true;
}

static void case_types(struct grew_case *c, struct stacks *stacks)
{
	stacks_init(stacks, c->symbols);
	stacks->n_types = 2;
	stacks->types[0].name = case_name(c, "inuse_objects", 13);
	stacks->types[1].name = case_name(c, "inuse_space", 11);
}

static inline void case_group(struct grew_case *c, const char *text, const char *creator,
			      uint64_t base, uint64_t now)
{
	struct goroutine_group *group = &c->groups[c->goroutines.n++];
	uint32_t *to = c->group_frames + c->goroutines.n_frames;

	assert_true(c->goroutines.n_frames + 16 <= ARRAY_SIZE(c->group_frames));
	*group = (struct goroutine_group){
		.state = case_name(c, "IO wait", 7),
		.at = (uint32_t)c->goroutines.n_frames,
		.depth = (uint32_t)case_frames(c, text, to),
		.creator =
			creator ? case_frame(c, (struct span){creator, strlen(creator)})
				: NO_FRAME,
		.count = {[SIDE_BASE] = base, [SIDE_NOW] = now},
		.wait_min = 1,
		.wait_max = 12,
	};
	c->goroutines.n_frames += group->depth;
	c->input.goroutines = &c->goroutines;
}

static void case_begin(struct grew_case *c)
{
	static const char build[] = "go\tgo1.19\npath\texample.com/shop\n"
				    "mod\texample.com/shop\t(devel)\n";

	*c = (struct grew_case){0};
	assert_int_equal(symbols_new(1 << 20, &c->symbols), 0);
	assert_int_equal(build_read((struct span){build, strlen(build)}, &c->build), 0);
	assert_int_equal(owners_new(&c->build, c->symbols, &c->owners), 0);
	case_types(c, &c->heap);
	case_types(c, &c->earlier);
	c->goroutines = (struct goroutines){
		.symbols = c->symbols, .list = c->groups, .frames = c->group_frames};
	c->input = (struct grew_input){.heap = &c->heap,
				       .owners = c->owners,
				       .threads = {THREADS_UNKNOWN, THREADS_UNKNOWN}};
}

static void case_end(struct grew_case *c)
{
	stacks_fini(&c->heap);
	stacks_fini(&c->earlier);
	owners_free(c->owners);
	build_fini(&c->build);
	symbols_free(c->symbols);
}

/* The function of a frame is called so; "" is NO_FRAME. */
static inline bool case_is(const struct grew_case *c, uint32_t frame, const char *name)
{
	if (frame == NO_FRAME)
		return !*name;
	return span_is(symbols_text(c->symbols, symbols_at(c->symbols, frame)->function),
		       name);
}
