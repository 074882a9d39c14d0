#pragma once
/* The inside of rule_parse: a rule as words that know their columns. */

#include "core/rule.h"
#include "lib/text.h"

/* The longest rule has 9: "time to limit < 2m for 10s" 7, "memory grows 5x base in 1h for
 * 10s" 8. What stands behind so many is one word too many anyway. */
#define WORDS_MAX 12

struct words {
	const char *text;
	struct span word[WORDS_MAX];
	size_t n;
	size_t at;  /* the next one */
	size_t end; /* offset behind the last word that was taken */
	struct rule_fault *fault;
};

/* 0, or -EINVAL for a byte that no rule has. */
int words_split(const char *text, struct rule_fault *fault, struct words *ret) must_check;
/* The next word, not taken; empty at the end. */
struct span words_peek(const struct words *w);
struct span words_take(struct words *w);
/* Takes the next word if it is this one. */
bool words_skip(struct words *w, const char *word);
/* -EINVAL with the message; the column is that of a part of the text, or behind the last
 * word that was taken where the part is empty. */
int words_fault(const struct words *w, struct span part, const char *format, ...)
	printf_like(3, 4);

/* A word in a message: "%.*s", SHOW(word). */
#define SHOW(span) (int)MIN((span).len, 24), (span).at

/* rule_value.c: each takes what it understands and fills the rule. */
int rule_value(struct words *w, struct rule *rule) must_check;
/* A duration behind `word`, within [least, most]. */
int rule_duration(struct words *w, const char *word, uint64_t least_ms, uint64_t most_ms,
		  uint64_t *ret_ms) must_check;
