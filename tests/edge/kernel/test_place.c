#include "edge/kernel/place.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tree.h"
#include "unit.h"

static void what_the_tests_themselves_need_is_there(void **state)
{
	struct doctor_kernel kernel = {0};
	struct roots roots;

	skip_under_valgrind(state, "the jail's filter");
	assert_int_equal(roots_open(NULL, &roots), 0);
	place_look(&roots, &kernel);
	roots_fini(&roots);
	assert_true(kernel.release[0]);
	assert_int_equal(kernel.pidfd_error, 0);
	assert_int_equal(kernel.memfd_error, 0);
	assert_int_equal(kernel.jail_error, 0);
}

static void capabilities_and_user_namespace_are_read(void **state)
{
	static const struct {
		const char *status, *map;
		uint32_t capabilities;
		bool user_namespace;
	} rows[] = {
		{"Name:\tx\nCapEff:\t000001ffffffffff\nCapBnd:\t0\n",
		 "         0          0 4294967295\n", 7, false},
		{"Name:\tx\nCapInh:\t000001ffffffffff\nCapEff:\t0000000000000000\n",
		 "         0          0 4294967295\n", 0, false},
		{"Name:\tx\nCapEff:\t0000000000080000\n", "0 1000 1\n",
		 1U << CAPABILITY_SYS_PTRACE, true},
		{"Name:\tx\nCapEff:\t0000000000000004\n",
		 "         0       1000          1\n         1     100000      65536\n",
		 1U << CAPABILITY_DAC_READ_SEARCH, true},
		{"Name:\tCapEff:\tff\n", "", 0, false},
		{"", "", 0, false},
	};

	skip_under_valgrind(state, "the jail's filter");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct doctor_kernel kernel = {0};
		struct roots roots;
		struct tree tree;

		tree_make(&tree);
		tree_put(&tree, "proc/self/status", "%s", rows[i].status);
		tree_put(&tree, "proc/self/uid_map", "%s", rows[i].map);
		assert_int_equal(roots_open(tree.dir, &roots), 0);
		place_look(&roots, &kernel);
		expect(kernel.capabilities == rows[i].capabilities, "%zu: %x", i,
		       kernel.capabilities);
		expect(kernel.user_namespace == rows[i].user_namespace, "%zu", i);
		roots_fini(&roots);
		tree_drop(&tree);
	}
}

static void the_profile_that_confines_us_is_read(void **state)
{
	char endless[2 * PROFILE_MAX];
	const struct {
		const char *file, *profile;
	} rows[] = {
		{"docker-default (enforce)\n", "docker-default (enforce)"},
		{"cri-containerd.apparmor.d (enforce)",
		 "cri-containerd.apparmor.d (enforce)"},
		{"unconfined\n", ""},
		{"", ""},
		{NULL, ""},
		{endless, NULL}, /* cut, or not told */
	};

	skip_under_valgrind(state, "the jail's filter");
	memset(endless, 'x', sizeof(endless) - 1);
	endless[sizeof(endless) - 1] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct doctor_kernel kernel = {0};
		struct roots roots;
		struct tree tree;

		tree_make(&tree);
		tree_put(&tree, "proc/self/status", "%s", "");
		if (rows[i].file)
			tree_put(&tree, "proc/self/attr/apparmor/current", "%s",
				 rows[i].file);
		assert_int_equal(roots_open(tree.dir, &roots), 0);
		place_look(&roots, &kernel);
		if (rows[i].profile)
			assert_string_equal(kernel.profile, rows[i].profile);
		else
			assert_true(strlen(kernel.profile) < PROFILE_MAX);
		roots_fini(&roots);
		tree_drop(&tree);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_tests_themselves_need_is_there),
		cmocka_unit_test(capabilities_and_user_namespace_are_read),
		cmocka_unit_test(the_profile_that_confines_us_is_read),
	};

	return cmocka_run_group_tests_name("place", tests, NULL, NULL);
}
