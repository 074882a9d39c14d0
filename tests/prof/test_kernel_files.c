/* The kernel's files of a capture as numbers: v1, v2, old kernels, damaged files. */
#include "unit.h"

#include <string.h>

#include "prof/kernel_files.h"

#define FILE_OF(name, text)                                                              \
	{                                                                                \
		name,                                                                    \
		{                                                                        \
			text, sizeof(text) - 1                                           \
		}                                                                        \
	}

#define STATUS                                                                           \
	"Name:\tshop\nVmPeak:\t  999 kB\nVmRSS:\t  2048 kB\nRssAnon:\t    1024 kB\n"     \
	"RssFile:\t     512 kB\nRssShmem:\t     512 kB\nThreads:\t9\n"

static void v2_is_read(void **state)
{
	const struct kernel_file files[] = {
		FILE_OF("cgroup/memory.current", "7000000\n"),
		FILE_OF("cgroup/memory.max", "max\n"),
		FILE_OF("cgroup/parent-1.memory.max", "9000000\n"),
		FILE_OF("cgroup/parent-2.memory.max", "8000000\n"),
		FILE_OF("cgroup/parent-1.memory.current", "8500000\n"),
		FILE_OF("cgroup/memory.stat",
			"anon 4000000\nfile 2000000\nkernel 500000\nkernel_stack 100\n"
			"sock 4096\nshmem 12288\nanon_thp 77\ninactive_anon 1\n"
			"inactive_file 1500000\nslab 200\n"),
		FILE_OF("cgroup/memory.swap.current", "8192\n"),
		FILE_OF("cgroup/cgroup.procs", "12\n13\n"),
		FILE_OF("proc/status", STATUS),
		FILE_OF("proc/smaps_rollup",
			"5580-7ffc ---p 00000000 00:00 0 [rollup]\nRss:      2052 kB\n"
			"LazyFree:             16 kB\n"),
	};
	struct kernel_memory got;

	(void)state;
	kernel_files_read(files, ARRAY_SIZE(files), &got);
	assert_int_equal(got.usage, 7000000);
	assert_int_equal(got.limit, 8000000);
	assert_int_equal(got.anon, 4000000);
	assert_int_equal(got.file, 2000000);
	assert_int_equal(got.shmem, 12288);
	assert_int_equal(got.inactive_file, 1500000);
	assert_int_equal(got.kernel, 500000);
	assert_int_equal(got.sock, 4096);
	assert_int_equal(got.swap, 8192);
	assert_int_equal(got.rss, 2048 * 1024);
	assert_int_equal(got.rss_anon, 1024 * 1024);
	assert_int_equal(got.rss_file, 512 * 1024);
	assert_int_equal(got.rss_shmem, 512 * 1024);
	assert_int_equal(got.lazy_free, 16 * 1024);
	assert_int_equal(got.processes, 2);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		expect(kernel_files_wants(files[i].name) ==
			       !strstr(files[i].name, "parent-1.memory.current"),
		       "%s", files[i].name);
}

static void v1_is_read_with_all_below(void **state)
{
	const struct kernel_file files[] = {
		FILE_OF("cgroup/memory.usage_in_bytes", "7000000\n"),
		FILE_OF("cgroup/memory.limit_in_bytes", "9223372036854771712\n"),
		FILE_OF("cgroup/parent-1.memory.limit_in_bytes", "9000000\n"),
		FILE_OF("cgroup/memory.stat",
			"cache 1\nrss 2\nshmem 3\ninactive_file 4\nswap 5\n"
			"hierarchical_memory_limit 6500000\n"
			"total_cache 2000000\ntotal_rss 4000000\ntotal_shmem 12288\n"
			"total_inactive_file 1500000\ntotal_swap 8192\n"),
	};
	struct kernel_memory got;

	(void)state;
	kernel_files_read(files, ARRAY_SIZE(files), &got);
	assert_int_equal(got.usage, 7000000);
	assert_int_equal(got.limit, 6500000);
	assert_int_equal(got.anon, 4000000);
	assert_int_equal(got.file, 2000000);
	assert_int_equal(got.shmem, 12288);
	assert_int_equal(got.inactive_file, 1500000);
	assert_int_equal(got.swap, 8192);
	assert_true(got.kernel == MEMORY_UNKNOWN); /* v1 does not say */
	assert_true(got.sock == MEMORY_UNKNOWN);
	assert_true(got.rss == MEMORY_UNKNOWN);
	assert_true(got.processes == MEMORY_UNKNOWN);
}

static void the_parts_of_kernel_are_added_before_5_18(void **state)
{
	const struct kernel_file files[] = {FILE_OF(
		"cgroup/memory.stat", "anon 1\nkernel_stack 1000\npagetables 200\n"
				      "percpu 30\nslab 4\nslab_reclaimable 4\n")};
	struct kernel_memory got;

	(void)state;
	kernel_files_read(files, ARRAY_SIZE(files), &got);
	assert_int_equal(got.kernel, 1234);
}

static void no_limit_is_not_an_unknown_limit(void **state)
{
	const struct kernel_file none[] = {FILE_OF("cgroup/memory.max", "max\n"),
					   FILE_OF("cgroup/parent-1.memory.max", "max")};
	struct kernel_memory got;

	(void)state;
	kernel_files_read(none, ARRAY_SIZE(none), &got);
	assert_int_equal(got.limit, 0);
	kernel_files_read(NULL, 0, &got);
	assert_true(got.limit == MEMORY_UNKNOWN);
	assert_true(got.usage == MEMORY_UNKNOWN);
}

/* An empty file, a word, a number that is none: unknown, never zero. */
static void damaged_files_say_nothing(void **state)
{
	const struct kernel_file files[] = {
		FILE_OF("cgroup/memory.current", ""),
		FILE_OF("cgroup/memory.max", "ma"),
		FILE_OF("cgroup/memory.stat", "anon\nfile x\nkernel -1\nsock"),
		FILE_OF("proc/status", "VmRSS:\t\nRssAnon:\t99999999999999999999 kB\n"),
	};
	struct kernel_memory got;

	(void)state;
	kernel_files_read(files, ARRAY_SIZE(files), &got);
	assert_true(got.usage == MEMORY_UNKNOWN);
	assert_true(got.limit == MEMORY_UNKNOWN);
	assert_true(got.anon == MEMORY_UNKNOWN);
	assert_true(got.file == MEMORY_UNKNOWN);
	assert_true(got.kernel == MEMORY_UNKNOWN);
	assert_true(got.rss == MEMORY_UNKNOWN);
	assert_true(got.rss_anon == MEMORY_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(v2_is_read),
		cmocka_unit_test(v1_is_read_with_all_below),
		cmocka_unit_test(the_parts_of_kernel_are_added_before_5_18),
		cmocka_unit_test(no_limit_is_not_an_unknown_limit),
		cmocka_unit_test(damaged_files_say_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
