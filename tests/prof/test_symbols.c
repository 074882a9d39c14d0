#include "prof/symbols.h"

#include <errno.h>
#include <string.h>

#include "unit.h"

static uint32_t name(struct symbols *symbols, const char *text)
{
	uint32_t number;

	assert_int_equal(
		symbols_name(symbols, (struct span){text, strlen(text)}, &number), 0);
	return number;
}

static void the_same_bytes_are_the_same_number(void **state)
{
	struct symbols *symbols;
	uint32_t a, b;

	(void)state;
	assert_int_equal(symbols_new(1 << 20, &symbols), 0);
	assert_int_equal(name(symbols, ""), 0);
	a = name(symbols, "main.rememberReply");
	b = name(symbols, "main.rememberRepl");
	assert_int_not_equal(a, b);
	assert_int_equal(name(symbols, "main.rememberReply"), a);
	assert_int_equal(symbols_names(symbols), 3);
	assert_true(span_is(symbols_text(symbols, b), "main.rememberRepl"));
	assert_true(span_is(symbols_text(symbols, 0), ""));
	symbols_free(symbols);
}

static void a_name_may_hold_any_byte(void **state)
{
	static const char bytes[] = "a\0b\n\xff";
	struct symbols *symbols;
	uint32_t whole, half;

	(void)state;
	assert_int_equal(symbols_new(1 << 20, &symbols), 0);
	assert_int_equal(symbols_name(symbols, (struct span){bytes, 5}, &whole), 0);
	assert_int_equal(symbols_name(symbols, (struct span){bytes, 1}, &half), 0);
	assert_int_not_equal(whole, half);
	assert_int_equal(symbols_text(symbols, whole).len, 5);
	assert_memory_equal(symbols_text(symbols, whole).at, bytes, 5);
	symbols_free(symbols);
}

static void frames_differ_by_function_file_and_line(void **state)
{
	static const struct frame frames[] = {{1, 2, 3}, {2, 2, 3}, {1, 3, 3}, {1, 2, 4}};
	struct symbols *symbols;
	uint32_t number;

	(void)state;
	assert_int_equal(symbols_new(1 << 20, &symbols), 0);
	for (uint32_t i = 0; i < 2 * ARRAY_SIZE(frames); i++) {
		const struct frame *frame = &frames[i % ARRAY_SIZE(frames)];

		assert_int_equal(symbols_frame(symbols, frame, &number), 0);
		assert_int_equal(number, i % ARRAY_SIZE(frames));
		assert_memory_equal(symbols_at(symbols, number), frame, sizeof(*frame));
	}
	assert_int_equal(symbols_frames(symbols), ARRAY_SIZE(frames));
	symbols_free(symbols);
}

static void a_hundred_thousand_names_keep_their_numbers(void **state)
{
	struct symbols *symbols;
	char text[32];

	(void)state;
	assert_int_equal(symbols_new(64 << 20, &symbols), 0);
	for (uint32_t round = 0; round < 2; round++) {
		for (uint32_t i = 0; i < 100000; i++) {
			(void)snprintf(text, sizeof(text), "main.f%u", i);
			expect(name(symbols, text) == i + 1, "name %u", i);
		}
	}
	symbols_free(symbols);
}

static void what_is_over_the_cap_is_refused_and_changes_nothing(void **state)
{
	static const char big[2048] = "x";
	struct symbols *symbols;
	struct frame frame = {0};
	uint32_t number = 77, names, frames;

	(void)state;
	assert_int_equal(symbols_new(1024, &symbols), 0);
	names = symbols_names(symbols);
	assert_int_equal(symbols_name(symbols, (struct span){big, sizeof(big)}, &number),
			 -EFBIG);
	assert_int_equal(symbols_names(symbols), names);
	while (symbols_frame(symbols, &frame, &number) == 0)
		frame.line++;
	frames = symbols_frames(symbols);
	assert_in_range(frames, 1, 1024 / sizeof(frame));
	assert_int_equal(symbols_frame(symbols, &frame, &number), -EFBIG);
	assert_int_equal(symbols_frames(symbols), frames);
	frame.line = 0;
	assert_int_equal(symbols_frame(symbols, &frame, &number), 0); /* known already */
	assert_int_equal(number, 0);
	symbols_free(symbols);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_bytes_are_the_same_number),
		cmocka_unit_test(a_name_may_hold_any_byte),
		cmocka_unit_test(frames_differ_by_function_file_and_line),
		cmocka_unit_test(a_hundred_thousand_names_keep_their_numbers),
		cmocka_unit_test(what_is_over_the_cap_is_refused_and_changes_nothing),
	};

	symbols_free(NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
