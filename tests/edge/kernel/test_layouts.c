/* Where domains stand: layouts of systemd, docker, kubelet, podman and namespaces, on v1,
 * v2 and hybrid. A row is a machine: its mounts, one process, some cgroups with limits.
 */
#include "edge/kernel/domain.h"

#include "edge/fs.h"
#include "tree.h"
#include "unit.h"

#define ID "8f1d3c6a9b2e4f70815a6c3d9e0b7f2418c5d6e7f8091a2b3c4d5e6f70819a2b"

#define V1(root)                                                                         \
	"35 31 0:32 " root " /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
#define V2(root)                                                                         \
	"30 23 0:26 " root " /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"
#define UNIFIED "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"
#define OTHER_V1                                                                         \
	"22 27 0:21 / /proc rw,relatime - proc proc rw\n"                                \
	"32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"    \
	"40 31 0:37 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd\n"

#define M1 "sys/fs/cgroup/memory" /* where memory is mounted */
#define M2 "sys/fs/cgroup"

struct place {
	const char *path; /* below the mount of memory */
	const char *limit;
	const char *procs; /* NULL: none */
};

struct layout {
	const char *name;
	const char *mounts, *cgroup;
	int version;
	struct place places[6];
	int expected;
	const char *path; /* of the domain */
	uint64_t limit;   /* 0: none */
	const char *limit_from;
};

/* One row is one machine. */
/* clang-format off */
static const struct layout layouts[] = {
	{"v2, systemd service", V2("/"), "0::/system.slice/cron.service\n", 2,
	 {{"", NULL, NULL}, {"/system.slice", "max", NULL},
	 {"/system.slice/cron.service", "8000", NULL}}, 0, "/system.slice/cron.service",
	 8000, "/system.slice/cron.service"},
	{"v2, limit on the slice", V2("/"), "0::/batch.slice/cron.service\n", 2,
	 {{"/batch.slice", "5000", NULL}, {"/batch.slice/cron.service", "8000", NULL}}, 0,
	 "/batch.slice/cron.service", 5000, "/batch.slice"},
	{"v2, no limit anywhere", V2("/"), "0::/system.slice/cron.service\n", 2,
	 {{"/system.slice", "max", NULL}, {"/system.slice/cron.service", "max", NULL}}, 0,
	 "/system.slice/cron.service", 0, ""},
	{"v2, root", V2("/"), "0::/\n", 2, {{"", NULL, NULL}}, DOMAIN_NONE, NULL, 0,
	 NULL},
	{"v2, directly in a slice", V2("/"), "0::/system.slice\n", 2,
	 {{"/system.slice", "max", NULL}}, DOMAIN_NONE, NULL, 0, NULL},
	{"v2, session of a person with a shell", V2("/"),
	 "0::/user.slice/user-1000.slice/session-3.scope\n", 2,
	 {{"/user.slice", "max", NULL}, {"/user.slice/user-1000.slice", "max", NULL},
	 {"/user.slice/user-1000.slice/session-3.scope", "max", "2\n10\n"}}, DOMAIN_NONE,
	 NULL, 0, NULL},
	{"v2, scope of its own below a person", V2("/"),
	 "0::/user.slice/user-1000.slice/user@1000.service/app.slice/run-u7.scope\n", 2,
	 {{"/user.slice", "max", NULL},
	 {"/user.slice/user-1000.slice/user@1000.service/app.slice/run-u7.scope", "700",
	 "10\n11\n"}}, 0,
	 "/user.slice/user-1000.slice/user@1000.service/app.slice/run-u7.scope", 700,
	 "/user.slice/user-1000.slice/user@1000.service/app.slice/run-u7.scope"},
	{"v2, service of a person", V2("/"),
	 "0::/user.slice/user-1000.slice/user@1000.service/app.slice/cron.service\n", 2,
	 {{"/user.slice/user-1000.slice/user@1000.service/app.slice/cron.service", "max",
	 "2\n10\n"}}, 0,
	 "/user.slice/user-1000.slice/user@1000.service/app.slice/cron.service", 0, ""},
	{"v2, nothing delegated below the person's manager", V2("/"),
	 "0::/user.slice/user-1000.slice/user@1000.service/app.slice/cron.service\n", 2,
	 {{"/user.slice/user-1000.slice/user@1000.service", "max", "10\n"},
	 {"/user.slice/user-1000.slice/user@1000.service/app.slice/cron.service", NULL,
	 NULL}}, DOMAIN_NONE, NULL, 0, NULL},
	{"v2, docker with systemd", V2("/"), "0::/system.slice/docker-" ID ".scope\n", 2,
	 {{"/system.slice", "max", NULL},
	 {"/system.slice/docker-" ID ".scope", "9000", "2\n10\n"}}, 0,
	 "/system.slice/docker-" ID ".scope", 9000, "/system.slice/docker-" ID ".scope"},
	{"v2, docker with cgroupfs", V2("/"), "0::/docker/" ID "\n", 2,
	 {{"/docker", "max", NULL}, {"/docker/" ID, "9000", NULL}}, 0, "/docker/" ID,
	 9000, "/docker/" ID},
	{"v2, kubelet with systemd, the pod has less than its container", V2("/"),
	 "0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod12_ab.slice/"
	 "cri-containerd-" ID ".scope\n", 2, {{"/kubepods.slice", "90000", NULL},
	 {"/kubepods.slice/kubepods-burstable.slice", "max", NULL},
	 {"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod12_ab.slice",
	 "7000", NULL},
	 {"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod12_ab.slice/"
	 "cri-containerd-" ID ".scope", "max", NULL}}, 0,
	 "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod12_ab.slice/"
	 "cri-containerd-" ID ".scope", 7000,
	 "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod12_ab.slice"},
	{"v2, podman, the container is a child of the scope without controller", V2("/"),
	 "0::/machine.slice/libpod-" ID ".scope/container\n", 2,
	 {{"/machine.slice", "max", NULL},
	 {"/machine.slice/libpod-" ID ".scope", "6000", NULL},
	 {"/machine.slice/libpod-" ID ".scope/container", NULL, NULL}}, 0,
	 "/machine.slice/libpod-" ID ".scope", 6000,
	 "/machine.slice/libpod-" ID ".scope"},
	{"v2, inside a container with its own namespace", V2("/"), "0::/\n", 2,
	 {{"", "4000", NULL}}, 0, "/", 4000, "/"},
	{"v2, inside a container, a child of it", V2("/"), "0::/app\n", 2,
	 {{"", "4000", NULL}, {"/app", "max", NULL}}, 0, "/app", 4000, "/"},
	{"v2, a neighbour container, only the own one mounted", V2("/"),
	 "0::/../" ID "\n", 2, {{"", "4000", NULL}}, DOMAIN_HIDDEN, NULL, 0, NULL},
	{"v2, a neighbour container, the host's tree mounted, one level up", V2("/.."),
	 "0::/../" ID "\n", 2,
	 {{"", "max", NULL}, {"/" ID, "4000", NULL}, {"/own", "max", NULL}}, 0, "/../" ID,
	 4000, "/../" ID},
	{"v2, the names between namespace and host are searched", V2("/../../.."),
	 "0::/../../pod7/" ID "\n", 2, {{"", NULL, NULL}, {"/kubepods", "9000", NULL},
	 {"/kubepods/pod7", "8000", NULL}, {"/kubepods/pod7/" ID, "8500", NULL},
	 {"/system.slice/x.service", "max", NULL}}, 0, "/../../pod7/" ID, 8000,
	 "/../../pod7"},
	{"v2, the searched name stands twice", V2("/../.."), "0::/../app\n", 2,
	 {{"/a/app", "1", NULL}, {"/b/app", "2", NULL}}, DOMAIN_HIDDEN, NULL, 0, NULL},
	{"v2, bind mount of a part", V2("/kubepods.slice"),
	 "0::/kubepods.slice/a.scope\n", 2, {{"/a.scope", "3000", NULL}}, 0,
	 "/kubepods.slice/a.scope", 3000, "/kubepods.slice/a.scope"},
	{"v2, bind mount of another part", V2("/kubepods.slice/b"),
	 "0::/kubepods.slice/a.scope\n", 2, {{"/a.scope", "3000", NULL}}, DOMAIN_HIDDEN,
	 NULL, 0, NULL},
	{"v2, a part whose name only begins alike", V2("/kube"), "0::/kubepods/a\n", 2,
	 {{"/pods/a", "3000", NULL}}, DOMAIN_HIDDEN, NULL, 0, NULL},
	{"v2, the cgroup was removed", V2("/"), "0::/system.slice/x.service (deleted)\n",
	 2, {{"/system.slice", "max", NULL}}, DOMAIN_HIDDEN, NULL, 0, NULL},
	{"v2, a path with a colon", V2("/"), "0::/a:b/c\n", 2, {{"/a:b/c", "500", NULL}},
	 0, "/a:b/c", 500, "/a:b/c"},
	{"no cgroup file system at all", "22 27 0:21 / /proc rw - proc proc rw\n",
	 "0::/app\n", 2, {{NULL, NULL, NULL}}, DOMAIN_HIDDEN, NULL, 0, NULL},
	{"no hierarchy at all", V2("/"), "\n", 2, {{NULL, NULL, NULL}}, DOMAIN_NONE, NULL, 0, NULL},
	{"v1, plain", OTHER_V1 V1("/"), "5:memory:/app\n3:cpu,cpuacct:/\n", 1,
	 {{"", "max", NULL}, {"/app", "8000", NULL}}, 0, "/app", 8000, "/app"},
	{"v1, root", OTHER_V1 V1("/"), "5:memory:/\n", 1, {{"", "max", NULL}},
	 DOMAIN_NONE, NULL, 0, NULL},
	{"v1, joined controllers",
	 "35 31 0:32 / /sys/fs/cgroup/memory rw shared:7 master:3 - "
	 "cgroup cgroup rw,cpu,memory\n", "5:cpu,memory:/app\n", 1,
	 {{"/app", "8000", NULL}}, 0, "/app", 8000, "/app"},
	{"v1, the parent has less", V1("/"), "5:memory:/p/app\n", 1,
	 {{"/p", "6000", NULL}, {"/p/app", "8000", NULL}}, 0, "/p/app", 6000, "/p"},
	{"hybrid, memory on v1", OTHER_V1 V1("/") UNIFIED,
	 "5:memory:/system.slice/cron.service\n1:name=systemd:/system.slice/"
	 "cron.service\n" "0::/system.slice/cron.service\n", 1,
	 {{"/system.slice", "max", NULL}, {"/system.slice/cron.service", "8000", NULL}},
	 0, "/system.slice/cron.service", 8000, "/system.slice/cron.service"},
	{"hybrid, elsewhere on v2", OTHER_V1 V1("/") UNIFIED,
	 "0::/other\n5:memory:/app\n", 1, {{"/app", "8000", NULL}}, 0, "/app", 8000,
	 "/app"},
	{"v1, docker", V1("/"), "5:memory:/docker/" ID "\n", 1,
	 {{"/docker", "max", NULL}, {"/docker/" ID, "8000", NULL}}, 0, "/docker/" ID,
	 8000, "/docker/" ID},
	{"v1, inside docker, its part mounted there", V1("/docker/" ID),
	 "5:memory:/docker/" ID "\n", 1, {{"", "8000", NULL}}, 0, "/docker/" ID, 8000,
	 "/docker/" ID},
	{"v1, kubelet with cgroupfs", V1("/"),
	 "5:memory:/kubepods/burstable/pod12-ab/" ID "\n", 1,
	 {{"/kubepods", "90000", NULL}, {"/kubepods/burstable", "max", NULL},
	 {"/kubepods/burstable/pod12-ab", "7000", NULL},
	 {"/kubepods/burstable/pod12-ab/" ID, "8000", NULL}}, 0,
	 "/kubepods/burstable/pod12-ab/" ID, 7000, "/kubepods/burstable/pod12-ab"},
	{"v1, old docker at the root", V1("/"), "5:memory:/" ID "\n", 1,
	 {{"/" ID, "8000", NULL}}, 0, "/" ID, 8000, "/" ID},
	{"v1, a neighbour by a namespace", V1("/"), "4:memory:/../ldns\n", 1,
	 {{"", "max", NULL}}, DOMAIN_HIDDEN, NULL, 0, NULL},
	{"mount point with a blank",
	 "35 31 0:32 / /sys/fs/cgroup/my\\040mem rw - cgroup x " "rw,memory\n",
	 "5:memory:/app\n", 1, {{NULL, NULL, NULL}}, DOMAIN_HIDDEN, NULL, 0, NULL},
	{"lines that are none", "\n\nx\n1 2 3 4 5 6\n- cgroup2\n" V2("/"), "0::/app\n", 2,
	 {{"/app", "900", NULL}}, 0, "/app", 900, "/app"},
};
/* clang-format on */

static void put(const struct tree *tree, const struct layout *l, const struct place *p)
{
	const char *mount = l->version == 1 ? M1 : M2;
	bool root_v1 = l->version == 1 && !*p->path && strstr(l->mounts, " / ");
	char name[600];

	snprintf(name, sizeof(name), "%s%s/cgroup.procs", mount, p->path);
	tree_put(tree, name, "%s", p->procs ? p->procs : "10\n");
	if (root_v1) {
		snprintf(name, sizeof(name), "%s/cgroup.sane_behavior", mount);
		tree_put(tree, name, "0\n");
	}
	if (!p->limit)
		return;
	snprintf(name, sizeof(name), "%s%s/%s", mount, p->path,
		 l->version == 1 ? "memory.usage_in_bytes" : "memory.current");
	tree_put(tree, name, "100\n");
	snprintf(name, sizeof(name), "%s%s/%s", mount, p->path,
		 l->version == 1 ? "memory.limit_in_bytes" : "memory.max");
	tree_put(tree, name, "%s\n",
		 l->version == 1 && !strcmp(p->limit, "max") ? "9223372036854771712"
							     : p->limit);
	snprintf(name, sizeof(name), "%s%s/memory.stat", mount, p->path);
	tree_put(tree, name,
		 "file 0\nshmem 0\ninactive_file 0\ntotal_cache 0\n"
		 "total_inactive_file 0\n");
}

static void judge_layout(const struct layout *l, struct domain *d)
{
	char from[DOMAIN_PATH_MAX];
	struct sample sample = {0};
	const struct reading *limit = &sample.ceiling[CEILING_LIMIT];

	expect(domain_version(d) == l->version, "%s", l->name);
	expect(!strcmp(domain_path(d), l->path), "%s: %s", l->name, domain_path(d));
	expect(domain_read_all(d, &sample) == 0, "%s", l->name);
	expect(limit->have == (l->limit ? HAVE_VALUE : HAVE_ABSENT), "%s: %d", l->name,
	       limit->have);
	expect(!l->limit || limit->value == l->limit, "%s: %llu", l->name,
	       (unsigned long long)limit->value);
	expect(!l->limit || sample.headroom.value == l->limit - 100, "%s: %llu", l->name,
	       (unsigned long long)sample.headroom.value);
	expect(!strcmp(domain_limit_from(d, from), l->limit_from), "%s: %s", l->name,
	       domain_limit_from(d, from));
}

static void each_layout_has_its_domain(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(layouts); i++) {
		const struct layout *l = &layouts[i];
		struct domain *d = NULL;
		struct process process;
		struct roots roots;
		struct tree tree;
		int r;

		tree_make(&tree);
		tree_put(&tree, "proc/self/mountinfo", "%s", l->mounts);
		for (int pid = 1; pid <= 2; pid++)
			tree_put_process(&tree, &(struct tree_process){.pid = pid});
		tree_put_process(&tree, &(struct tree_process){.pid = 10,
							       .ppid = 2,
							       .cgroup = l->cgroup});
		tree_put_process(&tree, &(struct tree_process){.pid = 11,
							       .ppid = 10,
							       .cgroup = l->cgroup});
		for (size_t k = 0; k < ARRAY_SIZE(l->places) && l->places[k].path; k++)
			put(&tree, l, &l->places[k]);
		assert_int_equal(roots_open(tree.dir, &roots), 0);
		assert_int_equal(process_open(&roots, 10, &process), 0);
		r = domain_open(&roots, &process, &d);
		expect(r == l->expected, "%s: %d", l->name, r);
		if (r == 0)
			judge_layout(l, d);
		domain_free(d);
		process_fini(&process);
		roots_fini(&roots);
		tree_drop(&tree);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_layout_has_its_domain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
