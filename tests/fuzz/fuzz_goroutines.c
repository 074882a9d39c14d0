/* Goroutine texts: the first half is base, the second now; once whole and once in pieces,
 * which must not make a difference. */
#include "fuzz.h"

#include <string.h>

#include "prof/goroutines.h"

#define SYMBOLS_CAP (8u << 20)
#define TEXT_LIMIT (1u << 20)

static int read_pieces(struct goroutines *to, struct span bytes, size_t size)
{
	char why[GOROUTINES_WHY_MAX];
	struct goroutine_reader *reader;
	int r = goroutine_reader_new(to, SIDE_NOW, &reader);

	for (size_t at = 0; r == 0 && at < bytes.len; at += size) {
		/* Of its own, so that what is kept of it is seen. */
		size_t len = MIN(size, bytes.len - at);
		AUTO_FREE char *piece = malloc(len);

		promise(piece);
		memcpy(piece, bytes.at + at, len);
		r = goroutine_reader_add(reader, (struct span){piece, len});
	}
	if (r == 0)
		r = goroutine_reader_end(reader, why);
	goroutine_reader_free(reader);
	return r;
}

static void sums_hold(const struct goroutines *got, enum side side)
{
	uint64_t sum = got->left_out[side];

	if (got->total[side] > UINT64_MAX / 4)
		return; /* sums that stopped at their end */
	for (size_t i = 0; i < got->n; i++) {
		const struct goroutine_group *group = &got->list[i];

		sum += group->count[side];
		promise(group->depth <= STACK_DEPTH_MAX);
		promise(group->at + (size_t)group->depth <= got->n_frames);
		promise(group->wait_min <= group->wait_max);
	}
	promise(sum == got->total[side]);
}

static void pieces_are_the_same(struct span bytes, const struct goroutines *whole)
{
	struct symbols *symbols;
	AUTO_GOROUTINES struct goroutines got;

	promise(symbols_new(SYMBOLS_CAP, &symbols) == 0);
	goroutines_init(&got, symbols);
	if (read_pieces(&got, bytes, 1 + bytes.len % 61) == 0) {
		promise(got.total[SIDE_NOW] == whole->total[SIDE_NOW]);
		promise(got.n_frames == whole->n_frames);
		promise(got.n == whole->n);
		promise(got.cut[SIDE_NOW] == whole->cut[SIDE_NOW]);
	}
	goroutines_fini(&got);
	symbols_free(symbols);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct span base = {(const char *)bytes, len / 2};
	struct span now = {(const char *)bytes + base.len, len - base.len};
	struct span all = {(const char *)bytes, len};
	char why[GOROUTINES_WHY_MAX];
	struct symbols *symbols;
	struct goroutines got;
	bool gzipped = len > 1 && bytes[0] == 0x1f && bytes[1] == 0x8b;

	promise(symbols_new(SYMBOLS_CAP, &symbols) == 0);
	goroutines_init(&got, symbols);
	if (goroutines_text(all, TEXT_LIMIT, SIDE_NOW, &got, why) == 0 && !gzipped)
		pieces_are_the_same(all, &got);
	goroutines_fini(&got);

	goroutines_init(&got, symbols);
	(void)!goroutines_text(base, TEXT_LIMIT, SIDE_BASE, &got, why);
	(void)!goroutines_text(now, TEXT_LIMIT, SIDE_NOW, &got, why);
	if (goroutines_finish(&got) == 0)
		for (enum side side = SIDE_BASE; side < SIDE_N; side++)
			sums_hold(&got, side);
	goroutines_fini(&got);
	symbols_free(symbols);
	return 0;
}
