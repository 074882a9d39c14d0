#include "core/conf_clash.h"

#include "lib/text.h"
#include "unit.h"

static struct endpoint at(const char *address)
{
	struct endpoint endpoint = {0};

	assert_int_equal(text_copy(endpoint.url, sizeof(endpoint.url), address), 0);
	return endpoint;
}

static void places_are_compared_as_the_client_sees_them(void **state)
{
	static const struct {
		const char *a, *b;
		bool same_netns, other_netns;
	} rows[] = {
		{"http://127.0.0.1:6060", "http://127.0.0.1:6060/debug/pprof", true,
		 false},
		{"http://127.0.0.1:6060", "http://localhost:6060/x", true, false},
		{"http://LOCALHOST", "http://127.0.0.1:80", true, false},
		{"http://127.0.0.1:06060", "http://127.0.0.1:6060", true, false},
		{"https://h", "http://h:443", true, true},
		{"https://h", "https://H:443", true, true},
		{"http://10.0.0.1:6060", "http://10.0.0.1:6060", true, true},
		{"http://[::1]:6060", "http://[::1]:6060/a", true, false},
		{"http://[::1]", "http://[::1]:80", true, false},
		{"unix:///run/x.sock", "unix:///run/x.sock:/p", true, false},
		{"http://127.0.0.1:6060", "http://127.0.0.1:6061", false, false},
		{"http://127.0.0.1:6060", "http://127.0.0.2:6060", false, false},
		{"http://127.0.0.1:6060", "http://[::1]:6060", false, false},
		{"http://h", "https://h", false, false},
		{"http://localhost", "http://localhost.example", false, false},
		{"unix:///run/x.sock", "unix:///run/y.sock", false, false},
		{"unix:///run/x.sock", "http://localhost", false, false},
		{"", "", false, false}, /* nobody is asked */
		{"", "http://h", false, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct endpoint a = at(rows[i].a), b = at(rows[i].b);
		struct conf_asked first = {&a, 1}, here = {&b, 1}, there = {&b, 2};

		expect(conf_clash(&first, &here) == rows[i].same_netns, "%s %s",
		       rows[i].a, rows[i].b);
		expect(conf_clash(&here, &first) == rows[i].same_netns, "%s %s",
		       rows[i].b, rows[i].a);
		expect(conf_clash(&first, &there) == rows[i].other_netns, "%s %s",
		       rows[i].a, rows[i].b);
	}
}

static void the_first_clash_is_found(void **state)
{
	struct endpoint one = at("http://127.0.0.1:1"), two = at("http://127.0.0.1:2");
	const struct conf_asked asked[] = {{&one, 1}, {&two, 1}, {&one, 2}, {&two, 1}};
	size_t with = 77;

	(void)state;
	assert_int_equal(conf_clash_find(asked, 4, &with), 3);
	assert_int_equal(with, 1);
	with = 77;
	assert_int_equal(conf_clash_find(asked, 3, &with), 3); /* none */
	assert_int_equal(conf_clash_find(asked, 0, &with), 0);
	assert_int_equal(with, 77);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_are_compared_as_the_client_sees_them),
		cmocka_unit_test(the_first_clash_is_found),
	};

	return cmocka_run_group_tests_name("conf_clash", tests, NULL, NULL);
}
