#pragma once
/* The agent over a captured tree with the clock handed in: months pass in seconds. Its
 * children are played by a script that waits and says nothing, so no capture ever runs
 * here; what captures do to an incident is core/incident's and the end-to-end tests' to
 * show. */

#include "agent_parts.h"

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

TREE_UNUSED static void put_usage(struct fixture *f, const char *cgroup, uint64_t usage)
{
	char name[256];

	snprintf(name, sizeof(name), "sys/fs/cgroup%s/memory.current", cgroup);
	tree_put(&f->tree, name, "%llu\n", (unsigned long long)usage);
}

TREE_UNUSED static void put_cgroup(struct fixture *f, const char *cgroup, uint64_t usage,
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

TREE_UNUSED static void put_process(struct fixture *f, int pid, const char *comm,
				    const char *cgroup)
{
	char line[256];

	snprintf(line, sizeof(line), "0::%s\n", cgroup);
	tree_put_process(&f->tree,
			 &(struct tree_process){
				 .pid = pid, .ppid = 1, .comm = comm, .cgroup = line});
}

/* A service per name, found by it. */
TREE_UNUSED static void add_service(struct fixture *f, const char *name, const char *rule)
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

TREE_UNUSED static void begin(struct fixture *f)
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

TREE_UNUSED static void start(struct fixture *f)
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
TREE_UNUSED static void run(struct fixture *f, int64_t for_ms)
{
	int64_t end = f->now_ms + for_ms;

	while (f->now_ms < end)
		f->now_ms = MAX(agent_tick(f->agent, f->now_ms), f->now_ms + 1);
}

TREE_UNUSED static void end(struct fixture *f)
{
	agent_free(f->agent);
	conf_fini(&f->conf);
	roots_fini(&f->roots);
	tree_drop(&f->tree);
}

TREE_UNUSED static unsigned n_targets(const struct fixture *f)
{
	unsigned n = 0;

	for (const struct target *t = f->agent->targets; t; t = t->next)
		n += t->ended_ms == INT64_MAX;
	return n;
}
