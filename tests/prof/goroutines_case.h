#pragma once
/* What the tests of goroutine texts share: a text in, groups out, and names to ask by. */

#include "unit.h"

#include <string.h>

#include "prof/goroutines.h"
#include "prof/profile.h"

struct goroutines_case {
	struct symbols *symbols;
	struct goroutines got;
	char why[GOROUTINES_WHY_MAX];
};

static inline void case_init(struct goroutines_case *c)
{
	assert_int_equal(symbols_new(64 << 20, &c->symbols), 0);
	goroutines_init(&c->got, c->symbols);
}

static inline void case_fini(struct goroutines_case *c)
{
	goroutines_fini(&c->got);
	symbols_free(c->symbols);
}
#define AUTO_CASE __attribute__((cleanup(case_fini)))

static inline struct span text_of(const char *text)
{
	return (struct span){text, strlen(text)};
}

static inline int case_read(struct goroutines_case *c, const char *text, enum side side)
{
	return goroutines_text(text_of(text), 1 << 28, side, &c->got, c->why);
}

static inline bool named(const struct goroutines_case *c, uint32_t name, const char *text)
{
	return span_is(symbols_text(c->symbols, name), text);
}

/* "main.f main.go:7 main.g main.go:9", leaf first. */
static inline void stack_text(const struct goroutines_case *c,
			      const struct goroutine_group *group, struct buf *to)
{
	for (size_t i = 0; i < group->depth; i++) {
		const struct frame *frame =
			symbols_at(c->symbols, c->got.frames[group->at + i]);
		struct span function = symbols_text(c->symbols, frame->function);
		struct span file = symbols_text(c->symbols, frame->file);

		if (i)
			buf_addc(to, ' ');
		buf_add(to, function.at, function.len);
		buf_addc(to, ' ');
		buf_add(to, file.at, file.len);
		buf_addf(to, ":%u", frame->line);
	}
}

static inline void expect_stack(const struct goroutines_case *c,
				const struct goroutine_group *group, const char *want)
{
	AUTO_BUF struct buf got;

	buf_init(&got, 1 << 20);
	stack_text(c, group, &got);
	expect(!strcmp(got.data, want), "got '%s', want '%s'", got.data, want);
}

static inline void expect_creator(const struct goroutines_case *c,
				  const struct goroutine_group *group, const char *want)
{
	struct span got = {"", 0};

	if (group->creator != NO_FRAME)
		got = symbols_text(c->symbols,
				   symbols_at(c->symbols, group->creator)->function);
	expect(span_is(got, want), "got '%.*s', want '%s'", (int)got.len, got.at, want);
}

/* The only group, for texts that have one. */
static inline const struct goroutine_group *only(const struct goroutines_case *c)
{
	expect(c->got.n == 1, "%zu groups", c->got.n);
	return &c->got.list[0];
}
