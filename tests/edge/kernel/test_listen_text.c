#include "edge/kernel/listen_text.h"

#include <string.h>

#include "unit.h"

static struct socket_row row_of(const char *host, uint16_t port)
{
	struct listen_at at = {.port = port};
	struct socket_row row = {.state = SOCKET_LISTEN, .local_port = port};

	assert_int_equal(listen_host(host, &at), 0);
	memcpy(row.local, at.address, sizeof(row.local));
	return row;
}

static void addresses_are_written_as_the_selector_reads_them(void **state)
{
	static const struct {
		const char *host, *text, *loopback;
	} rows[] = {
		{"127.0.0.1", "127.0.0.1:6060", "127.0.0.1"},
		{"127.1.2.3", "127.1.2.3:6060", "127.1.2.3"},
		{"0.0.0.0", "0.0.0.0:6060", "127.0.0.1"},
		{"::", "[::]:6060", "127.0.0.1"},
		{"::1", "[::1]:6060", "[::1]"},
		{"10.0.0.1", "10.0.0.1:6060", NULL},
		{"fe80::1", "[fe80::1]:6060", NULL},
		{"::2", "[::2]:6060", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct socket_row row = row_of(rows[i].host, 6060);
		char text[LISTEN_TEXT_MAX], host[LISTEN_TEXT_MAX];
		struct listen_at at;
		bool near = listen_loopback(&row, host);

		listen_text(&row, text);
		assert_string_equal(text, rows[i].text);
		assert_int_equal(listen_parse(text, &at), 0);
		expect(listen_reaches(&at, &row), "%s", text);
		expect(near == (rows[i].loopback != NULL), "%s", text);
		if (near)
			assert_string_equal(host, rows[i].loopback);
	}
}

static void a_path_is_cut_where_no_socket_can_have_it(void **state)
{
	char path[200], text[LISTEN_TEXT_MAX], host[LISTEN_TEXT_MAX];
	struct socket_row row = {.state = SOCKET_LISTEN, .path = {path, sizeof(path)}};

	(void)state;
	memset(path, 'x', sizeof(path));
	listen_text(&row, text);
	assert_int_equal(strlen(text), LISTEN_TEXT_MAX - 1);
	assert_false(listen_loopback(&row, host));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_written_as_the_selector_reads_them),
		cmocka_unit_test(a_path_is_cut_where_no_socket_can_have_it),
	};

	return cmocka_run_group_tests_name("listen_text", tests, NULL, NULL);
}
