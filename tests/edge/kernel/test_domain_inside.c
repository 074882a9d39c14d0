/* A sibling in a pod: its cgroup is beside the namespace of whoever looks, and is reached
 * through the sibling's own mounts. */
#include "domain-tree.h"

#include <sys/syscall.h>

#define OWN "30 23 0:26 / /sys/fs/cgroup ro - cgroup2 cgroup2 rw\n"
#define SIBLING "90 80 0:26 /../app /sys/fs/cgroup ro - cgroup2 cgroup2 rw\n"
#define INSIDE "proc/10/root/sys/fs/cgroup/"

static void put_sibling(struct fixture *f, const char *mountinfo)
{
	tree_put(&f->tree, "proc/10/mountinfo", "%s", mountinfo);
	tree_put(&f->tree, INSIDE "memory.current", "%llu\n", 300ULL << 20);
	tree_put(&f->tree, INSIDE "memory.max", "%llu\n", 512ULL << 20);
	tree_put(&f->tree, INSIDE "memory.stat",
		 "anon 1\nfile 0\nshmem 0\ninactive_file 0\n");
	tree_put(&f->tree, INSIDE "memory.events.local", "oom 0\noom_kill 3\n");
	tree_put(&f->tree, "sys/fs/cgroup/memory.current", "1\n"); /* our own */
}

static void a_siblings_limit_is_read_through_its_own_mount(void **state)
{
	struct fixture f;
	struct domain *domain = NULL;
	struct sample sample = {0};

	skip_under_valgrind(state, "openat2");
	begin(&f, OWN);
	put_sibling(&f, "89 80 0:25 / /sys rw - sysfs sysfs rw\n" SIBLING);
	assert_int_equal(open_of(&f, "0::/../app\n", &domain), 0);
	assert_int_equal(domain_read_all(domain, &sample), 0);
	assert_int_equal(sample.v[SIGNAL_MEMORY].value, 300 * M);
	assert_int_equal(sample.ceiling[CEILING_LIMIT].value, 512 * M);
	assert_int_equal(sample.oom_kill.value, 3);
	assert_string_equal(domain_path(domain), "/../app");
	domain_free(domain);
	end(&f);
}

/* What stands where the mount should be is the container's. */
static void no_link_leads_out_of_a_sibling(void **state)
{
	static const char *const links[] = {"sys/fs/cgroup", "sys/fs", "sys"};

	skip_under_valgrind(state, "openat2");
	for (size_t i = 0; i < ARRAY_SIZE(links); i++) {
		struct fixture f;
		struct domain *domain = NULL;
		char path[64];

		begin(&f, OWN);
		tree_put(&f.tree, "proc/10/mountinfo", "%s", SIBLING);
		tree_put(&f.tree, "sys/fs/cgroup/memory.current", "1\n");
		snprintf(path, sizeof(path), "proc/10/root/%s", links[i]);
		tree_link(&f.tree, path, "../../../../../../../../sys/fs/cgroup");
		expect(open_of(&f, "0::/../app\n", &domain) == DOMAIN_HIDDEN, "%s", path);
		end(&f);
	}
}

static void a_sibling_without_a_mount_of_its_own_is_hidden(void **state)
{
	static const char *const mounts[] = {
		"", "90 80 0:26 /../other /sys/fs/cgroup ro - cgroup2 cgroup2 rw\n",
		"90 80 0:26 /../app /nowhere ro - cgroup2 cgroup2 rw\n"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(mounts); i++) {
		struct fixture f;
		struct domain *domain = NULL;

		begin(&f, OWN);
		put_sibling(&f, mounts[i]);
		expect(open_of(&f, "0::/../app\n", &domain) == DOMAIN_HIDDEN, "row %zu",
		       i);
		end(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_siblings_limit_is_read_through_its_own_mount),
		cmocka_unit_test(no_link_leads_out_of_a_sibling),
		cmocka_unit_test(a_sibling_without_a_mount_of_its_own_is_hidden),
	};

	return cmocka_run_group_tests_name("domain_inside", tests, NULL, NULL);
}
