/* What each line of a goroutine text means where it stands. */
#include <stdio.h>
#include <string.h>

#include "lib/num.h"
#include "prof/goroutines_reader.h"
#include "prof/legacy.h"

static bool starts(struct span s, const char *with, size_t len)
{
	return s.len >= len && !memcmp(s.at, with, len);
}
#define STARTS(line, word) starts(line, word, sizeof(word) - 1)

static struct span behind(struct span line, size_t n)
{
	n = MIN(n, line.len);
	return (struct span){line.at + n, line.len - n};
}

/* --- debug=2 ------------------------------------------------------------------ */

static int begin(struct goroutine_reader *r, const struct goroutine_header *header)
{
	struct goroutine_seen seen = {.count = 1,
				      .id = header->id,
				      .wait = header->wait,
				      .locked = header->locked,
				      .leaked = header->leaked};
	int error = symbols_name(r->to->symbols, header->state, &seen.state);

	if (error < 0)
		return error;
	r->to->source[r->side] = GOROUTINES_DEBUG2;
	return goroutine_reader_open(r, &seen);
}

/* A journal's lines begin with a time, a host and a process, all as long as the first. */
static int find_header(struct goroutine_reader *r, struct span line)
{
	static const char word[] = "goroutine ";
	struct goroutine_header header;
	const char *at = memmem(line.at, line.len, word, strlen(word));
	size_t prefix;

	if (!at)
		return 0;
	prefix = (size_t)(at - line.at);
	if (!goroutine_header_parse(behind(line, prefix), &header))
		return 0;
	r->prefix = prefix;
	return begin(r, &header);
}

/* The function of a frame, until the line of its file comes. A line of somebody's log in
 * between is no call and does not take its place. */
static void take_function(struct goroutine_reader *r, struct span line)
{
	bool call = line.at[line.len - 1] == ')';

	if (r->function.len > 0 && (!call || r->creator_next))
		return;
	r->function = goroutine_call_name(line);
}

static int take_place(struct goroutine_reader *r, struct span line)
{
	struct span function = r->function, file = {"", 0};
	uint32_t number = 0;

	if (function.len == 0)
		return 0; /* "\tgoroutine running on other thread; stack unavailable" */
	r->function.len = 0;
	/* C without its symbols has a pc= only. */
	(void)goroutine_place_parse(line, &file, &number);
	return goroutine_reader_frame(r, function, file, number);
}

static int take_other(struct goroutine_reader *r, struct span line)
{
	struct goroutine_header header;

	if (goroutine_header_parse(line, &header))
		return begin(r, &header);
	if (STARTS(line, "created by ")) {
		r->function = goroutine_creator_name(line);
		r->creator_next = true;
	} else if (STARTS(line, "[originating from goroutine ")) {
		r->whole = true;
	} else if (STARTS(line, "...")) {
		r->seen.elided = true; /* "...23 frames elided..." */
	} else {
		take_function(r, line);
	}
	return 0;
}

static int inside(struct goroutine_reader *r, struct span line)
{
	if (line.len == 0)
		return goroutine_reader_close(r);
	if (line.at[0] == '\t' || line.at[0] == ' ')
		return take_place(r, line);
	return take_other(r, line);
}

/* --- debug=1 ------------------------------------------------------------------ */

/* "goroutine profile: total 12", "goroutineleak profile: total 3" */
static bool take_total(struct goroutine_reader *r, struct span line)
{
	static const char word[] = " profile: total ";
	const char *at = memmem(line.at, line.len, word, strlen(word));
	struct span kind, number;

	if (!at)
		return false;
	kind = (struct span){line.at, (size_t)(at - line.at)};
	number = behind(line, kind.len + strlen(word));
	if ((!span_is(kind, "goroutine") && !span_is(kind, "goroutineleak")) ||
	    num_u64(number.at, number.len, &r->said) < 0)
		return false;
	r->counted = true;
	r->prefix = 0;
	r->leaked = span_is(kind, "goroutineleak");
	r->to->source[r->side] = GOROUTINES_DEBUG1;
	return true;
}

static int counted_line(struct goroutine_reader *r, struct span line)
{
	struct goroutine_seen seen = {.leaked = r->leaked};
	struct legacy_symbol symbol;
	struct span addresses;

	if (legacy_symbol_parse(line, &symbol))
		return r->open ? goroutine_reader_frame(
					 r,
					 goroutines_plain_name(symbol.function, r->kept,
							       sizeof(r->kept)),
					 symbol.file, symbol.line)
			       : 0;
	if (legacy_count_parse(line, &seen.count, &addresses))
		return goroutine_reader_open(r, &seen);
	return line.len == 0 ? goroutine_reader_close(r) : 0;
}

/* ------------------------------------------------------------------------------ */

int goroutine_reader_line(struct goroutine_reader *r, struct span line)
{
	struct goroutine_header header;

	if (line.len > 0 && line.at[line.len - 1] == '\r')
		line.len--;
	if (r->counted)
		return counted_line(r, line);
	if (r->open)
		return inside(r, behind(line, r->prefix));
	if (goroutine_header_parse(line, &header)) {
		r->prefix = 0;
		return begin(r, &header);
	}
	return take_total(r, line) ? 0 : find_header(r, line);
}
