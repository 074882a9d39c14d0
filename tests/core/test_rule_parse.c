#include "core/rule.h"

#include <errno.h>
#include <string.h>

#include "unit.h"

#define K UINT64_C(1024)
#define M (K * K)
#define G (K * M)
#define MINUTE UINT64_C(60000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

static void rule_reads_what_people_write(void **state)
{
	static const struct {
		const char *text, *folded; /* folded NULL: the same */
		const char *slug;
		enum rule_kind kind;
		enum signal signal;
		enum value_kind value_kind;
		uint64_t value, window_ms, for_ms;
	} rows[] = {
		{"memory > 5G", NULL, "memory-5G", RULE_ABOVE, SIGNAL_MEMORY, 0, 5 * G, 0,
		 0},
		{"memory > 92% for 10s", NULL, "memory-92-for-10s", RULE_ABOVE,
		 SIGNAL_MEMORY, VALUE_PERCENT, 92000, 0, 10000},
		{"memory grows 500M in 1m", NULL, "memory-grows-500M-in-1m", RULE_GROWS,
		 SIGNAL_MEMORY, 0, 500 * M, MINUTE, 0},
		{"goroutines > 5x base", NULL, "goroutines-5x-base", RULE_ABOVE,
		 SIGNAL_GOROUTINES, VALUE_BASE, 5000, 0, 0},
		{"time to limit < 2m", NULL, "time-to-limit-2m", RULE_TIME_TO_LIMIT,
		 SIGNAL_MEMORY, 0, 2 * MINUTE, MINUTE / 2, 0},
		{"time to limit < 1s for 1d", NULL, "time-to-limit-1s-for-1d",
		 RULE_TIME_TO_LIMIT, SIGNAL_MEMORY, 0, 1000, 10000, DAY},
		{"threads > 500", NULL, "threads-500", RULE_ABOVE, SIGNAL_THREADS, 0, 500,
		 0, 0},
		{"\t memory>5G  for\t250ms ", "memory > 5G for 250ms",
		 "memory-5G-for-250ms", RULE_ABOVE, SIGNAL_MEMORY, 0, 5 * G, 0, 250},
		{"memory < 1.5G", NULL, "memory-1.5G", RULE_BELOW, SIGNAL_MEMORY, 0,
		 3 * G / 2, 0, 0},
		{"rss > 92.5%", NULL, "rss-92.5", RULE_ABOVE, SIGNAL_RSS, VALUE_PERCENT,
		 92500, 0, 0},
		{"anon > 4GB", NULL, "anon-4GB", RULE_ABOVE, SIGNAL_ANON, 0, 4000000000,
		 0, 0},
		{"usage > 5368709120", NULL, "usage-5368709120", RULE_ABOVE, SIGNAL_USAGE,
		 0, 5 * G, 0, 0},
		{"fds > 80%", NULL, "fds-80", RULE_ABOVE, SIGNAL_FDS, VALUE_PERCENT,
		 80000, 0, 0},
		{"tasks < 50%", NULL, "tasks-50", RULE_BELOW, SIGNAL_TASKS, VALUE_PERCENT,
		 50000, 0, 0},
		{"sockets grows 100 in 7d", NULL, "sockets-grows-100-in-7d", RULE_GROWS,
		 SIGNAL_SOCKETS, 0, 100, 7 * DAY, 0},
		{"goroutines grows 2x base in 20s for 1m", NULL,
		 "goroutines-grows-2x-base-in-20s-for-1m", RULE_GROWS, SIGNAL_GOROUTINES,
		 VALUE_BASE, 2000, 20000, MINUTE},
		{"memory grows 10% in 2s", NULL, "memory-grows-10-in-2s", RULE_GROWS,
		 SIGNAL_MEMORY, VALUE_PERCENT, 10000, 2000, 0},
		{"memory < 0.5x base", NULL, "memory-0.5x-base", RULE_BELOW,
		 SIGNAL_MEMORY, VALUE_BASE, 500, 0, 0},
		{"pressure > 12.5", NULL, "pressure-12.5", RULE_ABOVE, SIGNAL_PRESSURE, 0,
		 1250, 0, 0},
		{"memory > 1M", NULL, "memory-1M", RULE_ABOVE, SIGNAL_MEMORY, 0, M, 0, 0},
		{"goroutines > 1000x base", NULL, "goroutines-1000x-base", RULE_ABOVE,
		 SIGNAL_GOROUTINES, VALUE_BASE, 1000000, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *text = rows[i].folded ? rows[i].folded : rows[i].text;
		struct rule_fault fault = {0};
		struct rule rule;
		int r = rule_parse(rows[i].text, &rule, &fault);

		expect(r == 0, "'%s': column %u, %s", rows[i].text, fault.column,
		       fault.message);
		expect(strcmp(rule.text, text) == 0 &&
			       strcmp(rule.slug, rows[i].slug) == 0,
		       "'%s': text '%s', slug '%s'", rows[i].text, rule.text, rule.slug);
		expect(rule.kind == rows[i].kind && rule.signal == rows[i].signal &&
			       rule.value_kind == rows[i].value_kind &&
			       rule.value == rows[i].value,
		       "'%s': %d %d %d %llu", text, rule.kind, (int)rule.signal,
		       rule.value_kind, (unsigned long long)rule.value);
		expect(rule.window_ms == rows[i].window_ms &&
			       rule.for_ms == rows[i].for_ms && rule.cooldown_ms == 0,
		       "'%s': %llu %llu", text, (unsigned long long)rule.window_ms,
		       (unsigned long long)rule.for_ms);
	}
}

static const struct bad {
	const char *text;
	unsigned column;
	const char *message; /* its beginning */
} bad_rows[] = {
	/* no rule at all */
	{"", 1, "an empty rule: write one like \"memory > 5G\""},
	{" \t ", 1, "an empty rule"},
	{"memory > 5G\n", 12, "a byte \\x0a: rules are plain ASCII"},
	{"mem\x1bory > 5G", 4, "a byte \\x1b"},
	{"memory \xe2\x89\xa5 5G", 8, "a byte \\xe2"},
	{"memory\xc2\xa0> 5G", 7, "a byte \\xc2"},
	{"\x7fmemory > 5G", 1, "a byte \\x7f"},
	/* the signal */
	{"memry > 5G", 1, "no signal \"memry\": did you mean \"memory\"?"},
	{"  mem > 5G", 3, "no signal \"mem\": did you mean \"memory\"?"},
	{"Memory > 5G", 1, "no signal \"Memory\": did you mean \"memory\"?"},
	{"RSS > 5G", 1, "no signal \"RSS\": did you mean \"rss\"?"},
	{"goroutine > 5", 1, "no signal \"goroutine\": did you mean \"goroutines\"?"},
	{"gorutines > 5", 1, "no signal \"gorutines\": did you mean \"goroutines\"?"},
	{"fd > 5", 1, "no signal \"fd\": did you mean \"fds\"?"},
	{"anonymous > 5G", 1, "no signal \"anonymous\": did you mean \"anon\"?"},
	{"cpu > 5", 1,
	 "no signal \"cpu\": memory rss anon usage goroutines threads tasks"},
	{"x > 5", 1, "no signal \"x\": memory rss"},
	{"5G < memory", 1, "no signal \"5G\": memory rss"},
	{"> 5G", 1, "no signal \">\": memory"},
	{"oom kill", 1, "\"oom kill\" is built in: leave it out"},
	{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa > 5", 1,
	 "no signal \"aaaaaaaaaaaaaaaaaaaaaaaa\": memory"},
	/* the operator */
	{"memory", 7, "after \"memory\" stands >, < or grows"},
	{"memory  ", 7, "after \"memory\" stands"},
	{"memory 5G", 8, "after \"memory\" stands"},
	{"memory >= 5G", 8, "no \">=\" here: write \">\""},
	{"memory>=5G", 7, "no \">=\" here: write \">\""},
	{"memory => 5G", 8, "no \"=>\" here: write \">\""},
	{"memory <= 5G", 8, "no \"<=\" here: write \"<\""},
	{"memory = 5G", 8, "after \"memory\" stands"},
	{"memory == 5G", 8, "after \"memory\" stands"},
	{"memory above 5G", 8, "no \"above\" here: write \">\""},
	{"memory under 5G", 8, "no \"under\" here: write \"<\""},
	{"memory grow 5G in 1m", 8, "no \"grow\" here: write \"grows\""},
	{"memory Grows 5G in 1m", 8, "no \"Grows\" here: write \"grows\""},
	/* the value */
	{"memory >", 9, "a value is missing: write 5G, 92% or 3x base"},
	{"memory > ", 9, "a value is missing"},
	{"goroutines >", 13, "a value is missing: write 1000 or 5x base"},
	{"fds >", 6, "a value is missing: write 1000, 80% or 5x base"},
	{"pressure >", 11, "a value is missing: write 10"},
	{"memory > for 10s", 10, "a value is missing"},
	{"memory grows in 1m", 14, "a value is missing"},
	{"memory > > 5G", 10, "\">\" is no value: write 5G, 92% or 3x base"},
	{"memory > big", 10, "\"big\" is no value"},
	{"memory > max", 10, "\"max\" is no value"},
	{"memory > -5G", 10, "\"-5G\" is no value"},
	{"memory > +5G", 10, "\"+5G\" is no value"},
	{"memory > 5GBs", 11, "no unit \"GBs\": K M G T and Ki Mi Gi Ti are binary"},
	{"memory > 512gb", 13, "no unit \"gb\""},
	{"memory > 5g", 11, "no unit \"g\""},
	{"memory > 5G5", 11, "no unit \"G5\""},
	{"memory > 5,5G", 11, "no unit \",5G\""},
	{"memory > 1.2.3G", 10, "\"1.2.3G\" is no number: write 5G or 1.5G"},
	{"memory > .5G", 10, "\".5G\" is no number"},
	{"memory > 5.G", 10, "\"5.G\" is no number"},
	{"memory > 99999999999999999999", 10, "\"99999999999999999999\" is too large"},
	{"memory > 20000000T", 10, "\"20000000T\" is too large"},
	{"memory > 5", 10, "\"5\" is 5 bytes: less than 1M is noise; write 5M or 5G"},
	{"memory > 0", 10, "\"0\" is 0 bytes"},
	{"memory grows 512K in 1m", 14,
	 "\"512K\" is 524288 bytes: less than 1M is noise"},
	{"memory > 5 G", 12, "write \"5G\" without a blank"},
	{"memory > 92 %", 13, "write \"92%\" without a blank"},
	{"goroutines > 5 x base", 16, "write \"5x\" without a blank"},
	{"goroutines > 10k", 14, "\"10k\": goroutines are counted one by one"},
	{"goroutines > 1.5", 14, "\"1.5\": goroutines are counted one by one"},
	{"threads > 0", 11, "0 is no threshold: write 1000 or 5x base"},
	{"threads < 0", 11, "0 is no threshold"},
	{"threads > 4294967295", 11, "\"4294967295\" is too large"},
	{"threads > many", 11, "\"many\" is no value: write 1000 or 5x base"},
	{"pressure > 0", 12, "\"0\": between 0 and 100 percent of the time"},
	{"pressure > 100", 12, "\"100\": between 0 and 100 percent of the time"},
	{"pressure > high", 12, "\"high\" is no value: write 10"},
	/* percent */
	{"memory > %", 10, "\"%\" is no percentage: write 92%"},
	{"memory > 9x%", 10, "\"9x%\" is no percentage"},
	{"memory > 0%", 10, "\"0%\": between 0% and 100%, which is the limit itself"},
	{"memory > 100%", 10, "\"100%\": between 0% and 100%"},
	{"rss > 120%", 7, "\"120%\": between 0% and 100%"},
	{"memory < 100%", 10, "\"100%\": between 0% and 100%"},
	{"goroutines > 50%", 14,
	 "goroutines have no limit to be a percentage of: write 1000"},
	{"sockets > 50%", 11, "sockets have no limit"},
	{"pressure > 50%", 12, "pressure is a percentage: leave out the %"},
	/* base */
	{"goroutines > 5x", 16, "\"5x\" of what? write \"5x base\""},
	{"goroutines > 5x for 10s", 17, "\"5x\" of what? write \"5x base\""},
	{"goroutines > 5x bas", 17, "\"5x\" of what?"},
	{"goroutines > 5xbase", 14, "write \"5x base\" in two words"},
	{"memory > 5xbase", 10, "write \"5x base\" in two words"},
	{"goroutines > 5.x base", 14, "\"5.x\" is no multiple"},
	{"goroutines > 0x base", 14, "the base itself is 1x: write more, as 5x base"},
	{"goroutines > 1x base", 14, "the base itself is 1x: write more"},
	{"memory < 1x base", 10, "the base itself is 1x: write less, as 0.5x base"},
	{"memory < 0x base", 10, "\"0x\": between 0x and 1000x"},
	{"memory grows 0x base in 1m", 14, "\"0x\": between 0x and 1000x"},
	{"goroutines > 1001x base", 14, "\"1001x\": between 0x and 1000x"},
	{"pressure > 5x base", 12, "pressure has no base: write 10"},
	/* in */
	{"memory grows 500M", 18, "\"grows\" needs its time here, as in \"in 1m\""},
	{"memory grows 500M for 10s", 19, "\"grows\" needs its time here"},
	{"memory grows 500M per 1m", 19, "\"grows\" needs its time here"},
	{"memory grows 500M in", 21, "\"in\" needs a duration, as in \"in 1m\""},
	{"memory grows 500M in 10", 22, "10 what? write 10s or 10m"},
	{"memory grows 500M in 1 m", 24, "write \"1m\" without a blank"},
	{"memory grows 500M in 1s", 22, "\"in 1s\": at least 2s, at most 7d"},
	{"memory grows 500M in 0s", 22, "\"in 0s\": at least 2s, at most 7d"},
	{"memory grows 500M in 8d", 22, "\"in 8d\": at least 2s, at most 7d"},
	{"memory grows 500M in 9999d", 22, "\"in 9999d\": at least 2s, at most 7d"},
	{"goroutines grows 500 in 15s", 25, "\"in 15s\": at least 20s, at most 7d"},
	{"memory > 5G in 1m", 13, "only \"grows\" has \"in\""},
	/* for */
	{"memory > 5G for", 16, "\"for\" needs a duration, as in \"for 1m\""},
	{"memory > 5G for 10", 17, "10 what? write 10s or 10m"},
	{"memory > 5G for 10sec", 17, "\"10sec\" is no duration: write 250ms, 10s, 5m"},
	{"memory > 5G for 30m1h", 17, "\"30m1h\" is no duration"},
	{"memory > 5G for ever", 17, "\"ever\" is no duration"},
	{"memory > 5G for 0s", 17, "\"for 0s\": at least 1ms, at most 1d"},
	{"memory > 5G for 25h", 17, "\"for 25h\": at least 1ms, at most 1d"},
	/* time to limit */
	{"time", 5, "write \"time to limit < 2m\""},
	{"time to", 8, "write \"time to limit < 2m\""},
	{"time < 2m", 6, "write \"time to limit < 2m\""},
	{"time to the limit < 2m", 9, "write \"time to limit < 2m\""},
	{"time to limit", 14, "after \"time to limit\" stands < and a duration"},
	{"time to limit > 2m", 15, "after \"time to limit\" stands <"},
	{"time to limit <", 16, "\"<\" needs a duration, as in \"< 1m\""},
	{"time to limit < 2", 17, "2 what? write 2s or 2m"},
	{"time to limit < 50%", 17, "\"50%\" is no duration"},
	{"time to limit < 999ms", 17, "\"< 999ms\": at least 1s, at most 7d"},
	{"time to limit < 2m in 1m", 20,
	 "\"in\": nothing but \"for DURATION\" may follow"},
	/* what follows */
	{"memory > 5G now", 13, "\"now\": nothing but \"for DURATION\" may follow here"},
	{"memory > 5G 10s", 13, "\"10s\": nothing but \"for DURATION\" may follow here"},
	{"memory > 5G and rss > 3G", 13,
	 "one condition is one rule: write a second rule"},
	{"goroutines > 500 or 5x base", 18, "one condition is one rule"},
	{"memory > 5G for 10s now", 21, "\"now\": nothing may follow the duration"},
	{"memory > 5G for 10s for 1m", 21, "\"for\": nothing may follow the duration"},
	{"a b c d e f g h i j k l m n o p", 1, "no signal \"a\""},
};

static void rule_names_the_column_and_what_would_be_right(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad_rows); i++) {
		const struct bad *row = &bad_rows[i];
		struct rule rule = {.value = 77};
		struct rule_fault fault = {0};
		int r = rule_parse(row->text, &rule, &fault);

		expect(r == -EINVAL, "'%s': %d", row->text, r);
		expect(fault.column == row->column && strncmp(fault.message, row->message,
							      strlen(row->message)) == 0,
		       "'%s': column %u, %s", row->text, fault.column, fault.message);
		expect(rule.value == 77 && !rule.text[0], "'%s'", row->text);
	}
}

/* No text makes a message that is cut or that moves a terminal. */
static void rule_messages_are_whole_and_printable(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad_rows); i++) {
		struct rule_fault fault = {0};
		struct rule rule;

		assert_int_equal(rule_parse(bad_rows[i].text, &rule, &fault), -EINVAL);
		expect(strlen(fault.message) < sizeof(fault.message) - 1, "'%s'",
		       fault.message);
		for (const char *c = fault.message; *c; c++)
			expect(*c >= ' ' && *c <= '~', "'%s'", fault.message);
	}
}

/* A rule's text is its name: read again it is the same rule. */
static void rule_text_reads_as_the_same_rule(void **state)
{
	static const char *const texts[] = {
		"memory>5G   for 10s",
		" time to  limit<2m",
		"goroutines\tgrows 5x base in 1h",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct rule first, second;
		struct rule_fault fault;

		assert_int_equal(rule_parse(texts[i], &first, &fault), 0);
		assert_int_equal(rule_parse(first.text, &second, &fault), 0);
		assert_string_equal(first.text, second.text);
		assert_string_equal(first.slug, second.slug);
		assert_int_equal(first.kind, second.kind);
		assert_int_equal(first.value, second.value);
		assert_int_equal(first.window_ms, second.window_ms);
		assert_int_equal(first.for_ms, second.for_ms);
	}
}

static void rule_has_at_most_95_characters(void **state)
{
	(void)state;
	for (int zeros = 80; zeros < 90; zeros++) {
		char text[128] = "memory  >  ";
		struct rule_fault fault = {0};
		struct rule rule;
		size_t len = strlen("memory > ") + (size_t)zeros + strlen("5G");
		int r;

		memset(text + 11, '0', (size_t)zeros);
		memcpy(text + 11 + zeros, "5G", sizeof("5G"));
		r = rule_parse(text, &rule, &fault);
		expect(r == (len < RULE_TEXT_MAX ? 0 : -EINVAL), "%zu: %d", len, r);
		if (r < 0) {
			assert_int_equal(fault.column, 12);
			assert_string_equal(fault.message,
					    "a rule has at most 95 characters");
		} else {
			assert_int_equal(strlen(rule.text), len);
		}
	}
}

/* Every cut of a rule: an error or a rule, no overrun. */
static void rule_survives_every_cut(void **state)
{
	static const char whole[] =
		"goroutines grows 12.345x base in 1d2h3m4s5ms for 10s now";

	(void)state;
	for (size_t len = 0; len < sizeof(whole); len++) {
		char *cut = strndup(whole, len);
		struct rule_fault fault;
		struct rule rule;

		assert_non_null(cut);
		if (rule_parse(cut, &rule, &fault) < 0)
			expect(fault.column >= 1 && fault.column <= len + 1, "'%s': %u",
			       cut, fault.column);
		free(cut);
	}
}

static void rule_built_in_cannot_be_written(void **state)
{
	struct rule_fault fault;
	struct rule rule, parsed;

	(void)state;
	rule_oom_kill(&rule);
	assert_string_equal(rule.text, "oom kill");
	assert_string_equal(rule.slug, "oom-kill");
	assert_int_equal(rule.kind, RULE_OOM_KILL);
	assert_int_equal(rule_parse(rule.text, &parsed, &fault), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rule_reads_what_people_write),
		cmocka_unit_test(rule_names_the_column_and_what_would_be_right),
		cmocka_unit_test(rule_messages_are_whole_and_printable),
		cmocka_unit_test(rule_text_reads_as_the_same_rule),
		cmocka_unit_test(rule_has_at_most_95_characters),
		cmocka_unit_test(rule_survives_every_cut),
		cmocka_unit_test(rule_built_in_cannot_be_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
