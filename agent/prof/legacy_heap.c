/* heap profile: 3: 1024 [5: 2048] @ heap/1048576
 * 1: 512 [2: 1024] @ 0x45 0x67
 * #	0x44	main.f+0x12	/src/main.go:7
 *
 * The rate is twice the real one for "heap" (an old habit of the C++ writer), itself for
 * "heap_v2"; "heapprofile" counts everything. An allocation of s bytes is sampled with
 * the probability 1 - exp(-s / rate). */
#include "prof/legacy_heap.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/num.h"
#include "prof/hash.h"
#include "prof/legacy.h"

enum { ALLOC_OBJECTS, ALLOC_SPACE, INUSE_OBJECTS, INUSE_SPACE, TYPES };

static const char begin[] = "heap profile: ";
static const char tail[] = "\n# runtime.MemStats\n";

struct counts {
	int64_t objects, bytes;
};

struct reading {
	struct stacks *to;
	enum side side;
	char *why;
	uint64_t line;     /* of the text, for people */
	int64_t rate;      /* bytes; up to 1: nothing to scale */
	int64_t said, sum; /* bytes in use: of the head, of the records */

	bool open; /* in a record: */
	int64_t values[TYPES];
	int64_t block; /* bytes of one object: pprof tells samples apart by it */
	struct span addresses;
	uint32_t frames[STACK_DEPTH_MAX];
	size_t depth;
};

static int bad(struct reading *in, const char *what)
{
	(void)snprintf(in->why, LEGACY_HEAP_WHY_MAX, "line %llu: %s",
		       (unsigned long long)in->line, what);
	return -EBADMSG;
}

/* --- Numbers ------------------------------------------------------------------- */

static bool take_number(struct span *rest, char end, int64_t *ret)
{
	struct span number;

	if (!memchr(rest->at, end, rest->len) || !text_next(rest, end, &number))
		return false;
	number = span_trim(number);
	return num_i64(number.at, number.len, ret) == 0;
}

/* "3: 1024 [5: 2048] @ ...": in use, then allocated; *rest stands behind the '@'. */
static bool take_counts(struct span *rest, struct counts *inuse, struct counts *alloc)
{
	struct span blank;

	return take_number(rest, ':', &inuse->objects) &&
	       take_number(rest, '[', &inuse->bytes) &&
	       take_number(rest, ':', &alloc->objects) &&
	       take_number(rest, ']', &alloc->bytes) && text_next(rest, '@', &blank) &&
	       span_trim(blank).len == 0;
}

/* As the Go tool rounds: towards zero. What is beyond 64 bits stops at their end. */
static int64_t whole(double value)
{
	if (value >= 9.2e18)
		return INT64_MAX;
	return value <= -9.2e18 ? INT64_MIN : (int64_t)value;
}

/* 1 - exp(-x) for x >= 0, to 14 digits. Not libm's, whose pages would be 0.3 MB of the
 * agent, which never reads a profile. Halved until four terms of the series do, then
 * doubled: with f(x) = 1 - exp(-x), f(2x) is f(x) * (2 - f(x)). */
static double sampled_share(double x)
{
	unsigned halved = 0;
	double share;

	if (x > 64)
		return 1;
	for (; x > 1.0 / 4096; x /= 2)
		halved++;
	share = x * (1 - x / 2 * (1 - x / 3 * (1 - x / 4)));
	for (; halved > 0; halved--)
		share *= 2 - share;
	return share;
}

/* Bytes are of objects, and an object has no negative size. */
static bool fits(const struct counts *counts)
{
	return counts->bytes == 0 ||
	       (counts->objects != 0 && (counts->objects < 0) == (counts->bytes < 0));
}

static struct counts scale(struct counts raw, int64_t rate)
{
	double objects = (double)raw.objects, bytes = (double)raw.bytes, factor;

	if (raw.objects == 0 || raw.bytes == 0)
		return (struct counts){0, 0};
	if (rate <= 1)
		return raw;
	factor = 1 / sampled_share(bytes / objects / (double)rate);
	return (struct counts){whole(objects * factor), whole(bytes * factor)};
}

/* --- Lines --------------------------------------------------------------------- */

static bool take_word(struct span *rest, const char *word)
{
	size_t len = strlen(word);

	if (rest->len < len || memcmp(rest->at, word, len))
		return false;
	*rest = (struct span){rest->at + len, rest->len - len};
	return true;
}

/* " heap/1048576", " heap_v2/524288", " heapprofile" */
static bool take_rate(struct span kind, int64_t *ret)
{
	int64_t rate = 0, divisor = 1;

	kind = span_trim(kind);
	if (span_is(kind, "heapprofile")) {
		*ret = 1;
		return true;
	}
	if (!take_word(&kind, "heapz_v2") && !take_word(&kind, "heap_v2")) {
		if (!take_word(&kind, "heap"))
			return false;
		divisor = 2;
	}
	if (take_word(&kind, "/") && num_i64(kind.at, kind.len, &rate) < 0)
		return false;
	*ret = rate / divisor;
	return true;
}

static int take_head(struct reading *in, struct span line)
{
	struct counts inuse, alloc;

	if (!take_word(&line, begin) || !take_counts(&line, &inuse, &alloc))
		return bad(in, "is not the head of a heap profile");
	if (!take_rate(line, &in->rate))
		return bad(in, "is of a kind of heap profile that is not known");
	in->said = inuse.bytes;
	return 0;
}

static int add_frame(struct reading *in, struct span function, struct span file,
		     uint32_t line)
{
	struct symbols *symbols = in->to->symbols;
	struct frame frame = {.line = line};
	int r;

	if (in->depth == STACK_DEPTH_MAX)
		return 0;
	r = symbols_name(symbols, function, &frame.function);
	if (r == 0)
		r = symbols_name(symbols, file, &frame.file);
	return r < 0 ? r : symbols_frame(symbols, &frame, &in->frames[in->depth++]);
}

/* What has no symbols is shown by its addresses. */
static int add_addresses(struct reading *in)
{
	struct span rest = in->addresses, address;
	int r = 0;

	while (r == 0 && legacy_address_next(&rest, &address))
		r = add_frame(in, address, (struct span){"", 0}, 0);
	return r;
}

static int end_record(struct reading *in)
{
	struct stack_sample sample = {.frames = in->frames, .values = in->values};
	int r = 0;

	if (!in->open)
		return 0;
	in->open = false;
	if (in->depth == 0)
		r = add_addresses(in);
	if (r < 0)
		return r;
	sample.depth = in->depth;
	sample.key = hash_mix(hash_bytes(0, in->addresses.at, in->addresses.len),
			      (uint64_t)in->block) |
		     1;
	return stacks_add_sample(in->to, &sample, in->side);
}

static int take_record(struct reading *in, struct span line)
{
	struct counts inuse, alloc;
	int r = end_record(in);

	if (r < 0)
		return r;
	if (!take_counts(&line, &inuse, &alloc))
		return bad(in, "is no record");
	if (!fits(&inuse) || !fits(&alloc))
		return bad(in, "has bytes that do not fit its objects");
	in->sum = num_add_i64(in->sum, inuse.bytes);
	in->block = inuse.objects   ? inuse.bytes / inuse.objects
		    : alloc.objects ? alloc.bytes / alloc.objects
				    : 0;
	inuse = scale(inuse, in->rate);
	alloc = scale(alloc, in->rate);
	in->values[ALLOC_OBJECTS] = alloc.objects;
	in->values[ALLOC_SPACE] = alloc.bytes;
	in->values[INUSE_OBJECTS] = inuse.objects;
	in->values[INUSE_SPACE] = inuse.bytes;
	in->addresses = line;
	in->depth = 0;
	in->open = true;
	return 0;
}

static int take_line(struct reading *in, struct span line)
{
	struct legacy_symbol symbol;

	if (legacy_symbol_parse(line, &symbol))
		return in->open ? add_frame(in, symbol.function, symbol.file, symbol.line)
				: 0;
	line = span_trim(line);
	if (line.len == 0 || line.at[0] == '#')
		return 0;
	return take_record(in, line);
}

/* Behind the records stands the map of the process's memory, of no use here. */
static bool is_map(struct span line)
{
	return span_is(line, "MAPPED_LIBRARIES:") || span_is(line, "--- Memory map: ---");
}

/* --- The whole ------------------------------------------------------------------- */

static int set_types(struct reading *in)
{
	static const char *const names[TYPES][2] = {
		[ALLOC_OBJECTS] = {"alloc_objects", "count"},
		[ALLOC_SPACE] = {"alloc_space", "bytes"},
		[INUSE_OBJECTS] = {"inuse_objects", "count"},
		[INUSE_SPACE] = {"inuse_space", "bytes"},
	};
	struct stacks *to = in->to;
	struct stack_type type;
	int r;

	for (size_t t = 0; t < TYPES; t++) {
		const char *const *name = names[t];

		r = symbols_name(to->symbols, (struct span){name[0], strlen(name[0])},
				 &type.name);
		if (r == 0)
			r = symbols_name(to->symbols,
					 (struct span){name[1], strlen(name[1])},
					 &type.unit);
		if (r < 0)
			return r;
		if (to->n_types > 0 &&
		    (to->n_types != TYPES ||
		     memcmp(&type, &to->types[t], sizeof(type)) != 0)) {
			(void)snprintf(in->why, LEGACY_HEAP_WHY_MAX,
				       "it is a heap profile, the other is not: these "
				       "two cannot be compared");
			return -EBADMSG;
		}
		if (to->n_types == 0)
			in->to->types[t] = type;
	}
	to->n_types = TYPES;
	to->default_type = INUSE_SPACE;
	return 0;
}

static int read_lines(struct reading *in, struct span text)
{
	struct span line;
	int r = 0;

	while (r == 0 && text_next(&text, '\n', &line)) {
		in->line++;
		if (in->line == 1)
			r = take_head(in, line);
		else if (is_map(line))
			break;
		else
			r = take_line(in, line);
	}
	return r < 0 ? r : end_record(in);
}

/* Whoever was stopped has not written the tail, and less than the head says. */
static bool is_cut(const struct reading *in, struct span text)
{
	return text.at[text.len - 1] != '\n' ||
	       (in->sum != in->said && !memmem(text.at, text.len, tail, strlen(tail)));
}

bool legacy_heap_is(struct span text)
{
	return take_word(&text, begin);
}

int legacy_heap_read(struct span text, enum side side, struct stacks *to,
		     char why[LEGACY_HEAP_WHY_MAX])
{
	struct reading in = {.to = to, .side = side, .why = why};
	int r;

	why[0] = '\0';
	if (!legacy_heap_is(text)) {
		in.line = 1;
		return bad(&in, "is not the head of a heap profile");
	}
	r = set_types(&in);
	if (r == 0)
		r = read_lines(&in, text);
	if (r == 0 && is_cut(&in, text)) {
		(void)snprintf(why, LEGACY_HEAP_WHY_MAX,
			       "it is cut: its records hold %lld of %lld bytes",
			       (long long)in.sum, (long long)in.said);
		r = -EBADMSG;
	}
	if (r == 0)
		to->read[side] = true;
	else if (!why[0])
		(void)snprintf(why, LEGACY_HEAP_WHY_MAX, "%s",
			       r == -EFBIG ? "it holds more than is allowed"
					   : "there is no memory for it");
	return r;
}
