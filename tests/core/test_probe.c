#include "core/probe.h"

#include <errno.h>
#include <string.h>

#include "unit.h"

static struct span text(const char *line)
{
	return (struct span){line, strlen(line)};
}

static void a_request_comes_over_whole(void **state)
{
	struct probe_request out = {.id = UINT64_MAX}, in = {0};
	AUTO_BUF struct buf line;

	(void)state;
	memset(&out.endpoint.url, '\t',
	       sizeof(out.endpoint.url) - 1); /* the worst there is */
	memset(&out.endpoint.headers_file, '\n', sizeof(out.endpoint.headers_file) - 1);
	memset(&out.endpoint.ca_file, '\\', sizeof(out.endpoint.ca_file) - 1);
	(void)text_copy(out.endpoint.auth_kind, sizeof(out.endpoint.auth_kind), "bearer");
	for (int i = 0; i < ARTIFACT_N; i++)
		memset(out.endpoint.urls[i], 1 + i, sizeof(out.endpoint.urls[i]) - 1);
	buf_init(&line, PROBE_LINE_MAX);
	assert_int_equal(probe_request_format(&out, &line), 0);
	assert_ptr_equal(memchr(line.data, '\n', line.len), line.data + line.len - 1);
	assert_int_equal(probe_request_parse((struct span){line.data, line.len - 1}, &in),
			 0);
	assert_memory_equal(&in, &out, sizeof(in));
}

static void a_reply_comes_over_whole(void **state)
{
	static const struct probe_reply rows[] = {
		{.id = 17,
		 .kind = PROBE_COUNTED,
		 .goroutines = 68,
		 .threads = 9,
		 .url = "http://[::1]:6060"},
		{.id = UINT64_MAX,
		 .kind = PROBE_FOREIGN,
		 .why = "HTTP 200, but \"<html>\"\t\n=\\x00"},
		{.kind = PROBE_FAILED,
		 .goroutines = UINT64_MAX,
		 .threads = UINT64_MAX,
		 .why = "timed out"},
		{.id = 5,
		 .kind = PROBE_MEASURED,
		 .metric = {0, 1500, UINT64_MAX, [15] = 7}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct probe_reply in;
		AUTO_BUF struct buf line;

		buf_init(&line, PROBE_LINE_MAX);
		assert_int_equal(probe_reply_format(&rows[i], &line), 0);
		assert_int_equal(
			probe_reply_parse((struct span){line.data, line.len - 1}, &in),
			0);
		assert_int_equal(in.id, rows[i].id);
		assert_int_equal(in.kind, rows[i].kind);
		assert_int_equal(in.goroutines, rows[i].goroutines);
		assert_int_equal(in.threads, rows[i].threads);
		assert_string_equal(in.url, rows[i].url);
		assert_string_equal(in.why, rows[i].why);
	}
}

static void a_line_can_be_written_by_hand(void **state)
{
	struct probe_request request;
	AUTO_BUF struct buf line;

	(void)state;
	assert_int_equal(
		probe_request_parse(text("id=7\turl=http://h:1\tnewer=x"), &request), 0);
	assert_int_equal(request.id, 7);
	assert_string_equal(request.endpoint.url, "http://h:1");
	buf_init(&line, PROBE_LINE_MAX);
	assert_int_equal(probe_request_format(&request, &line), 0);
	assert_string_equal(line.data, "id=7\tpid=0\tstart_ticks=0\turl=http://h:1\n");
}

static void what_is_no_line_is_refused(void **state)
{
	static const struct {
		const char *line;
		int result;
	} rows[] = {
		{"", -EBADMSG},
		{"id", -EBADMSG},
		{"url=http://h", -EBADMSG}, /* nobody's */
		{"id=", -EBADMSG},
		{"id=-1", -EBADMSG},
		{"id=99999999999999999999", -EBADMSG},
		{"id=1\t\turl=x", 0}, /* an empty part ends it */
		{"id=1\nid=2", -EBADMSG},
		{"id=1\turl=\\xZZ", -EBADMSG},
		{"id=1\tauth_kind=much-too-long", -ENAMETOOLONG},
	};
	char *long_line;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct probe_request request = {.id = 77};
		int r = probe_request_parse(text(rows[i].line), &request);

		expect(r == rows[i].result && (r == 0 || request.id == 77), "'%s': %d",
		       rows[i].line, r);
	}
	long_line = calloc(1, PROBE_LINE_MAX + 8);
	assert_non_null(long_line);
	memset(long_line, 'x', PROBE_LINE_MAX + 7);
	assert_int_equal(probe_request_parse(text(long_line), &(struct probe_request){0}),
			 -EFBIG);
	free(long_line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_comes_over_whole),
		cmocka_unit_test(a_reply_comes_over_whole),
		cmocka_unit_test(a_line_can_be_written_by_hand),
		cmocka_unit_test(what_is_no_line_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
