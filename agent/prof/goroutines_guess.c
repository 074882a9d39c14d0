/* The frame that follows another is nearly always the one that followed it before. So the
 * two lines of a frame are first compared with what is expected, which takes a third of
 * the time that reading them takes; whatever is not exactly so is read. */
#include <errno.h>
#include <string.h>

#include "prof/goroutines_reader.h"
#include "prof/list.h"

/* Behind which frame we stand: 0 at the leaf. */
static size_t place(const struct goroutine_reader *r)
{
	return r->depth ? (size_t)r->frames[r->depth - 1] + 1 : 0;
}

int goroutine_reader_learn(struct goroutine_reader *r, uint32_t known)
{
	const struct symbols *symbols = r->to->symbols;
	size_t at = place(r), had = r->n_next;
	struct span function =
		symbols_text(symbols, symbols_at(symbols, known >> 1)->function);
	int error;

	/* No function of Go's has one; "created by", a header and its like have. */
	if (memchr(function.at, ' ', function.len))
		return 0;
	error = list_grow(&r->next, sizeof(*r->next), at + 1, &r->n_next);
	if (error < 0)
		return error;
	if (r->n_next > had)
		memset(r->next + had, 0, (r->n_next - had) * sizeof(*r->next));
	r->next[at] = known + 1;
	return 0;
}

static bool take_text(struct span *rest, struct span text)
{
	if (rest->len <= text.len || memcmp(rest->at, text.at, text.len))
		return false;
	*rest = (struct span){rest->at + text.len, rest->len - text.len};
	return true;
}

static bool take_char(struct span *rest, char c)
{
	if (rest->len == 0 || *rest->at != c)
		return false;
	rest->at++;
	rest->len--;
	return true;
}

/* The arguments, up to the newline: "0x1, {...})\n" and no second call. */
static bool take_arguments(struct span *rest)
{
	const char *end = memchr(rest->at, '\n', rest->len);
	size_t len = end ? (size_t)(end - rest->at) : 0;

	if (len == 0 || len > GOROUTINE_LINE_MAX / 2 || end[-1] != ')' ||
	    memchr(rest->at, '(', len))
		return false;
	*rest = (struct span){end + 1, rest->len - len - 1};
	return true;
}

/* "12 +0x1d\n" */
static bool take_line_number(struct span *rest, uint32_t want)
{
	const char *end = memchr(rest->at, '\n', rest->len);
	size_t len = end ? (size_t)(end - rest->at) : 0, n = 0;
	uint64_t value = 0;

	for (; n < len && n < 9 && rest->at[n] >= '0' && rest->at[n] <= '9'; n++)
		value = value * 10 + (uint64_t)(rest->at[n] - '0');
	if (n == 0 || value != want || (n < len && rest->at[n] != ' ') ||
	    len > GOROUTINE_LINE_MAX / 2 || memchr(rest->at + n, ':', len - n))
		return false;
	*rest = (struct span){end + 1, rest->len - len - 1};
	return true;
}

size_t goroutine_reader_guess(struct goroutine_reader *r, struct span bytes)
{
	const struct symbols *symbols = r->to->symbols;
	const struct frame *frame;
	struct span rest = bytes;
	size_t at = place(r);
	uint32_t known;

	if (!r->open || r->prefix || r->counted || r->function.len || r->creator_next ||
	    r->whole || r->depth == STACK_DEPTH_MAX || at >= r->n_next || !r->next[at])
		return 0;
	known = r->next[at] - 1;
	frame = symbols_at(symbols, known >> 1);
	if (frame->file == 0 ||
	    !take_text(&rest, symbols_text(symbols, frame->function)) ||
	    !take_char(&rest, '(') || !take_arguments(&rest) || !take_char(&rest, '\t') ||
	    !take_text(&rest, symbols_text(symbols, frame->file)) ||
	    !take_char(&rest, ':') || !take_line_number(&rest, frame->line))
		return 0;
	r->hidden[r->depth] = known & 1;
	r->frames[r->depth++] = known >> 1;
	r->n_shown += !(known & 1);
	return bytes.len - rest.len;
}
