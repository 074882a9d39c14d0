/* What the agent takes of the machine: memory and descriptors. */
#include "agent_case.h"

#include <malloc.h>
#include <sys/resource.h>

/* Each target keeps its files open: what is too many is told, not tried in vain. */
static void too_few_descriptors_are_a_trouble_of_the_service(void **state)
{
	struct rlimit before, few;
	struct fixture f;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	begin(&f);
	add_service(&f, "cron", "memory > 5G");
	put_cgroup(&f, "/cron", 4 * G, "8589934592");
	for (int pid = 10; pid < 40; pid++)
		put_process(&f, pid, "cron", "/cron");
	few = (struct rlimit){.rlim_cur = 200, .rlim_max = before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	start(&f); /* raises it again */
	assert_int_equal(f.agent->nofile, before.rlim_max);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &few), 0);
	assert_int_equal(few.rlim_cur, before.rlim_max);
	f.agent->nofile = 120;
	run(&f, 30 * SECOND);
	expect(n_targets(&f) > 2 && n_targets(&f) < 30, "%u targets", n_targets(&f));
	assert_non_null(strstr(f.agent->services[0].trouble, "too few descriptors"));
	f.agent->nofile = 2000;
	run(&f, 30 * SECOND);
	assert_int_equal(n_targets(&f), 30);
	assert_string_equal(f.agent->services[0].trouble, "");
	end(&f);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
}

#if defined(__SANITIZE_ADDRESS__)
size_t __sanitizer_get_current_allocated_bytes(void);
#endif

/* mallinfo says nothing where a sanitizer stands in for malloc. */
static size_t bytes_in_use(void)
{
#if defined(__SANITIZE_ADDRESS__)
	return __sanitizer_get_current_allocated_bytes();
#else
	return mallinfo2().uordblks;
#endif
}

static int open_descriptors(void)
{
	int n = 0;

	for (int fd = 0; fd < 4096; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* A steady agent neither grows nor opens: LEAKDOG_TICKS ticks of 60 targets. */
static void steady_ticks_neither_allocate_nor_open(void **state)
{
	const char *given = getenv("LEAKDOG_TICKS");
	long ticks = given ? strtol(given, NULL, 10) : 2000;
	size_t before, after;
	struct fixture f;
	int fd_before, fd_after;

	skip_under_valgrind(state, "it has an allocator of its own");
	begin(&f);
	add_service(&f, "cron", "memory > 5G");
	for (int i = 0; i < 60; i++) {
		char cgroup[32];

		snprintf(cgroup, sizeof(cgroup), "/cron%d", i);
		put_cgroup(&f, cgroup, 100 * M, "8589934592");
		put_process(&f, 100 + i, "cron", cgroup);
	}
	start(&f);
	run(&f, 60 * SECOND);
	assert_int_equal(n_targets(&f), 60);
	for (struct target *t = f.agent->targets; t; t = t->next)
		t->wishes[WISH_BASE] = false; /* nobody here takes it */
	f.agent->scan_ms = INT64_MAX;         /* a scan allocates and is no tick */
	f.agent->state_ms = INT64_MAX;
	before = bytes_in_use();
	fd_before = open_descriptors();
	for (long i = 0; i < ticks; i++)
		f.now_ms = agent_tick(f.agent, f.now_ms + SECOND);
	fd_after = open_descriptors();
	after = bytes_in_use();
	printf("%ld ticks of 60 targets: %zu bytes in use before, %zu after; %d "
	       "descriptors before, %d after\n",
	       ticks, before, after, fd_before, fd_after);
	assert_true(before > 0);
	assert_int_equal(before, after);
	assert_int_equal(fd_after, fd_before);
	end(&f);
}

static void begin_still(struct fixture *f)
{
	begin(f);
	add_service(f, "cron", "memory > 5G");
	put_cgroup(f, "/cron", G, "8589934592");
	put_process(f, 10, "cron", "/cron");
	start(f);
	run(f, 30 * SECOND);
	assert_int_equal(n_targets(f), 1);
	f->agent->targets->wishes[WISH_BASE] = false; /* nobody here takes it */
	run(f, 25 * SECOND); /* slow looks: at 31 s, 41 s and 51 s */
	assert_true(f->now_ms - f->agent->targets->sample.at_ms > 2 * SECOND);
}

static bool stands_still(const struct fixture *f)
{
	return f->agent->roster.steady[0].usage_fd >= 0;
}

static void what_stands_still_is_looked_at_when_it_moves(void **state)
{
	const struct sample *sample;
	struct fixture f;

	(void)state;
	begin_still(&f);
	sample = &f.agent->targets->sample;
	assert_true(stands_still(&f));
	assert_int_equal(f.agent->roster.due_ms[0] % 500, 0);
	put_usage(&f, "/cron", 2 * G);
	run(&f, SECOND);
	assert_true(f.now_ms - sample->at_ms <= SECOND);
	assert_int_equal(sample->v[SIGNAL_USAGE].value, 2 * G);
	run(&f, 2 * SECOND);
	assert_true(stands_still(&f)); /* again */
	end(&f);
}

/* Its speed is that of its last second, however long it stood before. */
static void what_has_stood_still_is_not_taken_for_slow(void **state)
{
	struct fixture f;

	(void)state;
	begin_still(&f);
	assert_true(stands_still(&f));
	put_usage(&f, "/cron", G + 300 * M);
	run(&f, SECOND);
	expect(f.agent->targets->pace.speed >= 300e6, "%g bytes a second",
	       f.agent->targets->pace.speed);
	end(&f);
}

static void at_its_end_the_peak_is_of_its_last_second(void **state)
{
	struct target *target;
	struct fixture f;

	(void)state;
	begin_still(&f);
	assert_true(stands_still(&f));
	target = f.agent->targets;
	assert_true(f.now_ms - target->peak_ms > 2 * SECOND);
	target_end(f.agent, target, f.now_ms);
	assert_int_equal(target->peak.value, G);
	assert_true(f.now_ms - target->peak_ms <= SECOND);
	assert_false(stands_still(&f));
	end(&f);
}

static void what_may_change_by_time_alone_does_not_stand_still(void **state)
{
	struct target *target;
	struct fixture f;

	(void)state;
	begin_still(&f);
	target = f.agent->targets;
	target->rules[0].phase = PHASE_COOLING;
	target->rules[0].cool_until_ms = f.now_ms + 25 * SECOND;
	run(&f, 15 * SECOND); /* a slow look */
	assert_false(stands_still(&f));
	run(&f, 15 * SECOND);
	assert_int_equal(target->rules[0].phase, PHASE_ARMED);
	assert_true(stands_still(&f));
	target_stir(f.agent, target);
	assert_false(stands_still(&f));
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(too_few_descriptors_are_a_trouble_of_the_service),
		cmocka_unit_test(steady_ticks_neither_allocate_nor_open),
		cmocka_unit_test(what_stands_still_is_looked_at_when_it_moves),
		cmocka_unit_test(what_has_stood_still_is_not_taken_for_slow),
		cmocka_unit_test(at_its_end_the_peak_is_of_its_last_second),
		cmocka_unit_test(what_may_change_by_time_alone_does_not_stand_still),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
