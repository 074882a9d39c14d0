/* Limits of cgroups in trees of plain files: which levels count, what is read and what is
 * written. The kernel's order of writing is the end-to-end test's. */
#include "edge/kernel/ceiling.h"

#include <errno.h>
#include <fcntl.h>

#include "edge/kernel/domain-tree.h"
#include "edge/kernel/unit.h"

#define NO HOLD_NO_LIMIT

static int open_levels_of(struct fixture *f, const char *cgroup, struct ceilings *ret)
{
	put_process(f, 10, 1, cgroup);
	process_fini(&f->process);
	assert_int_equal(process_open(&f->roots, 10, &f->process), 0);
	return ceilings_open(&f->roots, &f->process, ret);
}

static void v2_levels_are_those_with_a_limit(void **state)
{
	struct ceilings c;
	struct hold_level level;
	struct fixture f;

	(void)state;
	begin(&f, V2_MOUNT);
	put_v2(&f, "/batch.slice", 6 * G, "max");
	put_v2(&f, "/batch.slice/cron.service", 5 * G, "8589934592");
	tree_put(&f.tree, "sys/fs/cgroup/batch.slice/cron.service/memory.high",
		 "7516192768\n");
	tree_put(&f.tree, "sys/fs/cgroup/batch.slice/cron.service/inner/cgroup.procs",
		 "\n");
	tree_put(&f.tree, "sys/fs/cgroup/cgroup.procs", "\n");
	assert_int_equal(open_levels_of(&f, "0::/batch.slice/cron.service/inner\n", &c),
			 0);
	assert_int_equal(c.n, 2);
	assert_int_equal(c.version, 2);
	assert_string_equal(c.at[0].path, "/batch.slice/cron.service");
	assert_string_equal(c.at[1].path, "/batch.slice");
	assert_int_equal(ceiling_read(&c, 0, &level), 0);
	assert_true(level.is.max == 8 * G && level.is.high == 7 * G &&
		    level.is.swap == NO && level.usage == 5 * G);
	assert_int_equal(ceiling_read(&c, 1, &level), 0);
	assert_true(level.is.max == NO && level.is.high == NO);
	ceilings_fini(&c);
	end(&f);
}

static void v1_levels_have_swap_and_stop_where_children_do_not_count(void **state)
{
	struct ceilings c;
	struct hold_level level;
	struct fixture f;

	(void)state;
	begin(&f, V1_MOUNTS);
	put_v1(&f, "", 9 * G, "9223372036854771712");
	put_v1(&f, "/a", 6 * G, "6442450944");
	put_v1(&f, "/a/b", 5 * G, "8589934592");
	tree_put(&f.tree, "sys/fs/cgroup/memory/a/b/memory.memsw.limit_in_bytes",
		 "9663676416\n");
	assert_int_equal(open_levels_of(&f, "4:memory:/a/b\n", &c), 0);
	assert_int_equal(c.n, 3);
	assert_int_equal(ceiling_read(&c, 0, &level), 0);
	assert_true(level.is.max == 8 * G && level.is.swap == 9 * G &&
		    level.is.high == NO);
	assert_int_equal(ceiling_read(&c, 2, &level), 0);
	assert_true(level.is.max == NO && level.is.swap == NO);
	ceilings_fini(&c);
	tree_put(&f.tree, "sys/fs/cgroup/memory/a/memory.use_hierarchy", "0\n");
	assert_int_equal(open_levels_of(&f, "4:memory:/a/b\n", &c), 0);
	assert_int_equal(c.n, 1);
	ceilings_fini(&c);
	end(&f);
}

static void what_differs_is_written(void **state)
{
	static const struct hold_ceiling from = {8 * G, 7 * G, NO},
					 to = {9 * G, 8 * G, NO};
	struct ceilings c;
	struct hold_level level;
	struct fixture f;

	(void)state;
	begin(&f, V2_MOUNT);
	put_v2(&f, "/x.service", 5 * G, "8589934592");
	tree_put(&f.tree, "sys/fs/cgroup/x.service/memory.high", "7516192768\n");
	assert_int_equal(ceilings_open_path(&f.roots, "/x.service", 2, &c), 0);
	assert_int_equal(c.n, 1);
	assert_int_equal(ceilings_writable(&c), 0);
	assert_int_equal(ceiling_write(&c, 0, &from, &from), 0);
	assert_int_equal(ceiling_read(&c, 0, &level), 0);
	assert_true(hold_ceiling_equal(&level.is, &from));
	assert_int_equal(ceiling_write(&c, 0, &from, &to), 0);
	assert_int_equal(ceiling_read(&c, 0, &level), 0);
	assert_true(hold_ceiling_equal(&level.is, &to));
	ceilings_fini(&c);
	end(&f);
}

static void what_is_not_there_is_gone(void **state)
{
	static const struct hold_ceiling from = {8 * G, NO, NO}, to = {9 * G, NO, NO};
	struct ceilings c;
	struct hold_level level;
	struct fixture f;

	(void)state;
	begin(&f, V2_MOUNT);
	put_v2(&f, "/x.service", 5 * G, "8589934592");
	tree_put(&f.tree, "sys/fs/cgroup/empty/cgroup.procs", "\n");
	assert_int_equal(ceilings_open_path(&f.roots, "/y.service", 2, &c), CEILING_GONE);
	assert_int_equal(ceilings_open_path(&f.roots, "/empty", 2, &c), CEILING_GONE);
	ceilings_fini(&c);
	assert_int_equal(ceilings_open_path(&f.roots, "/x.service", 2, &c), 0);
	assert_int_equal(unlinkat(f.roots.root, "sys/fs/cgroup/x.service/memory.max", 0),
			 0);
	assert_int_equal(ceiling_read(&c, 0, &level), CEILING_GONE);
	assert_int_equal(ceiling_write(&c, 0, &from, &to), CEILING_GONE);
	ceilings_fini(&c);
	end(&f);
}

static void nonsense_is_no_limit_of_the_kernel(void **state)
{
	static const char *const rows[] = {"", "x", "-1", "12 34",
					   "99999999999999999999"};
	struct ceilings c;
	struct hold_level level;
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		begin(&f, V2_MOUNT);
		put_v2(&f, "/x.service", 5 * G, rows[i]);
		assert_int_equal(ceilings_open_path(&f.roots, "/x.service", 2, &c), 0);
		expect(ceiling_read(&c, 0, &level) == -EBADMSG, "'%s'", rows[i]);
		ceilings_fini(&c);
		end(&f);
	}
}

static void the_machine_says_what_it_has(void **state)
{
	struct hold_host host = {.promised = 7};
	struct fixture f;

	(void)state;
	begin(&f, V2_MOUNT);
	assert_true(ceiling_host(&f.roots, &host) < 0);
	tree_put(&f.tree, "proc/meminfo",
		 "MemTotal:       8388608 kB\nMemFree: 1 kB\nMemAvailable:   1048576 "
		 "kB\n");
	assert_int_equal(ceiling_host(&f.roots, &host), 0);
	assert_true(host.total == 8 * G && host.available == G && host.promised == 7);
	end(&f);
}

#define FILE_OF(name) "run/systemd/system.control/x.service.d/50-" name ".conf"

static void runtime_files_of_systemd_are_known_and_removed(void **state)
{
	static const struct hold_ceiling ours = {9 * G, NO, NO}, other = {G, NO, NO};
	struct fixture f;

	(void)state;
	begin(&f, V2_MOUNT);
	assert_false(unit_manager(&f.roots)); /* a tree is no machine */
	assert_false(unit_has_file(&f.roots, "x.service"));
	assert_false(unit_says(&f.roots, "x.service", &ours));
	assert_int_equal(unit_forget(&f.roots, "x.service"), 0);
	tree_put(&f.tree, FILE_OF("MemoryMax"),
		 "# made\n[Service]\nMemoryMax=9663676416\n");
	tree_put(&f.tree, FILE_OF("CPUWeight"), "[Service]\nCPUWeight=10\n");
	assert_true(unit_has_file(&f.roots, "x.service"));
	assert_true(unit_says(&f.roots, "x.service", &ours));
	assert_false(unit_says(&f.roots, "x.service", &other));
	assert_int_equal(unit_forget(&f.roots, "x.service"), 0);
	assert_false(unit_has_file(&f.roots, "x.service"));
	assert_int_equal(faccessat(f.roots.root, FILE_OF("CPUWeight"), F_OK, 0), 0);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(v2_levels_are_those_with_a_limit),
		cmocka_unit_test(
			v1_levels_have_swap_and_stop_where_children_do_not_count),
		cmocka_unit_test(what_differs_is_written),
		cmocka_unit_test(what_is_not_there_is_gone),
		cmocka_unit_test(nonsense_is_no_limit_of_the_kernel),
		cmocka_unit_test(the_machine_says_what_it_has),
		cmocka_unit_test(runtime_files_of_systemd_are_known_and_removed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
