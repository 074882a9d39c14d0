#include "view/report_words.h"

#include <string.h>

#include "lib/num.h"
#include "lib/quantity.h"

#define SHOW_MAX 200 /* bytes of one name: a sentence must stay one */

/* From the last but one slash before any type arguments. */
static struct span last_two(struct span text)
{
	const char *bracket = memchr(text.at, '[', text.len);
	size_t end = bracket ? (size_t)(bracket - text.at) : text.len;
	unsigned slashes = 0;

	for (size_t i = end; i-- > 0;) {
		if (text.at[i] == '/' && ++slashes == 2)
			return (struct span){text.at + i + 1, text.len - i - 1};
	}
	return text;
}

/* Linkers write a dot in the last element of a path as %2e. */
static void show_name(struct span name, struct buf *to)
{
	const char *dot;

	while (name.len > 0 && (dot = memmem(name.at, name.len, "%2e", 3))) {
		size_t len = (size_t)(dot - name.at);

		text_show(to, name.at, len, SHOW_MAX);
		buf_addc(to, '.');
		name.at += len + 3;
		name.len -= len + 3;
	}
	text_show(to, name.at, name.len, SHOW_MAX);
}

void words_function(const struct symbols *symbols, uint32_t frame, struct buf *to)
{
	struct span name = symbols_text(symbols, symbols_at(symbols, frame)->function);

	if (name.len == 0)
		buf_adds(to, "(no name)");
	show_name(last_two(name), to);
}

void words_frame(const struct symbols *symbols, uint32_t frame, struct buf *to)
{
	const struct frame *at = symbols_at(symbols, frame);
	struct span file = last_two(symbols_text(symbols, at->file));

	words_function(symbols, frame, to);
	if (file.len == 0)
		return;
	buf_adds(to, " (");
	text_show(to, file.at, file.len, SHOW_MAX);
	if (at->line)
		buf_addf(to, ":%u", at->line);
	buf_addc(to, ')');
}

void words_bytes(uint64_t bytes, struct buf *to)
{
	char text[QUANTITY_MAX];

	buf_adds(to, quantity_format(bytes, text));
}

void words_signed(int64_t bytes, struct buf *to)
{
	if (bytes < 0)
		buf_addc(to, '-');
	words_bytes((uint64_t)(bytes < 0 ? num_sub_i64(0, bytes) : bytes), to);
}

void words_count(uint64_t count, struct buf *to)
{
	if (count >= 1000) {
		words_count(count / 1000, to);
		buf_addf(to, ",%03u", (unsigned)(count % 1000));
	} else {
		buf_addf(to, "%u", (unsigned)count);
	}
}

void words_foreign(const char *text, struct buf *to)
{
	text_show(to, text, strlen(text), SHOW_MAX);
}
