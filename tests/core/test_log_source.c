#include "core/log_source.h"

#include <string.h>

#include "core/conf.h"
#include "core/container.h"
#include "unit.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void a_log_is_found_for_each_target(void **state)
{
	static const struct {
		const char *configured, *cgroup;
		enum log_kind kind;
		const char *at;
	} rows[] = {
		{"", "/system.slice/a.service", LOG_NONE, ""},
		{"/var/log/a.log", "", LOG_FILE, "/var/log/a.log"},
		{"journal", "/system.slice/a.service", LOG_JOURNAL, "a.service"},
		{"journal", "/system.slice/system-a.slice/a@1.service/worker",
		 LOG_JOURNAL, "a@1.service"},
		{"journal", "/user.slice/user-7.slice/user@7.service/app.slice/b.service",
		 LOG_USER_JOURNAL, "b.service"},
		{"journal", "/user.slice/user-7.slice/user@7.service/init.scope",
		 LOG_USER_JOURNAL, "init.scope"},
		{"journal", "/user.slice/user-7.slice/user@7.service", LOG_JOURNAL,
		 "user@7.service"},
		{"journal", "/system.slice/a.service/ssh.service", LOG_JOURNAL,
		 "a.service"},
		{"journal", "/system.slice/docker-1.scope/system.slice/ssh.service",
		 LOG_JOURNAL, "docker-1.scope"},
		{"journal",
		 "/user.slice/user-7.slice/user@7.service/b.service/ssh.service",
		 LOG_USER_JOURNAL, "b.service"},
		{"journal", "/docker/1/system.slice/ssh.service", LOG_UNKNOWN, NULL},
		{"journal", "/../system.slice/ssh.service", LOG_UNKNOWN, NULL},
		{"journal", "/system.slice", LOG_UNKNOWN, NULL},
		{"journal", "/kubepods/pod1/0123", LOG_UNKNOWN, NULL},
		{"journal", "", LOG_UNKNOWN, NULL},
		{"journal", "/docker/a.service.d", LOG_UNKNOWN, NULL},
		{"container", "/x.service", LOG_CONTAINER, "/somewhere"},
	};
	static const struct log_source container = {LOG_CONTAINER, "/somewhere"};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct log_source source;

		log_source_find(rows[i].configured, rows[i].cgroup, &container, &source);
		expect(source.kind == rows[i].kind, "row %zu: kind %d", i, source.kind);
		expect(!rows[i].at || strcmp(source.at, rows[i].at) == 0, "row %zu: %s",
		       i, source.at);
		expect(rows[i].at || source.at[0], "row %zu: no reason", i);
	}
}

static void a_containers_log_is_where_its_runtime_keeps_it(void **state)
{
	static const struct conf_runtime runtime = {
		.logs = "/var/log", .docker = "/var/lib/docker", .podman = "/var/lib/p"};
	static const struct {
		struct container_facts facts;
		enum log_kind kind;
		const char *at;
	} rows[] = {
		{{.runtime = "containerd",
		  .id = ID,
		  .namespace = "shop",
		  .pod = "cron-7",
		  .pod_uid = "1234-ab",
		  .name = "app"},
		 LOG_CONTAINER,
		 "/var/log/pods/shop_cron-7_1234-ab/app"},
		{{.runtime = "docker", .id = ID, .name = "cron"},
		 LOG_FILE,
		 "/var/lib/docker/containers/" ID "/" ID "-json.log"},
		{{.runtime = "podman", .id = ID},
		 LOG_FILE,
		 "/var/lib/p/overlay-containers/" ID "/userdata/ctr.log"},
		{{.runtime = "docker", .id = "../../../etc"}, LOG_UNKNOWN, NULL},
		{{.namespace = "..", .pod = "a", .pod_uid = "b", .name = "c"},
		 LOG_UNKNOWN,
		 NULL},
		{{.namespace = "n", .pod = "a", .pod_uid = "b", .name = "c/d"},
		 LOG_UNKNOWN,
		 NULL},
		{{.runtime = "containerd", .id = ID}, LOG_UNKNOWN, NULL},
		{{.runtime = ""}, LOG_UNKNOWN, NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct log_source source;

		log_source_container(&runtime, &rows[i].facts, &source);
		expect(source.kind == rows[i].kind, "row %zu: kind %d", i, source.kind);
		expect(!rows[i].at || strcmp(source.at, rows[i].at) == 0, "row %zu: %s",
		       i, source.at);
		expect(rows[i].at || source.at[0], "row %zu: no reason", i);
	}
}

static void a_name_that_does_not_fit_is_no_other_name(void **state)
{
	char cgroup[1200] = "/";
	const struct log_source container = {0};
	struct log_source source;

	(void)state;
	memset(cgroup + 1, 'a', 1000);
	snprintf(cgroup + 1001, sizeof(cgroup) - 1001, ".service");
	log_source_find("journal", cgroup, &container, &source);
	assert_int_equal(source.kind, LOG_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_log_is_found_for_each_target),
		cmocka_unit_test(a_containers_log_is_where_its_runtime_keeps_it),
		cmocka_unit_test(a_name_that_does_not_fit_is_no_other_name),
	};

	return cmocka_run_group_tests_name("log_source", tests, NULL, NULL);
}
