/* One look at one target: what is read when, what zeros mean, and what a tick costs. */
#include "edge/kernel/sampler.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "edge/fs.h"
#include "tree.h"
#include "unit.h"

#define M (UINT64_C(1) << 20)
#define BIT(signal) (UINT32_C(1) << (signal))

static struct tree tree;
static struct roots roots;
static struct roots live;

static int look_at(struct sampler *s, uint32_t wanted, bool slow, uint64_t nearest,
		   struct sample *ret)
{
	const struct sampler_look look = {.how = slow ? LOOK_WHOLE : LOOK_FAST,
					  .wanted = wanted,
					  .nearest = nearest};

	return sampler_read(s, &look, ret);
}

static int setup(void **state)
{
	(void)state;
	tree_make(&tree);
	tree_put(&tree, "proc/self/mountinfo",
		 "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
	tree_put(&tree, "sys/fs/cgroup/app/memory.current", "1048576\n");
	tree_put(&tree, "sys/fs/cgroup/app/memory.max", "4194304\n");
	tree_put(&tree, "sys/fs/cgroup/app/memory.stat",
		 "file 0\nshmem 0\ninactive_file 0\n");
	return roots_open(tree.dir, &roots) || roots_open(NULL, &live);
}

static int teardown(void **state)
{
	(void)state;
	roots_fini(&roots);
	roots_fini(&live);
	tree_drop(&tree);
	return 0;
}

static void want(const struct sample *sample, enum signal signal, uint64_t value)
{
	expect(sample->v[signal].have == HAVE_VALUE, "signal %d: have %d", signal,
	       sample->v[signal].have);
	expect(sample->v[signal].value == value, "signal %d: %llu", signal,
	       (unsigned long long)sample->v[signal].value);
	expect(sample->fresh & BIT(signal), "signal %d is not fresh", signal);
}

static void without_a_domain_memory_is_rss(void **state)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	struct sample sample = {0};
	struct process process;
	struct sampler s;

	(void)state;
	tree_put_process(&tree, &(struct tree_process){.pid = 10});
	assert_int_equal(process_open(&roots, 10, &process), 0);
	assert_int_equal(sampler_init(&s, &process, NULL, 0), 0);
	assert_int_equal(look_at(&s, 0, false, 0, &sample), 0);
	want(&sample, SIGNAL_MEMORY, 500 * page);
	want(&sample, SIGNAL_RSS, 500 * page);
	want(&sample, SIGNAL_ANON, 400 * page);
	assert_true(sample.exact);
	assert_int_equal(sample.v[SIGNAL_USAGE].have, HAVE_ABSENT);
	assert_int_equal(sample.ceiling[CEILING_LIMIT].have, HAVE_ABSENT);
	sampler_fini(&s);
	process_fini(&process);
}

static void slow_things_are_read_when_it_is_time(void **state)
{
	struct sample sample = {0};
	struct process process;
	struct sampler s;

	(void)state;
	tree_put_process(&tree, &(struct tree_process){.pid = 10, .threads = 7});
	for (int i = 0; i < 5; i++) {
		char name[32];

		snprintf(name, sizeof(name), "proc/10/fd/%d", i);
		tree_put(&tree, name, "x");
	}
	assert_int_equal(process_open(&roots, 10, &process), 0);
	assert_int_equal(sampler_init(&s, &process, NULL, 0), 0);
	assert_false(s.fds_by_size);
	assert_int_equal(
		look_at(&s, BIT(SIGNAL_THREADS) | BIT(SIGNAL_FDS), false, 0, &sample), 0);
	assert_int_equal(sample.v[SIGNAL_THREADS].have, HAVE_ABSENT);
	assert_int_equal(look_at(&s, 0, true, 0, &sample), 0);
	want(&sample, SIGNAL_THREADS, 7);
	assert_int_equal(sample.v[SIGNAL_FDS].have,
			 HAVE_ABSENT); /* to count them is dear */
	assert_int_equal(look_at(&s, BIT(SIGNAL_FDS), true, 0, &sample), 0);
	want(&sample, SIGNAL_FDS, 5);
	assert_int_equal(sample.ceiling[CEILING_NOFILE].value, 1024);
	assert_int_equal(look_at(&s, 0, false, 0, &sample), 0);
	assert_int_equal(sample.v[SIGNAL_FDS].value, 5); /* held, */
	assert_false(sample.fresh & BIT(SIGNAL_FDS));    /* and not called fresh */
	sampler_fini(&s);
	process_fini(&process);
}

static void sockets_are_counted_where_they_are_wanted(void **state)
{
	struct sample sample = {0};
	struct process process;
	struct sampler s;

	(void)state;
	tree_put_process(&tree, &(struct tree_process){.pid = 10});
	tree_put(&tree, "proc/10/net/tcp",
		 "  sl  local_address rem_address   st\n"
		 "   1: 0100007F:17AC 0A01020A:C350 01 0:0 02:0000170B 0 0 0 31338 1\n"
		 "   2: 0100007F:17AC 0A01020A:C351 08 0:0 00:00000000 0 0 0 31339 1\n");
	assert_int_equal(process_open(&roots, 10, &process), 0);
	assert_int_equal(sampler_init(&s, &process, NULL, 0), 0);
	assert_int_equal(sampler_read_all(&s, &sample), 0);
	assert_int_equal(sample.v[SIGNAL_SOCKETS].have, HAVE_ABSENT);
	assert_int_equal(look_at(&s, BIT(SIGNAL_SOCKETS), true, 0, &sample), 0);
	want(&sample, SIGNAL_SOCKETS, 1);
	tree_unlink(&tree, "proc/10/net/tcp");
	assert_int_equal(look_at(&s, BIT(SIGNAL_SOCKETS), true, 0, &sample), 0);
	assert_int_equal(sample.v[SIGNAL_SOCKETS].have, HAVE_ERROR);
	sampler_fini(&s);
	process_fini(&process);
}

static void zeros_of_the_dead_are_no_values(void **state)
{
	struct sample sample = {0};
	struct process process;
	struct sampler s;

	(void)state;
	tree_put_process(&tree, &(struct tree_process){.pid = 10});
	assert_int_equal(process_open(&roots, 10, &process), 0);
	assert_int_equal(sampler_init(&s, &process, NULL, 0), 0);
	assert_int_equal(look_at(&s, 0, false, 0, &sample), 0);
	tree_put_process(&tree, &(struct tree_process){.pid = 10, .state = 'Z'});
	assert_int_equal(look_at(&s, 0, false, 0, &sample), PROCESS_GONE);
	assert_true(sample.v[SIGNAL_RSS].value > 0);
	assert_int_equal(sample.fresh, 0);
	sampler_fini(&s);
	process_fini(&process);
}

static void statm_that_makes_no_sense_is_an_error(void **state)
{
	static const char *const texts[] = {
		"",      "\n",    "1",      "1 2",
		"1 2 x", "x 1 2", "-1 2 3", "1 99999999999999999999999 3"};
	struct process process;
	struct sampler s;

	(void)state;
	tree_put_process(&tree, &(struct tree_process){.pid = 10});
	assert_int_equal(process_open(&roots, 10, &process), 0);
	assert_int_equal(sampler_init(&s, &process, NULL, 0), 0);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct sample sample = {0};

		tree_put(&tree, "proc/10/statm", "%s", texts[i]);
		expect(look_at(&s, 0, false, 0, &sample) == 0, "row %zu", i);
		expect(sample.v[SIGNAL_RSS].have == HAVE_ERROR, "row %zu", i);
		expect(sample.v[SIGNAL_MEMORY].have == HAVE_ERROR, "row %zu", i);
		expect(!sample.exact, "row %zu", i);
	}
	sampler_fini(&s);
	process_fini(&process);
}

static void limits_of_descriptors_are_read_or_refused(void **state)
{
	static const struct {
		const char *text;
		int have;
		uint64_t value;
	} rows[] = {
		{"Max open files            1024                 524288          files\n",
		 HAVE_VALUE, 1024},
		{"Max open files            unlimited            unlimited       files\n",
		 HAVE_ABSENT, 0},
		{"Max open files            \n", HAVE_ERROR, 0},
		{"Max open files            many                 524288          files\n",
		 HAVE_ERROR, 0},
		{"Max processes             1024                 524288      processes\n",
		 HAVE_ERROR, 0},
		{"", HAVE_ERROR, 0},
	};
	struct process process;
	struct sampler s;

	(void)state;
	tree_put_process(&tree, &(struct tree_process){.pid = 10});
	assert_int_equal(process_open(&roots, 10, &process), 0);
	assert_int_equal(sampler_init(&s, &process, NULL, 0), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sample sample = {0};
		const struct reading *nofile = &sample.ceiling[CEILING_NOFILE];

		tree_put(&tree, "proc/10/limits", "%s", rows[i].text);
		assert_int_equal(sampler_read_all(&s, &sample), 0);
		expect(nofile->have == rows[i].have, "row %zu: %d", i, nofile->have);
		expect(nofile->value == rows[i].value, "row %zu", i);
	}
	sampler_fini(&s);
	process_fini(&process);
}

static void a_limit_by_hand_fills_in_and_lowers(void **state)
{
	static const struct {
		const char *kernel;
		uint64_t by_hand, limit, headroom;
	} rows[] = {
		{"4194304", 0, 4 * M, 3 * M},     {"4194304", 2 * M, 2 * M, 1 * M},
		{"4194304", 8 * M, 4 * M, 3 * M}, {"max", 2 * M, 2 * M, 1 * M},
		{"max", M / 2, M / 2, 0},
	};
	struct process process;

	(void)state;
	tree_put_process(&tree, &(struct tree_process){.pid = 10, .cgroup = "0::/app\n"});
	assert_int_equal(process_open(&roots, 10, &process), 0);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sample sample = {0};
		struct domain *domain = NULL;
		struct sampler s;

		tree_put(&tree, "sys/fs/cgroup/app/memory.max", "%s\n", rows[i].kernel);
		assert_int_equal(domain_open(&roots, &process, &domain), 0);
		assert_int_equal(sampler_init(&s, &process, domain, rows[i].by_hand), 0);
		assert_int_equal(sampler_read_all(&s, &sample), 0);
		expect(sample.ceiling[CEILING_LIMIT].value == rows[i].limit, "row %zu",
		       i);
		expect(sample.headroom.value == rows[i].headroom, "row %zu: %llu", i,
		       (unsigned long long)sample.headroom.value);
		sampler_fini(&s);
		domain_free(domain);
	}
	process_fini(&process);
}

static void a_limit_by_hand_counts_down_as_rss_rises(void **state)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	struct tree_process p = {.pid = 10};
	struct sample sample = {0};
	struct process process;
	struct sampler s;

	(void)state;
	tree_put_process(&tree, &p);
	assert_int_equal(process_open(&roots, 10, &process), 0);
	assert_int_equal(sampler_init(&s, &process, NULL, 1000 * page), 0);
	assert_int_equal(look_at(&s, 0, false, 0, &sample), 0);
	assert_int_equal(sample.headroom.value, 500 * page);
	p.resident_pages = 800;
	tree_put_process(&tree, &p);
	assert_int_equal(look_at(&s, 0, false, 0, &sample), 0);
	assert_int_equal(sample.headroom.value, 200 * page);
	sampler_fini(&s);
	process_fini(&process);
}

/* --- of this machine
 * ---------------------------------------------------------------------- */

static void our_own_numbers_are_right(void **state)
{
	struct sample before = {0}, after = {0};
	struct process process;
	struct sampler s;
	char *memory;
	int fd;

	skip_under_valgrind(state, "it does not know pidfd_open");
	assert_int_equal(process_open(&live, getpid(), &process), 0);
	assert_int_equal(sampler_init(&s, &process, NULL, 0), 0);
	assert_int_equal(sampler_read_all(&s, &before), 0);
	memory = mmap(NULL, 32 * M, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		      -1, 0);
	assert_ptr_not_equal(memory, MAP_FAILED);
	memset(memory, 1, 32 * M);
	fd = dup(0);
	assert_int_equal(sampler_read_all(&s, &after), 0);
	expect(after.v[SIGNAL_ANON].value >= before.v[SIGNAL_ANON].value + 31 * M, "%llu",
	       (unsigned long long)after.v[SIGNAL_ANON].value);
	assert_int_equal(after.v[SIGNAL_FDS].value, before.v[SIGNAL_FDS].value + 1);
	assert_true(after.v[SIGNAL_THREADS].value >= 1);
	assert_int_equal(after.ceiling[CEILING_NOFILE].have, HAVE_VALUE);
	close(fd);
	munmap(memory, 32 * M);
	sampler_fini(&s);
	process_fini(&process);
}

static void the_dead_are_gone_not_empty(void **state)
{
	struct sample sample = {0};
	struct process process;
	struct sampler s;
	int pid;

	skip_under_valgrind(state, "it does not know pidfd_open");
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pause();
		_exit(0);
	}
	assert_int_equal(process_open(&live, pid, &process), 0);
	assert_int_equal(sampler_init(&s, &process, NULL, 0), 0);
	assert_int_equal(sampler_read_all(&s, &sample), 0);
	kill(pid, SIGKILL);
	assert_int_equal(waitid(P_PID, (id_t)pid, &(siginfo_t){0}, WEXITED | WNOWAIT), 0);
	assert_int_equal(sampler_read_all(&s, &sample), PROCESS_GONE); /* a zombie */
	waitpid(pid, NULL, 0);
	assert_int_equal(sampler_read_all(&s, &sample), PROCESS_GONE);
	assert_true(sample.v[SIGNAL_RSS].value > 0);
	sampler_fini(&s);
	process_fini(&process);
}

/* Exit code of the child: 0 where it sees our count, 1 where not. */
static int count_as_nobody(int pid, uint64_t fds)
{
	struct sample sample = {0};
	struct process process;
	struct sampler s;
	struct roots own;

	if (setgid(65534) < 0 || setuid(65534) < 0 || roots_open(NULL, &own) < 0 ||
	    process_open(&own, pid, &process) != 0 ||
	    sampler_init(&s, &process, NULL, 0) != 0 ||
	    sampler_read_all(&s, &sample) != 0)
		return 2;
	return sample.v[SIGNAL_FDS].have != HAVE_VALUE ||
	       sample.v[SIGNAL_FDS].value != fds;
}

static void descriptors_are_counted_without_a_right_where_size_tells(void **state)
{
	struct sample sample = {0};
	struct process process;
	struct sampler s;
	int pid, status;

	skip_under_valgrind(state, "it does not know pidfd_open");
	assert_int_equal(process_open(&live, getpid(), &process), 0);
	assert_int_equal(sampler_init(&s, &process, NULL, 0), 0);
	if (!s.fds_by_size || geteuid() != 0)
		skip(); /* before 6.2; only root can become somebody else */
	assert_int_equal(sampler_read_all(&s, &sample), 0);
	pid = fork();
	if (pid == 0)
		_exit(count_as_nobody(getppid(), sample.v[SIGNAL_FDS].value));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 0);
	sampler_fini(&s);
	process_fini(&process);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_domain_memory_is_rss),
		cmocka_unit_test(slow_things_are_read_when_it_is_time),
		cmocka_unit_test(sockets_are_counted_where_they_are_wanted),
		cmocka_unit_test(zeros_of_the_dead_are_no_values),
		cmocka_unit_test(statm_that_makes_no_sense_is_an_error),
		cmocka_unit_test(limits_of_descriptors_are_read_or_refused),
		cmocka_unit_test(a_limit_by_hand_fills_in_and_lowers),
		cmocka_unit_test(a_limit_by_hand_counts_down_as_rss_rises),
		cmocka_unit_test(our_own_numbers_are_right),
		cmocka_unit_test(the_dead_are_gone_not_empty),
		cmocka_unit_test(
			descriptors_are_counted_without_a_right_where_size_tells),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
