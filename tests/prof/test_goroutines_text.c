/* Goroutine texts as they come: in logs, counted, cut, gzipped, in pieces. */
#include "goroutines_case.h"

#include <errno.h>

#include "prof/gzip.h"

static void values_and_offsets_do_not_part_a_group(void **state)
{
	static const char text[] =
		"goroutine 5 [select, 3 minutes]:\nmain.f(0x1)\n\t/m.go:3 +0x1\n"
		"created by main.run in goroutine 9\n\t/m.go:7 +0x9\n\n"
		"goroutine 6 [select, 9 minutes, locked to thread]:\nmain.f(0x2, {...})\n"
		"\t/m.go:3 +0x2\ncreated by main.run in goroutine 8\n\t/m.go:7 +0xa\n\n"
		"goroutine 7 [select]:\nmain.f(...)\n\t/m.go:3\n"
		"created by main.run\n\t/m.go:7 +0x9\n\n"
		"goroutine 8 [select]:\nmain.f(0x1)\n\t/m.go:4 +0x1\n"
		"created by main.run\n\t/m.go:7 +0x9\n\n"
		"goroutine 9 [IO wait]:\nmain.f(0x1)\n\t/m.go:3 +0x1\n"
		"created by main.run\n\t/m.go:7 +0x9\n\n"
		"goroutine 10 [select]:\nmain.f(0x1)\n\t/m.go:3 +0x1\n"
		"created by main.other\n\t/m.go:7 +0x9\n\n";
	AUTO_CASE struct goroutines_case c;

	(void)state;
	case_init(&c);
	assert_int_equal(case_read(&c, text, SIDE_NOW), 0);
	assert_int_equal(goroutines_finish(&c.got), 0);
	assert_int_equal(c.got.n, 4); /* line, state and creator part them */
	assert_int_equal(c.got.total[SIDE_NOW], 6);
	assert_int_equal(c.got.list[0].count[SIDE_NOW], 3);
	assert_int_equal(c.got.list[0].wait_min, 0);
	assert_int_equal(c.got.list[0].wait_max, 9);
	assert_int_equal(c.got.list[0].locked, 1);
	assert_int_equal(c.got.list[0].ids[0], 5);
	assert_int_equal(c.got.list[0].ids[2], 7);
	assert_int_equal(c.got.list[0].ids[3], 0);
}

/* --- What stands around them ------------------------------------------------------ */

static void a_crash_log_has_text_around(void **state)
{
	static const char text[] =
		"2026/11/22 01:00:00 starting\n\tindented: 12\npanic: crash\n\n"
		"goroutine 1 [running]:\nmain.main()\n\t/m.go:62 +0x605\n\n"
		"goroutine 5 [select]:\nmain.f()\n\t/m.go:3 +0x1\n\n"
		"rax    0x0\nrip    0x46\nexit status 2\nFAIL\tmain\t0.1s\n";
	AUTO_CASE struct goroutines_case c;

	(void)state;
	case_init(&c);
	assert_int_equal(case_read(&c, text, SIDE_NOW), 0);
	assert_int_equal(c.got.total[SIDE_NOW], 2);
	expect_stack(&c, &c.got.list[0], "main.main /m.go:62");
	expect_stack(&c, &c.got.list[1], "main.f /m.go:3");
	assert_false(c.got.cut[SIDE_NOW]);
}

static void a_journal_has_a_prefix_on_each_line(void **state)
{
#define J "Nov 22 01:00:00 host shop[812]: "
	static const char text[] =
		J "panic: crash\n" J "\n" J "goroutine 1 [running]:\n" J "main.main()\n" J
		  "\t/m.go:62 +0x605\n" J "created by main.run\n" J "\t/m.go:7 +0x9\n"
		  "Nov 22 01:00:00 host shop[812]:\n" J "goroutine 5 [select]:\n" J
		  "main.f()\n" J "\t/m.go:3 +0x1\n" J "\n" J "done\n";
	AUTO_CASE struct goroutines_case c;

	(void)state;
	case_init(&c);
	assert_int_equal(case_read(&c, text, SIDE_NOW), 0);
	assert_int_equal(c.got.total[SIDE_NOW], 2);
	expect_stack(&c, &c.got.list[0], "main.main /m.go:62");
	expect_creator(&c, &c.got.list[0], "main.run");
	expect_stack(&c, &c.got.list[1], "main.f /m.go:3");
}

/* --- debug=1 ---------------------------------------------------------------------- */

static const char debug1[] =
	"goroutine profile: total 14\n"
	"10 @ 0x43a016 0x406dac 0x466201\n"
	"# labels: {\"a\":\"b\"}\n"
	"#\t0x4f8265\tmain.(*pool[...]).work+0x25\t\t/d/main.go:15\n\n"
	"3 @ 0x43a016 0x44a69e 0x44a675\n"
	"#\t0x462864\tsync.runtime_SemacquireMutex+0x24\t/r/sema.go:77\n"
	"#\t0x4f7674\tmain.waitMutex+0x14\t\t\t/d/main.go:17\n"
	"#\t0x439c51\truntime.main+0x211\t\t\t/r/proc.go:250\n\n"
	"1 @ 0x43a016\n#\t0x7f0012\n\n";

static void counts_per_stack_are_read(void **state)
{
	AUTO_CASE struct goroutines_case c;

	(void)state;
	case_init(&c);
	assert_int_equal(case_read(&c, debug1, SIDE_NOW), 0);
	assert_int_equal(c.got.source[SIDE_NOW], GOROUTINES_DEBUG1);
	assert_int_equal(c.got.total[SIDE_NOW], 14);
	assert_int_equal(c.got.n, 3);
	assert_int_equal(c.got.list[0].count[SIDE_NOW], 10);
	assert_int_equal(c.got.list[0].state, 0);
	expect_stack(&c, &c.got.list[0], "main.(*pool[...]).work /d/main.go:15");
	expect_stack(&c, &c.got.list[1],
		     "sync.runtime_SemacquireMutex /r/sema.go:77 main.waitMutex "
		     "/d/main.go:17");
	expect_stack(&c, &c.got.list[2], "0x7f0012 :0");
	assert_false(c.got.cut[SIDE_NOW]);
}

static void fewer_counts_than_the_total_are_a_cut(void **state)
{
	AUTO_CASE struct goroutines_case c;
	AUTO_BUF struct buf text;

	(void)state;
	case_init(&c);
	buf_init(&text, 4096);
	buf_add(&text, debug1, strlen(debug1) - strlen("1 @ 0x43a016\n#\t0x7f0012\n\n"));
	assert_int_equal(case_read(&c, text.data, SIDE_NOW), 0);
	assert_int_equal(c.got.total[SIDE_NOW], 13);
	assert_true(c.got.cut[SIDE_NOW]);
}

static void a_leak_profile_says_that_they_leaked(void **state)
{
	AUTO_CASE struct goroutines_case c;

	(void)state;
	case_init(&c);
	assert_int_equal(case_read(&c,
				   "goroutineleak profile: total 4\n4 @ 0x1\n#\t0x1\t"
				   "main.f+0x1\t/m.go:1\n\n",
				   SIDE_NOW),
			 0);
	assert_int_equal(only(&c)->leaked, 4);
}

/* --- Cut, gzipped, in pieces ------------------------------------------------------ */

static const char two[] = "goroutine 5 [select]:\nmain.f(0x1)\n\t/m.go:3 +0x1\n"
			  "created by main.run\n\t/m.go:7 +0x9\n\n"
			  "goroutine 6 [IO wait]:\nmain.g(0x1)\n\t/m.go:4 +0x1\n"
			  "created by main.run\n\t/m.go:7 +0x9\n";

/* Wherever it is cut, what is whole stays as it is; and a cut inside of a line or between
 * a function and its file is noticed. */
static void a_text_may_end_anywhere(void **state)
{
	const char *second = strstr(two, "goroutine 6");
	size_t header = (size_t)(second - two) + strlen("goroutine 6 [IO wait]:");

	(void)state;
	for (size_t len = 0; len <= strlen(two); len++) {
		AUTO_CASE struct goroutines_case c;
		bool line = len > 0 && two[len - 1] == '\n';
		int r;

		case_init(&c);
		r = goroutines_text((struct span){two, len}, 4096, SIDE_NOW, &c.got,
				    c.why);
		if (len < strlen("goroutine 5 [select]:")) {
			expect(r == -EBADMSG, "%zu", len);
			continue;
		}
		expect(r == 0, "%zu: %s", len, c.why);
		expect(c.got.total[SIDE_NOW] == 1 + (len >= header), "%zu: %d", len,
		       (int)c.got.total[SIDE_NOW]);
		if (!line)
			expect(c.got.cut[SIDE_NOW], "%zu", len);
		if (len == strlen(two))
			assert_false(c.got.cut[SIDE_NOW]);
	}
}

static void pieces_of_any_size_read_the_same(void **state)
{
	AUTO_CASE struct goroutines_case whole;
	size_t size;

	(void)state;
	case_init(&whole);
	assert_int_equal(case_read(&whole, two, SIDE_NOW), 0);
	for (size = 1; size < 40; size++) {
		AUTO_CASE struct goroutines_case c;
		struct goroutine_reader *reader;

		case_init(&c);
		assert_int_equal(goroutine_reader_new(&c.got, SIDE_NOW, &reader), 0);
		for (size_t at = 0; at < strlen(two); at += size) {
			/* Memory of the caller's that is gone after the call. */
			AUTO_FREE char *piece =
				strndup(two + at, MIN(size, strlen(two) - at));

			assert_non_null(piece);
			assert_int_equal(goroutine_reader_add(reader, text_of(piece)), 0);
		}
		assert_int_equal(goroutine_reader_end(reader, c.why), 0);
		goroutine_reader_free(reader);
		assert_int_equal(c.got.n, 2);
		for (size_t i = 0; i < 2; i++) {
			AUTO_BUF struct buf want;

			buf_init(&want, 4096);
			stack_text(&whole, &whole.got.list[i], &want);
			expect_stack(&c, &c.got.list[i], want.data);
			expect_creator(&c, &c.got.list[i], "main.run");
		}
		assert_false(c.got.cut[SIDE_NOW]);
	}
}

/* Go stops writing at 64 MiB, whatever there is. */
static void exactly_64_mib_are_a_cut(void **state)
{
	static char padding[65536];

	(void)state;
	memset(padding, 'x', sizeof(padding));
	padding[sizeof(padding) - 1] = '\n';
	for (size_t missing = 0; missing < 2; missing++) {
		AUTO_CASE struct goroutines_case c;
		struct goroutine_reader *reader;
		size_t left = 67108864 - strlen(two) - 1 - missing;

		case_init(&c);
		assert_int_equal(goroutine_reader_new(&c.got, SIDE_NOW, &reader), 0);
		assert_int_equal(goroutine_reader_add(reader, text_of(two)), 0);
		assert_int_equal(goroutine_reader_add(reader, text_of("\n")), 0);
		while (left > 0) {
			size_t n = MIN(left, sizeof(padding));
			struct span piece = {padding + sizeof(padding) - n, n};

			assert_int_equal(goroutine_reader_add(reader, piece), 0);
			left -= n;
		}
		assert_int_equal(goroutine_reader_end(reader, c.why), 0);
		goroutine_reader_free(reader);
		assert_int_equal(c.got.cut[SIDE_NOW], missing == 0);
		assert_int_equal(c.got.total[SIDE_NOW], 2);
	}
}

static int collect(void *arg, const void *bytes, size_t len)
{
	buf_add(arg, bytes, len);
	return buf_error(arg);
}

static void gzip_text(const char *text, struct buf *to)
{
	struct gzip *gzip;

	assert_int_equal(gzip_new(&gzip), 0);
	gzip_begin(gzip, collect, to);
	assert_int_equal(gzip_add(gzip, text, strlen(text)), 0);
	assert_int_equal(gzip_end(gzip), 0);
	gzip_free(gzip);
}

static void a_gzipped_text_is_inflated_up_to_its_limit(void **state)
{
	AUTO_BUF struct buf packed, twice;

	(void)state;
	buf_init(&packed, 1 << 20);
	buf_init(&twice, 1 << 20);
	gzip_text(two, &packed);
	for (size_t cut = 0; cut < packed.len; cut += 5) {
		AUTO_CASE struct goroutines_case c;
		int r;

		case_init(&c);
		r = goroutines_text((struct span){packed.data, packed.len - cut}, 4096,
				    SIDE_NOW, &c.got, c.why);
		expect(r == 0 || r == -EBADMSG, "%zu: %d", cut, r);
		if (r == 0) /* it has some, and says that it is not all */
			expect(c.got.cut[SIDE_NOW] == (cut > 0), "%zu", cut);
		if (cut == 0)
			assert_int_equal(c.got.total[SIDE_NOW], 2);
	}
	for (size_t limit = 0; limit <= strlen(two); limit += strlen(two)) {
		AUTO_CASE struct goroutines_case c;

		case_init(&c);
		assert_int_equal(goroutines_text((struct span){packed.data, packed.len},
						 limit, SIDE_NOW, &c.got, c.why),
				 limit ? 0 : -EFBIG);
		assert_int_equal(
			goroutines_text(text_of(two), limit, SIDE_NOW, &c.got, c.why),
			limit ? 0 : -EFBIG);
	}
	packed.data[packed.len / 2] ^= 0x55;
	{
		AUTO_CASE struct goroutines_case c;

		case_init(&c);
		assert_int_equal(goroutines_text((struct span){packed.data, packed.len},
						 4096, SIDE_NOW, &c.got, c.why),
				 -EBADMSG);
		assert_string_equal(c.why, "its gzip is damaged");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_and_offsets_do_not_part_a_group),
		cmocka_unit_test(a_crash_log_has_text_around),
		cmocka_unit_test(a_journal_has_a_prefix_on_each_line),
		cmocka_unit_test(counts_per_stack_are_read),
		cmocka_unit_test(fewer_counts_than_the_total_are_a_cut),
		cmocka_unit_test(a_leak_profile_says_that_they_leaked),
		cmocka_unit_test(a_text_may_end_anywhere),
		cmocka_unit_test(pieces_of_any_size_read_the_same),
		cmocka_unit_test(exactly_64_mib_are_a_cut),
		cmocka_unit_test(a_gzipped_text_is_inflated_up_to_its_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
