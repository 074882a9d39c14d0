/* A heap profile whose sum is told while it passes: the same in one piece and in many. */
#include "fuzz.h"

#include "lib/def.h"
#include "prof/shown.h"

static bool whole(const uint8_t *bytes, size_t len, uint64_t *ret)
{
	struct shown shown;

	shown_begin(&shown);
	shown_add(&shown, bytes, len);
	return shown_end(&shown, ret);
}

/* In pieces whose sizes are the profile's own bytes. */
static bool pieces(const uint8_t *bytes, size_t len, uint64_t *ret)
{
	struct shown shown;
	size_t n;

	shown_begin(&shown);
	for (size_t at = 0; at < len; at += n) {
		n = MIN((size_t)bytes[at] + 1, len - at);
		shown_add(&shown, bytes + at, n);
		promise(shown.len <= SHOWN_FIELD_MAX);
	}
	return shown_end(&shown, ret);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	uint64_t one = 0, many = 0;
	bool is_one = whole(bytes, len, &one);

	promise(pieces(bytes, len, &many) == is_one);
	promise(!is_one || one == many);
	return 0;
}
