#pragma once
/* Machines with cgroups, written as trees, for the tests of domains. */

#include "edge/kernel/domain.h"
#include "tree.h"
#include "unit.h"

#define G (UINT64_C(1) << 30)
#define M (UINT64_C(1) << 20)

#define V1_MOUNTS                                                                        \
	"31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n"                     \
	"35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"              \
	"39 31 0:36 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n"
#define V2_MOUNT "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n"

struct fixture {
	struct tree tree;
	struct roots roots;
	struct process process;
};

TREE_UNUSED static void begin(struct fixture *f, const char *mountinfo)
{
	tree_make(&f->tree);
	tree_put(&f->tree, "proc/self/mountinfo", "%s", mountinfo);
	assert_int_equal(roots_open(f->tree.dir, &f->roots), 0);
	f->process.dirfd = f->process.pidfd = -1;
	f->process.stat_fd = f->process.status_fd = -1;
}

TREE_UNUSED static void end(struct fixture *f)
{
	process_fini(&f->process);
	roots_fini(&f->roots);
	tree_drop(&f->tree);
}

TREE_UNUSED static void put_process(struct fixture *f, int pid, int ppid,
				    const char *cgroup)
{
	tree_put_process(&f->tree, &(struct tree_process){
					   .pid = pid, .ppid = ppid, .cgroup = cgroup});
}

/* Opens the domain of pid 10 in this cgroup. */
TREE_UNUSED static int open_of(struct fixture *f, const char *cgroup, struct domain **ret)
{
	put_process(f, 10, 1, cgroup);
	process_fini(&f->process);
	assert_int_equal(process_open(&f->roots, 10, &f->process), 0);
	return domain_open(&f->roots, &f->process, ret);
}

TREE_UNUSED static void put_v2(struct fixture *f, const char *path, uint64_t usage,
			       const char *max)
{
	char name[256];

	snprintf(name, sizeof(name), "sys/fs/cgroup%s/memory.current", path);
	tree_put(&f->tree, name, "%llu\n", (unsigned long long)usage);
	snprintf(name, sizeof(name), "sys/fs/cgroup%s/memory.max", path);
	tree_put(&f->tree, name, "%s\n", max);
	snprintf(name, sizeof(name), "sys/fs/cgroup%s/memory.stat", path);
	tree_put(&f->tree, name,
		 "anon 1000\nfile 3145728\nshmem 1048576\ninactive_file 2621440\n");
	snprintf(name, sizeof(name), "sys/fs/cgroup%s/memory.events", path);
	tree_put(&f->tree, name, "low 0\nhigh 0\nmax 7\noom 7318\noom_kill 3\n");
}

TREE_UNUSED static void put_v1(struct fixture *f, const char *path, uint64_t usage,
			       const char *limit)
{
	char name[256];

	snprintf(name, sizeof(name), "sys/fs/cgroup/memory%s/memory.usage_in_bytes",
		 path);
	tree_put(&f->tree, name, "%llu\n", (unsigned long long)usage);
	snprintf(name, sizeof(name), "sys/fs/cgroup/memory%s/memory.limit_in_bytes",
		 path);
	tree_put(&f->tree, name, "%s\n", limit);
	snprintf(name, sizeof(name), "sys/fs/cgroup/memory%s/memory.stat", path);
	tree_put(&f->tree, name,
		 "cache 9\nshmem 9\ninactive_file 9\n"
		 "hierarchical_memory_limit 9223372036854771712\n"
		 "total_cache 3145728\ntotal_shmem 1048576\n"
		 "total_inactive_file 2621440\n");
	snprintf(name, sizeof(name), "sys/fs/cgroup/memory%s/memory.oom_control", path);
	tree_put(&f->tree, name, "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");
}

TREE_UNUSED static void want_value(const struct reading *reading, uint64_t value,
				   const char *what)
{
	expect(reading->have == HAVE_VALUE, "%s: have %d error %d", what, reading->have,
	       reading->error);
	expect(reading->value == value, "%s: %llu", what,
	       (unsigned long long)reading->value);
}
