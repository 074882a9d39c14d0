/* Two lists that only grow, names and frames, each with a table by content. */
#include "prof/symbols.h"

#include <errno.h>

#include "prof/hash.h"
#include "prof/list.h"

struct name {
	size_t at; /* in text */
	size_t len;
};

struct symbols {
	size_t cap, used; /* bytes */
	uint64_t seed;
	char *text;
	size_t text_len, text_room;
	struct name *names;
	size_t n_names, names_room;
	struct frame *frames;
	size_t n_frames, frames_room;
	struct table by_text, by_frame;
};

int symbols_new(size_t cap_bytes, struct symbols **ret)
{
	struct symbols *symbols = calloc(1, sizeof(*symbols));
	uint32_t empty;
	int r;

	if (!symbols)
		return -ENOMEM;
	symbols->cap = MAX(cap_bytes, sizeof(struct name));
	symbols->seed = hash_seed(symbols);
	r = symbols_name(symbols, (struct span){"", 0}, &empty);
	if (r < 0) {
		symbols_free(symbols);
		return r;
	}
	*ret = symbols;
	return 0;
}

void symbols_free(struct symbols *symbols)
{
	if (!symbols)
		return;
	free(symbols->text);
	free(symbols->names);
	free(symbols->frames);
	table_fini(&symbols->by_text);
	table_fini(&symbols->by_frame);
	free(symbols);
}

/* Charges what is about to be added to the cap. */
static int charge(struct symbols *symbols, size_t bytes)
{
	if (bytes > symbols->cap - symbols->used)
		return -EFBIG;
	symbols->used += bytes;
	return 0;
}

static int add_name(struct symbols *symbols, struct span text, uint64_t hash)
{
	struct name name = {symbols->text_len, text.len};
	int r = charge(symbols, text.len + sizeof(name));

	if (r == 0)
		r = list_grow(&symbols->text, 1, symbols->text_len + text.len,
			      &symbols->text_room);
	if (r == 0)
		r = list_grow(&symbols->names, sizeof(name), symbols->n_names + 1,
			      &symbols->names_room);
	if (r == 0)
		r = table_add(&symbols->by_text, hash, (uint32_t)symbols->n_names);
	if (r < 0)
		return r;
	if (text.len)
		memcpy(symbols->text + name.at, text.at, text.len);
	symbols->text_len += text.len;
	symbols->names[symbols->n_names++] = name;
	return 0;
}

int symbols_name(struct symbols *symbols, struct span text, uint32_t *ret)
{
	uint64_t hash = hash_bytes(symbols->seed, text.at, text.len);
	uint32_t number;
	size_t at = 0;
	int r;

	while (table_next(&symbols->by_text, hash, &at, &number)) {
		struct span have = symbols_text(symbols, number);

		if (have.len == text.len &&
		    (text.len == 0 || !memcmp(have.at, text.at, text.len))) {
			*ret = number;
			return 0;
		}
	}
	number = (uint32_t)symbols->n_names;
	r = add_name(symbols, text, hash);
	if (r == 0)
		*ret = number;
	return r;
}

static int add_frame(struct symbols *symbols, const struct frame *frame, uint64_t hash)
{
	int r = charge(symbols, sizeof(*frame));

	if (r == 0)
		r = list_grow(&symbols->frames, sizeof(*frame), symbols->n_frames + 1,
			      &symbols->frames_room);
	if (r == 0)
		r = table_add(&symbols->by_frame, hash, (uint32_t)symbols->n_frames);
	if (r == 0)
		symbols->frames[symbols->n_frames++] = *frame;
	return r;
}

int symbols_frame(struct symbols *symbols, const struct frame *frame, uint32_t *ret)
{
	uint64_t hash = hash_bytes(symbols->seed, frame, sizeof(*frame));
	uint32_t number;
	size_t at = 0;
	int r;

	while (table_next(&symbols->by_frame, hash, &at, &number)) {
		if (!memcmp(&symbols->frames[number], frame, sizeof(*frame))) {
			*ret = number;
			return 0;
		}
	}
	number = (uint32_t)symbols->n_frames;
	r = add_frame(symbols, frame, hash);
	if (r == 0)
		*ret = number;
	return r;
}

struct span symbols_text(const struct symbols *symbols, uint32_t name)
{
	const struct name *at = &symbols->names[name];

	return (struct span){at->len ? symbols->text + at->at : "", at->len};
}

const struct frame *symbols_at(const struct symbols *symbols, uint32_t frame)
{
	return &symbols->frames[frame];
}

uint32_t symbols_names(const struct symbols *symbols)
{
	return (uint32_t)symbols->n_names;
}

uint32_t symbols_frames(const struct symbols *symbols)
{
	return (uint32_t)symbols->n_frames;
}
