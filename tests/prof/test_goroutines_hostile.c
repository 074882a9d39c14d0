/* Goroutine texts that nobody's Go wrote. */
#include "goroutines_case.h"

#include <errno.h>

static void hostile_lines_are_only_data(void **state)
{
	static const char *const rows[] = {
		"goroutine 5 [select]:\n(\n\t:1\n\n",
		"goroutine 5 [select]:\n)\n\t:\n\n",
		"goroutine 5 [select]:\n()\n\t::::9\n\n",
		"goroutine 5 [select]:\ncreated by \n\t\n\n",
		"goroutine 5 [select]:\ncreated by  in goroutine \n\t/m.go:1\n",
		"goroutine 5 [, , ,]:\n \n\t \n",
		"goroutine 5 [ minutes, 99999999999999999999 minutes]:\nx\n\t:\n",
		"goroutine 5 [select]:\n\x1b[31m</script>(\n\t\x80\xff:4\n",
		"goroutine 5 [select]:\nmain.f()\n\t/m.go:99999999999999999999\n",
		"goroutine 5 [x]y]:\nmain.f()\n\t/m.go:1\n",
		"...\n....goroutine 5 [x]:\n...\n",
		"goroutine profile: total 18446744073709551615\n"
		"18446744073709551615 @ 0x1\n#\t0x1\t+0x1\t:\n\n"
		"18446744073709551615 @ \n#\t0x1\t\t\t\n\n",
		"goroutine profile: total 1\n#\t0x1\tmain.f+0x1\t/m.go:1\n1 @ 0x1\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_CASE struct goroutines_case c;

		case_init(&c);
		expect(case_read(&c, rows[i], SIDE_NOW) == 0, "%zu: %s", i, c.why);
		expect(case_read(&c, rows[i], SIDE_BASE) == 0, "%zu: %s", i, c.why);
		assert_int_equal(goroutines_finish(&c.got), 0);
	}
}

static void lines_and_stacks_without_end_are_bounded(void **state)
{
	AUTO_CASE struct goroutines_case c;
	AUTO_BUF struct buf text;

	(void)state;
	case_init(&c);
	buf_init(&text, 8 << 20);
	buf_adds(&text, "goroutine 5 [select]:\n");
	for (int i = 0; i < 2000; i++)
		buf_addf(&text, "main.f%d()\n\t/m.go:%d\n", i, i);
	buf_adds(&text, "\ngoroutine 6 [select]:\nmain.f()\n\t/m.go:1\nmain.");
	for (int i = 0; i < 100000; i++)
		buf_addc(&text, 'x');
	buf_adds(&text, "()\n\t/m.go:1\n");
	assert_int_equal(buf_error(&text), 0);
	assert_int_equal(case_read(&c, text.data, SIDE_NOW), 0);
	assert_int_equal(c.got.n, 2);
	assert_int_equal(c.got.list[0].depth, STACK_DEPTH_MAX);
	assert_int_equal(c.got.list[1].depth, 1);
}

static void too_many_groups_are_counted_and_left_out(void **state)
{
	AUTO_CASE struct goroutines_case c;
	struct goroutine_reader *reader;
	char text[128];

	(void)state;
	skip_under_valgrind(state, "100,000 groups take long there");
	case_init(&c);
	assert_int_equal(goroutine_reader_new(&c.got, SIDE_NOW, &reader), 0);
	for (int i = 0; i < 100010; i++) {
		(void)snprintf(text, sizeof(text), "goroutine 5 [x]:\nf()\n\t/m.go:%d\n",
			       i);
		assert_int_equal(goroutine_reader_add(reader, text_of(text)), 0);
	}
	assert_int_equal(goroutine_reader_end(reader, c.why), 0);
	goroutine_reader_free(reader);
	assert_int_equal(c.got.n, 100000);
	assert_int_equal(c.got.total[SIDE_NOW], 100010);
	assert_int_equal(c.got.left_out[SIDE_NOW], 10);
}

static void too_many_names_are_an_error(void **state)
{
	static const char text[] = "goroutine 5 [select]:\nmain.f(0x1)\n\t/m.go:3\n";
	struct symbols *symbols;
	AUTO_GOROUTINES struct goroutines got;
	char why[GOROUTINES_WHY_MAX];

	(void)state;
	assert_int_equal(symbols_new(64, &symbols), 0);
	goroutines_init(&got, symbols);
	assert_int_equal(goroutines_text(text_of(text), 4096, SIDE_NOW, &got, why),
			 -EFBIG);
	assert_non_null(strstr(why, "too many names"));
	symbols_free(symbols);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hostile_lines_are_only_data),
		cmocka_unit_test(lines_and_stacks_without_end_are_bounded),
		cmocka_unit_test(too_many_groups_are_counted_and_left_out),
		cmocka_unit_test(too_many_names_are_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
