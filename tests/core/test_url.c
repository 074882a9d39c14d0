#include "core/url.h"

#include <errno.h>
#include <string.h>

#include "unit.h"

static struct endpoint at(const char *address)
{
	struct endpoint endpoint = {0};

	assert_int_equal(text_copy(endpoint.url, sizeof(endpoint.url), address), 0);
	return endpoint;
}

static void pprof_is_assumed_where_no_path_is_given(void **state)
{
	static const struct {
		const char *address;
		enum artifact artifact;
		const char *text, *socket;
	} rows[] = {
		{"http://127.0.0.1:6060", ARTIFACT_HEAP,
		 "http://127.0.0.1:6060/debug/pprof/heap", ""},
		{"http://127.0.0.1:6060/", ARTIFACT_HEAP_GC,
		 "http://127.0.0.1:6060/debug/pprof/heap?gc=1", ""},
		{"http://127.0.0.1:6060", ARTIFACT_INDEX,
		 "http://127.0.0.1:6060/debug/pprof/", ""},
		{"http://[::1]:6060", ARTIFACT_GOROUTINE,
		 "http://[::1]:6060/debug/pprof/goroutine", ""},
		{"https://db.example:8443/admin/pprof", ARTIFACT_GOROUTINE_TEXT,
		 "https://db.example:8443/admin/pprof/goroutine?debug=2", ""},
		{"https://db.example/admin/pprof/", ARTIFACT_INDEX,
		 "https://db.example/admin/pprof/", ""},
		{"unix:///run/x.sock", ARTIFACT_HEAP, "http://localhost/debug/pprof/heap",
		 "/run/x.sock"},
		{"unix:///run/x.sock:/p", ARTIFACT_HEAP, "http://localhost/p/heap",
		 "/run/x.sock"},
		{"unix://@abstract", ARTIFACT_MEMSTATS,
		 "http://localhost/debug/pprof/heap?debug=1", "@abstract"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct endpoint endpoint = at(rows[i].address);
		const char *fault = NULL;
		struct url url;
		int r = url_artifact(&endpoint, rows[i].artifact, &url, &fault);

		expect(r == 0, "%s: %s", rows[i].address, fault);
		expect(strcmp(url.text, rows[i].text) == 0 &&
			       strcmp(url.socket, rows[i].socket) == 0,
		       "%s: '%s' '%s'", rows[i].address, url.text, url.socket);
	}
}

static void an_artifact_s_own_address_is_taken_as_it_stands(void **state)
{
	struct endpoint endpoint = at("http://127.0.0.1:6060");
	const char *fault = NULL;
	struct url url;

	(void)state;
	(void)text_copy(endpoint.urls[ARTIFACT_HEAP], sizeof(endpoint.urls[0]),
			"http://127.0.0.1:7070/dump?what=heap&x=1");
	assert_int_equal(url_artifact(&endpoint, ARTIFACT_HEAP, &url, &fault), 0);
	assert_string_equal(url.text, "http://127.0.0.1:7070/dump?what=heap&x=1");
	assert_int_equal(url_artifact(&endpoint, ARTIFACT_HEAP_GC, &url, &fault), 0);
	assert_string_equal(url.text, "http://127.0.0.1:6060/debug/pprof/heap?gc=1");

	(void)text_copy(endpoint.urls[ARTIFACT_HEAP], sizeof(endpoint.urls[0]),
			"unix:///run/y.sock:/dump");
	assert_int_equal(url_artifact(&endpoint, ARTIFACT_HEAP, &url, &fault), 0);
	assert_string_equal(url.text, "http://localhost/dump");
	assert_string_equal(url.socket, "/run/y.sock");
}

static void host_and_port_are_told_for_the_check_of_the_endpoint(void **state)
{
	static const struct {
		const char *address, *host;
		uint16_t port;
	} rows[] = {
		{"http://127.0.0.1:6060", "127.0.0.1", 6060},
		{"http://[::1]:6060/x:7", "::1", 6060},
		{"http://[fd00::2]", "fd00::2", 80},
		{"https://db.example/a", "db.example", 443},
		{"https://db.example:65535", "db.example", 65535},
		{"unix:///run/x.sock", "localhost", 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct endpoint endpoint = at(rows[i].address);
		const char *fault = NULL;
		struct url url;

		assert_int_equal(url_artifact(&endpoint, ARTIFACT_HEAP, &url, &fault), 0);
		expect(strcmp(url.host, rows[i].host) == 0 && url.port == rows[i].port,
		       "%s: '%s' %u", rows[i].address, url.host, url.port);
	}
}

static void what_is_no_address_is_refused_in_words(void **state)
{
	static const struct {
		const char *address;
		bool one_artifact;
		const char *says;
	} rows[] = {
		{"", false, "begins with http"},
		{"127.0.0.1:6060", false, "begins with http"},
		{"ftp://h", false, "begins with http"},
		{"file:///etc/passwd", false, "begins with http"},
		{"HTTP://h", false, "begins with http"},
		{"http://", false, "no host"},
		{"http:///debug/pprof", false, "no host"},
		{"http://:6060", false, "no host"},
		{"http://h:", false, "no host and port"},
		{"http://h:0", false, "no host and port"},
		{"http://h:65536", false, "no host and port"},
		{"http://h:6060x/", false, "no host and port"},
		{"http://h:60:60", false, "no host and port"},
		{"http://::1:6060", false, "no host"},
		{"http://[::1", false, "no host and port"},
		{"http://[]:6060", false, "no host and port"},
		{"http://[::1]6060", false, "no host and port"},
		{"http://[h]:6060", false, "no host and port"},
		{"http://h%41:6060", false, "no host and port"},
		{"http://h\\x", false, "no host and port"},
		{"http://$(x)/", false, "no host and port"},
		{"http://user:secret@h/", false, "from a file"},
		{"http://h/a b", false, "blank"},
		{"http://h/a\r\nX: y", false, "control"},
		{"http://h/\xc3\xa4", false, "control"},
		{"http://h/#x", false, "'#'"},
		{"http://h/debug/pprof?token=1", false, "no query"},
		{"http://h?token=1", false, "no query"},
		{"http://h", true, "needs its path"},
		{"http://h?x", true, "needs its path"},
		{"unix://x.sock", false, "absolute path"},
		{"unix:///", false, "names no socket"},
		{"unix://@", false, "names no socket"},
		{"unix://", false, "absolute path"},
		{"unix:///run/x.sock:debug", false, "from '/'"},
		{"unix:///run/x.sock", true, "needs its path"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *fault = "none";
		int r = url_check(rows[i].address, rows[i].one_artifact, &fault);

		expect(r == -EINVAL && strstr(fault, rows[i].says), "'%s': %d, %s",
		       rows[i].address, r, fault);
	}
}

static void lengths_end_at_their_limits(void **state)
{
	char address[512];
	struct url url = {.text = "untouched"};
	const char *fault;
	struct endpoint endpoint;

	(void)state;
	(void)snprintf(address, sizeof(address), "unix:///%0106d", 0);
	assert_int_equal(url_check(address, false, &fault), 0);
	endpoint = at(address);
	assert_int_equal(url_artifact(&endpoint, ARTIFACT_HEAP, &url, &fault), 0);
	assert_int_equal(strlen(url.socket), 107);
	(void)snprintf(address, sizeof(address), "unix:///%0107d", 0);
	assert_int_equal(url_check(address, false, &fault), -EINVAL);

	/* The longest address that a configuration can hold still has room for its leaf.
	 */
	(void)snprintf(address, sizeof(address), "https://h/%0245d", 0);
	endpoint = at(address);
	assert_int_equal(strlen(endpoint.url), 255);
	assert_int_equal(url_artifact(&endpoint, ARTIFACT_GOROUTINE_TEXT, &url, &fault),
			 0);
	assert_true(text_ends(url.text, "0/goroutine?debug=2"));
}

static void whose_address_it_is_is_told_by_its_text(void **state)
{
	static const struct {
		const char *address;
		enum url_place place;
	} rows[] = {
		{"http://127.0.0.1:6060", URL_LOOPBACK},
		{"http://127.255.0.7", URL_LOOPBACK},
		{"https://localhost:6060", URL_LOOPBACK},
		{"http://[::1]:6060", URL_LOOPBACK},
		{"http://[0:0::1]:6060", URL_LOOPBACK},
		{"http://[::ffff:127.0.0.1]:6060", URL_LOOPBACK},
		{"http://128.0.0.1:6060", URL_NUMBER},
		{"http://0.0.0.0:6060", URL_NUMBER},
		{"http://[fe80::1]:6060", URL_NUMBER},
		{"http://[::ffff:10.0.0.1]:6060", URL_NUMBER},
		{"http://127.0.0.1.example:6060", URL_NAME},
		{"http://127.1:6060", URL_NAME}, /* two ways to read it: neither */
		{"http://0177.0.0.1:6060", URL_NAME},
		{"http://localhost.example", URL_NAME},
		{"http://pprof", URL_NAME},
		{"unix://@pprof", URL_ABSTRACT},
		{"unix:///run/pprof.sock", URL_FILE},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct endpoint endpoint = at(rows[i].address);
		const char *fault;
		struct url url;

		assert_int_equal(url_artifact(&endpoint, ARTIFACT_HEAP, &url, &fault), 0);
		expect(url_place(&url) == rows[i].place, "%s: %d", rows[i].address,
		       url_place(&url));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pprof_is_assumed_where_no_path_is_given),
		cmocka_unit_test(an_artifact_s_own_address_is_taken_as_it_stands),
		cmocka_unit_test(host_and_port_are_told_for_the_check_of_the_endpoint),
		cmocka_unit_test(what_is_no_address_is_refused_in_words),
		cmocka_unit_test(lengths_end_at_their_limits),
		cmocka_unit_test(whose_address_it_is_is_told_by_its_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
