/* The selectors container and pod, and where their names are had. */
#include "core/conf_load.h"

#include "commands/conf_text.h"

#define IN(body) "services: {x: {" body "}}\n"
#define SOCKET "runtime: {socket: /run/docker.sock}\n"

static void containers_are_named_shortly_or_in_full(void **state)
{
	const struct conf_service *s;
	struct conf_text c;

	(void)state;
	assert_int_equal(
		conf_text_one(
			&c,
			"runtime: {socket: /s, logs: /l, docker: /d, podman: /p}\n"
			"services:\n"
			"  a: {container: shop-*}\n"
			"  b: {container: {name: b, id: 0123abcd, label: 'k=v*', "
			"image: 'r/b:*'}}\n"
			"  c: {pod: {namespace: shop, name: 'c-*', container: app}}\n"),
		0);
	assert_string_equal(c.conf.runtime.socket, "/s");
	assert_string_equal(c.conf.runtime.logs, "/l");
	assert_string_equal(c.conf.runtime.docker, "/d");
	assert_string_equal(c.conf.runtime.podman, "/p");
	s = c.conf.services;
	assert_string_equal(s[0].selector[SELECTOR_CONTAINER], "shop-*");
	assert_null(s[0].selector[SELECTOR_CONTAINER_ID]);
	assert_string_equal(s[1].selector[SELECTOR_CONTAINER], "b");
	assert_string_equal(s[1].selector[SELECTOR_CONTAINER_ID], "0123abcd");
	assert_string_equal(s[1].selector[SELECTOR_CONTAINER_LABEL], "k=v*");
	assert_string_equal(s[1].selector[SELECTOR_CONTAINER_IMAGE], "r/b:*");
	assert_string_equal(s[2].selector[SELECTOR_POD_NAMESPACE], "shop");
	assert_string_equal(s[2].selector[SELECTOR_POD], "c-*");
	assert_string_equal(s[2].selector[SELECTOR_POD_CONTAINER], "app");
	conf_text_fini(&c);
}

static void names_are_had_at_the_usual_places(void **state)
{
	struct conf_text c;

	(void)state;
	assert_int_equal(conf_text_one(&c, IN("container: x")), 0);
	assert_string_equal(c.conf.runtime.socket, "");
	assert_string_equal(c.conf.runtime.logs, "/var/log");
	assert_string_equal(c.conf.runtime.docker, "/var/lib/docker");
	assert_string_equal(c.conf.runtime.podman, "/var/lib/containers/storage");
	conf_text_fini(&c);
}

static void a_short_name_forgets_the_defaults(void **state)
{
	struct conf_text c;

	(void)state;
	assert_int_equal(
		conf_text_one(&c, "defaults: {container: {name: a, label: b}}\n" IN(
					  "container: x")),
		0);
	assert_string_equal(c.conf.services[0].selector[SELECTOR_CONTAINER], "x");
	assert_null(c.conf.services[0].selector[SELECTOR_CONTAINER_LABEL]);
	conf_text_fini(&c);
}

#define NEEDS_SOCKET                                                                     \
	"label and image of a container are told by its runtime only: give the socket "  \
	"of its API, as runtime: { socket: /run/docker.sock }"

static void each_fault_has_its_place_and_words(void **state)
{
	static const struct {
		const char *text;
		unsigned line, column;
		const char *message, *hint;
	} rows[] = {
		{IN("container: [x]"), 1, 27,
		 "'container' expects the name of a container, or a map, this is a list",
		 ""},
		{IN("container: "), 1, 16,
		 "'container' has no value: it expects the name of a container, or a map",
		 ""},
		{IN("container: ''"), 1, 27, "container.name: it is empty", ""},
		{IN("container: /shop"), 1, 27,
		 "container.name: '/shop' can match no container: a name has only A-Z "
		 "a-z 0-9 . _ -, and no / first",
		 ""},
		{IN("container: {}"), 1, 12,
		 "the service 'x' does not say which process it is: add unit, cgroup, "
		 "pid, pidfile, name, cmdline, exe, listen, container or pod",
		 ""},
		{IN("container: {nme: x}"), 1, 28, "unknown key 'nme'",
		 "did you mean 'name'?"},
		{IN("container: {name: [x]}"), 1, 34,
		 "'container.name' expects a text, this is a list", ""},
		{IN("container: {id: abc}"), 1, 32,
		 "container.id: 'abc' is no id of a container: write 4 to 64 of 0-9 a-f",
		 ""},
		{IN("container: {id: 0123ABCD}"), 1, 32,
		 "container.id: '0123ABCD' is no id of a container: write 4 to 64 of 0-9 "
		 "a-f",
		 ""},
		{IN("container: {id: 0123*}"), 1, 32,
		 "container.id: '0123*' is no id of a container: write 4 to 64 of 0-9 "
		 "a-f",
		 ""},
		{SOCKET IN("container: {label: =v}"), 2, 35,
		 "container.label: '=v' is no label: write KEY or KEY=VALUE", ""},
		{SOCKET IN("container: {image: 'a b'}"), 2, 35,
		 "container.image: 'a b' can match no image: none has blanks", ""},
		{IN("container: {label: k}"), 1, 28, NEEDS_SOCKET, ""},
		{IN("container: {image: i}"), 1, 28, NEEDS_SOCKET, ""},
		{"defaults: {container: {label: k}}\n" IN("name: y"), 1, 24, NEEDS_SOCKET,
		 ""},
		{IN("pod: shop"), 1, 21,
		 "'pod' expects a map of keys, this is a single value", ""},
		{IN("pod: {}"), 1, 12,
		 "the service 'x' does not say which process it is: add unit, cgroup, "
		 "pid, pidfile, name, cmdline, exe, listen, container or pod",
		 ""},
		{IN("pod: {namespce: a}"), 1, 22, "unknown key 'namespce'",
		 "did you mean 'namespace'?"},
		{IN("pod: {namespace: Shop}"), 1, 33,
		 "pod.namespace: 'Shop' can match no namespace: a name has only a-z 0-9 "
		 "-",
		 ""},
		{IN("pod: {name: shop_1}"), 1, 28,
		 "pod.name: 'shop_1' can match no pod: a name has only a-z 0-9 . -", ""},
		{IN("pod: {container: a.b}"), 1, 33,
		 "pod.container: 'a.b' can match no container of a pod: a name has only "
		 "a-z 0-9 -",
		 ""},
		{IN("namespace: shop"), 1, 16, "unknown key 'namespace'",
		 "it is written as pod.namespace"},
		{IN("image: shop"), 1, 16, "unknown key 'image'",
		 "it is written as container.image"},
		{"runtime: {socket: run/docker.sock}\n" IN("name: y"), 1, 19,
		 "runtime.socket: 'run/docker.sock' is no absolute path: begin it with "
		 "'/'",
		 ""},
		{"runtime: {socket: 'unix:///run/docker.sock'}\n" IN("name: y"), 1, 19,
		 "runtime.socket: 'unix:///run/docker.sock' is no absolute path: begin "
		 "it with '/'",
		 ""},
		{"runtime: /run/docker.sock\n" IN("name: y"), 1, 10,
		 "'runtime' expects a map of keys, this is a single value", ""},
		{"runtime: {logs: var/log}\n" IN("name: y"), 1, 17,
		 "runtime.logs: 'var/log' is no absolute path: begin it with '/'", ""},
		{"runtime: {sockets: /s}\n" IN("name: y"), 1, 11, "unknown key 'sockets'",
		 "did you mean 'socket'?"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct fault *fault;
		struct conf_text c;

		expect(conf_text_one(&c, rows[i].text) == CONF_FAULTY, "%s",
		       rows[i].text);
		expect(c.faults.n == 1, "%s", rows[i].text);
		fault = &c.faults.at[0];
		expect(fault->line == rows[i].line && fault->column == rows[i].column &&
			       text_equal(fault->message, rows[i].message) &&
			       text_equal(fault->hint, rows[i].hint),
		       "%s\n%u:%u: %s | %s", rows[i].text, fault->line, fault->column,
		       fault->message, fault->hint);
		conf_text_fini(&c);
	}
}

static void a_socket_is_no_longer_than_the_kernel_takes(void **state)
{
	char text[400], path[109];
	struct conf_text c;

	(void)state;
	memset(path, 'x', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	(void)snprintf(text, sizeof(text), "runtime: {socket: %s}\n" IN("name: y"), path);
	assert_int_equal(conf_text_one(&c, text), CONF_FAULTY);
	assert_non_null(strstr(c.faults.at[0].message, "longer than a socket's path"));
	conf_text_fini(&c);
	(void)snprintf(text, sizeof(text), "runtime: {socket: %s}\n" IN("name: y"),
		       path + 1);
	text[18] = '/';
	assert_int_equal(conf_text_one(&c, text), 0);
	conf_text_fini(&c);
}

static void the_socket_may_stand_in_another_file(void **state)
{
	const char *const texts[] = {IN("container: {label: k}"), SOCKET};
	struct conf_text c;

	(void)state;
	assert_int_equal(conf_text_load(&c, 2, texts, NULL), 0);
	conf_text_fini(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(containers_are_named_shortly_or_in_full),
		cmocka_unit_test(names_are_had_at_the_usual_places),
		cmocka_unit_test(a_short_name_forgets_the_defaults),
		cmocka_unit_test(each_fault_has_its_place_and_words),
		cmocka_unit_test(a_socket_is_no_longer_than_the_kernel_takes),
		cmocka_unit_test(the_socket_may_stand_in_another_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
