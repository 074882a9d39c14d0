#include "core/signal.h"

#include <string.h>

#include "unit.h"

static void signal_is_found_by_its_whole_name_only(void **state)
{
	static const struct {
		const char *name;
		enum signal signal;
	} rows[] = {
		{"memory", SIGNAL_MEMORY},
		{"rss", SIGNAL_RSS},
		{"anon", SIGNAL_ANON},
		{"usage", SIGNAL_USAGE},
		{"goroutines", SIGNAL_GOROUTINES},
		{"threads", SIGNAL_THREADS},
		{"tasks", SIGNAL_TASKS},
		{"fds", SIGNAL_FDS},
		{"sockets", SIGNAL_SOCKETS},
		{"pressure", SIGNAL_PRESSURE},
		{"metric", SIGNAL_METRIC},
		{"metric-2", SIGNAL_METRIC_2},
		{"metric-3", SIGNAL_METRIC_3},
		{"metric-4", SIGNAL_METRIC_4},
		{"", SIGNAL_N},
		{"mem", SIGNAL_N},
		{"memory ", SIGNAL_N},
		{"Memory", SIGNAL_N},
		{"rsss", SIGNAL_N},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		enum signal signal = signal_by_name(rows[i].name, strlen(rows[i].name));

		expect(signal == rows[i].signal, "'%s': %d", rows[i].name, (int)signal);
	}
	assert_int_equal(signal_by_name("memory > 5G", 6), SIGNAL_MEMORY);
	assert_int_equal(ARRAY_SIZE(rows) - 5, SIGNAL_N);
}

static void signal_table_has_no_holes(void **state)
{
	(void)state;
	for (size_t i = 0; i < SIGNAL_N; i++) {
		const struct signal_info *info = &signal_table[i];

		expect(info->name && info->every_ms >= 1000, "row %zu", i);
		expect((info->unit == UNIT_BYTES) == (info->ceiling == CEILING_LIMIT),
		       "percent of %s", info->name);
		expect((info->unit == UNIT_CENTIPERCENT) == (info->base_floor == 0),
		       "base of %s", info->name);
	}
	for (size_t i = 0; i < UNIT_N; i++)
		expect(unit_table[i], "unit %zu", i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signal_is_found_by_its_whole_name_only),
		cmocka_unit_test(signal_table_has_no_holes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
