/* What the files of a domain say: memory, limits, counters, and what makes no sense. */
#include "edge/kernel/domain.h"

#include "edge/kernel/domain-tree.h"

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

static void put_stat(struct fixture *f, uint64_t inactive_file, uint64_t file,
		     uint64_t shmem)
{
	tree_put(&f->tree, "sys/fs/cgroup/app/memory.stat",
		 "anon 1\nfile %llu\nkernel 1\nshmem %llu\ninactive_anon 5\n"
		 "inactive_file %llu\nactive_file 0\n",
		 (unsigned long long)file, (unsigned long long)shmem,
		 (unsigned long long)inactive_file);
}

static void lazily_freed_pages_count_and_cached_files_do_not(void **state)
{
	static const struct {
		const char *what;
		uint64_t usage, inactive_file, file, shmem, memory;
	} rows[] = {
		{"freed lazily", 210 * M, 200 * M, 0, 0, 210 * M},
		{"freed lazily, then used again", 210 * M, 200 * M, 0, 0, 210 * M},
		{"page cache", 210 * M, 200 * M, 200 * M, 0, 10 * M},
		{"active page cache", 210 * M, 0, 200 * M, 0, 210 * M},
		{"cache and freed", 410 * M, 400 * M, 200 * M, 0, 210 * M},
		{"tmpfs", 210 * M, 0, 200 * M, 200 * M, 210 * M},
		{"tmpfs and cache", 410 * M, 200 * M, 400 * M, 200 * M, 210 * M},
		{"counters that disagree", 100 * M, 200 * M, 300 * M, 0, 0},
		{"more shmem than file", 100 * M, 50 * M, 10 * M, 20 * M, 100 * M},
	};
	struct domain *d = NULL;
	struct fixture f;

	(void)state;
	begin(&f, V2_MOUNT);
	put_v2(&f, "/app", 1, "max");
	assert_int_equal(open_of(&f, "0::/app\n", &d), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sample sample = {0};

		tree_put(&f.tree, "sys/fs/cgroup/app/memory.current", "%llu\n",
			 (unsigned long long)rows[i].usage);
		put_stat(&f, rows[i].inactive_file, rows[i].file, rows[i].shmem);
		assert_int_equal(domain_read(d, 0, &sample), 0);
		want_value(&sample.v[SIGNAL_MEMORY], rows[i].memory, rows[i].what);
	}
	domain_free(d);
	end(&f);
}

static uint64_t memory_at(struct domain *d, int64_t at_ms, uint64_t nearest)
{
	struct sample sample = {.at_ms = at_ms};
	int r = nearest ? domain_read(d, nearest, &sample)
			: domain_read_slow(d, 0, &sample);

	assert_int_equal(r, 0);
	assert_true(sample.exact);
	assert_int_equal(sample.v[SIGNAL_MEMORY].have, HAVE_VALUE);
	return sample.v[SIGNAL_MEMORY].value;
}

/* memory.stat is the dearest of all files. */
static void cached_files_are_looked_at_again_where_the_usage_moved(void **state)
{
	struct domain *d = NULL;
	struct fixture f;

	(void)state;
	begin(&f, V2_MOUNT);
	put_v2(&f, "/app", 500 * M, "max");
	assert_int_equal(open_of(&f, "0::/app\n", &d), 0);
	put_stat(&f, 100 * M, 100 * M, 0);
	assert_int_equal(memory_at(d, 1000, 0), 400 * M);
	put_stat(&f, 200 * M, 200 * M, 0);
	assert_int_equal(memory_at(d, 11000, 0), 400 * M);
	assert_int_equal(memory_at(d, 60999, 0), 400 * M);
	assert_int_equal(memory_at(d, 61000, 0), 300 * M); /* a minute later */
	put_stat(&f, 50 * M, 50 * M, 0);
	assert_int_equal(memory_at(d, 62000, 500 * M), 450 * M); /* it hangs on it */
	put_stat(&f, 60 * M, 60 * M, 0);
	assert_int_equal(memory_at(d, 63000, 0), 440 * M);
	put_stat(&f, 70 * M, 70 * M, 0);
	tree_put(&f.tree, "sys/fs/cgroup/app/memory.current", "%llu\n",
		 (unsigned long long)(500 * M - 4096));
	assert_int_equal(memory_at(d, 64000, 0), 430 * M - 4096);
	put_stat(&f, 80 * M, 80 * M, 0);
	assert_int_equal(memory_at(d, 0, 0), 420 * M - 4096); /* no moment is told */
	domain_free(d);
	end(&f);
}

static void headroom_is_of_the_tightest_level_with_its_own_usage(void **state)
{
	struct sample sample = {0};
	struct domain *d = NULL;
	struct fixture f;

	(void)state;
	begin(&f, V2_MOUNT);
	put_v2(&f, "/pods", 15 * G, "17179869184"); /* 1G left, shared */
	put_v2(&f, "/pods/pod", 6 * G, "max");
	put_v2(&f, "/pods/pod/app", 5 * G, "8589934592"); /* 3G left */
	assert_int_equal(open_of(&f, "0::/pods/pod/app\n", &d), 0);
	assert_int_equal(domain_read_all(d, &sample), 0);
	want_value(&sample.ceiling[CEILING_LIMIT], 8 * G, "limit");
	want_value(&sample.headroom, 1 * G, "headroom");
	put_v2(&f, "/pods", 17 * G,
	       "17179869184"); /* over it, as v2 may be for a moment */
	assert_int_equal(domain_read_all(d, &sample), 0);
	want_value(&sample.headroom, 0, "headroom");
	domain_free(d);
	end(&f);
}

static void limits_that_change_are_seen(void **state)
{
	char from[DOMAIN_PATH_MAX];
	struct sample sample = {0};
	struct domain *d = NULL;
	struct fixture f;

	(void)state;
	begin(&f, V2_MOUNT);
	put_v2(&f, "/app", 1 * G, "8589934592");
	assert_int_equal(open_of(&f, "0::/app\n", &d), 0);
	assert_int_equal(domain_read_all(d, &sample), 0);
	want_value(&sample.ceiling[CEILING_LIMIT], 8 * G, "limit");
	put_v2(&f, "/app", 1 * G, "max");
	assert_int_equal(domain_read_all(d, &sample), 0);
	assert_int_equal(sample.ceiling[CEILING_LIMIT].have, HAVE_ABSENT);
	assert_int_equal(sample.headroom.have, HAVE_ABSENT);
	assert_string_equal(domain_limit_from(d, from), "");
	domain_free(d);
	end(&f);
}

static void files_that_make_no_sense_are_errors_not_zeros(void **state)
{
	static const char *const nonsense[] = {
		"", "\n", "-1\n", "5G\n", "0x10\n", "1 2\n", "99999999999999999999999\n"};
	struct domain *d = NULL;
	struct fixture f;

	(void)state;
	begin(&f, V2_MOUNT);
	put_v2(&f, "/app", 1 * G, "8589934592");
	assert_int_equal(open_of(&f, "0::/app\n", &d), 0);
	for (size_t i = 0; i < ARRAY_SIZE(nonsense); i++) {
		struct sample sample = {0};

		put_v2(&f, "/app", 1 * G, nonsense[i]);
		tree_put(&f.tree, "sys/fs/cgroup/app/memory.current", "%s", nonsense[i]);
		tree_put(&f.tree, "sys/fs/cgroup/app/memory.events", "oom_kill %s",
			 nonsense[i]);
		assert_int_equal(domain_read_all(d, &sample), 0);
		expect(sample.v[SIGNAL_USAGE].have == HAVE_ERROR, "row %zu", i);
		expect(sample.v[SIGNAL_MEMORY].have == HAVE_ERROR, "row %zu", i);
		expect(sample.ceiling[CEILING_LIMIT].have == HAVE_ERROR, "row %zu", i);
		expect(sample.headroom.have == HAVE_ERROR, "row %zu", i);
		expect(sample.oom_kill.have != HAVE_VALUE || i == 5, "row %zu", i);
		expect(!sample.exact, "row %zu", i);
	}
	domain_free(d);
	end(&f);
}

static void what_a_kernel_does_not_have_is_absent(void **state)
{
	struct sample sample = {0};
	struct domain *d = NULL;
	struct fixture f;

	(void)state;
	begin(&f, V2_MOUNT);
	put_v2(&f, "/app", 1 * G, "max");
	tree_unlink(&f.tree, "sys/fs/cgroup/app/memory.events");
	assert_int_equal(open_of(&f, "0::/app\n", &d), 0);
	assert_int_equal(domain_read_all(d, &sample), 0);
	assert_int_equal(sample.v[SIGNAL_TASKS].have, HAVE_ABSENT);
	assert_int_equal(sample.v[SIGNAL_PRESSURE].have, HAVE_ABSENT);
	assert_int_equal(sample.oom_kill.have, HAVE_ABSENT);
	assert_int_equal(sample.parent_oom_kill.have, HAVE_ABSENT);
	domain_free(d);
	end(&f);
}

static void own_kills_are_told_from_those_below(void **state)
{
	struct sample sample = {0};
	struct domain *d = NULL;
	struct fixture f;

	(void)state;
	begin(&f, V2_MOUNT);
	put_v2(&f, "/app", 1 * G, "max");
	tree_put(&f.tree, "sys/fs/cgroup/app/memory.events.local", "oom 9\noom_kill 1\n");
	assert_int_equal(open_of(&f, "0::/app\n", &d), 0);
	domain_read_kills(d, &sample);
	want_value(&sample.oom_kill, 1, "oom_kill");
	want_value(&sample.oom, 9, "oom");
	domain_free(d);
	end(&f);
}

static void domains_below_one_ancestor_read_it_once(void **state)
{
	struct sample sample = {.at_ms = 1000};
	struct domain *one = NULL, *other = NULL;
	struct fixture f;

	(void)state;
	begin(&f, V2_MOUNT);
	put_v2(&f, "/slice", 3 * G, "8589934592");
	put_v2(&f, "/slice/one", 1 * G, "max");
	put_v2(&f, "/slice/other", 2 * G, "max");
	assert_int_equal(open_of(&f, "0::/slice/one\n", &one), 0);
	assert_int_equal(open_of(&f, "0::/slice/other\n", &other), 0);

	assert_int_equal(domain_read_all(one, &sample), 0);
	want_value(&sample.headroom, 5 * G, "as it is");
	put_v2(&f, "/slice", 4 * G, "8589934592");
	put_v2(&f, "/slice/other", 2 * G, "6442450944");
	assert_int_equal(domain_read_all(other, &sample), 0);
	want_value(&sample.headroom, 4 * G, "its own as it is");
	put_v2(&f, "/slice/other", 2 * G, "max");
	assert_int_equal(domain_read_all(other, &sample), 0);
	want_value(&sample.headroom, 5 * G, "the ancestor's, of the same moment");
	sample.at_ms = 1001;
	assert_int_equal(domain_read_all(other, &sample), 0);
	want_value(&sample.headroom, 4 * G, "the ancestor's, of the next moment");
	sample.at_ms = 0;
	put_v2(&f, "/slice", 7 * G, "8589934592");
	assert_int_equal(domain_read_all(one, &sample), 0);
	want_value(&sample.headroom, 1 * G, "where no moment is told, read");
	domain_free(other);
	domain_free(one);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tick_reads_only_usage_below_the_nearest_threshold),
		cmocka_unit_test(lazily_freed_pages_count_and_cached_files_do_not),
		cmocka_unit_test(cached_files_are_looked_at_again_where_the_usage_moved),
		cmocka_unit_test(headroom_is_of_the_tightest_level_with_its_own_usage),
		cmocka_unit_test(limits_that_change_are_seen),
		cmocka_unit_test(files_that_make_no_sense_are_errors_not_zeros),
		cmocka_unit_test(what_a_kernel_does_not_have_is_absent),
		cmocka_unit_test(own_kills_are_told_from_those_below),
		cmocka_unit_test(domains_below_one_ancestor_read_it_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
