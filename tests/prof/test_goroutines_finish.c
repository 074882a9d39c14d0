/* Base against now, of the same and of different kinds. */
#include "goroutines_case.h"

#define F "main.f(0x1)\n\t/m.go:3 +0x1\n"
#define G "main.g(0x1)\n\t/m.go:4 +0x1\n"
#define BY "created by main.run\n\t/m.go:7 +0x9\n\n"

/* n goroutines with this state and these lines. */
static void add(struct buf *to, int n, const char *state, const char *lines)
{
	for (int i = 0; i < n; i++)
		buf_addf(to, "goroutine %d [%s]:\n%s" BY, i + 1, state, lines);
}

static void read_text(struct goroutines_case *c, const struct buf *text, enum side side)
{
	int r = case_read(c, text->data, side);

	expect(r == 0, "%s", c->why);
}

static uint32_t frame_of(struct goroutines_case *c, const char *function,
			 const char *file, uint32_t line)
{
	struct frame frame = {.line = line};
	uint32_t number;

	assert_int_equal(symbols_name(c->symbols, text_of(function), &frame.function), 0);
	assert_int_equal(symbols_name(c->symbols, text_of(file), &frame.file), 0);
	assert_int_equal(symbols_frame(c->symbols, &frame, &number), 0);
	return number;
}

/* One stack of a binary profile: main.f or main.g as it is seen from outside. */
static void add_binary(struct goroutines_case *c, struct stacks *stacks,
		       const char *function, uint32_t line, int64_t count, enum side side)
{
	uint32_t frames[] = {frame_of(c, "runtime.gopark", "/r/proc.go", 363),
			     frame_of(c, "runtime.chanrecv1", "/r/chan.go", 442),
			     frame_of(c, function, "/m.go", line),
			     frame_of(c, "runtime.main", "/r/proc.go", 250)};

	assert_int_equal(stacks_add(stacks, frames, ARRAY_SIZE(frames), side, &count), 0);
}

static void binary_init(struct goroutines_case *c, struct stacks *stacks)
{
	stacks_init(stacks, c->symbols);
	stacks->n_types = 1;
}

static void texts_are_matched_by_state_stack_and_creator(void **state)
{
	AUTO_CASE struct goroutines_case c;
	AUTO_BUF struct buf base, now;

	(void)state;
	case_init(&c);
	buf_init(&base, 1 << 20);
	buf_init(&now, 1 << 20);
	add(&base, 3, "select", F);
	add(&base, 9, "IO wait", G);
	add(&now, 50, "select", F);
	add(&now, 2, "IO wait", G);
	add(&now, 7, "IO wait", F);
	read_text(&c, &base, SIDE_BASE);
	read_text(&c, &now, SIDE_NOW);
	assert_int_equal(goroutines_finish(&c.got), 0);
	assert_int_equal(c.got.n, 3);
	assert_int_equal(c.got.list[0].count[SIDE_BASE], 3); /* grew most */
	assert_int_equal(c.got.list[0].count[SIDE_NOW], 50);
	assert_int_equal(c.got.list[1].count[SIDE_BASE], 0);
	assert_int_equal(c.got.list[1].count[SIDE_NOW], 7);
	assert_int_equal(c.got.list[2].count[SIDE_BASE], 9); /* shrank: last */
	assert_int_equal(c.got.list[2].count[SIDE_NOW], 2);
	assert_int_equal(c.got.total[SIDE_BASE], 12);
	assert_int_equal(c.got.total[SIDE_NOW], 59);
}

static void a_binary_base_is_charged_to_the_largest_state(void **state)
{
	AUTO_CASE struct goroutines_case c;
	AUTO_STACKS struct stacks stacks;
	AUTO_BUF struct buf now;

	(void)state;
	case_init(&c);
	binary_init(&c, &stacks);
	buf_init(&now, 1 << 20);
	add_binary(&c, &stacks, "main.f", 3, 55, SIDE_BASE);
	add_binary(&c, &stacks, "main.g", 4, 5, SIDE_BASE);
	add_binary(&c, &stacks, "main.gone", 9, 6, SIDE_BASE);
	add(&now, 10, "IO wait", F);
	add(&now, 50, "select", F);
	add(&now, 2, "select", G);
	assert_int_equal(goroutines_binary(&stacks, SIDE_BASE, &c.got), 0);
	read_text(&c, &now, SIDE_NOW);
	assert_int_equal(goroutines_finish(&c.got), 0);
	assert_int_equal(c.got.n, 4);
	assert_true(named(&c, c.got.list[0].state, "IO wait"));
	assert_int_equal(c.got.list[0].count[SIDE_BASE], 5);
	assert_int_equal(c.got.list[0].count[SIDE_NOW], 10);
	assert_true(named(&c, c.got.list[1].state, "select"));
	assert_int_equal(c.got.list[1].count[SIDE_BASE], 50);
	assert_int_equal(c.got.list[2].count[SIDE_BASE], 5); /* main.g shrank by 3 */
	assert_int_equal(c.got.list[2].count[SIDE_NOW], 2);
	assert_int_equal(c.got.list[3].state, 0); /* main.gone */
	assert_int_equal(c.got.list[3].count[SIDE_BASE], 6);
	assert_int_equal(c.got.total[SIDE_BASE], 66);
}

static void states_of_base_are_added_up_for_a_binary_now(void **state)
{
	AUTO_CASE struct goroutines_case c;
	AUTO_STACKS struct stacks stacks;
	AUTO_BUF struct buf base;

	(void)state;
	case_init(&c);
	binary_init(&c, &stacks);
	buf_init(&base, 1 << 20);
	add(&base, 10, "IO wait", F);
	add(&base, 20, "select", F);
	add(&base, 4, "select", G);
	add_binary(&c, &stacks, "main.f", 3, 900, SIDE_NOW);
	read_text(&c, &base, SIDE_BASE);
	assert_int_equal(goroutines_binary(&stacks, SIDE_NOW, &c.got), 0);
	assert_int_equal(goroutines_finish(&c.got), 0);
	assert_int_equal(c.got.n, 2);
	assert_int_equal(c.got.list[0].count[SIDE_BASE], 30);
	assert_int_equal(c.got.list[0].count[SIDE_NOW], 900);
	expect_stack(&c, &c.got.list[0], "main.f /m.go:3");
	assert_int_equal(c.got.list[1].count[SIDE_BASE], 4);
	assert_int_equal(c.got.list[1].count[SIDE_NOW], 0);
}

/* A binary profile ends after 32 frames (128 since Go 1.23), a text after 100. */
static void deep_stacks_match_by_what_both_have(void **state)
{
	AUTO_CASE struct goroutines_case c;
	AUTO_STACKS struct stacks stacks;
	AUTO_BUF struct buf now;
	uint32_t frames[32];
	int64_t count = 7;

	(void)state;
	case_init(&c);
	binary_init(&c, &stacks);
	buf_init(&now, 1 << 20);
	frames[0] = frame_of(&c, "runtime.gopark", "/r/proc.go", 363);
	buf_adds(&now, "goroutine 1 [select]:\n");
	for (uint32_t i = 0; i < 100; i++) {
		buf_addf(&now, "main.deep()\n\t/m.go:%u +0x1\n", i + 1);
		if (i < 31)
			frames[i + 1] = frame_of(&c, "main.deep", "/m.go", i + 1);
	}
	assert_int_equal(stacks_add(&stacks, frames, 32, SIDE_BASE, &count), 0);
	assert_int_equal(goroutines_binary(&stacks, SIDE_BASE, &c.got), 0);
	read_text(&c, &now, SIDE_NOW);
	assert_int_equal(goroutines_finish(&c.got), 0);
	assert_int_equal(only(&c)->count[SIDE_BASE], 7);
	assert_int_equal(only(&c)->count[SIDE_NOW], 1);
	assert_int_equal(only(&c)->depth, 100);
}

static void names_of_a_binary_profile_are_those_of_a_text(void **state)
{
	static const struct {
		const char *binary, *plain;
	} rows[] = {
		{"main.(*pool[go.shape.int_0]).work", "main.(*pool[...]).work"},
		{"main.F[go.shape.[]uint8]", "main.F[...]"},
		{"runtime.gopanic", "panic"},
		{"[libc.so.6]+0x1f2e4", "[libc.so.6]+0x1f2e4"},
		{"main.f]x[", "main.f]x["},
		{"main.f", "main.f"},
		{"", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_CASE struct goroutines_case c;
		AUTO_STACKS struct stacks stacks;
		AUTO_BUF struct buf want;

		case_init(&c);
		binary_init(&c, &stacks);
		buf_init(&want, 4096);
		add_binary(&c, &stacks, rows[i].binary, 3, 1, SIDE_NOW);
		assert_int_equal(goroutines_binary(&stacks, SIDE_NOW, &c.got), 0);
		buf_addf(&want, "%s /m.go:3", rows[i].plain);
		/* runtime.gopanic is a frame that a text shows by another name */
		expect_stack(&c, only(&c), want.data);
	}
}

static void only_the_runtime_is_better_than_nothing(void **state)
{
	AUTO_CASE struct goroutines_case c;
	AUTO_STACKS struct stacks stacks;
	uint32_t frames[2];
	int64_t count = 1;

	(void)state;
	case_init(&c);
	binary_init(&c, &stacks);
	frames[0] = frame_of(&c, "runtime.gopark", "/r/proc.go", 363);
	frames[1] = frame_of(&c, "runtime.bgsweep", "/r/mgc.go", 1);
	assert_int_equal(stacks_add(&stacks, frames, 2, SIDE_NOW, &count), 0);
	assert_int_equal(goroutines_binary(&stacks, SIDE_NOW, &c.got), 0);
	assert_int_equal(goroutines_finish(&c.got), 0);
	expect_stack(&c, only(&c),
		     "runtime.gopark /r/proc.go:363 runtime.bgsweep "
		     "/r/mgc.go:1");
}

static void nothing_is_finished_as_nothing(void **state)
{
	AUTO_CASE struct goroutines_case c;

	(void)state;
	case_init(&c);
	assert_int_equal(goroutines_finish(&c.got), 0);
	assert_int_equal(c.got.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_are_matched_by_state_stack_and_creator),
		cmocka_unit_test(a_binary_base_is_charged_to_the_largest_state),
		cmocka_unit_test(states_of_base_are_added_up_for_a_binary_now),
		cmocka_unit_test(deep_stacks_match_by_what_both_have),
		cmocka_unit_test(names_of_a_binary_profile_are_those_of_a_text),
		cmocka_unit_test(only_the_runtime_is_better_than_nothing),
		cmocka_unit_test(nothing_is_finished_as_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
