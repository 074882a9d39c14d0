/* The lines of a goroutine text. Formats: runtime/traceback.go (goroutineheader,
 * traceback, printcreatedby) from Go 1.2 on:
 *
 *   goroutine 18 gp=0xc000007c00 m=nil [chan receive (durable), 5 minutes]:
 *   main.(*pool).work(0xc00001c0a0, {0x1, 0x2, ...})
 *   	/src/pool.go:31 +0x65 fp=0xc000 sp=0xc000 pc=0x47
 *   created by main.run in goroutine 1
 *   	/src/main.go:12 +0x2a */
#include <string.h>

#include "lib/num.h"
#include "prof/goroutines_parts.h"

static bool starts(struct span s, const char *with)
{
	size_t len = strlen(with);

	return s.len >= len && !memcmp(s.at, with, len);
}

static bool ends(struct span s, const char *with)
{
	size_t len = strlen(with);

	return s.len >= len && !memcmp(s.at + s.len - len, with, len);
}

static size_t digits(struct span s)
{
	size_t n = 0;

	while (n < s.len && s.at[n] >= '0' && s.at[n] <= '9')
		n++;
	return n;
}

static bool take_suffix(struct span *s, const char *suffix)
{
	if (!ends(*s, suffix))
		return false;
	s->len -= strlen(suffix);
	return true;
}

/* "select (durable)": what the collector or a bubble says of it is no state of its own.
 */
static struct span state_name(struct span text, bool *ret_leaked)
{
	for (;;) {
		if (take_suffix(&text, " (leaked)"))
			*ret_leaked = true;
		else if (!take_suffix(&text, " (scan)") &&
			 !take_suffix(&text, " (durable)"))
			return text;
	}
}

/* ", "-separated: "5 minutes", "locked to thread", "synctest bubble 1" and what newer
 * versions of Go may say. */
static void parse_note(struct span note, struct goroutine_header *h)
{
	size_t n = digits(note);
	struct span unit = {note.at + n, note.len - n};

	if (n > 0 && (span_is(unit, " minutes") || span_is(unit, " minute"))) {
		if (num_u64(note.at, n, &h->wait) < 0)
			h->wait = 0;
	} else if (span_is(note, "locked to thread")) {
		h->locked = true;
	}
}

static void parse_state(struct span inside, struct goroutine_header *h)
{
	struct span part;
	bool first = true;

	while (text_next(&inside, ',', &part)) {
		part = span_trim(part);
		if (first)
			h->state = state_name(part, &h->leaked);
		else
			parse_note(part, h);
		first = false;
	}
}

bool goroutine_header_parse(struct span line, struct goroutine_header *ret)
{
	static const char word[] = "goroutine ";
	struct goroutine_header h = {0};
	const char *open, *close;
	struct span rest;
	size_t n;

	if (!starts(line, word))
		return false;
	rest = (struct span){line.at + strlen(word), line.len - strlen(word)};
	n = digits(rest);
	open = memchr(rest.at, '[', rest.len);
	if (n == 0 || n == rest.len || rest.at[n] != ' ' || !open ||
	    num_u64(rest.at, n, &h.id) < 0)
		return false;
	/* Between number and state stand at most gp=, m= and mp=. */
	if (memchr(rest.at, ':', (size_t)(open - rest.at)))
		return false;
	close = memchr(open, ']', (size_t)(rest.at + rest.len - open));
	if (!close || !memchr(close, ':', (size_t)(rest.at + rest.len - close)))
		return false;
	parse_state((struct span){open + 1, (size_t)(close - open - 1)}, &h);
	*ret = h;
	return true;
}

bool goroutine_place_parse(struct span line, struct span *ret_file, uint32_t *ret_line)
{
	const char *colon = memrchr(line.at, ':', line.len);
	struct span number;
	uint64_t value = 0;
	size_t n;

	if (!colon)
		return false;
	number = (struct span){colon + 1, (size_t)(line.at + line.len - colon - 1)};
	n = digits(number);
	if (n == 0 || n > 9 || (n < number.len && number.at[n] != ' '))
		return false;
	for (size_t i = 0; i < n; i++)
		value = value * 10 + (uint64_t)(number.at[i] - '0');
	while (line.at < colon && (*line.at == '\t' || *line.at == ' '))
		line.at++;
	*ret_file = (struct span){line.at, (size_t)(colon - line.at)};
	*ret_line = (uint32_t)value;
	return true;
}

struct span goroutine_call_name(struct span line)
{
	const char *open;

	if (line.len == 0 || line.at[line.len - 1] != ')')
		return line;
	open = memrchr(line.at, '(', line.len);
	if (open && open > line.at)
		line.len = (size_t)(open - line.at);
	return line;
}

struct span goroutine_creator_name(struct span line)
{
	static const char by[] = "created by ", in[] = " in goroutine ";
	struct span name = {line.at + strlen(by), line.len - strlen(by)};
	struct span rest = name;

	while (rest.len > 0 && rest.at[rest.len - 1] >= '0' &&
	       rest.at[rest.len - 1] <= '9')
		rest.len--;
	return rest.len < name.len && take_suffix(&rest, in) ? rest : name;
}

bool goroutines_hidden(struct span function)
{
	static const char package[] = "runtime.";
	size_t len = strlen(package);

	if (!starts(function, package))
		return false;
	return function.len == len || function.at[len] < 'A' || function.at[len] > 'Z';
}

struct span goroutines_plain_name(struct span function, char *to, size_t room)
{
	static const char any[] = "[...]";
	const char *open = memchr(function.at, '[', function.len);
	const char *close = memrchr(function.at, ']', function.len);
	size_t head, tail;

	if (span_is(function, "runtime.gopanic"))
		return (struct span){"panic", strlen("panic")};
	/* "[libc.so.6]+0x1f2e4" is an address and no generic function. */
	if (!open || !close || close < open || open == function.at)
		return function;
	head = (size_t)(open - function.at);
	tail = (size_t)(function.at + function.len - close - 1);
	if (head + strlen(any) + tail > room)
		return function;
	memcpy(to, function.at, head);
	memcpy(to + head, any, strlen(any));
	memcpy(to + head + strlen(any), close + 1, tail);
	return (struct span){to, head + strlen(any) + tail};
}
