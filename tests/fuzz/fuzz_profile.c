/* A profile against itself: nothing grew, for any profile. And whoever looks at one type
 * alone finds as much of it. */
#include "fuzz.h"

#include <string.h>

#include "prof/profile.h"

#define LIMITS (&(struct profile_limits){1 << 20})
#define SYMBOLS_MAX ((size_t)4 << 20)

static int read_side(struct span given, enum side side, struct stacks *stacks)
{
	char why[PROFILE_WHY_MAX] = "";
	int r = profile_read(given, LIMITS, side, stacks, why);

	if (r < 0)
		promise(*why && strlen(why) < PROFILE_WHY_MAX);
	else
		promise(stacks->read[side] && stacks->n_types > 0 &&
			stacks->default_type < stacks->n_types);
	return r;
}

static void check_equal(const struct stacks *stacks)
{
	for (size_t t = 0; t < stacks->n_types; t++) {
		promise(stacks_total(stacks, SIDE_BASE, t) ==
			stacks_total(stacks, SIDE_NOW, t));
		promise(stacks_pprof_total(stacks, t) == 0);
	}
	for (size_t s = 0; s < stacks->n; s++) {
		promise(stacks->list[s].depth <= STACK_DEPTH_MAX);
		promise((size_t)stacks->list[s].at + stacks->list[s].depth <=
			stacks->n_frames);
	}
	for (size_t i = 0; i < stacks->n_frames; i++)
		promise(stacks->frames[i] < symbols_frames(stacks->symbols));
}

static void check_only(struct span given, const struct stacks *all)
{
	size_t type = all->default_type;
	struct stacks one;

	stacks_init(&one, all->symbols);
	one.only = "";
	promise(read_side(given, SIDE_NOW, &one) == 0);
	promise(stacks_total(&one, SIDE_NOW, type) == stacks_total(all, SIDE_NOW, type));
	stacks_fini(&one);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct span given = {(const char *)bytes, len};
	struct symbols *symbols;
	struct stacks stacks;

	promise(symbols_new(SYMBOLS_MAX, &symbols) == 0);
	stacks_init(&stacks, symbols);
	if (read_side(given, SIDE_BASE, &stacks) == 0) {
		promise(read_side(given, SIDE_NOW, &stacks) == 0);
		check_equal(&stacks);
		check_only(given, &stacks);
	}
	stacks_fini(&stacks);
	symbols_free(symbols);
	return 0;
}
