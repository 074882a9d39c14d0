/* The line of a file is foreign text: nothing in it reaches the terminal as it is. So the
 * caret is placed under what was printed, not under what was read. */
#include "view/fault.h"

#include <string.h>

#include "lib/text.h"

/* What is shown of a line, around the column. */
#define BEFORE_MAX 60
#define AFTER_MAX 40

static struct span line_of(const struct source *source, unsigned number)
{
	struct span rest = {source->text, source->len}, line = {0};

	while (number-- > 0) {
		if (!text_next(&rest, '\n', &line))
			return (struct span){source->text + source->len, 0};
	}
	if (line.len > 0 && line.at[line.len - 1] == '\r')
		line.len--;
	return line;
}

/* Bytes of the first n characters. */
static size_t bytes_of(struct span line, unsigned n)
{
	size_t at = 0;
	uint32_t number;

	while (n-- > 0 && at < line.len)
		at += MAX(text_character(line.at + at, line.len - at, &number), 1);
	return at;
}

static unsigned columns_of(const struct buf *shown)
{
	unsigned n = 0;

	for (size_t i = 0; i < shown->len; i++)
		n += (shown->data[i] & 0xc0) != 0x80;
	return n;
}

static void add_line(struct buf *to, const struct fault *fault, struct span line)
{
	unsigned column = MAX(fault->column, 1U) - 1;
	unsigned skipped = column > BEFORE_MAX ? column - BEFORE_MAX : 0;
	size_t from = bytes_of(line, skipped), at = bytes_of(line, column);
	size_t end = at + bytes_of((struct span){line.at + at, line.len - at}, AFTER_MAX);
	AUTO_BUF struct buf before = {0};

	buf_init(&before, 1024);
	text_show(&before, line.at + from, at - from, at - from);
	buf_addf(to, "%5u | %s%s", fault->line, skipped ? "..." : "", before.data);
	text_show(to, line.at + at, end - at, end - at);
	buf_addf(to, "%s\n      | %s%*s^\n", end < line.len ? "..." : "",
		 skipped ? "   " : "", (int)columns_of(&before), "");
}

static void show(struct buf *to, const char *text)
{
	text_show(to, text, strlen(text), strlen(text));
}

void fault_text(struct buf *to, const struct fault *fault, const struct source *sources,
		size_t n)
{
	show(to, fault->file);
	if (fault->line > 0)
		buf_addf(to, ":%u:%u", fault->line, fault->column);
	buf_adds(to, ": ");
	show(to, fault->message);
	buf_addc(to, '\n');
	if (fault->secret)
		buf_addf(to, "%5u | (not shown: it may hold a secret)\n", fault->line);
	for (size_t i = 0; i < n && fault->line > 0 && !fault->secret; i++) {
		if (sources[i].text && text_equal(sources[i].path, fault->file)) {
			add_line(to, fault, line_of(&sources[i], fault->line));
			break;
		}
	}
	if (fault->hint[0])
		buf_addf(to, "  %s\n", fault->hint);
}

void faults_text(struct buf *to, const struct faults *faults,
		 const struct source *sources, size_t n)
{
	for (size_t i = 0; i < faults->n; i++)
		fault_text(to, &faults->at[i], sources, n);
	if (faults->dropped > 0)
		buf_addf(to, "and %zu more\n", faults->dropped);
}
