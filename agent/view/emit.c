/* One line per member down to the second level and per object below it, so that people
 * can read the file and tools for lines can take it apart; rows of numbers stay on
 * theirs. */
#include "view/emit.h"

#include <stdio.h>
#include <string.h>

#include "lib/stamp.h"

#define LINES_DOWN_TO 2
#define SHOWN_MAX (1024 * 1024)

void emit_init(struct emit *emit, struct buf *to)
{
	*emit = (struct emit){.to = to, .text_max = EMIT_TEXT_MAX, .first = true};
	buf_init(&emit->shown, SHOWN_MAX);
}

void emit_fini(struct emit *emit)
{
	buf_fini(&emit->shown);
}

/* What stands before every value. */
static void begin(struct emit *emit, const char *key, bool is_object)
{
	if (!emit->first)
		buf_addc(emit->to, ',');
	if (emit->depth > 0 && (emit->depth <= LINES_DOWN_TO || is_object))
		buf_addc(emit->to, '\n');
	emit->first = false;
	if (!key)
		return;
	buf_addc(emit->to, '"');
	buf_adds(emit->to, key);
	buf_adds(emit->to, "\":");
}

void emit_open(struct emit *emit, const char *key, char bracket)
{
	begin(emit, key, bracket == '{');
	buf_addc(emit->to, bracket);
	emit->depth++;
	emit->first = true;
}

void emit_close(struct emit *emit, char bracket)
{
	buf_addc(emit->to, bracket);
	emit->depth--;
	emit->first = false;
}

/* Shown text has no control bytes left but the new lines of ours. */
static const char *escape(char c)
{
	switch (c) {
	case '"':
		return "\\\"";
	case '\\':
		return "\\\\";
	case '<':
		return "\\u003c";
	case '\n':
		return "\\n";
	default:
		return NULL;
	}
}

static void quoted(struct buf *to, const char *text, size_t len)
{
	size_t from = 0;

	buf_addc(to, '"');
	for (size_t i = 0; i < len; i++) {
		const char *instead = escape(text[i]);

		if (!instead)
			continue;
		buf_add(to, text + from, i - from);
		buf_adds(to, instead);
		from = i + 1;
	}
	buf_add(to, text + from, len - from);
	buf_addc(to, '"');
}

void emit_span(struct emit *emit, const char *key, struct span foreign)
{
	struct buf *shown = &emit->shown;

	buf_clear(shown);
	text_show(shown, foreign.at, foreign.len, emit->text_max);
	if (foreign.len > emit->text_max)
		buf_addf(shown, " ... (%zu bytes in all)", foreign.len);
	if (buf_error(shown) < 0)
		emit->to->error = buf_error(shown);
	begin(emit, key, false);
	quoted(emit->to, shown->data, shown->len);
}

void emit_text(struct emit *emit, const char *key, const char *foreign)
{
	emit_span(emit, key, (struct span){foreign, strlen(foreign)});
}

/* Line by line: to text_show a new line is an escape like any other. */
void emit_whole(struct emit *emit, const char *key, struct span text)
{
	struct buf *shown = &emit->shown;
	struct span line;

	buf_clear(shown);
	while (text_next(&text, '\n', &line)) {
		if (shown->len > 0)
			buf_addc(shown, '\n');
		text_show(shown, line.at, line.len, line.len);
	}
	if (buf_error(shown) < 0)
		emit->to->error = buf_error(shown);
	begin(emit, key, false);
	quoted(emit->to, shown->data, shown->len);
}

void emit_buf(struct emit *emit, const char *key, const struct buf *text)
{
	if (text->error)
		emit->to->error = text->error;
	emit_whole(emit, key, (struct span){text->data, text->len});
}

/* By hand: most of a report is numbers, and printf takes four times as long. */
void emit_int(struct emit *emit, const char *key, int64_t number)
{
	uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;
	char digits[24];
	size_t at = sizeof(digits);

	do
		digits[--at] = (char)('0' + rest % 10);
	while (rest /= 10);
	if (number < 0)
		digits[--at] = '-';
	begin(emit, key, false);
	buf_add(emit->to, digits + at, sizeof(digits) - at);
}

void emit_count(struct emit *emit, const char *key, uint64_t number)
{
	if (number > INT64_MAX)
		emit_null(emit, key);
	else
		emit_int(emit, key, (int64_t)number);
}

void emit_time(struct emit *emit, const char *key, int64_t unix_ms)
{
	if (unix_ms == 0)
		emit_null(emit, key);
	else
		emit_int(emit, key, unix_ms);
}

void emit_stamp(struct emit *emit, const char *key, int64_t unix_ms)
{
	char text[STAMP_MAX];

	if (unix_ms == 0)
		emit_null(emit, key);
	else
		emit_text(emit, key, stamp_format(unix_ms, text));
}

void emit_real(struct emit *emit, const char *key, double number)
{
	char text[40];

	if (!(number >= -1e15 && number <= 1e15)) { /* NAN as well */
		emit_null(emit, key);
		return;
	}
	if (number == (double)(int64_t)number) {
		emit_int(emit, key, (int64_t)number);
		return;
	}
	(void)snprintf(text, sizeof(text), "%.6g", number);
	begin(emit, key, false);
	buf_adds(emit->to, text);
}

void emit_bool(struct emit *emit, const char *key, bool value)
{
	begin(emit, key, false);
	buf_adds(emit->to, value ? "true" : "false");
}

void emit_null(struct emit *emit, const char *key)
{
	begin(emit, key, false);
	buf_adds(emit->to, "null");
}
