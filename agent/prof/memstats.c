/* One row per line that is of use. "Stack = inuse / sys" and its like have two numbers.
 */
#include "prof/memstats.h"

#include <errno.h>
#include <string.h>

#include "lib/num.h"

static const char tail[] = "# runtime.MemStats\n";

#define NOTHING SIZE_MAX
#define AT(field) offsetof(struct memstats, field)

static const struct row {
	const char *name;
	size_t first, second; /* where the numbers go */
} rows[] = {
	{"HeapAlloc", AT(heap_alloc), NOTHING},
	{"HeapSys", AT(heap_sys), NOTHING},
	{"HeapIdle", AT(heap_idle), NOTHING},
	{"HeapInuse", AT(heap_inuse), NOTHING},
	{"HeapReleased", AT(heap_released), NOTHING},
	{"HeapObjects", AT(heap_objects), NOTHING},
	{"Stack", AT(stack_inuse), AT(stack_sys)},
	{"MSpan", NOTHING, AT(mspan_sys)},
	{"MCache", NOTHING, AT(mcache_sys)},
	{"BuckHashSys", AT(buckhash_sys), NOTHING},
	{"GCSys", AT(gc_sys), NOTHING},
	{"OtherSys", AT(other_sys), NOTHING},
	{"Sys", AT(sys), NOTHING},
	{"NextGC", AT(next_gc), NOTHING},
	{"LastGC", AT(last_gc_ns), NOTHING},
	{"NumGC", AT(num_gc), NOTHING},
	{"NumForcedGC", AT(num_forced_gc), NOTHING},
	{"MaxRSS", AT(max_rss), NOTHING},
};

/* What is no number stays unknown: never a zero that nobody said. */
static void set(struct memstats *stats, size_t at, struct span number)
{
	uint64_t value;

	number = span_trim(number);
	if (at != NOTHING && num_u64(number.at, number.len, &value) == 0)
		memcpy((char *)stats + at, &value, sizeof(value));
}

/* "# HeapIdle = 4096", "# Stack = 1 / 2". */
static void take_line(struct span line, struct memstats *stats)
{
	struct span name, first;

	if (line.len < 2 || line.at[0] != '#')
		return;
	line = (struct span){line.at + 1, line.len - 1};
	if (!text_next(&line, '=', &name))
		return;
	name = span_trim(name);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!span_is(name, rows[i].name))
			continue;
		if (!text_next(&line, '/', &first))
			return;
		set(stats, rows[i].first, first);
		set(stats, rows[i].second, line);
		return;
	}
}

int memstats_read(struct span text, struct memstats *ret)
{
	const char *at = memmem(text.at, text.len, tail, strlen(tail));
	const char *end = memrchr(text.at, '\n', text.len);
	struct memstats stats;
	struct span line;

	memset(&stats, 0xff, sizeof(stats)); /* MEMSTAT_UNKNOWN */
	*ret = stats;
	if (!at)
		return -EBADMSG;
	text = (struct span){at, (size_t)(end - at)}; /* the last line may be cut */
	while (text_next(&text, '\n', &line))
		take_line(line, &stats);
	*ret = stats;
	return 0;
}
