/* The MemStats tail of a text. */
#include "fuzz.h"

#include "prof/memstats.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct memstats got;
	int r = memstats_read((struct span){(const char *)bytes, len}, &got);

	promise(r == 0 || got.heap_alloc == MEMSTAT_UNKNOWN);
	return 0;
}
