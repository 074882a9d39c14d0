/* Domains in trees written here: which cgroups are one, and what their files say. */
#include "edge/kernel/domain.h"

#include "edge/fs.h"
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

static void begin(struct fixture *f, const char *mountinfo)
{
	tree_make(&f->tree);
	tree_put(&f->tree, "proc/self/mountinfo", "%s", mountinfo);
	assert_int_equal(roots_open(f->tree.dir, &f->roots), 0);
	f->process.dirfd = f->process.pidfd = -1;
	f->process.stat_fd = f->process.status_fd = -1;
}

static void end(struct fixture *f)
{
	process_fini(&f->process);
	roots_fini(&f->roots);
	tree_drop(&f->tree);
}

static void put_process(struct fixture *f, int pid, int ppid, const char *cgroup)
{
	tree_put_process(&f->tree, &(struct tree_process){
					   .pid = pid, .ppid = ppid, .cgroup = cgroup});
}

/* Opens the domain of pid 10 in this cgroup. */
static int open_of(struct fixture *f, const char *cgroup, struct domain **ret)
{
	put_process(f, 10, 1, cgroup);
	process_fini(&f->process);
	assert_int_equal(process_open(&f->roots, 10, &f->process), 0);
	return domain_open(&f->roots, &f->process, ret);
}

static void put_v2(struct fixture *f, const char *path, uint64_t usage, const char *max)
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

static void put_v1(struct fixture *f, const char *path, uint64_t usage, const char *limit)
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

static void want_value(const struct reading *reading, uint64_t value, const char *what)
{
	expect(reading->have == HAVE_VALUE, "%s: have %d error %d", what, reading->have,
	       reading->error);
	expect(reading->value == value, "%s: %llu", what,
	       (unsigned long long)reading->value);
}

static void v2_service_is_a_domain(void **state)
{
	struct sample sample = {0};
	struct domain *d = NULL;
	struct fixture f;

	(void)state;
	begin(&f, V2_MOUNT);
	put_v2(&f, "/system.slice", 6 * G, "max");
	put_v2(&f, "/system.slice/cron.service", 5 * G, "8589934592");
	tree_put(&f.tree, "sys/fs/cgroup/system.slice/cron.service/pids.current", "12\n");
	tree_put(&f.tree, "sys/fs/cgroup/system.slice/cron.service/pids.max", "max\n");
	tree_put(&f.tree, "sys/fs/cgroup/system.slice/cron.service/memory.pressure",
		 "some avg10=1.25 avg60=0.00 avg300=0.00 total=0\nfull avg10=0.00\n");
	assert_int_equal(open_of(&f, "0::/system.slice/cron.service\n", &d), 0);
	assert_string_equal(domain_path(d), "/system.slice/cron.service");
	assert_int_equal(domain_version(d), 2);
	assert_int_equal(domain_read_all(d, &sample), 0);
	want_value(&sample.v[SIGNAL_USAGE], 5 * G, "usage");
	want_value(&sample.v[SIGNAL_MEMORY], 5 * G - 2 * M, "memory");
	want_value(&sample.ceiling[CEILING_LIMIT], 8 * G, "limit");
	want_value(&sample.headroom, 3 * G, "headroom");
	want_value(&sample.oom_kill, 3, "oom_kill");
	want_value(&sample.parent_oom_kill, 3, "parent_oom_kill");
	want_value(&sample.v[SIGNAL_TASKS], 12, "tasks");
	want_value(&sample.v[SIGNAL_PRESSURE], 125, "pressure");
	assert_int_equal(sample.ceiling[CEILING_PIDS].have, HAVE_ABSENT);
	assert_true(sample.exact);
	assert_string_equal(domain_limit_from(d), "/system.slice/cron.service");
	domain_free(d);
	end(&f);
}

static void v1_service_is_a_domain(void **state)
{
	struct sample sample = {0};
	struct domain *d = NULL;
	struct fixture f;

	(void)state;
	begin(&f, V1_MOUNTS);
	put_v1(&f, "/app", 5 * G, "8589934592");
	put_v1(&f, "", 9 * G, "9223372036854771712");
	tree_put(&f.tree, "sys/fs/cgroup/memory/cgroup.sane_behavior", "0\n");
	tree_put(&f.tree, "sys/fs/cgroup/pids/app/pids.current", "7\n");
	tree_put(&f.tree, "sys/fs/cgroup/pids/app/pids.max", "100\n");
	assert_int_equal(open_of(&f, "8:pids:/app\n4:memory:/app\n0::/\n", &d), 0);
	assert_int_equal(domain_version(d), 1);
	assert_int_equal(domain_read_all(d, &sample), 0);
	want_value(&sample.v[SIGNAL_MEMORY], 5 * G - 2 * M, "memory");
	want_value(&sample.ceiling[CEILING_LIMIT], 8 * G, "limit");
	want_value(&sample.headroom, 3 * G, "headroom");
	want_value(&sample.oom_kill, 2, "oom_kill");
	assert_int_equal(sample.parent_oom_kill.have, HAVE_ABSENT);
	want_value(&sample.v[SIGNAL_TASKS], 7, "tasks");
	want_value(&sample.ceiling[CEILING_PIDS], 100, "pids.max");
	assert_int_equal(sample.v[SIGNAL_PRESSURE].have, HAVE_ABSENT);
	domain_free(d);
	end(&f);
}

static void tick_reads_only_usage_below_the_nearest_threshold(void **state)
{
	struct sample sample = {0};
	struct domain *d = NULL;
	struct fixture f;

	(void)state;
	begin(&f, V2_MOUNT);
	put_v2(&f, "/app", 5 * G, "8589934592");
	assert_int_equal(open_of(&f, "0::/app\n", &d), 0);
	tree_put(&f.tree, "sys/fs/cgroup/app/memory.stat", "nonsense\n");
	assert_int_equal(domain_read(d, 6 * G, &sample), 0);
	assert_false(sample.exact);
	want_value(&sample.v[SIGNAL_USAGE], 5 * G, "usage");
	want_value(&sample.v[SIGNAL_MEMORY], 5 * G, "memory");
	assert_int_equal(domain_read(d, 5 * G, &sample), 0);
	assert_int_equal(sample.v[SIGNAL_MEMORY].have, HAVE_ERROR);
	assert_int_equal(sample.v[SIGNAL_MEMORY].error, EBADMSG);
	put_v2(&f, "/app", 5 * G, "8589934592");
	assert_int_equal(domain_read(d, 5 * G, &sample), 0);
	assert_true(sample.exact);
	want_value(&sample.v[SIGNAL_MEMORY], 5 * G - 2 * M, "memory");
	put_v2(&f, "/app", 4 * G, "8589934592");
	assert_int_equal(domain_read(d, 5 * G, &sample), 0);
	want_value(&sample.v[SIGNAL_MEMORY], 4 * G - 2 * M, "memory, cache as last seen");
	want_value(&sample.headroom, 3 * G, "headroom of the last exact look");
	domain_free(d);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(v2_service_is_a_domain),
		cmocka_unit_test(v1_service_is_a_domain),
		cmocka_unit_test(tick_reads_only_usage_below_the_nearest_threshold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
