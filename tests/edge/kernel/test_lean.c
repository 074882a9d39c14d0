/* A look when descriptors are few. */
#include "edge/kernel/sampler.h"

#include <string.h>

#include "tree.h"
#include "unit.h"

#define M (UINT64_C(1) << 20)
#define BIT(signal) (UINT32_C(1) << (signal))

/* Descriptors are left to those that need them; what is read is the same. */
static void lean_look_reads_the_same(void **state)
{
	static const struct sampler_look looks[] = {
		{.how = LOOK_FAST, .wanted = BIT(SIGNAL_RSS), .nearest = 2 * M},
		{.how = LOOK_FAST, .nearest = 0},
		{.how = LOOK_SLOW, .wanted = BIT(SIGNAL_TASKS)},
		{.how = LOOK_WHOLE, .wanted = BIT(SIGNAL_FDS)},
	};
	struct domain *domain = NULL;
	struct process process;
	struct roots roots;
	struct sampler s;
	struct tree tree;

	(void)state;
	tree_make(&tree);
	tree_put(&tree, "proc/self/mountinfo",
		 "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
	tree_put(&tree, "sys/fs/cgroup/app/memory.current", "1048576\n");
	tree_put(&tree, "sys/fs/cgroup/app/memory.max", "4194304\n");
	assert_int_equal(roots_open(tree.dir, &roots), 0);
	tree_put_process(&tree,
			 &(struct tree_process){.pid = 30, .cgroup = "0::/app/deep\n"});
	tree_put(&tree, "sys/fs/cgroup/app/deep/memory.current", "524288\n");
	tree_put(&tree, "sys/fs/cgroup/app/deep/memory.max", "max\n");
	tree_put(&tree, "sys/fs/cgroup/app/deep/pids.current", "3\n");
	tree_put(&tree, "sys/fs/cgroup/app/deep/pids.max", "10\n");
	tree_put(&tree, "sys/fs/cgroup/app/deep/memory.events", "oom 1\noom_kill 2\n");
	tree_put(&tree, "sys/fs/cgroup/app/deep/memory.stat",
		 "file 0\nshmem 0\ninactive_file 0\n");
	assert_int_equal(process_open(&roots, 30, &process), 0);
	assert_int_equal(domain_open(&roots, &process, &domain), 0);
	assert_int_equal(sampler_init(&s, &process, domain, 0), 0);
	s.fds_by_size = true;
	for (size_t i = 0; i < ARRAY_SIZE(looks); i++) {
		struct sample kept = {0}, lean = {0};

		assert_int_equal(sampler_read(&s, &looks[i], &kept), 0);
		sampler_lean(&s);
		process_lean(&process);
		assert_int_equal(sampler_read(&s, &looks[i], &lean), 0);
		expect(!memcmp(&kept, &lean, sizeof(kept)), "row %zu", i);
		assert_int_equal(process_check(&process), 0);
	}
	sampler_fini(&s);
	domain_free(domain);
	process_fini(&process);
	roots_fini(&roots);
	tree_drop(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lean_look_reads_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
