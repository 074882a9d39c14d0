/* The agent over a captured tree with the clock handed in: months pass in seconds. Its
 * children are played by a script that waits and says nothing, so no capture ever runs
 * here; what captures do to an incident is core/incident's and the end-to-end tests' to
 * show. */
#include "agent_parts.h"

#include <malloc.h>

#include "edge/fs.h"
#include "tree.h"
#include "unit.h"

#define G (UINT64_C(1) << 30)
#define M (UINT64_C(1) << 20)
#define SECOND INT64_C(1000)

struct fixture {
	struct tree tree;
	struct roots roots;
	struct conf conf;
	struct agent *agent;
	char archive[160], child[160];
	int64_t now_ms;
};

static void put_usage(struct fixture *f, const char *cgroup, uint64_t usage)
{
	char name[256];

	snprintf(name, sizeof(name), "sys/fs/cgroup%s/memory.current", cgroup);
	tree_put(&f->tree, name, "%llu\n", (unsigned long long)usage);
}

static void put_cgroup(struct fixture *f, const char *cgroup, uint64_t usage,
		       const char *max)
{
	char name[256];

	put_usage(f, cgroup, usage);
	snprintf(name, sizeof(name), "sys/fs/cgroup%s/memory.max", cgroup);
	tree_put(&f->tree, name, "%s\n", max);
	snprintf(name, sizeof(name), "sys/fs/cgroup%s/memory.stat", cgroup);
	tree_put(&f->tree, name, "anon 1000\nfile 0\nshmem 0\ninactive_file 0\n");
	snprintf(name, sizeof(name), "sys/fs/cgroup%s/memory.events", cgroup);
	tree_put(&f->tree, name, "low 0\nhigh 0\nmax 0\noom 0\noom_kill 0\n");
}

static void put_process(struct fixture *f, int pid, const char *comm, const char *cgroup)
{
	char line[256];

	snprintf(line, sizeof(line), "0::%s\n", cgroup);
	tree_put_process(&f->tree,
			 &(struct tree_process){
				 .pid = pid, .ppid = 1, .comm = comm, .cgroup = line});
}

/* A service per name, found by it. */
static void add_service(struct fixture *f, const char *name, const char *rule)
{
	struct conf_service *service;
	struct rule_fault fault;

	f->conf.services = reallocarray(f->conf.services, f->conf.n_services + 1,
					sizeof(*f->conf.services));
	service = &f->conf.services[f->conf.n_services++];
	conf_service_init(service);
	snprintf(service->name, sizeof(service->name), "%s", name);
	service->selector[SELECTOR_NAME] = strdup(name);
	service->rules = calloc(1, sizeof(*service->rules));
	service->n_rules = 1;
	assert_int_equal(rule_parse(rule, service->rules, &fault), 0);
}

static void begin(struct fixture *f)
{
	*f = (struct fixture){.now_ms = 1000 * SECOND};
	tree_make(&f->tree);
	tree_put(&f->tree, "proc/self/mountinfo", "%s",
		 "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n");
	tree_put(&f->tree, "proc/sys/kernel/random/boot_id",
		 "3395f024-0000-4000-8000-000000000000\n");
	tree_put(&f->tree, "proc/stat", "btime 1795291924\n");
	tree_put(&f->tree, "child",
		 "#!/bin/sh\n[ -e /proc/self/fd/3 ] && exec <&3\nexec cat > /dev/null\n");
	snprintf(f->child, sizeof(f->child), "%s/child", f->tree.dir);
	snprintf(f->archive, sizeof(f->archive), "%s/archive", f->tree.dir);
	assert_int_equal(chmod(f->child, 0755), 0);
	assert_int_equal(roots_open(f->tree.dir, &f->roots), 0);
	conf_init(&f->conf, f->archive);
}

static void start(struct fixture *f)
{
	const struct agent_options options = {.roots = &f->roots,
					      .conf = &f->conf,
					      .self_path = f->child,
					      .fetch_path = f->child};
	int r = agent_new(&options, &f->agent);

	/* A child of the agent before, which keeps the archive, may still hold its lock.
	 */
	for (int i = 0; r == -EWOULDBLOCK && i < 1000; i++) {
		usleep(10000);
		r = agent_new(&options, &f->agent);
	}
	assert_int_equal(r, 0);
}

/* Ticks as the agent asks for them, for so long. */
static void run(struct fixture *f, int64_t for_ms)
{
	int64_t end = f->now_ms + for_ms;

	while (f->now_ms < end)
		f->now_ms = MAX(agent_tick(f->agent, f->now_ms), f->now_ms + 1);
}

static void end(struct fixture *f)
{
	agent_free(f->agent);
	conf_fini(&f->conf);
	roots_fini(&f->roots);
	tree_drop(&f->tree);
}

static unsigned n_targets(const struct fixture *f)
{
	unsigned n = 0;

	for (const struct target *t = f->agent->targets; t; t = t->next)
		n += t->ended_ms == INT64_MAX;
	return n;
}

static void new_target_is_met_within_two_scans(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	add_service(&f, "cron", "memory > 5G");
	put_cgroup(&f, "/system.slice", 0, "max");
	put_cgroup(&f, "/system.slice/cron.service", 100 * M, "8589934592");
	put_process(&f, 10, "cron", "/system.slice/cron.service");
	start(&f);
	f.now_ms = agent_tick(f.agent, f.now_ms);
	assert_int_equal(n_targets(&f), 0); /* once may be chance */
	run(&f, SCAN_MS + 1);
	assert_int_equal(n_targets(&f), 1);
	assert_int_equal(f.agent->targets->sample.v[SIGNAL_MEMORY].value, 100 * M);
	assert_int_equal(f.agent->targets->facts.limit, 8 * G);
	assert_string_equal(f.agent->targets->key, "3395f024-10-0");
	end(&f);
}

static void process_between_two_scans_is_no_target(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	add_service(&f, "cron", "memory > 5G");
	put_cgroup(&f, "/a", 0, "max");
	put_process(&f, 10, "cron", "/a");
	start(&f);
	f.now_ms = agent_tick(f.agent, f.now_ms);
	put_process(&f, 10, "other", "/a");
	run(&f, 30 * SECOND);
	assert_int_equal(n_targets(&f), 0);
	end(&f);
}

static void crossing_opens_one_incident_with_its_reason(void **state)
{
	const struct incident *incident;
	struct fixture f;

	(void)state;
	begin(&f);
	add_service(&f, "cron", "memory > 5G");
	put_cgroup(&f, "/cron", 4 * G, "8589934592");
	put_process(&f, 10, "cron", "/cron");
	start(&f);
	run(&f, 20 * SECOND);
	assert_int_equal(f.agent->incidents, 0);
	put_usage(&f, "/cron", 5 * G + M);
	run(&f, 60 * SECOND);
	assert_int_equal(f.agent->incidents, 1);
	incident = &f.agent->targets->incident;
	assert_int_equal(incident->phase, INCIDENT_OPEN);
	assert_string_equal(incident->reason.rule, "memory > 5G");
	assert_string_equal(incident->reason.unit, "bytes");
	assert_int_equal(incident->reason.value, 5 * G + M);
	assert_int_equal(incident->reason.threshold, 5 * G);
	end(&f);
}

/* 1 GB/s out of a calm state, seen as the agent asks to look: within 10 ms. */
static void sudden_leak_is_noticed_within_ten_milliseconds(void **state)
{
	uint64_t usage = 4 * G, late_by;
	struct fixture f;
	int64_t leak_ms;

	(void)state;
	begin(&f);
	add_service(&f, "cron", "memory > 5G");
	put_cgroup(&f, "/cron", usage, "8589934592");
	put_process(&f, 10, "cron", "/cron");
	start(&f);
	run(&f, 15 * SECOND);
	leak_ms = f.now_ms;
	while (f.agent->incidents == 0 && usage < 8 * G) {
		usage = 4 * G + (uint64_t)(f.now_ms - leak_ms) * 1000000;
		put_usage(&f, "/cron", usage);
		f.now_ms = MAX(agent_tick(f.agent, f.now_ms), f.now_ms + 1);
	}
	late_by = usage - 5 * G;
	expect(usage > 5 * G && late_by <= 10000000, "%llu bytes over",
	       (unsigned long long)late_by);
	end(&f);
}

/* Kills of other days are not this end's: counted is from the last look but one. */
static void kills_are_counted_from_the_look_before_the_last(void **state)
{
	const struct target *target;
	struct fixture f;

	(void)state;
	begin(&f);
	add_service(&f, "cron", "memory > 5G");
	put_cgroup(&f, "/cron", 4 * G, "8589934592");
	put_process(&f, 10, "cron", "/cron");
	start(&f);
	run(&f, 30 * SECOND);
	target = f.agent->targets;
	assert_int_equal(target->own_kills.value, 0);
	tree_put(&f.tree, "sys/fs/cgroup/cron/memory.events", "oom 9\noom_kill 3\n");
	run(&f, 10 * SECOND);
	assert_int_equal(target->own_kills_last.value, 3);
	assert_int_equal(target->own_kills.value, 0);
	run(&f, 10 * SECOND);
	assert_int_equal(target->own_kills.value, 3);
	end(&f);
}

/* Two instances of one service in one cgroup: one judgement, and the capture goes to the
 * one with the largest RSS. */
static void one_domain_is_judged_once_at_its_largest(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	add_service(&f, "cron", "memory > 5G");
	put_cgroup(&f, "/cron", 4 * G, "8589934592");
	for (int pid = 10; pid < 14; pid++)
		tree_put_process(
			&f.tree,
			&(struct tree_process){.pid = pid,
					       .ppid = 1,
					       .comm = "cron",
					       .cgroup = "0::/cron\n",
					       .resident_pages = pid == 12 ? 9000 : 500});
	start(&f);
	run(&f, 20 * SECOND);
	assert_int_equal(n_targets(&f), 4);
	assert_int_equal(f.agent->places->users, 4);
	/* Between two slow looks one grows past the one that was largest. */
	tree_put_process(&f.tree, &(struct tree_process){.pid = 11,
							 .ppid = 1,
							 .comm = "cron",
							 .cgroup = "0::/cron\n",
							 .resident_pages = 20000});
	put_usage(&f, "/cron", 6 * G);
	run(&f, 20 * SECOND);
	assert_int_equal(f.agent->incidents, 1);
	for (const struct target *t = f.agent->targets; t; t = t->next)
		assert_int_equal(t->incident.phase == INCIDENT_OPEN,
				 t->process.pid == 11);
	end(&f);
}

/* Base, counters and the states of rules are those of the agent before. */
static void restarted_agent_goes_on_where_it_was(void **state)
{
	struct target *target;
	struct fixture f;

	(void)state;
	begin(&f);
	add_service(&f, "cron", "memory > 5G");
	put_cgroup(&f, "/cron", 6 * G, "8589934592");
	put_process(&f, 10, "cron", "/cron");
	start(&f);
	run(&f, 20 * SECOND);
	target = f.agent->targets;
	assert_int_equal(target->rules[0].phase, PHASE_FIRING);
	judge_captured(&target->service->conf->rules[0], &target->rules[0], f.now_ms);
	target->base_state = BASE_TAKEN;
	target->base_at_ms = 1795291924123;
	target->base[SIGNAL_MEMORY] = (struct reading){.value = G, .have = HAVE_VALUE};
	state_now(f.agent, f.now_ms);
	agent_free(f.agent);
	start(&f);
	run(&f, 5 * SECOND);
	target = f.agent->targets;
	assert_non_null(target);
	assert_int_equal(target->base_state, BASE_TAKEN);
	assert_int_equal(target->base_at_ms, 1795291924123);
	assert_int_equal(target->base[SIGNAL_MEMORY].value, G);
	assert_int_equal(target->rules[0].phase, PHASE_COOLING);
	assert_int_equal(f.agent->incidents, 0);
	end(&f);
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
	f.agent->scan_ms = INT64_MAX; /* a scan allocates and is no tick */
	f.agent->state_ms = INT64_MAX;
	before = bytes_in_use();
	fd_before = open_descriptors();
	for (long i = 0; i < ticks; i++)
		f.now_ms = agent_tick(f.agent, f.now_ms + SECOND);
	fd_after = open_descriptors();
	after = bytes_in_use();
	printf("%ld ticks of 60 targets: %zu bytes in use before, %zu after\n", ticks,
	       before, after);
	assert_true(before > 0);
	assert_int_equal(before, after);
	assert_int_equal(fd_after, fd_before);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_target_is_met_within_two_scans),
		cmocka_unit_test(process_between_two_scans_is_no_target),
		cmocka_unit_test(crossing_opens_one_incident_with_its_reason),
		cmocka_unit_test(sudden_leak_is_noticed_within_ten_milliseconds),
		cmocka_unit_test(kills_are_counted_from_the_look_before_the_last),
		cmocka_unit_test(one_domain_is_judged_once_at_its_largest),
		cmocka_unit_test(restarted_agent_goes_on_where_it_was),
		cmocka_unit_test(steady_ticks_neither_allocate_nor_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
