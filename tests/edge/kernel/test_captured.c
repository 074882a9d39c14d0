/* Trees captured from real machines by tests/tools/capture-tree.sh: v2 with systemd 252
 * and Linux 6.1 (tests/vm/guest/domains.sh), v1 and hybrid with Linux 6.18. The three
 * kinds of 60 MB, freed lazily, freed so and used again, and cached, are each there. */
#include <dirent.h>
#include <string.h>

#include "edge/fs.h"
#include "edge/kernel/find.h"
#include "edge/kernel/sampler.h"
#include "unit.h"

#define M (UINT64_C(1) << 20)
#define ID "8f1d3c6a9b2e4f70815a6c3d9e0b7f2418c5d6e7f8091a2b3c4d5e6f70819a2b"
#define BURSTABLE "/kubepods.slice/kubepods-burstable.slice"

static const struct captured {
	const char *tree;
	const char *unit;   /* NULL: none */
	int expected;       /* of domain_open */
	const char *domain; /* NULL: none */
	uint64_t limit;
	uint64_t usage_from, memory_from, memory_to;
} trees[] = {
	{"v2-service", "plain", 0, "/system.slice/plain.service", 256 * M, 0, 0, 2 * M},
	{"v2-slice", "sliced", 0, "/batch.slice/sliced.service", 128 * M, 0, 0, 2 * M},
	{"v2-freed", "freed", 0, "/system.slice/freed.service", 512 * M, 60 * M, 60 * M,
	 70 * M},
	{"v2-reused", "reused", 0, "/system.slice/reused.service", 512 * M, 60 * M,
	 60 * M, 70 * M},
	{"v2-cache", "cache", 0, "/system.slice/cache.service", 512 * M, 50 * M, 0,
	 20 * M},
	{"v2-nested", "nested", 0, "/system.slice/nested.service", 64 * M, 0, 0, 2 * M},
	{"v2-kubelet-systemd", NULL, 0,
	 BURSTABLE "/kubepods-burstable-pod12_ab.slice/cri-containerd-" ID ".scope",
	 48 * M, 0, 0, 8 * M},
	{"v2-kubelet-cgroupfs", NULL, 0, "/kubepods/burstable/pod12-ab/" ID, 32 * M, 0, 0,
	 8 * M},
	{"v2-daemonset", NULL, 0, "/../" ID, 32 * M, 0, 0, 8 * M},
	{"v2-sidecar", NULL, DOMAIN_HIDDEN, NULL, 0, 0, 0, 0},
	{"v1-docker", NULL, 0, "/docker/" ID, 128 * M, 0, 0, 2 * M},
	{"v1-inside-docker", NULL, 0, "/docker/" ID, 128 * M, 0, 0, 2 * M},
	{"v1-namespace", NULL, 0, "/", 128 * M, 0, 0, 4 * M},
	{"hybrid-freed", NULL, 0, "/shop", 512 * M, 60 * M, 60 * M, 70 * M},
	{"hybrid-reused", NULL, 0, "/shop", 512 * M, 60 * M, 60 * M, 70 * M},
	{"hybrid-cache", NULL, 0, "/shop", 512 * M, 60 * M, 0, 20 * M},
};

/* The process of a tree: beside pid 1 there is one. */
static int pid_of(const struct roots *roots)
{
	DIR *dir = fdopendir(fs_open_dir_at(roots->proc, "."));
	struct dirent *entry;
	int pid = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
		    strcmp(entry->d_name, "1") != 0)
			pid = (int)strtol(entry->d_name, NULL, 10);
	closedir(dir);
	assert_true(pid > 1);
	return pid;
}

static void want_readings(const struct captured *t, const struct sample *s)
{
	const struct reading *memory = &s->v[SIGNAL_MEMORY], *usage = &s->v[SIGNAL_USAGE];
	const struct reading *limit = &s->ceiling[CEILING_LIMIT];

	expect(memory->have == HAVE_VALUE && s->exact, "%s", t->tree);
	expect(memory->value >= t->memory_from && memory->value <= t->memory_to,
	       "%s: %llu", t->tree, (unsigned long long)memory->value);
	expect(usage->value >= t->usage_from, "%s: %llu", t->tree,
	       (unsigned long long)usage->value);
	expect(limit->have == HAVE_VALUE && limit->value == t->limit, "%s: %llu", t->tree,
	       (unsigned long long)limit->value);
	expect(s->headroom.value <= t->limit - usage->value, "%s", t->tree);
	expect(s->oom_kill.have == HAVE_VALUE && s->oom_kill.value == 0, "%s", t->tree);
	expect(s->v[SIGNAL_RSS].have == HAVE_VALUE, "%s", t->tree);
	expect(s->v[SIGNAL_THREADS].value == 1, "%s", t->tree);
	expect(s->ceiling[CEILING_NOFILE].have == HAVE_VALUE, "%s", t->tree);
}

static void want_unit(const struct captured *t, const struct roots *roots, int pid)
{
	char *selector[SELECTOR_N] = {[SELECTOR_UNIT] = (char *)t->unit};
	struct scan *scan;
	int found = 0;
	size_t n = 0;

	assert_int_equal(scan_new(roots, 1 << SELECTOR_UNIT, &scan), 0);
	assert_int_equal(scan_match(scan, selector, &found, 1, &n), 0);
	expect(n == 1 && found == pid, "%s: %zu found", t->tree, n);
	scan_free(scan);
}

static void look_at(const struct captured *t)
{
	struct domain *domain = NULL;
	struct sample sample = {0};
	struct process process;
	struct sampler sampler;
	struct roots roots;
	char dir[512];
	int pid, r;

	snprintf(dir, sizeof(dir), TESTS_DIR "/fixtures/cgroup/%s", t->tree);
	expect(roots_open(dir, &roots) == 0, "%s", dir);
	pid = pid_of(&roots);
	assert_int_equal(process_open(&roots, pid, &process), 0);
	r = domain_open(&roots, &process, &domain);
	expect(r == t->expected, "%s: %d", t->tree, r);
	if (domain) {
		expect(!strcmp(domain_path(domain), t->domain), "%s: %s", t->tree,
		       domain_path(domain));
		expect(domain_version(domain) == (t->tree[1] == '2' ? 2 : 1), "%s",
		       t->tree);
	}
	assert_int_equal(sampler_init(&sampler, &process, domain, 0), 0);
	assert_int_equal(sampler_read_all(&sampler, &sample), 0);
	if (domain)
		want_readings(t, &sample);
	else
		assert_int_equal(sample.v[SIGNAL_MEMORY].value,
				 sample.v[SIGNAL_RSS].value);
	if (t->unit)
		want_unit(t, &roots, pid);
	sampler_fini(&sampler);
	domain_free(domain);
	process_fini(&process);
	roots_fini(&roots);
}

static void each_captured_tree_is_read_as_the_machine_was(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(trees); i++)
		look_at(&trees[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_captured_tree_is_read_as_the_machine_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
