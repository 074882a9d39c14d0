#include "prof/package.h"

#include <string.h>

#include "unit.h"

static struct span span_of(const char *text)
{
	return (struct span){text, strlen(text)};
}

static void a_function_tells_its_package(void **state)
{
	static const struct {
		const char *function, *package;
	} rows[] = {
		{"main.main", "main"},
		{"runtime.(*mheap).alloc.func1", "runtime"},
		{"net/http.(*conn).serve", "net/http"},
		{"github.com/x/y%2ev2.(*T).Do", "github.com/x/y.v2"},
		{"github.com/x/y%2Ev2.Do",
		 "github.com/x/y%2Ev2"}, /* no linker writes so */
		{"example.com/a.Map[example.com/b.Key,int].Get", "example.com/a"},
		{"main.f[a/b.c]", "main"},
		{"nodot", "nodot"},
		{"a/b", "a/b"},
		{"x%2", "x%2"},
		{"", ""},
		{"/", "/"},
		{".", ""},
		{"[", ""},
	};
	char memory[PACKAGE_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		expect(span_is(package_of(span_of(rows[i].function), memory),
			       rows[i].package),
		       "%s", rows[i].function);
}

static void a_long_name_is_cut(void **state)
{
	static char name[100000];
	char memory[PACKAGE_MAX];

	(void)state;
	memset(name, '/', sizeof(name) - 1);
	assert_int_equal(package_of(span_of(name), memory).len, PACKAGE_MAX);
}

static void paths_that_look_alike_are_told_apart(void **state)
{
	static const struct {
		const char *path, *prefix;
		bool is;
	} rows[] = {
		{"example.com/shop", "example.com/shop", true},
		{"example.com/shop/cart", "example.com/shop", true},
		{"example.com/shopping", "example.com/shop", false},
		{"example.com", "example.com/shop", false},
		{"anything", "", false},
		{"", "", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		expect(package_is_under(span_of(rows[i].path), span_of(rows[i].prefix)) ==
			       rows[i].is,
		       "%s below %s", rows[i].path, rows[i].prefix);
}

static void a_repository_is_known_by_its_host(void **state)
{
	static const struct {
		const char *path, *repository;
		bool host;
	} rows[] = {
		{"github.com/x/y/z/w", "github.com/x/y", true},
		{"golang.org/x/net/http2", "golang.org/x/net", true},
		{"k8s.io/api/core/v1", "k8s.io/api", true},
		{"go.etcd.io/etcd/cmd/etcdctl", "go.etcd.io/etcd", true},
		{"example.com/a/b/cmd/c", "example.com/a/b", true},
		{"github.com/x", "github.com/x", true},
		{"net/http", "net", false},
		{"shop", "shop", false},
		{"", "", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct span path = span_of(rows[i].path);

		expect(span_is(package_repository(path), rows[i].repository), "%s",
		       rows[i].path);
		expect(package_has_host(path) == rows[i].host, "%s", rows[i].path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_function_tells_its_package),
		cmocka_unit_test(a_long_name_is_cut),
		cmocka_unit_test(paths_that_look_alike_are_told_apart),
		cmocka_unit_test(a_repository_is_known_by_its_host),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
