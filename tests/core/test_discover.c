#include "core/discover.h"

#include <fnmatch.h>
#include <string.h>

#include "unit.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void a_unit_is_read_from_the_path_of_its_cgroup(void **state)
{
	static const struct {
		const char *path, *unit;
	} rows[] = {
		{"/system.slice/shop.service", "shop.service"},
		{"/system.slice/shop.service/worker", "shop.service"},
		{"/system.slice/system-shop.slice/shop@1.service", "shop@1.service"},
		{"/system.slice/_memory.service", "memory.service"},
		{"/user.slice/user-1.slice/user@1.service/app.slice/x.service",
		 "x.service"},
		{"/user.slice/user-1.slice/user@1.service/app.slice", NULL},
		{"/user.slice/user-1.slice/session-1.scope", NULL},
		{"/", NULL},
		{"", NULL},
		{"/service", NULL},
	};
	char unit[DISCOVER_UNIT_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		bool found = discover_unit(rows[i].path, unit);

		expect(found == (rows[i].unit != NULL), "%s", rows[i].path);
		expect(!found || text_equal(unit, rows[i].unit), "%s: %s", rows[i].path,
		       unit);
	}
}

static void a_unit_that_is_too_long_is_none(void **state)
{
	char path[1000], unit[DISCOVER_UNIT_MAX];

	(void)state;
	memset(path, 'x', sizeof(path));
	path[0] = '/';
	memcpy(path + sizeof(path) - 9, ".service", 9);
	assert_false(discover_unit(path, unit));
}

static void a_pod_that_has_a_random_name_is_found_by_its_workload(void **state)
{
	static const struct {
		const char *pod, *pattern;
	} rows[] = {
		{"order-api-7d9f5c8b6d-x2x4z", "order-api-*"},
		{"order-7d9f5c-x2x4z", "order-*"},
		{"node-agent-x2x4z", "node-agent-*"},
		{"node-agent-7d9f5c-0", "node-agent-7d9f5c-0"},
		{"db-0", "db-0"},
		{"order", "order"},
		{"x2x4z", "x2x4z"},
		{"-x2x4z", "-x2x4z"},
		{"7d9f5c-x2x4z", "7d9f5c-*"},
		{"order-agent", "order-agent"},
		{"order-x2x4z4", "order-x2x4z4"},
		{"order-shop-x2x4z", "order-shop-*"},
		{"", ""},
	};
	char pattern[DISCOVER_PATTERN_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		discover_pod(rows[i].pod, pattern);
		expect(text_equal(pattern, rows[i].pattern), "%s: %s", rows[i].pod,
		       pattern);
	}
}

static const struct container_facts in_pod = {.runtime = "containerd",
					      .id = ID,
					      .name = "api",
					      .namespace = "shop",
					      .pod = "order-7d9f5c-x2x4z"};
static const struct container_facts in_docker = {
	.runtime = "docker", .id = ID, .name = "whale"};
static const struct container_facts nameless = {.runtime = "docker", .id = ID};

static void who_runs_in_a_container_is_found_by_its_name_first(void **state)
{
	static const struct {
		const struct container_facts *in;
		size_t nth;
		enum selector selector;
		const char *text;
	} rows[] = {
		{&in_pod, 0, SELECTOR_POD, "order-*"},
		{&in_pod, 0, SELECTOR_POD_NAMESPACE, "shop"},
		{&in_pod, 0, SELECTOR_POD_CONTAINER, "api"},
		{&in_pod, 0, SELECTOR_CONTAINER, ""},
		{&in_pod, 0, SELECTOR_EXE, ""},
		{&in_pod, 1, SELECTOR_EXE, "/app/shop"},
		{&in_pod, 2, SELECTOR_POD, "order-7d9f5c-x2x4z"},
		{&in_docker, 0, SELECTOR_CONTAINER, "whale"},
		{&in_docker, 0, SELECTOR_POD_CONTAINER, ""},
		{&in_docker, 1, SELECTOR_EXE, "/app/shop"},
		{&nameless, 0, SELECTOR_CONTAINER, ""},
	};
	struct discover_process process = {
		.facts = {.pid = 7, .exe = "/app/shop", .cgroup = "/docker/" ID},
		.path = "/docker/" ID};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct discover_selector way;

		process.container = rows[i].in;
		assert_true(discover_way(&process, rows[i].nth, &way));
		expect(text_equal(way.text[rows[i].selector], rows[i].text),
		       "row %zu: %s", i, way.text[rows[i].selector]);
	}
}

static void a_name_that_is_none_is_no_selector(void **state)
{
	static const char *const names[] = {"a b", "x\n  y: z", "\xff"};
	struct container_facts container = {.runtime = "docker", .id = ID};
	struct discover_process process = {.facts = {.pid = 7}, .container = &container};
	struct discover_selector way;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		(void)text_copy(container.name, sizeof(container.name), names[i]);
		for (size_t n = 0; discover_way(&process, n, &way); n++)
			expect(text_equal(way.text[SELECTOR_CONTAINER], "") ||
				       text_equal(way.text[SELECTOR_CONTAINER], "?"),
			       "%s", way.text[SELECTOR_CONTAINER]);
	}
}

static bool is_taken(const void *arg, const char *name)
{
	const char *const *names = arg;

	while (*names && !text_equal(*names, name))
		names++;
	return *names != NULL;
}

static void a_name_is_fit_for_a_service_and_its_own(void **state)
{
	static const char *const taken[] = {"shop", "shop-2", NULL};
	static const struct {
		const char *unit, *exe, *name;
		const struct container_facts *in;
	} rows[] = {
		{"cron.service", "/usr/bin/x", "cron", NULL},
		{"mail@1.service", "", "mail-1", NULL},
		{"", "/usr/bin/shop", "shop-3", NULL},
		{"", "/opt/\x1b[2J\n../..\xff", "service", NULL},
		{"", "/opt/.hidden", "hidden", NULL},
		{"", "/opt/a b\"\n: {}", "a-b", NULL},
		{"", "", "service", NULL},
		{"", "/opt/---", "service", NULL},
		{"podman.service", "/app/main", "order", &in_pod},
		{"", "/app/main", "whale", &in_docker},
		{"", "/app/main", "main", &nameless},
	};
	char name[SERVICE_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct discover_process process = {.container = rows[i].in};

		assert_int_equal(
			text_copy(process.unit, sizeof(process.unit), rows[i].unit), 0);
		assert_int_equal(text_copy(process.facts.exe, sizeof(process.facts.exe),
					   rows[i].exe),
				 0);
		discover_name(&process, is_taken, taken, name);
		expect(text_equal(name, rows[i].name), "%s: %s", rows[i].exe, name);
		assert_true(text_is_name(name));
	}
}

static void a_long_name_keeps_room_for_its_number(void **state)
{
	static const char *const taken[] = {
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL};
	struct discover_process process = {0};
	char name[SERVICE_MAX];

	(void)state;
	memset(process.facts.exe, 'a', sizeof(process.facts.exe) - 1);
	discover_name(&process, is_taken, taken, name);
	assert_true(text_ends(name, "-2"));
	assert_true(text_is_name(name));
}

static void the_best_way_comes_first_and_a_pid_last(void **state)
{
	struct discover_process process = {.facts = {.pid = 7,
						     .exe = "/usr/bin/shop",
						     .cgroup = "/system.slice/s.service"},
					   .comm = "shop",
					   .unit = "s.service",
					   .path = "/system.slice/s.service"};
	struct discover_selector way;
	size_t n = 0;

	(void)state;
	assert_true(discover_way(&process, 0, &way));
	assert_string_equal(way.text[SELECTOR_UNIT], "s.service");
	assert_string_equal(way.text[SELECTOR_NAME], "");
	while (discover_way(&process, n, &way))
		n++;
	assert_true(n > 3);
	assert_true(discover_way(&process, n - 1, &way));
	assert_string_equal(way.text[SELECTOR_PID], "7");
}

static void a_containers_id_is_never_written(void **state)
{
	struct discover_process process = {
		.facts = {.pid = 7, .exe = "/app/shop", .cgroup = "/docker/" ID},
		.comm = "shop",
		.container = &nameless,
		.path = "/docker/" ID};
	struct discover_selector way;

	(void)state;
	for (size_t n = 0; discover_way(&process, n, &way); n++) {
		const char *cgroup = way.text[SELECTOR_CGROUP];

		assert_null(strstr(cgroup, "0123"));
		if (cgroup[0]) {
			assert_string_equal(cgroup, "/docker/*");
			assert_string_equal(way.text[SELECTOR_EXE], "/app/shop");
		}
	}
}

/* Every byte there is: what is written is ASCII and matches the very path. */
static void nasty_programs_are_matched_by_plain_patterns(void **state)
{
	struct discover_process process = {.facts = {.pid = 7}};
	struct discover_selector way;
	size_t seen = 0;

	(void)state;
	process.facts.exe[0] = '/';
	for (size_t i = 1; i < 125; i++)
		process.facts.exe[i] = (char)(i + 1 + (i > 45)); /* no slash more */
	for (int round = 0; round < 2; round++) {
		for (size_t n = 0; discover_way(&process, n, &way); n++) {
			const char *exe = way.text[SELECTOR_EXE];

			if (!exe[0])
				continue;
			seen++;
			assert_int_equal(fnmatch(exe, process.facts.exe, 0), 0);
			for (size_t i = 0; exe[i]; i++)
				assert_in_range(exe[i], 0x20, 0x7e);
		}
		for (size_t i = 1; i < 125; i++)
			process.facts.exe[i] = (char)(i + 130);
	}
	assert_int_equal(seen, 2);
}

static void what_is_too_long_for_a_selector_is_not_offered(void **state)
{
	struct discover_process process = {.facts = {.pid = 7}};
	struct discover_selector way;

	(void)state;
	memset(process.facts.exe, '*', sizeof(process.facts.exe) - 1);
	process.facts.exe[0] = '/';
	assert_true(discover_way(&process, 0, &way));
	assert_string_equal(way.text[SELECTOR_PID], "7");
	assert_false(discover_way(&process, 1, &way));
}

static void a_socket_with_a_nasty_path_is_no_selector(void **state)
{
	struct discover_listen listen = {.at = "/run/x\n  y: z"};
	struct discover_process process = {
		.facts = {.pid = 7, .exe = "/x"}, .listens = &listen, .n_listens = 1};
	struct discover_selector way;

	(void)state;
	for (size_t n = 0; discover_way(&process, n, &way); n++)
		assert_string_equal(way.text[SELECTOR_LISTEN], "");
	assert_int_equal(text_copy(listen.at, sizeof(listen.at), "/run/x.sock"), 0);
	assert_true(discover_way(&process, 1, &way));
	assert_string_equal(way.text[SELECTOR_LISTEN], "/run/x.sock");
}

static void tools_and_what_is_watched_are_left_out(void **state)
{
	struct conf_service conf = {0};
	struct discover_process process = {0};

	(void)state;
	assert_non_null(discover_left_out(&process));
	process.n_listens = 1;
	assert_null(discover_left_out(&process));
	process.n_listens = 0;
	process.unit[0] = 'x';
	assert_null(discover_left_out(&process));
	process.watched = &conf;
	assert_non_null(discover_left_out(&process));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_unit_is_read_from_the_path_of_its_cgroup),
		cmocka_unit_test(a_unit_that_is_too_long_is_none),
		cmocka_unit_test(a_pod_that_has_a_random_name_is_found_by_its_workload),
		cmocka_unit_test(who_runs_in_a_container_is_found_by_its_name_first),
		cmocka_unit_test(a_name_that_is_none_is_no_selector),
		cmocka_unit_test(a_name_is_fit_for_a_service_and_its_own),
		cmocka_unit_test(a_long_name_keeps_room_for_its_number),
		cmocka_unit_test(the_best_way_comes_first_and_a_pid_last),
		cmocka_unit_test(a_containers_id_is_never_written),
		cmocka_unit_test(nasty_programs_are_matched_by_plain_patterns),
		cmocka_unit_test(what_is_too_long_for_a_selector_is_not_offered),
		cmocka_unit_test(a_socket_with_a_nasty_path_is_no_selector),
		cmocka_unit_test(tools_and_what_is_watched_are_left_out),
	};

	return cmocka_run_group_tests_name("discover", tests, NULL, NULL);
}
