#include "core/rule_words.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_operator(char c)
{
	return c && strchr("<>=!", c);
}

#define BEFORE_LABELS " \t<>=!{"

/* Behind the labels of a metric, in which quotes may hold anything; the end where they do
 * not end: whoever reads them says so. */
static size_t labels_end(const char *text, size_t at)
{
	bool quoted = false;

	for (; text[at]; at++) {
		if (quoted && text[at] == '\\' && text[at + 1])
			at++;
		else if (text[at] == '"')
			quoted = !quoted;
		else if (text[at] == '}' && !quoted)
			return at + 1;
	}
	return at;
}

/* The word at an offset: a run of operator characters or of others, so that "memory>5G"
 * is three words; NAME{label="value"} is one. */
static struct span word_at(const char *text, size_t at)
{
	bool operator= is_operator(text[at]);
	size_t end = at;

	if (!operator&& text[at + strcspn(text + at, BEFORE_LABELS)] == '{')
		return (struct span){text + at, labels_end(text, at) - at};
	while (text[end] && !is_blank(text[end]) && is_operator(text[end]) == operator)
		end++;
	return (struct span){text + at, end - at};
}

static int bytes_check(struct words *w)
{
	for (const char *c = w->text; *c; c++) {
		if ((*c >= ' ' && *c <= '~') || is_blank(*c))
			continue;
		return words_fault(w, (struct span){c, 1},
				   "a byte \\x%02x: rules are plain ASCII text",
				   (unsigned)(unsigned char)*c);
	}
	return 0;
}

int words_split(const char *text, struct rule_fault *fault, struct words *ret)
{
	struct words w = {.text = text, .fault = fault};
	int r = bytes_check(&w);

	for (size_t i = 0; r == 0 && text[i] && w.n < WORDS_MAX;) {
		if (is_blank(text[i])) {
			i++;
			continue;
		}
		w.word[w.n] = word_at(text, i);
		i += w.word[w.n++].len;
	}
	*ret = w;
	return r;
}

struct span words_peek(const struct words *w)
{
	return w->at < w->n ? w->word[w->at] : (struct span){"", 0};
}

struct span words_take(struct words *w)
{
	struct span word = words_peek(w);

	if (word.len) {
		w->at++;
		w->end = (size_t)(word.at - w->text) + word.len;
	}
	return word;
}

bool words_skip(struct words *w, const char *word)
{
	bool is = span_is(words_peek(w), word);

	if (is)
		(void)words_take(w);
	return is;
}

int words_fault(const struct words *w, struct span part, const char *format, ...)
{
	size_t offset = part.len ? (size_t)(part.at - w->text) : w->end;
	va_list args;

	w->fault->column = (unsigned)offset + 1;
	va_start(args, format);
	(void)vsnprintf(w->fault->message, sizeof(w->fault->message), format, args);
	va_end(args);
	return -EINVAL;
}
