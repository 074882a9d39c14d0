/* Go's threadcreate profile names nobody: Go 1.19 told 84 of 85 threads without a stack,
 * as they are started on the scheduler's own. So it is not captured; the number of
 * threads is the kernel's, and who holds them is told by the goroutines: one in a system
 * call or in C code has a thread for itself, and so has one that is locked to its own. */
#include <errno.h>
#include <string.h>

#include "lib/num.h"
#include "prof/grew_parts.h"

#define LEAVES 3 /* frames of Go's own between a system call and package syscall */

static struct span function_at(const struct grew_input *input, uint32_t frame)
{
	const struct symbols *symbols = input->goroutines->symbols;

	return symbols_text(symbols, symbols_at(symbols, frame)->function);
}

static bool has_prefix(struct span text, const char *prefix)
{
	size_t len = strlen(prefix);

	return text.len >= len && memcmp(text.at, prefix, len) == 0;
}

/* Where no state was told. */
static bool looks_held(const struct grew_input *input, const struct goroutine_group *g)
{
	const uint32_t *frames = input->goroutines->frames + g->at;

	for (size_t i = 0; i < MIN(g->depth, (uint32_t)LEAVES); i++) {
		struct span name = function_at(input, frames[i]);

		if (has_prefix(name, "syscall.") ||
		    memmem(name.at, name.len, "._Cfunc_", 8))
			return true;
	}
	return false;
}

static uint64_t holders(const struct grew_input *input, const struct goroutine_group *g)
{
	struct span state = symbols_text(input->goroutines->symbols, g->state);
	bool held = state.len ? span_is(state, "syscall") : looks_held(input, g);

	return held ? g->count[SIDE_NOW] : g->locked;
}

/* The group that holds most more threads than before; NULL: none does. */
static const struct goroutine_group *find_holder(const struct grew_input *input,
						 uint64_t *ret_holders)
{
	const struct goroutine_group *best = NULL;
	uint64_t most = 0;

	for (size_t i = 0; input->goroutines && i < input->goroutines->n; i++) {
		const struct goroutine_group *g = &input->goroutines->list[i];
		uint64_t now = holders(input, g), base = MIN(g->count[SIDE_BASE], now);

		if (now - base <= most)
			continue;
		most = now - base;
		best = g;
		*ret_holders = now;
	}
	return best;
}

int grew_threads(const struct grew_input *input, struct suspects *ret)
{
	struct suspect *suspect = malloc(sizeof(*suspect));
	const struct goroutine_group *holder;

	if (!suspect)
		return -ENOMEM;
	*suspect = (struct suspect){.kind = SUSPECT_THREADS,
				    .owner = OWNER_RUNTIME,
				    .charged = NO_FRAME,
				    .caller = NO_FRAME,
				    .leaf = NO_FRAME,
				    .own = NO_FRAME,
				    .creator = NO_FRAME};
	holder = find_holder(input, &suspect->holders);
	if (holder)
		grew_charge_group(input, holder, suspect);
	suspect->base = (int64_t)MIN(input->threads[SIDE_BASE], (uint64_t)INT64_MAX);
	suspect->now = (int64_t)MIN(input->threads[SIDE_NOW], (uint64_t)INT64_MAX);
	*ret = (struct suspects){.list = suspect, .n = 1};
	return 0;
}
