#include "lib/buf.h"

#include <errno.h>
#include <string.h>

#include "unit.h"

static void buf_starts_as_an_empty_text(void **state)
{
	AUTO_BUF struct buf b;

	(void)state;
	buf_init(&b, 10);
	assert_string_equal(b.data, "");
	assert_int_equal(buf_error(&b), 0);
}

static void buf_holds_exactly_its_cap(void **state)
{
	AUTO_BUF struct buf b;

	(void)state;
	buf_init(&b, 5);
	buf_adds(&b, "1234");
	buf_addc(&b, '5');
	assert_int_equal(buf_error(&b), 0);
	assert_string_equal(b.data, "12345");
	buf_addc(&b, '6');
	assert_int_equal(buf_error(&b), -EFBIG);
	assert_string_equal(b.data, "12345");
}

static void buf_leaves_out_whole_what_does_not_fit_and_all_after_it(void **state)
{
	AUTO_BUF struct buf b;

	(void)state;
	buf_init(&b, 5);
	buf_adds(&b, "ab");
	buf_addf(&b, "%s", "cdef");
	buf_addc(&b, 'x');
	assert_int_equal(buf_error(&b), -EFBIG);
	assert_string_equal(b.data, "ab");
	assert_null(buf_take(&b));
	buf_clear(&b);
	buf_addc(&b, 'x');
	assert_int_equal(buf_error(&b), 0);
	assert_string_equal(b.data, "x");
}

static void buf_with_no_room_takes_only_nothing(void **state)
{
	AUTO_BUF struct buf b;

	(void)state;
	buf_init(&b, 0);
	buf_adds(&b, "");
	buf_addf(&b, "%s", "");
	assert_int_equal(buf_error(&b), 0);
	buf_addc(&b, 'x');
	assert_int_equal(buf_error(&b), -EFBIG);
	assert_string_equal(b.data, "");
}

static void buf_refuses_a_length_that_would_wrap(void **state)
{
	AUTO_BUF struct buf b;

	(void)state;
	buf_init(&b, 100);
	buf_addc(&b, 'x');
	buf_add(&b, "y", SIZE_MAX);
	assert_int_equal(buf_error(&b), -EFBIG);
	assert_int_equal(b.len, 1);
}

static void buf_without_a_cap_grows(void **state)
{
	AUTO_BUF struct buf b;

	(void)state;
	buf_init(&b, SIZE_MAX);
	for (int i = 0; i < 100000; i++)
		buf_addf(&b, "%d,", i % 10);
	assert_int_equal(buf_error(&b), 0);
	assert_int_equal(b.len, 200000);
	assert_int_equal(strlen(b.data), 200000);
	assert_string_equal(b.data + 199990, "5,6,7,8,9,");
}

static void buf_reports_that_memory_is_out(void **state)
{
	AUTO_BUF struct buf b;

	(void)state;
	buf_init(&b, SIZE_MAX);
	buf_addc(&b, 'x');
	buf_add(&b, "y", SIZE_MAX / 4); /* no machine has it: nothing is read */
	assert_int_equal(buf_error(&b), -ENOMEM);
	assert_string_equal(b.data, "x");
}

static void buf_keeps_bytes_behind_a_nul(void **state)
{
	AUTO_BUF struct buf b;

	(void)state;
	buf_init(&b, 10);
	buf_add(&b, "a\0b", 3);
	assert_int_equal(b.len, 3);
	assert_memory_equal(b.data, "a\0b", 4);
}

static void buf_gives_its_text_away(void **state)
{
	AUTO_BUF struct buf b;
	AUTO_FREE char *text = NULL, *empty = NULL;

	(void)state;
	buf_init(&b, 10);
	buf_adds(&b, "mine");
	text = buf_take(&b);
	assert_string_equal(text, "mine");
	assert_string_equal(b.data, "");
	empty = buf_take(&b);
	assert_string_equal(empty, "");
	buf_adds(&b, "0123456789");
	assert_int_equal(buf_error(&b), 0);
}

static void buf_finishes_when_zeroed_or_twice(void **state)
{
	struct buf b = {0};

	(void)state;
	buf_fini(&b);
	buf_init(&b, 10);
	buf_addc(&b, 'x');
	buf_fini(&b);
	buf_fini(&b);
	assert_string_equal(b.data, "");
}

static void buf_drops_from_the_front(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 16);
	buf_drop(&b, 3); /* of an empty one: nothing */
	buf_adds(&b, "one two");
	buf_drop(&b, 4);
	assert_string_equal(b.data, "two");
	assert_int_equal(b.len, 3);
	buf_drop(&b, 99);
	assert_string_equal(b.data, "");
	assert_int_equal(b.len, 0);
	buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(buf_starts_as_an_empty_text),
		cmocka_unit_test(buf_holds_exactly_its_cap),
		cmocka_unit_test(buf_leaves_out_whole_what_does_not_fit_and_all_after_it),
		cmocka_unit_test(buf_with_no_room_takes_only_nothing),
		cmocka_unit_test(buf_refuses_a_length_that_would_wrap),
		cmocka_unit_test(buf_without_a_cap_grows),
		cmocka_unit_test(buf_reports_that_memory_is_out),
		cmocka_unit_test(buf_keeps_bytes_behind_a_nul),
		cmocka_unit_test(buf_gives_its_text_away),
		cmocka_unit_test(buf_finishes_when_zeroed_or_twice),
		cmocka_unit_test(buf_drops_from_the_front),
	};

	return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
