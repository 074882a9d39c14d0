/* What is written comes back; what a target chose to be called cannot break the file; a
 * file that is none is refused with the place. */
#include "view/manifest_json.h"

#include <errno.h>
#include <string.h>

#include "lib/buf.h"
#include "unit.h"

static void fill(char *text, size_t size, char c)
{
	memset(text, c, size - 1);
	text[size - 1] = '\0';
}

/* Sets every member of a row to something that differs from 0 and from row to row. */
static void fill_rows(const struct fields *fields, void *to, unsigned seed)
{
	for (size_t i = 0; i < fields->n; i++) {
		const struct field *f = &fields->rows[i];
		unsigned n = seed + (unsigned)i + 1;

		if (f->kind == FIELD_TEXT)
			fill((char *)to + f->at, f->size, (char)('a' + n % 26));
		else if (f->kind == FIELD_ENUM)
			assert_int_equal(field_set_number(f, to, n % f->n_words), 0);
		else if (f->kind == FIELD_STAMP)
			assert_int_equal(field_set_number(f, to, 1763755924000 + n), 0);
		else
			assert_int_equal(field_set_number(f, to, n), 0);
	}
}

static void fill_capture(struct capture_record *c, unsigned seed)
{
	fill_rows(&capture_record_table, c, seed);
	fill_rows(&hold_record_table, &c->hold, seed);
	c->hold.result = HELD_RESTORED; /* of none there is no key */
	c->n_artifacts = seed % 2 ? ARTIFACTS_MAX : 3;
	for (size_t i = 0; i < c->n_artifacts; i++)
		fill_rows(&artifact_record_table, &c->artifacts[i], seed + (unsigned)i);
}

static void fill_manifest(struct manifest *m, size_t captures)
{
	memset(m, 0, sizeof(*m));
	fill(m->id, sizeof(m->id), 'i');
	fill(m->service, sizeof(m->service), 's');
	fill(m->key, sizeof(m->key), 'k');
	m->sealed = true;
	m->endpoint = ENDPOINT_FOREIGN;
	fill_rows(&reason_table, &m->reason, 1);
	fill_rows(&target_table, &m->target, 2);
	fill_rows(&base_record_table, &m->base, 3);
	fill_rows(&verdict_table, &m->verdict, 4);
	fill_rows(&report_record_table, &m->reported, 5);
	fill_rows(&omitted_table, &m->omitted, 6);
	m->reason.value = INT64_MAX;
	m->n_joined = JOINED_MAX;
	for (size_t i = 0; i < JOINED_MAX; i++)
		fill(m->joined[i], RULE_TEXT_MAX, (char)('A' + i % 26));
	m->base.n_artifacts = ARTIFACTS_MAX;
	for (size_t i = 0; i < ARTIFACTS_MAX; i++)
		fill_rows(&artifact_record_table, &m->base.artifacts[i], (unsigned)i);
	m->n_recorder = RECORDER_MAX;
	for (size_t i = 0; i < RECORDER_MAX; i++)
		fill_rows(&file_record_table, &m->recorder[i], (unsigned)i);
	m->n_derived = DERIVED_MAX;
	for (size_t i = 0; i < DERIVED_MAX; i++)
		fill_rows(&file_record_table, &m->derived[i], (unsigned)i);
	m->n_captures = captures;
	m->captures = captures ? calloc(captures, sizeof(*m->captures)) : NULL;
	for (size_t i = 0; i < captures; i++)
		fill_capture(&m->captures[i], (unsigned)i);
}

static int read_back(const struct manifest *m, struct manifest *ret, struct buf *text)
{
	char why[MANIFEST_WHY_MAX] = "";
	int r = manifest_to_json(m, text);

	expect(r == 0, "%d", r);
	r = manifest_from_json((struct span){text->data, text->len}, ret, why);
	expect(r == 0, "%s", why);
	return r;
}

static void manifest_comes_back_with_every_member(void **state)
{
	static const size_t counts[] = {0, 1, 2, CAPTURES_MAX};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		AUTO_BUF struct buf text;
		struct manifest m, back;

		buf_init(&text, MANIFEST_JSON_MAX);
		fill_manifest(&m, counts[i]);
		read_back(&m, &back, &text);
		assert_int_equal(back.n_captures, counts[i]);
		for (size_t j = 0; j < counts[i]; j++)
			assert_memory_equal(&back.captures[j], &m.captures[j],
					    sizeof(m.captures[j]));
		free(back.captures);
		free(m.captures);
		back.captures = m.captures = NULL;
		assert_memory_equal(&back, &m, sizeof(m));
	}
}

static void unknown_numbers_are_null_and_absent_times_have_no_key(void **state)
{
	AUTO_BUF struct buf text;
	struct capture_record capture = {.dir = "01",
					 .value = MANIFEST_UNKNOWN,
					 .headroom = 0,
					 .goroutines = MANIFEST_UNKNOWN};
	struct manifest m = {
		.id = "i", .service = "s", .n_captures = 1, .captures = &capture};
	struct manifest back;

	(void)state;
	buf_init(&text, MANIFEST_JSON_MAX);
	read_back(&m, &back, &text);
	assert_non_null(strstr(text.data, "\"value\": null"));
	assert_non_null(strstr(text.data, "\"headroom\": 0"));
	assert_null(strstr(text.data, "1970"));
	assert_true(back.captures[0].value == MANIFEST_UNKNOWN);
	assert_true(back.captures[0].headroom == 0);
	free(back.captures);
}

/* A program may be called anything; the file stays JSON, and reading what was written and
 * writing it again changes nothing. */
static void hostile_names_stay_one_valid_text(void **state)
{
	static const char *const names[] = {
		"\xff\xfe\xfd",
		"a\xc3",                     /* cut in a character */
		"\xed\xa0\x80",              /* a surrogate */
		"\xc0\xaf",                  /* an overlong slash */
		"\x1b]52;c;aGk=\x07",        /* writes a terminal's clipboard */
		"\"},{\"state\":\"sealed\"", /* would be structure */
		"line\nline\r\n",
		("\xe2\x80\xae"
		 "gpj.exe"), /* right to left */
		"\\",
		"\\u0000",
		"\x7f",
		"</script>",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		AUTO_BUF struct buf text, again;
		struct manifest m = {.id = "i", .service = "s"};
		struct manifest back, back_again;

		(void)text_copy(m.target.exe, sizeof(m.target.exe), names[i]);
		(void)text_copy(m.target.cgroup, sizeof(m.target.cgroup), names[i]);
		(void)text_copy(m.verdict.detail, sizeof(m.verdict.detail), names[i]);
		buf_init(&text, MANIFEST_JSON_MAX);
		buf_init(&again, MANIFEST_JSON_MAX);
		read_back(&m, &back, &text);
		assert_false(back.sealed);
		for (const char *c = back.target.exe; *c; c++)
			expect((unsigned char)*c >= 0x20 && *c != 0x7f, "%s", names[i]);
		read_back(&back, &back_again, &again);
		assert_string_equal(text.data, again.data);
	}
}

/* Escaped bytes are longer than the bytes: they are cut, never refused by the reader. */
static void long_hostile_names_are_cut_to_their_member(void **state)
{
	AUTO_BUF struct buf text;
	struct manifest m = {.id = "i", .service = "s"};
	struct manifest back;

	(void)state;
	buf_init(&text, MANIFEST_JSON_MAX);
	fill(m.target.exe, sizeof(m.target.exe), (char)0xff);
	fill(m.target.cgroup, sizeof(m.target.cgroup), '\x1b');
	read_back(&m, &back, &text);
	assert_int_equal(strlen(back.target.exe), 252); /* 63 times \xff */
	assert_int_equal(strlen(back.target.cgroup), 508);
}

static void numbers_beyond_json_are_its_largest(void **state)
{
	AUTO_BUF struct buf text;
	struct manifest m = {.id = "i", .service = "s", .target.limit = UINT64_MAX};
	struct manifest back;

	(void)state;
	buf_init(&text, MANIFEST_JSON_MAX);
	read_back(&m, &back, &text);
	assert_true(back.target.limit == INT64_MAX);
}

static void a_buffer_that_is_too_small_is_said(void **state)
{
	AUTO_BUF struct buf text;
	struct manifest m = {.id = "i", .service = "s"};

	(void)state;
	buf_init(&text, 100);
	assert_int_equal(manifest_to_json(&m, &text), -EFBIG);
}

#define HEAD                                                                             \
	"{\"schema\":\"leakdog.incident/"                                                \
	"1\",\"id\":\"i\",\"service\":\"s\",\"state\":\"open\""

static void what_is_no_manifest_is_refused_with_its_place(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {
		{"", "not JSON, line 1 column 0"},
		{"{", "not JSON, line 1 column 1"},
		{"[]", "the file: not an object"},
		{"7", "not JSON"},
		{"{}", "schema: not \"leakdog.incident/1\""},
		{"{\"schema\":\"leakdog.incident/2\"}", "schema: not"},
		{"{\"schema\":1}", "schema: not"},
		{"{\"schema\":\"leakdog.incident/1\"}", "id: not a text"},
		{"{\"schema\":\"leakdog.incident/1\",\"id\":\"i\",\"service\":\"s\"}",
		 "state: neither"},
		{HEAD "", "not JSON"},
		{HEAD "}x", "not JSON"},
		{HEAD ",\"id\":\"j\"}", "not JSON"}, /* twice */
		{HEAD ",\"captures\":{}}", "captures: not a list"},
		{HEAD ",\"captures\":[7]}", "captures[0]: not an object"},
		{HEAD ",\"captures\":[{},{\"at\":5}]}", "captures[1].at: not a time"},
		{HEAD ",\"captures\":[{\"at\":\"soon\"}]}", "captures[0].at: not a time"},
		{HEAD ",\"captures\":[{\"dir\":\"12345678\"}]}",
		 "captures[0].dir: too long"},
		{HEAD ",\"captures\":[{\"value\":-1}]}",
		 "captures[0].value: out of range"},
		{HEAD ",\"captures\":[{\"value\":1.5}]}",
		 "captures[0].value: not a whole number"},
		{HEAD ",\"captures\":[{\"value\":\"1\"}]}",
		 "captures[0].value: not a whole number"},
		{HEAD ",\"captures\":[{\"artifacts\":[{\"result\":\"fine\"}]}]}",
		 "captures[0].artifacts[0].result: a word that is not known here"},
		{HEAD ",\"base\":{\"artifacts\":[{},{\"bytes\":{}}]}}",
		 "base.artifacts[1].bytes: not a whole number"},
		{HEAD ",\"base\":[]}", "base: not an object"},
		{HEAD ",\"target\":{\"pid\":2147483648}}", "target.pid: out of range"},
		{HEAD ",\"target\":{\"endpoint\":5}}", "target.endpoint: not a text"},
		{HEAD ",\"target\":{\"exe\":\"a\\u0000b\"}}", "not JSON"},
		{HEAD ",\"joined\":[5]}", "joined: not a text"},
		{HEAD ",\"derived\":[\"timeline.csv\"]}", "derived[0]: not an object"},
		{HEAD
		 ",\"recorder\":[{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}]}",
		 "recorder: too long"},
		{HEAD ",\"verdict\":{\"outcome\":null}}", "verdict.outcome: not a text"},
		{HEAD ",\"reason\":{\"at\":\"2026-13-21T20:12:04.123Z\"}}",
		 "reason.at: not a time"},
		{HEAD ",\"id2\":\"\x1b[2J", "not JSON, line 1 column"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct span text = {rows[i].text, strlen(rows[i].text)};
		char why[MANIFEST_WHY_MAX] = "";
		struct manifest m;

		expect(manifest_from_json(text, &m, why) == -EBADMSG, "%s", rows[i].text);
		expect(text_starts(why, rows[i].why), "%s: %s", rows[i].text, why);
		expect(!strchr(why, '\x1b'), "%s", why);
		assert_null(m.captures);
	}
}

static void keys_of_a_newer_leakdog_are_ignored(void **state)
{
	static const char text[] = HEAD ",\"weather\":{\"sun\":[1]},\"captures\":"
					"[{\"dir\":\"01\",\"mood\":\"fine\"}]}";
	char why[MANIFEST_WHY_MAX];
	struct manifest m;

	(void)state;
	assert_int_equal(manifest_from_json((struct span){text, strlen(text)}, &m, why),
			 0);
	assert_string_equal(m.captures[0].dir, "01");
	assert_true(m.captures[0].goroutines == MANIFEST_UNKNOWN);
	free(m.captures);
}

/* Cut or changed at any byte it is refused or read, and nothing is touched beyond it. */
static void a_damaged_manifest_does_no_harm(void **state)
{
	AUTO_BUF struct buf text;
	struct manifest m, back;
	char why[MANIFEST_WHY_MAX];
	size_t read = 0;

	(void)state;
	buf_init(&text, MANIFEST_JSON_MAX);
	memset(&m, 0, sizeof(m));
	(void)text_copy(m.id, sizeof(m.id), "i");
	(void)text_copy(m.service, sizeof(m.service), "s");
	m.n_captures = 1;
	m.captures = calloc(1, sizeof(*m.captures));
	m.captures[0].n_artifacts = 1;
	fill_rows(&artifact_record_table, &m.captures[0].artifacts[0], 1);
	assert_int_equal(manifest_to_json(&m, &text), 0);
	free(m.captures);
	for (size_t at = 0; at < text.len; at++) {
		AUTO_FREE char *copy = malloc(text.len);

		memcpy(copy, text.data, text.len);
		if (at < text.len - 2) /* without the last brace it is none */
			assert_true(manifest_from_json((struct span){copy, at}, &back,
						       why) < 0);
		copy[at] = (char)(copy[at] ^ (1 << at % 8));
		if (manifest_from_json((struct span){copy, text.len}, &back, why) == 0) {
			free(back.captures);
			read++;
		}
	}
	assert_true(read > 0); /* a letter of a text is as good as another */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(manifest_comes_back_with_every_member),
		cmocka_unit_test(unknown_numbers_are_null_and_absent_times_have_no_key),
		cmocka_unit_test(hostile_names_stay_one_valid_text),
		cmocka_unit_test(long_hostile_names_are_cut_to_their_member),
		cmocka_unit_test(numbers_beyond_json_are_its_largest),
		cmocka_unit_test(a_buffer_that_is_too_small_is_said),
		cmocka_unit_test(what_is_no_manifest_is_refused_with_its_place),
		cmocka_unit_test(keys_of_a_newer_leakdog_are_ignored),
		cmocka_unit_test(a_damaged_manifest_does_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
