/* The frame, or creator, that follows another is nearly always the one that did before.
 * So the two lines of a frame are first compared with what is expected, which takes a
 * third of the time that reading them takes; whatever is not exactly so is read. */
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
	if (r->creator_next)
		r->next[at].creator = known + 1;
	else
		r->next[at].frame = known + 1;
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

/* "\t/src/main.go:12 +0x1d\n" */
static bool take_place(struct span *rest, const struct symbols *symbols,
		       const struct frame *frame)
{
	return take_char(rest, '\t') &&
	       take_text(rest, symbols_text(symbols, frame->file)) &&
	       take_char(rest, ':') && take_line_number(rest, frame->line);
}

static size_t guess_frame(struct goroutine_reader *r, struct span bytes, uint32_t known)
{
	const struct symbols *symbols = r->to->symbols;
	const struct frame *frame = symbols_at(symbols, known >> 1);
	struct span rest = bytes;

	if (frame->file == 0 ||
	    !take_text(&rest, symbols_text(symbols, frame->function)) ||
	    !take_char(&rest, '(') || !take_arguments(&rest) ||
	    !take_place(&rest, symbols, frame))
		return 0;
	r->hidden[r->depth] = known & 1;
	r->frames[r->depth++] = known >> 1;
	r->n_shown += !(known & 1);
	return bytes.len - rest.len;
}

/* "created by main.f\n" or, since Go 1.21, "created by main.f in goroutine 7\n". */
static size_t guess_creator(struct goroutine_reader *r, struct span bytes, uint32_t known)
{
	static const char by[] = "created by ", in[] = " in goroutine ";
	const struct symbols *symbols = r->to->symbols;
	const struct frame *frame = symbols_at(symbols, known >> 1);
	struct span rest = bytes;

	if (frame->file == 0 || !take_text(&rest, (struct span){by, strlen(by)}) ||
	    !take_text(&rest, symbols_text(symbols, frame->function)))
		return 0;
	if (take_text(&rest, (struct span){in, strlen(in)})) {
		if (rest.len == 0 || *rest.at < '0' || *rest.at > '9')
			return 0;
		while (rest.len > 0 && *rest.at >= '0' && *rest.at <= '9')
			(void)take_char(&rest, *rest.at);
	}
	if (bytes.len - rest.len > GOROUTINE_LINE_MAX / 2 || !take_char(&rest, '\n') ||
	    !take_place(&rest, symbols, frame))
		return 0;
	r->seen.creator = known >> 1;
	r->creator_next = r->whole = true;
	return bytes.len - rest.len;
}

size_t goroutine_reader_guess(struct goroutine_reader *r, struct span bytes)
{
	size_t at = place(r), n = 0;

	if (!r->open || r->prefix || r->counted || r->function.len || r->creator_next ||
	    r->whole || r->depth == STACK_DEPTH_MAX || at >= r->n_next)
		return 0;
	if (r->next[at].frame)
		n = guess_frame(r, bytes, r->next[at].frame - 1);
	if (n == 0 && r->next[at].creator)
		n = guess_creator(r, bytes, r->next[at].creator - 1);
	return n;
}
