/* report.json says what the report holds, for every report that can be; nothing that a
 * target chose to be called gets out of its text, in the file or in a page. */
#include <jansson.h>

#include "unit.h"
#include "view/report_cases.h"

static json_t *written(struct report_case *c, struct buf *text)
{
	json_error_t error;
	json_t *root;

	buf_clear(text);
	assert_int_equal(report_json(&c->report, text), 0);
	root = json_loadb(text->data, text->len, JSON_REJECT_DUPLICATES, &error);
	expect(root, "%d: %s", error.line, error.text);
	return root;
}

static json_t *at(json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);

	expect(value, "no member %s", key);
	return value;
}

static int64_t number(json_t *object, const char *key)
{
	assert_true(json_is_integer(at(object, key)));
	return json_integer_value(at(object, key));
}

static int64_t sum_of(json_t *stacks, const char *side, size_t type)
{
	int64_t sum = 0;
	json_t *stack;
	size_t i;

	json_array_foreach(stacks, i, stack) sum +=
		json_integer_value(json_array_get(json_object_get(stack, side), type));
	return sum;
}

static void frames_exist(json_t *root, json_t *list)
{
	size_t known = json_array_size(at(root, "frames")), i, k;
	json_t *one, *frame;

	json_array_foreach(list, i, one)
	{
		json_array_foreach(at(one, "frames"), k, frame)
			assert_true((size_t)json_integer_value(frame) < known);
	}
}

static void heap_adds_up(json_t *root, const struct stacks *heap)
{
	json_t *profile = at(root, "heap"), *type;
	size_t t;

	if (!heap) {
		assert_true(json_is_null(profile));
		return;
	}
	json_array_foreach(at(profile, "types"), t, type)
	{
		assert_int_equal(number(type, "base"), stacks_total(heap, SIDE_BASE, t));
		assert_int_equal(number(type, "now"), stacks_total(heap, SIDE_NOW, t));
		assert_int_equal(number(type, "base"),
				 sum_of(at(profile, "stacks"), "base", t));
		assert_int_equal(number(type, "now"),
				 sum_of(at(profile, "stacks"), "now", t));
	}
	frames_exist(root, at(profile, "stacks"));
}

static int64_t counted(json_t *groups, const char *side)
{
	int64_t sum = 0;
	json_t *group;
	size_t i;

	json_array_foreach(groups, i, group) sum += number(group, side);
	return sum;
}

static void goroutines_add_up(json_t *root, const struct goroutines *all)
{
	static const char *const sides[] = {"base", "now"};
	json_t *goroutines = at(root, "goroutines");

	if (!all) {
		assert_true(json_is_null(goroutines));
		return;
	}
	for (int side = 0; side < SIDE_N; side++) {
		int64_t total = number(at(goroutines, sides[side]), "total");

		assert_int_equal(total, all->total[side]);
		assert_int_equal(total,
				 counted(at(goroutines, "groups"), sides[side]) +
					 counted(at(goroutines, "folded"), sides[side]));
	}
	frames_exist(root, at(goroutines, "groups"));
}

static void names_exist(json_t *root)
{
	size_t known = json_array_size(at(root, "names")), i;
	size_t owners = json_array_size(at(root, "owners"));
	json_t *frame;

	json_array_foreach(at(root, "frames"), i, frame)
	{
		for (size_t k = 0; k < 2; k++)
			assert_true((size_t)json_integer_value(json_array_get(frame, k)) <
				    known);
		assert_true((size_t)json_integer_value(json_array_get(frame, 3)) <
			    owners);
	}
}

static void parts_add_up(const struct report_case *c, json_t *root)
{
	assert_string_equal(json_string_value(at(root, "schema")), "leakdog.report/1");
	assert_int_equal(json_array_size(at(root, "grew")), c->report.grew.n);
	heap_adds_up(root, c->report.heap.stacks);
	goroutines_add_up(root, c->report.goroutines);
	names_exist(root);
}

static void every_report_is_json_whose_parts_add_up(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(report_cases); i++) {
		static struct report_case c;
		AUTO_BUF struct buf text;
		json_t *root;

		if (report_cases[i].make == case_huge)
			continue; /* it takes as long as all others: once, below */
		buf_init(&text, 64 << 20);
		report_cases[i].make(&c);
		root = written(&c, &text);
		parts_add_up(&c, root);
		json_decref(root);
		case_fini(&c);
	}
}

/* Three bytes of UTF-8 that a reader's eye, or a script, obeys. */
static void no_such(const struct buf *text, const char *bytes)
{
	expect(!memmem(text->data, text->len, bytes, strlen(bytes)), "%s is in it",
	       bytes);
}

static void nothing_in_a_report_can_leave_its_text(void **state)
{
	static struct report_case c;
	AUTO_BUF struct buf text;
	json_t *root;

	(void)state;
	buf_init(&text, 64 << 20);
	case_hostile(&c);
	root = written(&c, &text);
	no_such(&text, "<");
	no_such(&text, "\xe2\x80\xae"); /* right-to-left override */
	no_such(&text, "\xe2\x81\xa6"); /* isolate */
	no_such(&text, "\xe2\x80\xa8"); /* line separator */
	for (size_t i = 0; i < text.len; i++)
		expect((unsigned char)text.data[i] >= ' ' || text.data[i] == '\n',
		       "byte %d at %zu", text.data[i], i);
	json_decref(root);
	case_fini(&c);
}

static bool has_name(json_t *root, const char *name)
{
	json_t *one;
	size_t i;

	json_array_foreach(at(root, "names"), i, one)
	{
		if (text_equal(json_string_value(one), name))
			return true;
	}
	return false;
}

static void hostile_bytes_are_visible_and_long_names_are_cut_aloud(void **state)
{
	static struct report_case c;
	AUTO_BUF struct buf text;
	bool cut = false;
	json_t *root, *one;
	size_t i;

	(void)state;
	buf_init(&text, 64 << 20);
	case_hostile(&c);
	root = written(&c, &text);
	assert_true(has_name(root, "</script><script>document.title='owned'</script>"));
	assert_true(has_name(root, "\\x1b[2J\\x1b]0;owned\\x07\\x0d\\x0a\\x09x\\x7f"));
	assert_true(has_name(root, "\\xff\\xfe\\xc0\\xaf\\xed\\xa0\\x80\\xf4\\x90\\x80"
				   "\\x80"));
	json_array_foreach(at(root, "names"), i, one)
	{
		assert_true(json_string_length(one) < 2500);
		cut = cut || strstr(json_string_value(one), "... (10240 bytes in all)");
	}
	assert_true(cut);
	json_decref(root);
	case_fini(&c);
}

static void what_is_too_much_is_cut_and_said(void **state)
{
	static struct report_case c;
	AUTO_BUF struct buf text;
	json_t *root, *heap, *goroutines;

	(void)state;
	buf_init(&text, 64 << 20);
	case_huge(&c);
	root = written(&c, &text);
	parts_add_up(&c, root);
	heap = at(root, "heap");
	assert_true(json_array_size(at(heap, "stacks")) <= REPORT_STACKS_MAX + 1000);
	assert_true(number(heap, "folded") > 10000);
	assert_int_equal(number(heap, "all"), c.heap.n);
	goroutines = at(root, "goroutines");
	assert_int_equal(json_array_size(at(goroutines, "groups")), REPORT_GROUPS_MAX);
	assert_int_equal(counted(at(goroutines, "folded"), "groups"),
			 number(goroutines, "all") - REPORT_GROUPS_MAX);
	json_decref(root);
	case_fini(&c);
}

static void what_is_not_known_is_null(void **state)
{
	static struct report_case c;
	AUTO_BUF struct buf text;
	json_t *root;

	(void)state;
	buf_init(&text, 64 << 20);
	case_empty(&c);
	c.manifest.reason.value = MANIFEST_UNKNOWN;
	root = written(&c, &text);
	assert_true(json_is_null(at(at(at(root, "incident"), "reason"), "value")));
	assert_true(json_is_null(at(at(at(root, "incident"), "base"), "at")));
	assert_true(json_is_null(at(at(root, "incident"), "capture")));
	assert_true(json_is_null(at(root, "threshold")));
	assert_int_equal(json_array_size(at(root, "notes")), 1);
	assert_true(json_string_length(at(root, "nobody")) > 0);
	json_decref(root);
	case_fini(&c);
}

static void a_report_that_does_not_fit_is_an_error(void **state)
{
	static struct report_case c;
	AUTO_BUF struct buf text;

	(void)state;
	buf_init(&text, 5000);
	case_usual(&c);
	assert_int_equal(report_json(&c.report, &text), -EFBIG);
	buf_clear(&text);
	assert_int_equal(report_html(&c.report, &text), -EFBIG);
	case_fini(&c);
}

/* How often a text is there, whatever stands around it. */
static size_t times(const struct buf *text, const char *what)
{
	size_t n = 0;

	for (const char *found = strstr(text->data, what); found;
	     found = strstr(found + 1, what))
		n++;
	return n;
}

static void a_page_has_one_script_one_style_one_policy(void **state)
{
	static struct report_case c;
	AUTO_BUF struct buf page;

	(void)state;
	buf_init(&page, 64 << 20);
	case_hostile(&c);
	assert_int_equal(report_html(&c.report, &page), 0);
	assert_int_equal(times(&page, "<script"), 2); /* the program and the data */
	assert_int_equal(times(&page, "</script>"), 2);
	assert_int_equal(times(&page, "<style>"), 1);
	assert_int_equal(times(&page, "<img"), 0);
	assert_int_equal(times(&page, "<svg"), 0);
	assert_int_equal(times(&page, "</noscript>"), 1);
	assert_int_equal(times(&page, "default-src 'none'; script-src 'sha256-"), 1);
	assert_true(times(&page, "&lt;/script>") > 0);
	assert_true(page.len < 200000);
	case_fini(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_report_is_json_whose_parts_add_up),
		cmocka_unit_test(nothing_in_a_report_can_leave_its_text),
		cmocka_unit_test(hostile_bytes_are_visible_and_long_names_are_cut_aloud),
		cmocka_unit_test(what_is_too_much_is_cut_and_said),
		cmocka_unit_test(what_is_not_known_is_null),
		cmocka_unit_test(a_report_that_does_not_fit_is_an_error),
		cmocka_unit_test(a_page_has_one_script_one_style_one_policy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
