/* Finding services: selectors over trees written here. */
#include "edge/kernel/find.h"

#include "edge/fs.h"
#include "tree.h"
#include "unit.h"

#define ALL (~UINT32_C(0))
#define UNIT(name) "1:name=systemd:" name "\n4:memory:" name "\n0::" name "\n"

static struct tree tree;
static struct roots roots;

static const struct tree_process machine[] = {
	{.pid = 1, .comm = "systemd", .cgroup = UNIT("/init.scope")},
	{.pid = 2, .comm = "kthreadd", .flags = 0x200000},
	{.pid = 20,
	 .ppid = 1,
	 .comm = "cron",
	 .cmdline = "/srv/cron\n--all\nx y",
	 .cgroup = UNIT("/system.slice/cron.service")},
	{.pid = 21,
	 .ppid = 1,
	 .comm = "a) R 1 (x\ny",
	 .cmdline = "hostile",
	 .cgroup = UNIT("/system.slice/hostile.service")},
	{.pid = 22, .ppid = 1, .comm = "cron", .state = 'Z'},
	{.pid = 30,
	 .ppid = 1,
	 .comm = "sh",
	 .cmdline = "sh\n-c\n./report",
	 .cgroup = UNIT("/system.slice/report.service")},
	{.pid = 31,
	 .ppid = 30,
	 .comm = "report",
	 .cmdline = "./report",
	 .cgroup = UNIT("/system.slice/report.service")},
	{.pid = 40,
	 .ppid = 1,
	 .comm = "leakdog",
	 .cmdline = "leakdog\nrun",
	 .cgroup = UNIT("/system.slice/leakdog.service")},
	{.pid = 41,
	 .ppid = 40,
	 .comm = "leakdog-fetch",
	 .cmdline = "leakdog-fetch\ncapture",
	 .cgroup = UNIT("/system.slice/leakdog.service")},
	{.pid = 42,
	 .ppid = 41,
	 .comm = "helper",
	 .cmdline = "helper",
	 .cgroup = UNIT("/system.slice/leakdog.service")},
	{.pid = 50,
	 .ppid = 1,
	 .comm = "fake",
	 .cgroup = UNIT("/system.slice/docker-1f.scope/system.slice/cron.service")},
	{.pid = 60,
	 .ppid = 1,
	 .comm = "person",
	 .cgroup =
		 UNIT("/user.slice/user-7.slice/user@7.service/app.slice/mine.service")},
	{.pid = 61,
	 .ppid = 1,
	 .comm = "named",
	 .cgroup = UNIT("/system.slice/_memory.service")},
	{.pid = 70,
	 .ppid = 1,
	 .comm = "pool",
	 .cgroup = UNIT("/kubepods/burstable/p/1f")},
	{.pid = 71,
	 .ppid = 1,
	 .comm = "pool",
	 .cgroup = UNIT("/kubepods/burstable/p/2e")},
};

static int setup(void **state)
{
	(void)state;
	tree_make(&tree);
	for (size_t i = 0; i < ARRAY_SIZE(machine); i++)
		tree_put_process(&tree, &machine[i]);
	tree_link(&tree, "proc/20/exe", "/srv/cron (deleted)");
	tree_link(&tree, "proc/31/exe", "/srv/report");
	tree_put(&tree, "run/cron.pid", "20\n");
	tree_put(&tree, "run/stale.pid", "99\n");
	tree_put(&tree, "run/bad.pid", "cron\n");
	tree_put(&tree, "run/none.pid", "%s", "");
	return roots_open(tree.dir, &roots);
}

static int teardown(void **state)
{
	(void)state;
	roots_fini(&roots);
	tree_drop(&tree);
	return 0;
}

/* "20 31", "" for none, or the error's number. */
static const char *found(const struct roots *in, char *const selector[SELECTOR_N])
{
	static char text[256];
	struct scan *scan = NULL;
	int pids[16], r;
	size_t n = 0, len = 0;

	assert_int_equal(scan_new(in, ALL, &scan), 0);
	r = scan_match(scan, selector, pids, ARRAY_SIZE(pids), &n);
	scan_free(scan);
	text[0] = '\0';
	if (r != 0)
		snprintf(text, sizeof(text), "%d", r);
	for (size_t i = 0; i < n; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%d",
					i ? " " : "", pids[i]);
	return text;
}

static void selectors_find_what_they_say(void **state)
{
	static const struct {
		enum selector kind;
		const char *text, *pids;
	} rows[] = {
		{SELECTOR_UNIT, "cron.service", "20"},
		{SELECTOR_UNIT, "cron", "20"},
		{SELECTOR_UNIT, "cro", ""},
		{SELECTOR_UNIT, "ron.service", ""},
		{SELECTOR_UNIT, "mine.service", "60"},
		{SELECTOR_UNIT, "memory.service", "61"},
		{SELECTOR_UNIT, "report.service", "30"},
		{SELECTOR_UNIT, "leakdog.service", ""},
		{SELECTOR_UNIT, "app.slice", "60"},
		{SELECTOR_UNIT, "", ""},
		{SELECTOR_CGROUP, "/kubepods/*", "70 71"},
		{SELECTOR_CGROUP, "/kubepods/burstable/p/1?", "70"},
		{SELECTOR_CGROUP, "p/*", "70 71"},
		{SELECTOR_CGROUP, "kubepods", ""},
		{SELECTOR_CGROUP, "cron.service", "20 50"},
		{SELECTOR_PID, "20", "20"},
		{SELECTOR_PID, "22", ""}, /* a zombie */
		{SELECTOR_PID, "2", ""},  /* a kernel thread */
		{SELECTOR_PID, "40", ""}, /* leakdog */
		{SELECTOR_PID, "42", ""}, /* started by one */
		{SELECTOR_PID, "12345", ""},
		{SELECTOR_PID, "x", "-22"},
		{SELECTOR_PID, "-1", "-22"},
		{SELECTOR_PIDFILE, "/run/cron.pid", "20"},
		{SELECTOR_PIDFILE, "/run/stale.pid", ""},
		{SELECTOR_PIDFILE, "/run/bad.pid", "-22"},
		{SELECTOR_PIDFILE, "/run/none.pid", "-22"},
		{SELECTOR_PIDFILE, "/run/missing.pid", "-2"},
		{SELECTOR_NAME, "cron", "20"},
		{SELECTOR_NAME, "cr*", "20"},
		{SELECTOR_NAME, "a) R 1 (x\ny", "21"},
		{SELECTOR_NAME, "kthreadd", ""},
		{SELECTOR_NAME, "leakdog*", ""},
		{SELECTOR_CMDLINE, "/srv/cron --all x y", "20"},
		{SELECTOR_CMDLINE, "*--all*", "20"},
		{SELECTOR_CMDLINE, "/srv/cron", ""},
		{SELECTOR_CMDLINE, "*report", "30"},
		{SELECTOR_EXE, "/srv/cron", "20"},
		{SELECTOR_EXE, "/srv/*", "20 31"},
		{SELECTOR_EXE, "/usr/*", ""},
		{SELECTOR_LISTEN, "nonsense", "-22"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *selector[SELECTOR_N] = {0};

		selector[rows[i].kind] = (char *)rows[i].text;
		expect(!strcmp(found(&roots, selector), rows[i].pids), "row %zu %s: '%s'",
		       i, rows[i].text, found(&roots, selector));
	}
}

static void all_selectors_given_must_match(void **state)
{
	char *both[SELECTOR_N] = {[SELECTOR_NAME] = (char *)"pool",
				  [SELECTOR_CGROUP] = (char *)"/kubepods/burstable/p/2e"};
	char *wrong[SELECTOR_N] = {[SELECTOR_NAME] = (char *)"cron",
				   [SELECTOR_CGROUP] = (char *)"/kubepods/*"};
	char *pid[SELECTOR_N] = {[SELECTOR_NAME] = (char *)"cron",
				 [SELECTOR_PIDFILE] = (char *)"/run/cron.pid",
				 [SELECTOR_PID] = (char *)"20"};

	(void)state;
	assert_string_equal(found(&roots, both), "71");
	assert_string_equal(found(&roots, wrong), "");
	assert_string_equal(found(&roots, pid), "20");
	pid[SELECTOR_NAME] = (char *)"report";
	assert_string_equal(found(&roots, pid), "");
	pid[SELECTOR_NAME] = NULL;
	pid[SELECTOR_PID] = (char *)"31";
	assert_string_equal(found(&roots, pid), "");
}

static void more_matches_than_room_are_counted(void **state)
{
	char *selector[SELECTOR_N] = {[SELECTOR_NAME] = (char *)"pool"};
	struct scan *scan;
	size_t n = 0;
	int pid;

	(void)state;
	assert_int_equal(scan_new(&roots, ALL, &scan), 0);
	assert_int_equal(scan_match(scan, selector, &pid, 1, &n), 0);
	assert_int_equal(n, 2);
	assert_int_equal(pid, 70);
	scan_free(scan);
}

static void without_a_selector_nobody_is_found(void **state)
{
	char *selector[SELECTOR_N] = {
		NULL}; /* a service that is watched over HTTP alone */

	(void)state;
	assert_string_equal(found(&roots, selector), "");
}

static void a_scan_for_pids_alone_looks_at_nothing_else(void **state)
{
	char *selector[SELECTOR_N] = {[SELECTOR_PID] = (char *)"20"};
	char *name[SELECTOR_N] = {[SELECTOR_NAME] = (char *)"cron"};
	struct scan *scan;
	size_t n = 0;
	int pid;

	(void)state;
	assert_int_equal(scan_new(&roots, 1 << SELECTOR_PID, &scan), 0);
	assert_int_equal(scan_match(scan, name, &pid, 1, &n), 0);
	assert_int_equal(n, 0); /* it was not told that names would be asked */
	assert_int_equal(scan_match(scan, selector, &pid, 1, &n), 0);
	assert_int_equal(n, 1);
	scan_free(scan);
}

static void units_of_a_container_are_found_below_its_own_root(void **state)
{
	char *selector[SELECTOR_N] = {[SELECTOR_UNIT] = (char *)"cron.service"};
	struct tree_process init = {
		.pid = 1, .comm = "systemd", .cgroup = UNIT("/docker/1f/init.scope")};
	struct tree_process cron = {.pid = 5,
				    .ppid = 1,
				    .cgroup =
					    UNIT("/docker/1f/system.slice/cron.service")};
	struct roots inside;
	struct tree container;

	(void)state;
	tree_make(&container);
	tree_put_process(&container, &init);
	tree_put_process(&container, &cron);
	assert_int_equal(roots_open(container.dir, &inside), 0);
	assert_string_equal(found(&inside, selector), "5");
	init.cgroup = UNIT("/docker/1f");
	tree_put_process(&container, &init);
	assert_string_equal(found(&inside, selector), "5");
	roots_fini(&inside);
	tree_drop(&container);
}

static void what_is_opened_is_verified(void **state)
{
	char *selector[SELECTOR_N] = {[SELECTOR_NAME] = (char *)"cron"};
	struct process process;

	(void)state;
	assert_int_equal(process_open(&roots, 20, &process), 0);
	assert_int_equal(find_verify(&roots, &process, selector, NULL), 1);
	selector[SELECTOR_UNIT] = (char *)"report.service";
	assert_int_equal(find_verify(&roots, &process, selector, NULL), 0);
	process_fini(&process);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(selectors_find_what_they_say),
		cmocka_unit_test(all_selectors_given_must_match),
		cmocka_unit_test(more_matches_than_room_are_counted),
		cmocka_unit_test(without_a_selector_nobody_is_found),
		cmocka_unit_test(a_scan_for_pids_alone_looks_at_nothing_else),
		cmocka_unit_test(units_of_a_container_are_found_below_its_own_root),
		cmocka_unit_test(what_is_opened_is_verified),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
