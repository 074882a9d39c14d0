#include "edge/kernel/procstat.h"

#include <errno.h>
#include <string.h>

#include "unit.h"

#define TAIL                                                                             \
	" S 1 2 2 0 -1 4194304 1 0 0 0 7 8 0 0 20 0 3 0 4242 4096000 100 "               \
	"18446744073709551615 94713011916800 94713011936681 140733454521920 0 0 0 0 0 "  \
	"0 0 0 "                                                                         \
	"0 17 1 0 0 0 0 0 1 2 3 4 5 6 7 0\n"

static int parse(const char *text, struct procstat *ret)
{
	return procstat_parse((struct span){text, strlen(text)}, ret);
}

static void procstat_reads_an_ordinary_line(void **state)
{
	struct procstat s;

	(void)state;
	assert_int_equal(parse("4127 (cron)" TAIL, &s), 0);
	assert_int_equal(s.pid, 4127);
	assert_int_equal(s.ppid, 1);
	assert_int_equal(s.state, 'S');
	assert_false(s.kthread);
	assert_string_equal(s.comm, "cron");
	assert_int_equal(s.start_ticks, 4242);
	assert_int_equal(s.start_code, 94713011916800);
	assert_int_equal(s.start_stack, 140733454521920);
}

static void procstat_is_not_fooled_by_a_name(void **state)
{
	static const char *const names[] = {
		"a) R 1 (x\ny", ")", "(", "))) Z 0 0", "", " ", "\n\n", ") 99 (",
	};
	struct procstat s;
	char text[512];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(text, sizeof(text), "32054 (%s)" TAIL, names[i]);
		expect(parse(text, &s) == 0, "row %zu", i);
		expect(s.pid == 32054 && s.ppid == 1 && s.state == 'S', "row %zu", i);
		expect(s.start_ticks == 4242, "row %zu: %llu", i,
		       (unsigned long long)s.start_ticks);
		expect(strcmp(s.comm, names[i]) == 0, "row %zu: '%s'", i, s.comm);
	}
}

static void procstat_cuts_a_name_that_cannot_be(void **state)
{
	struct procstat s;

	(void)state;
	assert_int_equal(parse("7 (0123456789abcdefghij)" TAIL, &s), 0);
	assert_string_equal(s.comm, "0123456789abcde");
}

static void procstat_tells_addresses_that_it_may_not_see(void **state)
{
	struct procstat s;

	(void)state;
	assert_int_equal(
		parse("1 (x) S 0 1 1 0 -1 0 1 0 0 0 7 8 0 0 20 0 3 0 4242 1 1 1 1 1 "
		      "0 0 0 0 0\n",
		      &s),
		0);
	assert_int_equal(s.start_code, 0);
	assert_int_equal(s.start_stack, 0);
}

static void procstat_knows_kernel_threads_and_zombies(void **state)
{
	struct procstat s;

	(void)state;
	assert_int_equal(
		parse("2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 1 "
		      "0 0 0 0 0 0\n",
		      &s),
		0);
	assert_true(s.kthread);
	assert_int_equal(
		parse("9 (x) Z 1 9 9 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 77 0 0 0 0 0 0 "
		      "\n",
		      &s),
		0);
	assert_int_equal(s.state, 'Z');
}

static void procstat_refuses_what_is_no_stat(void **state)
{
	static const char *const texts[] = {
		"",
		"\n",
		"4127",
		"4127 (cron",
		"4127 cron)",
		") 4127 (cron",
		"(cron) S 1",
		"x (cron)" TAIL,
		"99999999999 (cron)" TAIL,
		"-1 (cron)" TAIL,
		"4127 (cron) S 1 2 3\n",
		"4127 (cron) S x 2 2 0 -1 0 1 0 0 0 7 8 0 0 20 0 3 0 4242 1 1 1 1 1 0\n",
		"1 (x) S 0 1 1 0 -1 0 1 0 0 0 7 8 0 0 20 0 3 0 99999999999999999999999 1 "
		"1 1 1 "
		"1 0\n",
	};
	struct procstat s = {.pid = 5};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		expect(parse(texts[i], &s) == -EBADMSG, "row %zu: %s", i, texts[i]);
		expect(s.pid == 5, "row %zu touched the result", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(procstat_reads_an_ordinary_line),
		cmocka_unit_test(procstat_is_not_fooled_by_a_name),
		cmocka_unit_test(procstat_cuts_a_name_that_cannot_be),
		cmocka_unit_test(procstat_tells_addresses_that_it_may_not_see),
		cmocka_unit_test(procstat_knows_kernel_threads_and_zombies),
		cmocka_unit_test(procstat_refuses_what_is_no_stat),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
