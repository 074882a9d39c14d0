#include "view/diff.h"

#include <jansson.h>
#include <string.h>

#include "unit.h"

struct fixture {
	struct symbols *symbols;
	struct stacks stacks;
	struct shares shares;
	struct diff diff;
};

static uint32_t name(struct symbols *symbols, const char *text)
{
	uint32_t number;

	assert_int_equal(
		symbols_name(symbols, (struct span){text, strlen(text)}, &number), 0);
	return number;
}

static void add(struct fixture *f, const char *leaf, const char *root, enum side side,
		int64_t value)
{
	uint32_t frames[2];

	assert_int_equal(symbols_frame(f->symbols,
				       &(struct frame){name(f->symbols, leaf), 0, 0},
				       &frames[0]),
			 0);
	assert_int_equal(symbols_frame(f->symbols,
				       &(struct frame){name(f->symbols, root), 0, 0},
				       &frames[1]),
			 0);
	assert_int_equal(stacks_add(&f->stacks, frames, 2, side, &value), 0);
}

static void begin(struct fixture *f, const char *metric, const char *unit)
{
	*f = (struct fixture){0};
	assert_int_equal(symbols_new(1 << 20, &f->symbols), 0);
	stacks_init(&f->stacks, f->symbols);
	f->stacks.types[0] =
		(struct stack_type){name(f->symbols, metric), name(f->symbols, unit)};
	f->stacks.n_types = 1;
	f->diff = (struct diff){.stacks = &f->stacks,
				.shares = &f->shares,
				.file = {"base.pb.gz", "now.pb.gz"}};
}

static void sum_up(struct fixture *f)
{
	assert_int_equal(stacks_shares(&f->stacks, 0, &f->shares), 0);
	f->diff.pprof_total = stacks_pprof_total(&f->stacks, 0);
}

static void a_service_that_grew(struct fixture *f)
{
	begin(f, "inuse_space", "bytes");
	add(f, "main.remember", "main.main", SIDE_BASE, 12 << 20);
	add(f, "main.remember", "main.main", SIDE_NOW, 500 << 20);
	add(f, "main.forget", "main.main", SIDE_BASE, 2 << 20);
	add(f, "main.same", "main.same", SIDE_BASE, 1 << 10);
	add(f, "main.same", "main.same", SIDE_NOW, 1 << 10);
	f->stacks.at_ns[SIDE_BASE] = 1700000000000000000;
	f->stacks.at_ns[SIDE_NOW] = 1700000600999000000;
	sum_up(f);
}

static void end(struct fixture *f)
{
	shares_fini(&f->shares);
	stacks_fini(&f->stacks);
	symbols_free(f->symbols);
}

static void expect_text(const struct fixture *f, const char *expected)
{
	AUTO_BUF struct buf text;

	buf_init(&text, 10000);
	diff_text(&f->diff, &text);
	assert_string_equal(text.data, expected);
}

static void growth_stands_beside_base_and_now(void **state)
{
	struct fixture f;

	(void)state;
	a_service_that_grew(&f);
	expect_text(
		&f,
		"base      14.0M inuse_space, 2023-11-14 22:13:20 UTC, base.pb.gz\n"
		"now        500M inuse_space, 2023-11-14 22:23:20 UTC, now.pb.gz\n"
		"grew      +486M in 10m\n"
		"\n"
		"      flat      base ->       now   share        cum   share  function\n"
		"     +488M     12.0M ->      500M   99.6%      +488M   99.6%  "
		"main.remember\n"
		"     -2.0M      2.0M ->         0   -0.4%      -2.0M   -0.4%  "
		"main.forget\n"
		"         0         0 ->         0    0.0%      +486M   99.2%  "
		"main.main\n");
	end(&f);
}

static void by_cum_the_callers_come_first(void **state)
{
	struct fixture f;

	(void)state;
	a_service_that_grew(&f);
	shares_by_cum(&f.shares, f.symbols);
	f.diff.by_cum = true;
	f.diff.top = 2;
	expect_text(
		&f,
		"base      14.0M inuse_space, 2023-11-14 22:13:20 UTC, base.pb.gz\n"
		"now        500M inuse_space, 2023-11-14 22:23:20 UTC, now.pb.gz\n"
		"grew      +486M in 10m\n"
		"\n"
		"       cum      base ->       now   share       flat   share  function\n"
		"     +488M     12.0M ->      500M   99.6%      +488M   99.6%  "
		"main.remember\n"
		"     +486M     14.0M ->      500M   99.2%          0    0.0%  "
		"main.main\n"
		"... and 1 functions more: --top 0 shows all\n");
	end(&f);
}

static void one_file_alone_is_what_is_in_it(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, "delay", "nanoseconds");
	f.diff.file[SIDE_BASE] = NULL;
	add(&f, "sync.(*Mutex).Lock", "main.main", SIDE_NOW, 1500000000);
	add(&f, "main.\033[2Jx", "main.main", SIDE_NOW, 2500);
	f.stacks.cut[SIDE_NOW] = 3;
	sum_up(&f);
	expect_text(&f, "     1.50s delay, now.pb.gz\n"
			"\n"
			"      flat   share        cum   share  function\n"
			"     1.50s  100.0%      1.50s  100.0%  sync.(*Mutex).Lock\n"
			"    2.50us    0.0%     2.50us    0.0%  main.\\x1b[2Jx\n"
			"         0    0.0%      1.50s  100.0%  main.main\n"
			"3 stacks were deeper than 1024 frames and lost their roots\n");
	end(&f);
}

static void two_that_are_equal_have_not_changed(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, "goroutine", "count");
	add(&f, "a", "b", SIDE_BASE, 7);
	add(&f, "a", "b", SIDE_NOW, 7);
	sum_up(&f);
	assert_int_equal(diff_moved(&f.diff), 0);
	assert_int_equal(diff_growth(&f.diff), 0);
	expect_text(
		&f,
		"base          7 goroutine, base.pb.gz\n"
		"now           7 goroutine, now.pb.gz\n"
		"grew          0\n"
		"\n"
		"      flat      base ->       now   share        cum   share  function\n"
		"nothing has changed\n");
	end(&f);
}

static void what_has_no_stack_is_told(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f, "threadcreate", "count");
	add(&f, "runtime.allocm", "runtime.main", SIDE_BASE, 1);
	add(&f, "runtime.allocm", "runtime.main", SIDE_NOW, 1);
	assert_int_equal(stacks_add(&f.stacks, NULL, 0, SIDE_BASE, &(int64_t){5}), 0);
	assert_int_equal(stacks_add(&f.stacks, NULL, 0, SIDE_NOW, &(int64_t){84}), 0);
	f.stacks.read[SIDE_BASE] = f.stacks.read[SIDE_NOW] = true;
	sum_up(&f);
	expect_text(
		&f,
		"base          6 threadcreate, base.pb.gz\n"
		"now          85 threadcreate, now.pb.gz\n"
		"grew        +79\n"
		"bare        +79 of it without a stack: the profile does not say whose\n"
		"\n"
		"      flat      base ->       now   share        cum   share  function\n"
		"no function has changed\n");
	end(&f);
}

static int64_t integer(const json_t *object, const char *outer, const char *inner)
{
	return json_integer_value(json_object_get(json_object_get(object, outer), inner));
}

static void json_holds_the_same_to_the_byte(void **state)
{
	AUTO_BUF struct buf text;
	const json_t *list, *first;
	struct fixture f;
	json_t *root;

	(void)state;
	a_service_that_grew(&f);
	f.diff.top = 1;
	buf_init(&text, 10000);
	assert_int_equal(diff_json(&f.diff, &text), 0);
	root = json_loads(text.data, 0, NULL);
	assert_non_null(root);
	assert_string_equal(json_string_value(json_object_get(root, "schema")),
			    "leakdog.diff/1");
	assert_string_equal(json_string_value(json_object_get(root, "metric")),
			    "inuse_space");
	assert_int_equal(integer(root, "base", "total"), (14 << 20) + 1024);
	assert_int_equal(integer(root, "now", "total"), (500 << 20) + 1024);
	assert_int_equal(json_integer_value(json_object_get(root, "growth")), 486 << 20);
	assert_int_equal(json_integer_value(json_object_get(root, "pprof_total")),
			 490 << 20);
	assert_int_equal(json_integer_value(json_object_get(root, "more")), 2);
	list = json_object_get(root, "functions");
	assert_int_equal(json_array_size(list), 1);
	first = json_array_get(list, 0);
	assert_string_equal(json_string_value(json_object_get(first, "function")),
			    "main.remember");
	assert_int_equal(integer(first, "flat", "base"), 12 << 20);
	assert_int_equal(integer(first, "cum", "now"), 500 << 20);
	json_decref(root);
	end(&f);
}

static void hostile_names_stay_inert_in_json(void **state)
{
	static const char *const names[] = {"\"},{\"", "</script>",    "\xff\xfe",
					    "a\nb",    "\xe2\x80\xae", "\\u0000"};
	static char huge[10240];
	AUTO_BUF struct buf text;
	struct fixture f;
	json_t *root;

	(void)state;
	memset(huge, 'A', sizeof(huge) - 1);
	begin(&f, "in\"use", "by\xfftes");
	f.diff.file[SIDE_NOW] = "now\n.pb.gz";
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		add(&f, names[i], huge, SIDE_NOW, (int64_t)i + 1);
	sum_up(&f);
	buf_init(&text, 100000);
	assert_int_equal(diff_json(&f.diff, &text), 0);
	root = json_loads(text.data, 0, NULL);
	assert_non_null(root);
	assert_int_equal(json_array_size(json_object_get(root, "functions")), 7);
	json_decref(root);
	buf_clear(&text);
	diff_text(&f.diff, &text);
	assert_null(strstr(text.data, "\n.pb"));
	assert_null(strchr(text.data, '\xff'));
	assert_null(strstr(text.data, "\xe2\x80\xae"));
	assert_true(text.len < 4000);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(growth_stands_beside_base_and_now),
		cmocka_unit_test(by_cum_the_callers_come_first),
		cmocka_unit_test(one_file_alone_is_what_is_in_it),
		cmocka_unit_test(two_that_are_equal_have_not_changed),
		cmocka_unit_test(what_has_no_stack_is_told),
		cmocka_unit_test(json_holds_the_same_to_the_byte),
		cmocka_unit_test(hostile_names_stay_inert_in_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
