#include "view/report.h"

#include <string.h>

#include "unit.h"

#define MB (INT64_C(1) << 20)

struct world {
	struct symbols *symbols;
	struct build build;
	struct stacks heap;
	struct goroutines goroutines;
	struct report report;
};

static uint32_t name(struct world *w, const char *text, size_t len)
{
	uint32_t number;

	assert_int_equal(symbols_name(w->symbols, (struct span){text, len}, &number), 0);
	return number;
}

static uint32_t frame(struct world *w, const char *function, const char *file,
		      uint32_t line)
{
	const struct frame frame = {name(w, function, strlen(function)),
				    name(w, file, strlen(file)), line};
	uint32_t number;

	assert_int_equal(symbols_frame(w->symbols, &frame, &number), 0);
	return number;
}

static void begin(struct world *w)
{
	*w = (struct world){0};
	assert_int_equal(symbols_new(1 << 20, &w->symbols), 0);
	stacks_init(&w->heap, w->symbols);
	w->heap.read[SIDE_BASE] = w->heap.read[SIDE_NOW] = true;
	w->report.symbols = w->symbols;
	w->report.heap.stacks = &w->heap;
	w->report.goroutines = &w->goroutines;
}

static void end(struct world *w)
{
	stacks_fini(&w->heap);
	symbols_free(w->symbols);
}

static void expect_sentence(struct world *w, const struct suspect *suspect,
			    const char *sentence)
{
	AUTO_BUF struct buf text;

	buf_init(&text, 1 << 16);
	report_suspect_text(&w->report, suspect, &text);
	assert_string_equal(text.data, sentence);
}

static struct suspect heap_suspect(struct world *w)
{
	return (struct suspect){
		.kind = SUSPECT_HEAP,
		.base = 100 * MB,
		.now = 3400 * MB,
		.share = 0.829,
		.charged = frame(w, "example.com/shop/cart.decodeItem",
				 "/home/x/shop/cart/cache.go", 55),
		.leaf = frame(w, "strings.(*Builder).grow", "strings/builder.go", 67),
		.caller = frame(w, "example.com/shop/api.(*Handler).Serve", "", 0),
		.creator = NO_FRAME,
		.own = NO_FRAME,
	};
}

static void heap_says_how_much_who_and_where(void **state)
{
	struct suspect s;
	struct world w;

	(void)state;
	begin(&w);
	s = heap_suspect(&w);
	expect_sentence(&w, &s,
			"+3.2G (82.9% of the heap growth) allocated by "
			"shop/cart.decodeItem (cart/cache.go:55) in "
			"strings.(*Builder).grow, called by shop/api.(*Handler).Serve");
	s.is_rate = true;
	s.per_minute = 140.0 * (double)MB;
	s.leaf = s.charged;
	s.caller = NO_FRAME;
	expect_sentence(&w, &s,
			"+3.2G (82.9% of the heap growth, 140M/min) allocated by "
			"shop/cart.decodeItem (cart/cache.go:55)");
	s.per_minute = -5e6; /* it is over */
	expect_sentence(&w, &s,
			"+3.2G (82.9% of the heap growth) allocated by "
			"shop/cart.decodeItem (cart/cache.go:55)");
	end(&w);
}

static void what_is_not_own_code_is_said(void **state)
{
	struct suspect s;
	struct world w;

	(void)state;
	begin(&w);
	s = heap_suspect(&w);
	s.owner = OWNER_DEPENDENCY;
	s.charged = s.leaf = frame(&w, "gopkg.in/yaml%2ev3.newBuffer", "", 0);
	s.caller = NO_FRAME;
	expect_sentence(&w, &s,
			"+3.2G (82.9% of the heap growth) allocated by "
			"gopkg.in/yaml.v3.newBuffer; no frame of the service's own code "
			"above it");
	s.own = frame(&w, "main.load", "main.go", 7);
	expect_sentence(&w, &s,
			"+3.2G (82.9% of the heap growth) allocated by "
			"gopkg.in/yaml.v3.newBuffer; no frame of the service's own code "
			"above it (main.load (main.go:7) calls into its module and grew "
			"with it)");
	end(&w);
}

static void goroutines_say_what_they_wait_for(void **state)
{
	struct suspect s;
	struct world w;

	(void)state;
	begin(&w);
	s = (struct suspect){
		.kind = SUSPECT_GOROUTINES,
		.base = 68,
		.now = 4080,
		.share = 1,
		.charged = frame(&w, "main.(*pool).login", "pool/login.go", 33),
		.leaf = frame(&w, "net.(*conn).Read", "", 0),
		.caller = NO_FRAME,
		.creator = frame(&w, "main.serve", "", 0),
		.own = NO_FRAME,
		.state = name(&w, "IO wait", 7),
		.wait_min = 1,
		.wait_max = 200000,
	};
	expect_sentence(
		&w, &s,
		"+4,012 goroutines (100.0% of the new ones, 68 -> 4,080) in state "
		"\"IO wait\" for at least 1 to 200,000 minutes in "
		"main.(*pool).login (pool/login.go:33), waiting in "
		"net.(*conn).Read, started by main.serve");
	s.wait_min = 0;
	s.wait_max = 1;
	expect_sentence(
		&w, &s,
		"+4,012 goroutines (100.0% of the new ones, 68 -> 4,080) in state "
		"\"IO wait\" (the longest for at least 1 minute) in "
		"main.(*pool).login (pool/login.go:33), waiting in "
		"net.(*conn).Read, started by main.serve");
	s.state = 0;
	s.wait_max = 0;
	s.leaked = 900;
	s.charged = s.creator;
	expect_sentence(&w, &s,
			"+4,012 goroutines (100.0% of the new ones, 68 -> 4,080) started "
			"by main.serve, waiting in net.(*conn).Read; the collector has "
			"proved that 900 of them never return");
	end(&w);
}

static void threads_and_sockets_have_sentences(void **state)
{
	struct suspect s = {.kind = SUSPECT_THREADS,
			    .base = 8,
			    .now = 1008,
			    .share = 1,
			    .owner = OWNER_RUNTIME,
			    .charged = NO_FRAME,
			    .leaf = NO_FRAME,
			    .caller = NO_FRAME,
			    .creator = NO_FRAME,
			    .own = NO_FRAME};
	struct world w;

	(void)state;
	begin(&w);
	expect_sentence(&w, &s,
			"+1,000 threads (8 -> 1,008); no goroutine is seen to hold one, "
			"and Go does not tell who started them");
	s.kind = SUSPECT_SOCKETS;
	s.without_keepalive = 1003;
	(void)text_copy(s.socket_state, sizeof(s.socket_state), "ESTABLISHED");
	(void)text_copy(s.peer, sizeof(s.peer), "10.0.0.9:22");
	expect_sentence(&w, &s,
			"+1,000 sockets (100.0% of the new ones, 8 -> 1,008) in state "
			"ESTABLISHED, 10.0.0.9:22, 1,003 of them without keepalive: a "
			"peer that is gone is never noticed");
	end(&w);
}

static void foreign_names_stay_on_their_line(void **state)
{
	static char longest[20000];
	static const char *const names[] = {
		"\x1b]0;x\x07", "a\nb", "\xe2\x80\xae", "\xff\xfe", "",          "/",
		"//",           "%2e",  "%2",           "[",        "a/b/c[d/e", longest,
	};

	(void)state;
	memset(longest, '/', sizeof(longest) - 1);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		AUTO_BUF struct buf text;
		struct suspect s;
		struct world w;

		begin(&w);
		buf_init(&text, 1 << 16);
		s = heap_suspect(&w);
		s.charged = s.leaf = s.caller = frame(&w, names[i], names[i], 1);
		s.kind = i % 2 ? SUSPECT_HEAP : SUSPECT_GOROUTINES;
		s.state = name(&w, names[i], strlen(names[i]));
		report_suspect_text(&w.report, &s, &text);
		assert_int_equal(buf_error(&text), 0);
		expect(text.len < 2000, "name %zu: %zu bytes", i, text.len);
		for (size_t j = 0; j < text.len; j++)
			expect(text.data[j] >= ' ' && text.data[j] <= '~', "%s",
			       text.data);
		end(&w);
	}
}

static void expect_text(struct world *w, size_t lines, const char *expected)
{
	AUTO_BUF struct buf text;

	buf_init(&text, 1 << 16);
	report_grew_text(&w->report, lines, &text);
	assert_string_equal(text.data, expected);
}

static void where_nobody_is_accused_it_is_said(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	w.report.grew.growth[SUSPECT_HEAP] = 3 * MB;
	w.report.grew.growth[SUSPECT_GOROUTINES] = 12;
	expect_text(&w, 5,
		    "Nobody is accused: the live heap grew by 3.0M and the goroutines by "
		    "12, too little to be the reason.\n");
	w.report.goroutines = NULL;
	expect_text(&w, 5,
		    "Nobody is accused: the live heap grew by 3.0M, too little to be the "
		    "reason.\n");
	w.report.account.label = LABEL_FREED_NOT_RETURNED;
	expect_text(&w, 5,
		    "Nobody is accused: what was allocated has been freed, and only the "
		    "memory has not been returned.\n");
	w.report.heap.stacks = NULL;
	w.report.account.label = LABEL_UNCLEAR;
	expect_text(&w, 5, "No profile could be read: nobody can be named.\n");
	end(&w);
}

static void many_are_cut_and_a_missing_base_is_told(void **state)
{
	struct world w;

	(void)state;
	begin(&w);
	w.report.grew.n = 3;
	for (size_t i = 0; i < 3; i++) {
		w.report.grew.list[i] = heap_suspect(&w);
		w.report.grew.list[i].leaf = w.report.grew.list[i].charged;
		w.report.grew.list[i].caller = NO_FRAME;
	}
	w.heap.read[SIDE_BASE] = false;
	expect_text(&w, 1,
		    "+3.2G (82.9% of the heap growth) allocated by shop/cart.decodeItem "
		    "(cart/cache.go:55)\n"
		    "... and 2 more\n"
		    "There is no heap of the base: growth is all that the heap holds "
		    "now.\n");
	end(&w);
}

static void the_memory_is_a_table_with_its_remainder(void **state)
{
	AUTO_BUF struct buf text;
	struct world w;
	struct memory_account *a = &w.report.account;

	(void)state;
	begin(&w);
	buf_init(&text, 1 << 16);
	*a = (struct memory_account){.of = ACCOUNT_CGROUP,
				     .total = 1000 * (uint64_t)MB,
				     .coverage = 0.9,
				     .gc_age_ms = 1500,
				     .label = LABEL_HEAP_GROWTH};
	(void)text_copy(a->why, sizeof(a->why), "because");
	a->part[PART_HEAP_LIVE] = 900 * MB;
	a->known[PART_HEAP_LIVE] = true;
	a->part[PART_REMAINDER] = 100 * MB;
	a->known[PART_REMAINDER] = true;
	for (size_t i = PART_HEAP_GARBAGE; i < PART_FILE; i++)
		a->known[i] = i != PART_NATIVE;
	w.report.heap.stacks = &w.heap;
	report_memory_text(&w.report, &text);
	assert_string_equal(
		text.data,
		"heap growth: because.\n"
		"Charged to the cgroup: 1000M\n"
		"  Go heap, live at the last collection           900M   90.0%\n"
		"  anonymous, not Go's (cgo, mmap, others)           ?\n"
		"  remainder                                      100M   10.0%\n"
		"The heap profile explains 90.0% of it. The last collection ended "
		"1s500ms "
		"before the capture.\n");
	end(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(heap_says_how_much_who_and_where),
		cmocka_unit_test(what_is_not_own_code_is_said),
		cmocka_unit_test(goroutines_say_what_they_wait_for),
		cmocka_unit_test(threads_and_sockets_have_sentences),
		cmocka_unit_test(foreign_names_stay_on_their_line),
		cmocka_unit_test(where_nobody_is_accused_it_is_said),
		cmocka_unit_test(many_are_cut_and_a_missing_base_is_told),
		cmocka_unit_test(the_memory_is_a_table_with_its_remainder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
