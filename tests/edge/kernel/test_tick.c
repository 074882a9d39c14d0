/* The price of a tick, counted: a child takes samples between two marks while its parent
 * traces it, and every system call and every allocation between the marks is seen. */
#include "edge/kernel/sampler.h"

#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>

#include "edge/fs.h"
#include "tree.h"
#include "unit.h"

#define TICKS 100
#define BIT(signal) (UINT32_C(1) << (signal))

/* --- allocations
 * -------------------------------------------------------------------------- */

static volatile unsigned allocations;

#if defined(__SANITIZE_ADDRESS__)
int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void *,
								size_t),
					      void (*on_free)(const volatile void *));

static void on_malloc(const volatile void *at, size_t size)
{
	(void)at, (void)size;
	allocations++;
}

static void on_free(const volatile void *at)
{
	(void)at;
}

static void count_allocations(void)
{
	assert_true(__sanitizer_install_malloc_and_free_hooks(on_malloc, on_free) > 0);
}
#else
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *at, size_t size);
void *malloc(size_t size);
void *calloc(size_t n, size_t size);
void *realloc(void *at, size_t size);

void *malloc(size_t size)
{
	allocations++;
	return __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	allocations++;
	return __libc_calloc(n, size);
}

void *realloc(void *at, size_t size)
{
	allocations++;
	return __libc_realloc(at, size);
}

static void count_allocations(void)
{
}
#endif

/* --- system calls
 * ------------------------------------------------------------------------- */

struct price {
	unsigned calls;       /* between the marks */
	unsigned preads;      /* of them */
	unsigned opens;       /* of them */
	unsigned allocations; /* between the marks */
};

struct priced {
	bool domain, lean, shared;
	bool at_once; /* all in one moment */
	struct sampler_look look;
};

/* In the child: getppid is the mark, the exit status says the allocations. */
static void take_samples(const struct roots *roots, const struct priced *priced)
{
	struct domain *domain = NULL;
	struct sample sample = {0};
	struct process process;
	struct sampler s;
	unsigned before;

	if (process_open(roots, 10, &process) != 0 ||
	    (priced->domain && domain_open(roots, &process, &domain) != 0) ||
	    sampler_init(&s, &process, domain, 0) != 0)
		_exit(255);
	s.fds_by_size =
		true; /* as on a live machine; in a tree the size is merely wrong */
	if (priced->lean) {
		sampler_lean(&s);
		process_lean(&process);
	}
	sample.at_ms = 1000;
	if (priced->shared)
		domain_share(domain);
	count_allocations();
	before = allocations;
	(void)syscall(SYS_getppid);
	for (int i = 0; i < TICKS; i++, sample.at_ms += !priced->at_once)
		if (sampler_read(&s, &priced->look, &sample) != 0)
			_exit(254);
	(void)syscall(SYS_getppid);
	_exit(allocations - before > 200 ? 200 : (int)(allocations - before));
}

static unsigned long call_of(int pid)
{
	struct __ptrace_syscall_info info = {0};

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info) <= 0 ||
	    info.op != PTRACE_SYSCALL_INFO_ENTRY)
		return ~0ul;
	return info.entry.nr;
}

static struct price trace(int pid)
{
	struct price price = {0};
	int status, marks = 0;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	ptrace(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
	for (;;) {
		unsigned long call;

		assert_int_equal(ptrace(PTRACE_SYSCALL, pid, 0, 0), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (WIFEXITED(status))
			break;
		call = call_of(pid);
		if (call == ~0ul)
			continue;
		marks += call == SYS_getppid;
		if (marks != 1 || call == SYS_getppid)
			continue;
		price.calls++;
		price.preads += call == SYS_pread64;
		price.opens += call == SYS_openat;
	}
	assert_int_equal(marks, 2);
	price.allocations = (unsigned)WEXITSTATUS(status);
	return price;
}

static struct price price_of(const struct priced *priced)
{
	struct price price;
	struct roots roots;
	struct tree tree;
	int pid;

	tree_make(&tree);
	tree_put(&tree, "proc/self/mountinfo",
		 "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
	for (int up = 0; up < 2; up++) {
		const char *dir = up ? "sys/fs/cgroup/pods" : "sys/fs/cgroup/pods/app";
		char name[128];

		snprintf(name, sizeof(name), "%s/memory.current", dir);
		tree_put(&tree, name, "1048576\n");
		snprintf(name, sizeof(name), "%s/memory.max", dir);
		tree_put(&tree, name, "4194304\n");
		snprintf(name, sizeof(name), "%s/memory.stat", dir);
		tree_put(&tree, name, "file 0\nshmem 0\ninactive_file 0\n");
		snprintf(name, sizeof(name), "%s/memory.events", dir);
		tree_put(&tree, name, "oom_kill 0\n");
	}
	tree_put(&tree, "sys/fs/cgroup/pods/app/pids.current", "3\n");
	tree_put(&tree, "sys/fs/cgroup/pods/app/pids.max", "max\n");
	tree_put(&tree, "sys/fs/cgroup/pods/app/memory.pressure",
		 "some avg10=0.00 avg60=0\n");
	tree_put(&tree, "proc/10/fd/0", "x");
	tree_put_process(&tree,
			 &(struct tree_process){.pid = 10, .cgroup = "0::/pods/app\n"});
	assert_int_equal(roots_open(tree.dir, &roots), 0);
	pid = fork();
	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		take_samples(&roots, priced);
	}
	price = trace(pid);
	roots_fini(&roots);
	tree_drop(&tree);
	return price;
}

static void a_steady_target_in_a_domain_costs_one_pread(void **state)
{
	struct priced priced = {
		.domain = true,
		.look = {.wanted = BIT(SIGNAL_MEMORY), .nearest = 2 << 20}};

	(void)state;
	for (int lean = 0; lean <= 1; lean++) {
		struct price price;

		priced.lean = lean;
		price = price_of(&priced);
		assert_int_equal(price.calls, TICKS);
		assert_int_equal(price.preads, TICKS);
		assert_int_equal(price.allocations, 0);
	}
}

static void a_steady_target_without_a_domain_costs_one_pread(void **state)
{
	struct priced priced = {.look = {.wanted = BIT(SIGNAL_MEMORY)}};

	(void)state;
	for (int lean = 0; lean <= 1; lean++) {
		struct price price;

		priced.lean = lean;
		price = price_of(&priced);
		assert_int_equal(price.calls, TICKS);
		assert_int_equal(price.preads, TICKS);
		assert_int_equal(price.allocations, 0);
	}
}

/* The first of them reads for all. */
static void steady_targets_that_share_a_domain_cost_one_pread_together(void **state)
{
	struct price price = price_of(&(struct priced){
		.domain = true,
		.shared = true,
		.at_once = true,
		.look = {.wanted = BIT(SIGNAL_MEMORY), .nearest = 2 << 20}});

	(void)state;
	assert_int_equal(price.calls, 1);
	assert_int_equal(price.allocations, 0);
}

/* usage, memory.stat, max of both levels, usage of the upper one */
static void near_a_threshold_it_costs_what_is_near(void **state)
{
	struct price price = price_of(
		&(struct priced){.domain = true, .look = {.wanted = BIT(SIGNAL_MEMORY)}});

	(void)state;
	assert_int_equal(price.calls, 5 * TICKS);
	assert_int_equal(price.preads, 5 * TICKS);
	assert_int_equal(price.allocations, 0);
}

/* Of the upper level nothing: who looked before at the same moment has read it. */
static void what_stands_above_is_read_once_a_moment(void **state)
{
	struct price price = price_of(&(struct priced){
		.domain = true, .at_once = true, .look = {.wanted = BIT(SIGNAL_MEMORY)}});

	(void)state;
	assert_int_equal(price.preads, 3 * TICKS + 2);
	assert_int_equal(price.calls, price.preads);
}

/* The same but for memory.stat, which is read once as the usage stays the same, counters
 * of kills (own and parent's) and statm. */
static void the_slow_look_costs_what_is_judged(void **state)
{
	struct price price = price_of(&(struct priced){
		.domain = true,
		.look = {.how = LOOK_SLOW, .wanted = BIT(SIGNAL_MEMORY)}});

	(void)state;
	assert_int_equal(price.opens, 0);
	assert_int_equal(price.calls, price.preads);
	assert_int_equal(price.preads, 7 * TICKS + 1);
	assert_int_equal(price.allocations, 0);
}

/* Of one that rests: usage, what bounds it, and the parent's kills. */
static void the_look_at_one_that_rests_reads_nothing_of_the_process(void **state)
{
	struct price price = price_of(&(struct priced){
		.domain = true,
		.look = {.how = LOOK_REST, .wanted = BIT(SIGNAL_MEMORY)}});

	(void)state;
	assert_int_equal(price.opens, 0);
	assert_int_equal(price.calls, price.preads);
	assert_int_equal(price.preads, 5 * TICKS + 1);
	assert_int_equal(price.allocations, 0);
}

/* What a rule asks for is read as ever, and statm proves that it is not of a dead one. */
static void the_look_at_one_that_rests_reads_what_is_judged(void **state)
{
	struct price price = price_of(&(struct priced){
		.domain = true,
		.look = {.how = LOOK_REST,
			 .wanted = BIT(SIGNAL_MEMORY) | BIT(SIGNAL_THREADS)}});

	(void)state;
	assert_int_equal(price.preads, 7 * TICKS + 1);
	assert_int_equal(price.calls, price.preads);
}

/* The whole look too: it opens nothing and allocates nothing. One call is not a pread,
 * the fstatat that counts descriptors. */
static void the_whole_look_opens_and_allocates_nothing(void **state)
{
	struct price price = price_of(&(struct priced){
		.domain = true,
		.look = {.how = LOOK_WHOLE,
			 .wanted = BIT(SIGNAL_MEMORY) | BIT(SIGNAL_FDS)}});

	(void)state;
	assert_int_equal(price.opens, 0);
	assert_int_equal(price.calls, price.preads + TICKS);
	assert_int_equal(price.preads, 12 * TICKS + 1);
	assert_int_equal(price.allocations, 0);
}

static void the_counters_count(void **state)
{
	unsigned before;

	(void)state;
	count_allocations();
	before = allocations;
	free(strdup("x"));
	assert_int_equal(allocations - before, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_steady_target_in_a_domain_costs_one_pread),
		cmocka_unit_test(a_steady_target_without_a_domain_costs_one_pread),
		cmocka_unit_test(
			steady_targets_that_share_a_domain_cost_one_pread_together),
		cmocka_unit_test(near_a_threshold_it_costs_what_is_near),
		cmocka_unit_test(what_stands_above_is_read_once_a_moment),
		cmocka_unit_test(the_slow_look_costs_what_is_judged),
		cmocka_unit_test(the_look_at_one_that_rests_reads_nothing_of_the_process),
		cmocka_unit_test(the_look_at_one_that_rests_reads_what_is_judged),
		cmocka_unit_test(the_whole_look_opens_and_allocates_nothing),
		cmocka_unit_test(the_counters_count),
	};

	leave_under_valgrind("it makes system calls and allocates by itself");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
