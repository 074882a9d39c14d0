/* Groups of goroutines as a table and as JSON, with names that nobody should trust. */
#include "unit.h"

#include <jansson.h>
#include <string.h>

#include "view/goroutines.h"

static const char base[] = "goroutine 1 [select]:\nmain.run()\n\t/m.go:9 +0x1\n"
			   "created by main.main\n\t/m.go:1 +0x1\n\n";
static const char now[] =
	"goroutine 4 [IO wait, 200 minutes]:\n"
	"internal/poll.runtime_pollWait(0x7f, 0x72)\n"
	"\t/usr/lib/go-1.19/src/runtime/netpoll.go:305 +0x89\n"
	"example.com/dep.read(0x1)\n\t/go/pkg/mod/example.com/dep@v1.0.0/x.go:3 +0x1\n"
	"main.serve(0x1)\n\t/src/m.go:3 +0x1\ncreated by main.main\n\t/src/m.go:1 "
	"+0x1\n\n"
	"goroutine 5 [IO wait, 2 minutes, locked to thread]:\n"
	"internal/poll.runtime_pollWait(0x7f, 0x72)\n"
	"\t/usr/lib/go-1.19/src/runtime/netpoll.go:305 +0x89\n"
	"example.com/dep.read(0x1)\n\t/go/pkg/mod/example.com/dep@v1.0.0/x.go:3 +0x1\n"
	"main.serve(0x1)\n\t/src/m.go:3 +0x1\ncreated by main.main\n\t/src/m.go:1 "
	"+0x1\n\n"
	"goroutine 1 [select]:\nmain.run()\n\t/m.go:9 +0x1\n"
	"created by main.main\n\t/m.go:1 +0x1\n\n";

struct play {
	struct symbols *symbols;
	struct goroutines goroutines;
	struct owners *owners;
	uint32_t rows[8];
	struct goroutines_view view;
	struct buf text;
};

static void read_side(struct play *play, const char *text, enum side side)
{
	char why[GOROUTINES_WHY_MAX];

	assert_int_equal(goroutines_text((struct span){text, strlen(text)}, 1 << 20, side,
					 &play->goroutines, why),
			 0);
}

static void play_init(struct play *play, const char *base_text, const char *now_text)
{
	*play = (struct play){0};
	assert_int_equal(symbols_new(1 << 20, &play->symbols), 0);
	goroutines_init(&play->goroutines, play->symbols);
	if (base_text)
		read_side(play, base_text, SIDE_BASE);
	read_side(play, now_text, SIDE_NOW);
	assert_int_equal(goroutines_finish(&play->goroutines), 0);
	assert_int_equal(owners_new(NULL, play->symbols, &play->owners), 0);
	assert_true(play->goroutines.n <= ARRAY_SIZE(play->rows));
	for (uint32_t i = 0; i < play->goroutines.n; i++)
		play->rows[i] = i;
	play->view = (struct goroutines_view){.goroutines = &play->goroutines,
					      .owners = play->owners,
					      .rows = play->rows,
					      .n_rows = play->goroutines.n,
					      .top = 20,
					      .stacks = true,
					      .base = base_text};
	buf_init(&play->text, 1 << 20);
}

static void play_fini(struct play *play)
{
	owners_free(play->owners);
	goroutines_fini(&play->goroutines);
	symbols_free(play->symbols);
	buf_fini(&play->text);
}
#define AUTO_PLAY __attribute__((cleanup(play_fini)))

static void the_table_says_what_grew_since_when_and_whose(void **state)
{
	AUTO_PLAY struct play play;

	(void)state;
	play_init(&play, base, now);
	goroutines_view_text(&play.view, &play.text);
	assert_string_equal(
		play.text.data,
		"3 goroutines in 2 groups, base 1: +2\n"
		"\n"
		"#  COUNT  DELTA  STATE             WAIT     FUNCTION    CREATED BY\n"
		"1      2     +2  IO wait (locked)  >=3h20m  main.serve  main.main\n"
		"2      1         select                     main.run    main.main\n"
		"\n"
		"#1  2 IO wait (locked), base 0, such as goroutine 4\n"
		"    internal/poll.runtime_pollWait\n"
		"        /usr/lib/go-1.19/src/runtime/netpoll.go:305\n"
		"    example.com/dep.read\n"
		"        /go/pkg/mod/example.com/dep@v1.0.0/x.go:3\n"
		"    main.serve\n"
		"        /src/m.go:3\n"
		"    created by main.main\n"
		"        /src/m.go:1\n"
		"\n"
		"#2  1 select, base 1, such as goroutine 1\n"
		"    main.run\n"
		"        /m.go:9\n"
		"    created by main.main\n"
		"        /m.go:1\n");
}

static void what_is_folded_is_counted(void **state)
{
	AUTO_PLAY struct play play;

	(void)state;
	play_init(&play, NULL, now);
	play.view.top = 1;
	play.view.stacks = false;
	goroutines_view_text(&play.view, &play.text);
	assert_non_null(
		strstr(play.text.data, "and 1 more groups with 1 goroutines: --top\n"));
	assert_null(strstr(play.text.data, "DELTA"));
	assert_null(strstr(play.text.data, "main.run"));
}

static void a_cut_text_is_told(void **state)
{
	AUTO_PLAY struct play play;

	(void)state;
	play_init(&play, NULL, "goroutine 4 [select]:\nmain.f(");
	goroutines_view_text(&play.view, &play.text);
	assert_non_null(strstr(play.text.data, "the text is cut: there were more\n"));
	assert_non_null(strstr(play.text.data, "its stack was not available"));
}

static json_t *parse(const struct play *play)
{
	json_error_t error;
	json_t *page = json_loadb(play->text.data, play->text.len, 0, &error);

	expect(page, "%s in %s", error.text, play->text.data);
	return page;
}

static void json_has_all_of_it(void **state)
{
	AUTO_PLAY struct play play;
	const char *schema, *source, *own, *owner, *creator, *leaf;
	json_int_t total, count, base_count, wait, locked, id;
	json_t *page;

	(void)state;
	play_init(&play, base, now);
	assert_int_equal(goroutines_view_json(&play.view, &play.text), 0);
	page = parse(&play);
	assert_int_equal(
		json_unpack(page,
			    "{s:s, s:{s:s, s:I}, s:[{s:I, s:I, s:I, s:I, s:{s:s, s:s}, "
			    "s:{s:s}, s:[I], s:[{s:s}]}]}",
			    "schema", &schema, "now", "source", &source, "total", &total,
			    "groups", "count", &count, "base", &base_count,
			    "wait_max_minutes", &wait, "locked", &locked, "own",
			    "function", &own, "owner", &owner, "creator", "function",
			    &creator, "ids", &id, "stack", "function", &leaf),
		0);
	assert_string_equal(schema, "leakdog.goroutines/1");
	assert_string_equal(source, "debug=2");
	assert_int_equal(total, 3);
	assert_int_equal(count, 2);
	assert_int_equal(base_count, 0);
	assert_int_equal(wait, 200);
	assert_int_equal(locked, 1);
	assert_string_equal(own, "main.serve");
	assert_string_equal(owner, "app");
	assert_string_equal(creator, "main.main");
	assert_string_equal(leaf, "internal/poll.runtime_pollWait");
	assert_int_equal(id, 4);
	json_decref(page);
}

/* Nothing of it reaches a terminal or breaks a page. */
static void hostile_names_are_escaped(void **state)
{
	static const char text[] =
		"goroutine 4 [\x1b[31mred\x07]:\n"
		"</script><b>\x80\xff\"\\ \xe2\x80\xae(0x1)\n\t\x1b]0;x\x07:3 +0x1\n"
		"created by \x9b\x01\n\t\xc2\x9b:1\n";
	AUTO_PLAY struct play play;
	json_t *page;

	(void)state;
	play_init(&play, NULL, text);
	goroutines_view_text(&play.view, &play.text);
	for (size_t i = 0; i < play.text.len; i++) {
		uint8_t c = (uint8_t)play.text.data[i];

		expect((c >= ' ' && c < 0x7f) || c == '\n', "byte %02x at %zu", c, i);
	}
	buf_clear(&play.text);
	assert_int_equal(goroutines_view_json(&play.view, &play.text), 0);
	page = parse(&play);
	json_decref(page);
}

static void a_name_without_end_is_cut(void **state)
{
	AUTO_PLAY struct play play;
	AUTO_BUF struct buf text;

	(void)state;
	buf_init(&text, 1 << 20);
	buf_adds(&text, "goroutine 4 [select]:\nmain.");
	for (int i = 0; i < 10000; i++)
		buf_addc(&text, 'x');
	buf_adds(&text, "()\n\t/m.go:1\n");
	play_init(&play, NULL, text.data);
	goroutines_view_text(&play.view, &play.text);
	assert_true(play.text.len < 2000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_says_what_grew_since_when_and_whose),
		cmocka_unit_test(what_is_folded_is_counted),
		cmocka_unit_test(a_cut_text_is_told),
		cmocka_unit_test(json_has_all_of_it),
		cmocka_unit_test(hostile_names_are_escaped),
		cmocka_unit_test(a_name_without_end_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
