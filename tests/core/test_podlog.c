#include "core/podlog.h"

#include <string.h>

#include "lib/text.h"
#include "unit.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define UID "11111111-2222-3333-4444-555555555555"

static void a_link_names_pod_namespace_container_and_id(void **state)
{
	static const struct {
		const char *file, *pod, *namespace, *container;
	} rows[] = {
		{"shop-1_default_app-" ID ".log", "shop-1", "default", "app"},
		{"etcd-node.example_kube-system_etcd-" ID ".log", "etcd-node.example",
		 "kube-system", "etcd"},
		{"a_b_my-side-car-" ID ".log", "a", "b", "my-side-car"},
		{"0_0_0-" ID ".log", "0", "0", "0"},
	};
	struct podlog log;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		expect(podlog_container(rows[i].file, &log), "%s", rows[i].file);
		expect(text_equal(log.pod, rows[i].pod), "%s", log.pod);
		expect(text_equal(log.namespace, rows[i].namespace), "%s", log.namespace);
		expect(text_equal(log.container, rows[i].container), "%s", log.container);
		assert_string_equal(log.id, ID);
	}
}

static void another_file_is_not_kubelets(void **state)
{
	static const char *const rows[] = {
		"",
		".log",
		"..",
		"shop-1_default_app-" ID,
		"shop-1_default_app-" ID ".log.gz",
		"shop-1_default_app-" ID "0.log",
		"shop-1_default_app-0123456789abcdef.log",
		"shop-1_default_app-" ID ".LOG",
		"shop-1_default_app.log",
		"shop-1_default_-" ID ".log",
		"shop-1_default-" ID ".log",
		"shop-1__app-" ID ".log",
		"_default_app-" ID ".log",
		"shop_1_default_app-" ID ".log",
		"shop-1_default_a_pp-" ID ".log",
		"Shop_default_app-" ID ".log",
		"shop_de.fault_app-" ID ".log",
		"shop_default_a.pp-" ID ".log",
		"-shop_default_app-" ID ".log",
		".shop_default_app-" ID ".log",
		"../shop_default_app-" ID ".log",
		"shop\n_default_app-" ID ".log",
		"shop\xff_default_app-" ID ".log",
		"shop\x1b[31m_default_app-" ID ".log",
		"___-" ID ".log",
	};
	struct podlog log;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		expect(!podlog_container(rows[i], &log), "%s", rows[i]);
}

/* kubelet cuts before ".log" where a name would be longer than a file's may be. */
static void an_id_may_be_cut_where_the_name_is_full(void **state)
{
	char file[300], pod[300];
	struct podlog log;
	size_t fixed = strlen("_default_app-") + strlen(".log");

	(void)state;
	for (size_t digits = 0; digits <= 64; digits++) {
		size_t len = 255 - fixed - digits;

		memset(pod, 'p', len);
		pod[len] = '\0';
		(void)snprintf(file, sizeof(file), "%s_default_app-%.*s.log", pod,
			       (int)digits, ID);
		assert_int_equal(strlen(file), 255);
		expect(podlog_container(file, &log) == (digits >= 12), "%zu", digits);
		if (digits >= 12)
			expect(strlen(log.id) == digits, "%s", log.id);
	}
}

static void names_that_are_too_long_are_none(void **state)
{
	char file[600], text[400];
	struct podlog log;

	(void)state;
	memset(text, 'a', sizeof(text));
	for (size_t i = 0; i < 3; i++) {
		(void)snprintf(file, sizeof(file), "%.*s_%.*s_%.*s-" ID ".log",
			       i == 0 ? 254 : 1, text, i == 1 ? 64 : 1, text,
			       i == 2 ? 64 : 1, text);
		expect(!podlog_container(file, &log), "%s", file);
	}
}

static void a_directory_names_namespace_pod_and_uid(void **state)
{
	static const char *const strangers[] = {
		"",
		"..",
		"default_shop",
		"default_shop_",
		"_shop_" UID,
		"default__" UID,
		"default_shop_" UID "_x",
		"Default_shop_" UID,
		"default_shop_a b",
		"default_shop_../..",
		"default_shop_\xff",
		"default_-shop_" UID,
	};
	struct podlog log;

	(void)state;
	assert_true(podlog_pod("default_shop-1.a_" UID, &log));
	assert_string_equal(log.namespace, "default");
	assert_string_equal(log.pod, "shop-1.a");
	assert_string_equal(log.uid, UID);
	assert_string_equal(log.container, "");
	assert_true(
		podlog_pod("kube-system_etcd_0123456789abcdef0123456789abcdef", &log));
	for (size_t i = 0; i < ARRAY_SIZE(strangers); i++)
		expect(!podlog_pod(strangers[i], &log), "%s", strangers[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_link_names_pod_namespace_container_and_id),
		cmocka_unit_test(another_file_is_not_kubelets),
		cmocka_unit_test(an_id_may_be_cut_where_the_name_is_full),
		cmocka_unit_test(names_that_are_too_long_are_none),
		cmocka_unit_test(a_directory_names_namespace_pod_and_uid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
