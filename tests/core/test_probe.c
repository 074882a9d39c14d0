#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "core/probe.h"

static struct span span_of(const char *text)
{
	return (struct span){text, strlen(text)};
}

static void answer_survives_the_way(void **state)
{
	static const struct probe_answer answers[] = {
		{.key = "7f3a0000-12-345",
		 .kind = PROBE_COUNTS,
		 .goroutines = 4000,
		 .threads = 9},
		{.key = "k", .kind = PROBE_FOREIGN, .why = "a page\nof\x1b[2J somebody"},
		{.key = "k", .kind = PROBE_FAILED, .why = "connection refused"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		struct probe_answer back = {0};
		struct buf text;

		buf_init(&text, 4096);
		probe_answer_format(&answers[i], &text);
		assert_int_equal(probe_answer_parse(span_of(text.data), &back), 0);
		assert_memory_equal(&back, &answers[i], sizeof(back));
		buf_fini(&text);
	}
}

static void what_is_no_answer_is_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"\n",
		"goroutines=4\n\n",
		"key=k\nkind=elephants\n\n",
		"key=k\ngoroutines=-4\n\n",
		"key=k\ngoroutines=99999999999999999999\n\n",
		"no equals sign\n\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct probe_answer answer = {.key = "untouched"};

		assert_int_equal(probe_answer_parse(span_of(texts[i]), &answer),
				 -EBADMSG);
		assert_string_equal(answer.key, "untouched");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answer_survives_the_way),
		cmocka_unit_test(what_is_no_answer_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
