#include "lib/fault.h"

#include <string.h>

#include "unit.h"

static void fault_says_where_and_what(void **state)
{
	struct fault fault;

	(void)state;
	memset(&fault, '?', sizeof(fault));
	fault_set(&fault, "a.yaml", 3, 7, "%s is no %s", "5g", "quantity");
	assert_string_equal(fault.file, "a.yaml");
	assert_int_equal(fault.line, 3);
	assert_int_equal(fault.column, 7);
	assert_string_equal(fault.message, "5g is no quantity");
	assert_string_equal(fault.hint, "");
}

static void fault_cuts_what_is_too_long(void **state)
{
	char text[1000];
	struct fault fault;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	fault_set(&fault, text, 1, 1, "%s", text);
	assert_int_equal(strlen(fault.file), sizeof(fault.file) - 1);
	assert_int_equal(strlen(fault.message), sizeof(fault.message) - 1);
}

static void faults_are_kept_up_to_a_number_and_counted_above(void **state)
{
	struct faults faults = {0};
	struct fault fault;

	(void)state;
	for (unsigned i = 1; i <= FAULTS_MAX + 3; i++) {
		fault_set(&fault, "f", i, 1, "m");
		assert_int_equal(faults_add(&faults, &fault), 0);
	}
	assert_int_equal(faults.n, FAULTS_MAX);
	assert_int_equal(faults.dropped, 3);
	assert_int_equal(faults.at[0].line, 1);
	assert_int_equal(faults.at[FAULTS_MAX - 1].line, FAULTS_MAX);
	faults_fini(&faults);
	assert_int_equal(faults.n, 0);
	assert_null(faults.at);
	faults_fini(&faults);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fault_says_where_and_what),
		cmocka_unit_test(fault_cuts_what_is_too_long),
		cmocka_unit_test(faults_are_kept_up_to_a_number_and_counted_above),
	};

	return cmocka_run_group_tests_name("fault", tests, NULL, NULL);
}
