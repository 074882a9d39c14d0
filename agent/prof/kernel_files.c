/* A table of places: file, key and where its number goes. Kernel documents:
 * admin-guide/cgroup-v2.rst, admin-guide/cgroup-v1/memory.rst, filesystems/proc.rst. v1
 * has its numbers without and with the groups below ("total_"); the latter are what the
 * limit is about. Both "file" of v2 and "cache" of v1 include shmem.
 *
 * statm is not used: it counts in pages, and nothing here says how large they are. */
#include "prof/kernel_files.h"

#include <string.h>

#include "lib/num.h"

#define AT(field) offsetof(struct kernel_memory, field)

static const char stat_file[] = "cgroup/memory.stat";
static const char status[] = "proc/status", rollup[] = "proc/smaps_rollup";

/* The first row that has a number gives it. */
static const struct place {
	const char *file;
	const char *key; /* NULL: the file is one number */
	size_t at;
	uint64_t unit;
} places[] = {
	{"cgroup/memory.current", NULL, AT(usage), 1},
	{"cgroup/memory.usage_in_bytes", NULL, AT(usage), 1},
	{stat_file, "total_rss", AT(anon), 1},
	{stat_file, "anon", AT(anon), 1},
	{stat_file, "total_cache", AT(file), 1},
	{stat_file, "file", AT(file), 1},
	{stat_file, "total_shmem", AT(shmem), 1},
	{stat_file, "shmem", AT(shmem), 1},
	{stat_file, "total_inactive_file", AT(inactive_file), 1},
	{stat_file, "inactive_file", AT(inactive_file), 1},
	{stat_file, "kernel", AT(kernel), 1}, /* since 5.18 */
	{"cgroup/memory.kmem.usage_in_bytes", NULL, AT(kernel), 1},
	{stat_file, "sock", AT(sock), 1},
	{"cgroup/memory.swap.current", NULL, AT(swap), 1},
	{stat_file, "total_swap", AT(swap), 1},
	{status, "VmRSS", AT(rss), 1024},
	{status, "RssAnon", AT(rss_anon), 1024},
	{status, "RssFile", AT(rss_file), 1024},
	{status, "RssShmem", AT(rss_shmem), 1024},
	{status, "Threads", AT(threads), 1},
	{rollup, "Rss", AT(rss), 1024},
	{rollup, "LazyFree", AT(lazy_free), 1024},
};

/* Before 5.18 v2 tells the parts of "kernel" only. */
static const char *const kernel_part[] = {"kernel_stack", "pagetables", "percpu",
					  "vmalloc", "slab"};

static const char procs[] = "cgroup/cgroup.procs";

static const struct kernel_file *find(const struct kernel_file *files, size_t n,
				      const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(files[i].name, name))
			return &files[i];
	return NULL;
}

/* "cgroup/memory.max", "cgroup/parent-2.memory.limit_in_bytes" */
static bool is_limit(const char *name)
{
	return text_starts(name, "cgroup/") && (text_ends(name, "memory.max") ||
						text_ends(name, "memory.limit_in_bytes"));
}

bool kernel_files_wants(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		if (!strcmp(name, places[i].file))
			return true;
	return !strcmp(name, procs) || is_limit(name);
}

static bool number_of(const struct kernel_file *file, const char *key, uint64_t *ret)
{
	struct span text = span_trim(file->text);

	if (key)
		return text_field(file->text, key, ret) == 0;
	return num_u64(text.at, text.len, ret) == 0;
}

static void fill(const struct kernel_file *files, size_t n, struct kernel_memory *to)
{
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		const struct place *place = &places[i];
		const struct kernel_file *file = find(files, n, place->file);
		uint64_t *slot = (uint64_t *)(void *)((char *)to + place->at), value;

		if (*slot == MEMORY_UNKNOWN && file &&
		    number_of(file, place->key, &value))
			*slot = num_mul(value, place->unit);
	}
}

static void add_kernel_parts(const struct kernel_file *stat, struct kernel_memory *to)
{
	uint64_t value, sum = 0;
	bool known = false;

	for (size_t i = 0; i < ARRAY_SIZE(kernel_part); i++) {
		if (number_of(stat, kernel_part[i], &value)) {
			sum = num_add(sum, value);
			known = true;
		}
	}
	if (known)
		to->kernel = sum;
}

/* v1 has no word for "none": a number near 2^63, rounded down to pages. */
static uint64_t limit_value(uint64_t value)
{
	return value >= UINT64_C(1) << 62 ? 0 : value;
}

static void take_limit(uint64_t value, struct kernel_memory *to)
{
	value = limit_value(value);
	if (to->limit == MEMORY_UNKNOWN || to->limit == 0)
		to->limit = value;
	else if (value > 0)
		to->limit = MIN(to->limit, value);
}

static bool says_max(struct span text)
{
	struct span line;

	return text_next(&text, '\n', &line) && span_is(line, "max");
}

static void find_limit(const struct kernel_file *files, size_t n,
		       struct kernel_memory *to)
{
	const struct kernel_file *stat = find(files, n, stat_file);
	uint64_t value;

	for (size_t i = 0; i < n; i++) {
		if (!is_limit(files[i].name))
			continue;
		if (says_max(files[i].text))
			take_limit(UINT64_MAX, to);
		else if (number_of(&files[i], NULL, &value))
			take_limit(value, to);
	}
	/* v1 knows of ancestors that cannot be seen from a container. */
	if (stat && number_of(stat, "hierarchical_memory_limit", &value))
		take_limit(value, to);
}

static uint64_t count_lines(struct span text)
{
	struct span line;
	uint64_t n = 0;

	while (text_next(&text, '\n', &line))
		n += line.len > 0;
	return n;
}

void kernel_files_read(const struct kernel_file *files, size_t n,
		       struct kernel_memory *ret)
{
	const struct kernel_file *stat = find(files, n, stat_file);
	const struct kernel_file *list = find(files, n, procs);

	memset(ret, 0xff, sizeof(*ret)); /* MEMORY_UNKNOWN */
	fill(files, n, ret);
	if (stat && ret->kernel == MEMORY_UNKNOWN)
		add_kernel_parts(stat, ret);
	find_limit(files, n, ret);
	if (list)
		ret->processes = count_lines(list->text);
}
