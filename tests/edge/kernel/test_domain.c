/* Domains in trees written here: v1, v2 and hybrid, and how they end. */
#include "edge/kernel/domain.h"

#include "edge/kernel/domain-tree.h"

static void v2_service_is_a_domain(void **state)
{
	char from[DOMAIN_PATH_MAX];
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
	assert_string_equal(domain_limit_from(d, from), "/system.slice/cron.service");
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
	assert_int_equal(sample.oom.have, HAVE_ABSENT);
	assert_int_equal(sample.parent_oom_kill.have, HAVE_ABSENT);
	want_value(&sample.v[SIGNAL_TASKS], 7, "tasks");
	want_value(&sample.ceiling[CEILING_PIDS], 100, "pids.max");
	assert_int_equal(sample.v[SIGNAL_PRESSURE].have, HAVE_ABSENT);
	domain_free(d);
	end(&f);
}

/* The kernel moves pages freed by MADV_FREE to inactive_file and leaves them there when
 * they are written again: the two look the same, and only "in use" errs on the safe side.
 */
static void v1_parents_without_hierarchy_do_not_limit(void **state)
{
	struct sample sample = {0};
	struct domain *d = NULL;
	struct fixture f;

	(void)state;
	begin(&f, V1_MOUNTS);
	put_v1(&f, "/p", 1 * G, "1073741824");
	put_v1(&f, "/p/app", 1 * G, "8589934592");
	tree_put(&f.tree, "sys/fs/cgroup/memory/p/memory.use_hierarchy", "0\n");
	assert_int_equal(open_of(&f, "4:memory:/p/app\n", &d), 0);
	assert_int_equal(domain_read_all(d, &sample), 0);
	want_value(&sample.ceiling[CEILING_LIMIT], 8 * G, "limit");
	domain_free(d);
	tree_put(&f.tree, "sys/fs/cgroup/memory/p/memory.use_hierarchy", "1\n");
	assert_int_equal(open_of(&f, "4:memory:/p/app\n", &d), 0);
	assert_int_equal(domain_read_all(d, &sample), 0);
	want_value(&sample.ceiling[CEILING_LIMIT], 1 * G, "limit");
	want_value(&sample.headroom, 0, "headroom");
	domain_free(d);
	end(&f);
}

static void v1_tells_a_limit_above_what_is_mounted(void **state)
{
	char from[DOMAIN_PATH_MAX];
	struct sample sample = {0};
	struct domain *d = NULL;
	struct fixture f;

	(void)state;
	begin(&f, "35 31 0:32 /pod /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n");
	put_v1(&f, "/app", 1 * G, "8589934592");
	tree_put(&f.tree, "sys/fs/cgroup/memory/app/memory.stat",
		 "hierarchical_memory_limit 4294967296\ntotal_cache 0\n"
		 "total_inactive_file 0\n");
	assert_int_equal(open_of(&f, "4:memory:/pod/app\n", &d), 0);
	assert_int_equal(domain_read_all(d, &sample), 0);
	want_value(&sample.ceiling[CEILING_LIMIT], 4 * G, "limit");
	want_value(&sample.headroom, 3 * G, "headroom");
	assert_string_equal(domain_limit_from(d, from), "(above the mount)");
	domain_free(d);
	end(&f);
}

static void hybrid_has_pressure_of_its_second_hierarchy(void **state)
{
	struct sample sample = {0};
	struct domain *d = NULL;
	struct fixture f;

	(void)state;
	begin(&f,
	      V1_MOUNTS "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
	put_v1(&f, "/app", 1 * G, "8589934592");
	tree_put(&f.tree, "sys/fs/cgroup/unified/memory.pressure",
		 "some avg10=9.00 avg60=0.00 avg300=0.00 total=0\n");
	tree_put(&f.tree, "sys/fs/cgroup/unified/app/memory.pressure",
		 "some avg10=100.00 avg60=0.00 avg300=0.00 total=0\n");
	assert_int_equal(open_of(&f, "4:memory:/app\n0::/app\n", &d), 0);
	assert_int_equal(domain_read_all(d, &sample), 0);
	want_value(&sample.v[SIGNAL_PRESSURE], 10000, "pressure");
	domain_free(d);
	assert_int_equal(open_of(&f, "4:memory:/app\n0::/\n", &d), 0); /* the machine's */
	memset(&sample, 0, sizeof(sample));
	assert_int_equal(domain_read_all(d, &sample), 0);
	assert_int_equal(sample.v[SIGNAL_PRESSURE].have, HAVE_ABSENT);
	domain_free(d);
	end(&f);
}

static void a_process_that_moves_is_noticed(void **state)
{
	struct domain *d = NULL;
	struct fixture f;

	(void)state;
	begin(&f, V2_MOUNT);
	put_v2(&f, "/app", 1 * G, "max");
	assert_int_equal(open_of(&f, "0::/app\n", &d), 0);
	assert_int_equal(domain_check(d, &f.process), 0);
	put_process(&f, 10, 1, "0::/other\n");
	assert_int_equal(domain_check(d, &f.process), DOMAIN_MOVED);
	put_process(&f, 10, 1, "5:memory:/app\n0::/app\n");
	assert_int_equal(domain_check(d, &f.process), DOMAIN_MOVED);
	tree_unlink(&f.tree, "proc/10/cgroup");
	assert_int_equal(domain_check(d, &f.process), PROCESS_GONE);
	domain_free(d);
	end(&f);
}

static void a_process_that_ended_has_no_domain(void **state)
{
	struct domain *d = NULL;
	struct fixture f;

	(void)state;
	begin(&f, V2_MOUNT);
	put_process(&f, 10, 1, "0::/app\n");
	assert_int_equal(process_open(&f.roots, 10, &f.process), 0);
	tree_unlink(&f.tree, "proc/10/cgroup");
	assert_int_equal(domain_open(&f.roots, &f.process, &d), PROCESS_GONE);
	assert_null(d);
	domain_free(d);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(v2_service_is_a_domain),
		cmocka_unit_test(v1_service_is_a_domain),
		cmocka_unit_test(v1_parents_without_hierarchy_do_not_limit),
		cmocka_unit_test(v1_tells_a_limit_above_what_is_mounted),
		cmocka_unit_test(hybrid_has_pressure_of_its_second_hierarchy),
		cmocka_unit_test(a_process_that_moves_is_noticed),
		cmocka_unit_test(a_process_that_ended_has_no_domain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
