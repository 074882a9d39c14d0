#include "lib/text.h"

#include <errno.h>
#include <string.h>

#include "unit.h"

static void text_compares(void **state)
{
	(void)state;
	assert_true(text_equal("a", "a"));
	assert_false(text_equal("a", "ab"));
	assert_true(text_equal(NULL, NULL));
	assert_false(text_equal(NULL, ""));
	assert_false(text_equal("", NULL));
	assert_true(text_starts("memory > 5G", "memory"));
	assert_true(text_starts("x", ""));
	assert_false(text_starts("mem", "memory"));
	assert_true(text_ends("cron.service", ".service"));
	assert_true(text_ends("x", ""));
	assert_false(text_ends("ice", ".service"));
}

static void copy_cuts_and_says_so(void **state)
{
	char to[4] = "???";

	(void)state;
	assert_int_equal(text_copy(to, sizeof(to), "abc"), 0);
	assert_string_equal(to, "abc");
	assert_int_equal(text_copy(to, sizeof(to), "defg"), -ENAMETOOLONG);
	assert_string_equal(to, "def");
	assert_int_equal(text_copy(to, 1, "x"), -ENAMETOOLONG);
	assert_string_equal(to, "");
	to[0] = '?';
	assert_int_equal(text_copy(to, 0, ""), -ENAMETOOLONG);
	assert_int_equal(to[0], '?');
}

#define TEN "1234567890"
#define SIXTY TEN TEN TEN TEN TEN TEN

static void name_is_safe_as_a_directory(void **state)
{
	static const struct {
		const char *text;
		bool name;
	} rows[] = {
		{"a", true},        {"Cron-job_2.service", true},
		{"-", true},        {"_", true},
		{"a..b", true},     {SIXTY "123", true},
		{"", false},        {SIXTY "1234", false},
		{".", false},       {"..", false},
		{".hidden", false}, {"a/b", false},
		{"/", false},       {"a b", false},
		{"a\n", false},     {"a:b", false},
		{"a\x7f", false},   {"\xc3\xa4", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		expect(text_is_name(rows[i].text) == rows[i].name, "'%s'", rows[i].text);
}

static void slug_keeps_only_plain_bytes(void **state)
{
	static const struct {
		const char *text;
		size_t size;
		const char *slug;
	} rows[] = {
		{"memory > 5G for 10s", 64, "memory-5G-for-10s"},
		{"memory > 92%", 64, "memory-92"},
		{"  a - b  ", 64, "a-b"},
		{"--a--", 64, "a"},
		{"", 64, ""},
		{"\xe2\x80\xae/../x", 64, "..-x"},
		{"a\nb\tc", 64, "a-b-c"},
		{"abcdef", 4, "abc"},
		{"abc > def", 5, "abc"},
		{"abc > def", 6, "abc-d"},
		{"abc", 1, ""},
	};
	char slug[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		text_slug(rows[i].text, slug, rows[i].size);
		assert_string_equal(slug, rows[i].slug);
	}
	slug[0] = '?';
	text_slug("abc", slug, 0);
	assert_int_equal(slug[0], '?');
}

static void distance_counts_edits(void **state)
{
	static const struct {
		const char *a, *b;
		unsigned distance;
	} rows[] = {
		{"", "", 0},
		{"memory", "memory", 0},
		{"memroy", "memory", 2},
		{"memor", "memory", 1},
		{"xmemory", "memory", 1},
		{"kitten", "sitting", 3},
		{"", "abc", 3},
		{"", "12345678", 8},
		{"", "1234567890", 9},
		{"abcdefghijkl", "mnopqrstuvwx", 9},
		{"a", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		 9},
		{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab",
		 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac", 1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(text_distance(rows[i].a, rows[i].b), rows[i].distance);
		assert_int_equal(text_distance(rows[i].b, rows[i].a), rows[i].distance);
	}
}

static void show_lets_nothing_through_that_acts(void **state)
{
	static const struct {
		const char *foreign;
		const char *shown;
	} rows[] = {
		{"plain text, 100 %", "plain text, 100 %"},
		{"a\\b", "a\\b"},
		{"Gr\xc3\xbc\xc3\x9f", "Gr\xc3\xbc\xc3\x9f"},
		{"\xe6\x97\xa5\xf0\x9f\x98\x80", "\xe6\x97\xa5\xf0\x9f\x98\x80"},
		{"\x1b[2J", "\\x1b[2J"},
		{"a\nb\r\t", "a\\x0ab\\x0d\\x09"},
		{"\x7f", "\\x7f"},
		{"\xc2\x9b"
		 "2J",
		 "\\xc2\\x9b2J"},  /* C1: CSI in one character */
		{"\x9b", "\\x9b"}, /* a byte that continues nothing */
		{"\xc3", "\\xc3"}, /* a character that is cut */
		{"\xe6\x97", "\\xe6\\x97"},
		{"\xe6\x97"
		 "a",
		 "\\xe6\\x97"
		 "a"},
		{"\xc0\xaf", "\\xc0\\xaf"}, /* overlong */
		{"\xe0\x80\xaf", "\\xe0\\x80\\xaf"},
		{"\xf0\x80\x80\xaf", "\\xf0\\x80\\x80\\xaf"},
		{"\xed\xa0\x80", "\\xed\\xa0\\x80"},          /* a surrogate */
		{"\xed\x9f\xbf", "\xed\x9f\xbf"},             /* the last before them */
		{"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"}, /* above 10FFFF */
		{"\xff\xfe", "\\xff\\xfe"},
		{"\xe2\x80\xae"
		 "cod",
		 "\\xe2\\x80\\xae"
		 "cod"},                             /* right-to-left override */
		{"\xe2\x81\xa6", "\\xe2\\x81\\xa6"}, /* isolate */
		{"\xe2\x80\x8f", "\\xe2\\x80\\x8f"}, /* right-to-left mark */
		{"\xd8\x9c", "\\xd8\\x9c"},          /* Arabic letter mark */
		{"\xe2\x80\xa8", "\\xe2\\x80\\xa8"}, /* line separator */
		{"\xe2\x80\xa7", "\xe2\x80\xa7"},    /* a point, before it */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_BUF struct buf b;

		buf_init(&b, 1000);
		text_show(&b, rows[i].foreign, strlen(rows[i].foreign), 1000);
		assert_string_equal(b.data, rows[i].shown);
	}
}

static void show_ends_at_its_maximum_between_characters(void **state)
{
	static const struct {
		size_t len, max;
		const char *shown;
	} rows[] = {
		{6, 0, ""},
		{6, 1, "a"},
		{6, 2, "a"}, /* the umlaut has two bytes */
		{6, 3, "a\xc3\xbc"},
		{6, 4, "a\xc3\xbc\\x00"},
		{6, 1000, "a\xc3\xbc\\x00\xc3\xa4"},
		{2, 1000,
		 "a\\xc3"}, /* cut by its owner: nothing behind the end is read */
		{0, 1000, ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_BUF struct buf b;

		buf_init(&b, 1000);
		text_show(&b, "a\xc3\xbc\0\xc3\xa4", rows[i].len, rows[i].max);
		assert_string_equal(b.data, rows[i].shown);
	}
}

static void next_walks_parts(void **state)
{
	static const struct {
		const char *text;
		const char *parts; /* joined by '|', each ended by it */
	} rows[] = {
		{"", ""},           {"a", "a|"},         {"a\n", "a|"}, {"a\nb", "a|b|"},
		{"a\nb\n", "a|b|"}, {"a\n\nb", "a||b|"}, {"\n", "|"},   {"\n\n", "||"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct span rest = {rows[i].text, strlen(rows[i].text)}, part;
		AUTO_BUF struct buf b;

		buf_init(&b, 100);
		while (text_next(&rest, '\n', &part)) {
			buf_add(&b, part.at, part.len);
			buf_addc(&b, '|');
		}
		assert_string_equal(b.data, rows[i].parts);
		rest = (struct span){rows[i].text, strlen(rows[i].text)};
		for (size_t n = text_lines(rest); n > 0; n--)
			assert_true(text_next(&rest, '\n', &part));
		assert_false(text_next(&rest, '\n', &part));
	}
}

static void span_trims_and_compares(void **state)
{
	struct span none = {0};

	(void)state;
	assert_true(span_is(span_trim((struct span){" \ta b\r\n", 7}), "a b"));
	assert_true(span_is(span_trim((struct span){" \n ", 3}), ""));
	assert_true(span_is(span_trim(none), ""));
	assert_false(span_is(none, "a"));
	assert_false(span_is((struct span){"ab", 2}, "a"));
	assert_false(span_is((struct span){"a", 1}, "ab"));
	assert_true(span_is((struct span){"ab", 1}, "a"));
}

static void field_finds_the_whole_key(void **state)
{
	static const char lines[] =
		"anon_thp 1\nanon 4096\nanon 2\nfile \nVmRSS:\t    1234 kB\n"
		"Threads:\t7\nName:\tanon 9\nbig 99999999999999999999\n"
		"minus -1\nhex 0x10\nunit 12kB\nmax max\nlast 8";
	static const struct {
		const char *key;
		int result;
		uint64_t value;
	} rows[] = {
		{"anon", 0, 4096},
		{"anon_thp", 0, 1},
		{"VmRSS", 0, 1234},
		{"Threads", 0, 7},
		{"last", 0, 8},
		{"ano", -ENOENT, 77},
		{"non", -ENOENT, 77},
		{"absent", -ENOENT, 77},
		{"a key longer than any of the lines that are there to be read", -ENOENT,
		 77},
		{"file", -EINVAL, 77},
		{"big", -EINVAL, 77},
		{"minus", -EINVAL, 77},
		{"hex", -EINVAL, 77},
		{"unit", -EINVAL, 77},
		{"max", -EINVAL, 77},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t value = 77;
		int r = text_field((struct span){lines, sizeof(lines) - 1}, rows[i].key,
				   &value);

		expect(r == rows[i].result && value == rows[i].value, "'%s': %d, %llu",
		       rows[i].key, r, (unsigned long long)value);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_compares),
		cmocka_unit_test(copy_cuts_and_says_so),
		cmocka_unit_test(name_is_safe_as_a_directory),
		cmocka_unit_test(slug_keeps_only_plain_bytes),
		cmocka_unit_test(distance_counts_edits),
		cmocka_unit_test(show_lets_nothing_through_that_acts),
		cmocka_unit_test(show_ends_at_its_maximum_between_characters),
		cmocka_unit_test(next_walks_parts),
		cmocka_unit_test(span_trims_and_compares),
		cmocka_unit_test(field_finds_the_whole_key),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
