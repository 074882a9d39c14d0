/* Reads a goroutine text as it arrives, line by line, without keeping it. A frame is two
 * lines; most pairs have been seen before, so a frame is looked up by one hash of its
 * function, file and line and compared with what the symbols say.
 *
 * Everything that is no part of a goroutine is skipped: a crash log has text around its
 * goroutines, and a journal a prefix on each line. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/num.h"
#include "prof/goroutines_reader.h"
#include "prof/gzip.h"

/* --- Frames ------------------------------------------------------------------ */

static bool is_frame(const struct symbols *symbols, uint32_t number, struct span function,
		     struct span file, uint32_t line)
{
	const struct frame *frame = symbols_at(symbols, number);
	struct span known;

	if (frame->line != line)
		return false;
	known = symbols_text(symbols, frame->function);
	if (known.len != function.len || memcmp(known.at, function.at, function.len))
		return false;
	known = symbols_text(symbols, frame->file);
	return known.len == file.len && !memcmp(known.at, file.at, file.len);
}

static int make_frame(struct goroutine_reader *r, struct span function, struct span file,
		      uint32_t line, uint32_t *ret)
{
	struct symbols *symbols = r->to->symbols;
	struct frame frame = {.line = line};
	int error = symbols_name(symbols, function, &frame.function);

	if (error == 0)
		error = symbols_name(symbols, file, &frame.file);
	return error < 0 ? error : symbols_frame(symbols, &frame, ret);
}

/* What is known of a frame is its number and whether it is hidden: one number. */
static int find_frame(struct goroutine_reader *r, struct span function, struct span file,
		      uint32_t line, uint32_t *ret_known)
{
	uint64_t hash = hash_bytes(hash_mix(r->seed, line), function.at, function.len);
	uint32_t frame;
	size_t at = 0;
	int error;

	hash = hash_bytes(hash, file.at, file.len);
	while (table_next(&r->known, hash, &at, ret_known))
		if (is_frame(r->to->symbols, *ret_known >> 1, function, file, line))
			return 0;
	error = make_frame(r, function, file, line, &frame);
	if (error < 0)
		return error;
	*ret_known = frame << 1 | goroutines_hidden(function);
	return table_add(&r->known, hash, *ret_known);
}

/* --- A goroutine ------------------------------------------------------------- */

/* Go leaves the runtime's own frames out of a text, unless it is told not to. Where there
 * are no others they are what there is to say. */
static size_t shown_frames(struct goroutine_reader *r)
{
	size_t n = 0;

	if (r->n_shown == 0 || r->n_shown == r->depth)
		return r->depth;
	for (size_t i = 0; i < r->depth; i++)
		if (!r->hidden[i])
			r->frames[n++] = r->frames[i];
	return n;
}

int goroutine_reader_close(struct goroutine_reader *r)
{
	struct goroutine_seen seen = r->seen;

	if (!r->open)
		return 0;
	r->open = false;
	seen.frames = r->frames;
	seen.depth = shown_frames(r);
	return goroutines_count(r->to, r->side, &seen);
}

int goroutine_reader_open(struct goroutine_reader *r, const struct goroutine_seen *seen)
{
	int error = goroutine_reader_close(r);

	r->seen = *seen;
	r->seen.creator = NO_FRAME;
	r->open = true;
	r->whole = r->creator_next = false;
	r->depth = r->n_shown = 0;
	r->function = (struct span){0};
	return error;
}

int goroutine_reader_frame(struct goroutine_reader *r, struct span function,
			   struct span file, uint32_t line)
{
	uint32_t known;
	int error;

	if (r->whole || (r->depth == STACK_DEPTH_MAX && !r->creator_next))
		return 0;
	error = find_frame(r, function, file, line, &known);
	if (error == 0)
		error = goroutine_reader_learn(r, known);
	if (error < 0)
		return error;
	if (r->creator_next) {
		r->seen.creator = known >> 1;
		r->whole = true; /* what follows are its ancestors */
		return 0;
	}
	r->hidden[r->depth] = known & 1;
	r->frames[r->depth++] = known >> 1;
	r->n_shown += !(known & 1);
	return 0;
}

/* --- Pieces of any size ------------------------------------------------------- */

static int take(struct goroutine_reader *r, struct span line)
{
	if (line.len > GOROUTINE_LINE_MAX)
		line.len = 0; /* no line of Go's is; it ends the goroutine */
	return goroutine_reader_line(r, line);
}

static void carry(struct goroutine_reader *r, struct span piece)
{
	size_t n = MIN(piece.len, sizeof(r->carry) - r->n_carry);

	if (n > 0)
		memcpy(r->carry + r->n_carry, piece.at, n);
	r->n_carry += n;
}

/* A function's name has to wait for the line of its file: it must not stay in memory that
 * the caller takes back. */
static void keep_function(struct goroutine_reader *r)
{
	if (r->function.len == 0 || r->function.at == r->kept)
		return;
	memcpy(r->kept, r->function.at, r->function.len);
	r->function.at = r->kept;
}

/* One line, or the end of one that began in the piece before; what does not end here is
 * carried over. */
static int take_piece(struct goroutine_reader *r, struct span *rest)
{
	const char *end = memchr(rest->at, '\n', rest->len);
	struct span line = {rest->at, end ? (size_t)(end - rest->at) : rest->len};
	size_t used = line.len + (end != NULL);
	bool carried = r->n_carry > 0;
	int error = 0;

	*rest = (struct span){rest->at + used, rest->len - used};
	if (carried || !end)
		carry(r, line);
	if (carried)
		line = (struct span){r->carry, r->n_carry};
	if (!end)
		return 0;
	error = take(r, line);
	if (carried)
		keep_function(r);
	r->n_carry = 0;
	return error;
}

int goroutine_reader_add(struct goroutine_reader *r, struct span bytes)
{
	int error = 0;

	r->bytes += bytes.len;
	while (error == 0 && bytes.len > 0) {
		size_t n = r->n_carry ? 0 : goroutine_reader_guess(r, bytes);

		if (n > 0)
			bytes = (struct span){bytes.at + n, bytes.len - n};
		else
			error = take_piece(r, &bytes);
	}
	keep_function(r);
	return error;
}

/* Every line of Go's ends. The last words of a log need not. */
static bool ends_in_the_middle(const struct goroutine_reader *r)
{
	static const char word[] = "goroutine ";
	size_t n = MIN(r->n_carry, strlen(word));

	return r->open ? r->n_carry > 0 : n > 0 && !memcmp(r->carry, word, n);
}

int goroutine_reader_end(struct goroutine_reader *r, char why[GOROUTINES_WHY_MAX])
{
	struct goroutines *to = r->to;
	bool middle = ends_in_the_middle(r);
	int error = 0;

	if (r->n_carry > 0)
		error = take(r, (struct span){r->carry, r->n_carry});
	middle |= r->open && r->function.len > 0; /* its file is missing */
	if (error == 0)
		error = goroutine_reader_close(r);
	if (error < 0)
		return error;
	if (to->source[r->side] == GOROUTINES_NONE) {
		(void)snprintf(why, GOROUTINES_WHY_MAX, "no goroutine in %llu bytes",
			       (unsigned long long)r->bytes);
		return -EBADMSG;
	}
	to->cut[r->side] |=
		middle || r->bytes == GOROUTINE_TEXT_MAX || to->total[r->side] < r->said;
	return 0;
}

int goroutine_reader_new(struct goroutines *to, enum side side,
			 struct goroutine_reader **ret)
{
	struct goroutine_reader *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->to = to;
	r->side = side;
	r->seed = hash_seed(r);
	*ret = r;
	return 0;
}

void goroutine_reader_free(struct goroutine_reader *r)
{
	if (!r)
		return;
	table_fini(&r->known);
	free(r->next);
	free(r);
}

/* --- A whole text -------------------------------------------------------------- */

static int add_piece(void *arg, const void *bytes, size_t len)
{
	return goroutine_reader_add(arg, (struct span){bytes, len});
}

static bool is_gzip(struct span bytes)
{
	return bytes.len >= 2 && !memcmp(bytes.at, "\x1f\x8b", 2);
}

static int read_all(struct goroutine_reader *r, struct span bytes, size_t limit,
		    char why[GOROUTINES_WHY_MAX])
{
	int error;

	if (is_gzip(bytes))
		error = gzip_stream(bytes.at, bytes.len, limit, add_piece, r);
	else
		error = bytes.len > limit ? -EFBIG : goroutine_reader_add(r, bytes);
	if (error == -EBADMSG)
		(void)snprintf(why, GOROUTINES_WHY_MAX, "its gzip is damaged");
	if (error < 0)
		return error;
	r->to->cut[r->side] |= error == GZIP_CUT;
	return goroutine_reader_end(r, why);
}

int goroutines_text(struct span bytes, size_t limit, enum side side,
		    struct goroutines *to, char why[GOROUTINES_WHY_MAX])
{
	struct goroutine_reader *r;
	int error = goroutine_reader_new(to, side, &r);

	why[0] = '\0';
	if (error == 0) {
		error = read_all(r, bytes, limit, why);
		goroutine_reader_free(r);
	}
	if (error == -EFBIG)
		(void)snprintf(why, GOROUTINES_WHY_MAX,
			       "it is larger than is allowed, or has too many names");
	else if (error < 0 && !why[0])
		(void)snprintf(why, GOROUTINES_WHY_MAX, "%s", strerrordesc_np(-error));
	return error;
}
