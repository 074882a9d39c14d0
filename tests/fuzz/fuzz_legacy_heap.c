/* Heap profiles as text, on both sides: against itself nothing grew. */
#include "fuzz.h"

#include "prof/legacy_heap.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct span text = {(const char *)bytes, len};
	char why[LEGACY_HEAP_WHY_MAX];
	struct symbols *symbols;
	struct stacks stacks;
	int r;

	promise(symbols_new(8u << 20, &symbols) == 0);
	stacks_init(&stacks, symbols);
	r = legacy_heap_read(text, SIDE_BASE, &stacks, why);
	promise(r == 0 || why[0]);
	if (r == 0)
		r = legacy_heap_read(text, SIDE_NOW, &stacks, why);
	if (r == 0)
		for (size_t t = 0; t < stacks.n_types; t++)
			promise(stacks_total(&stacks, SIDE_BASE, t) ==
				stacks_total(&stacks, SIDE_NOW, t));
	stacks_fini(&stacks);
	symbols_free(symbols);
	return 0;
}
