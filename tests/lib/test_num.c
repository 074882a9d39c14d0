#include "lib/num.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "unit.h"

#define UNTOUCHED 77

static void u64_is_all_digits_or_refused(void **state)
{
	static const struct {
		const char *text;
		int result;
		uint64_t value;
	} rows[] = {
		{"0", 0, 0},
		{"010", 0, 10},
		{"00000000000000000000000000007", 0, 7},
		{"18446744073709551615", 0, UINT64_MAX},
		{"18446744073709551616", -ERANGE, UNTOUCHED},
		{"99999999999999999999999999999", -ERANGE, UNTOUCHED},
		{"99999999999999999999999999999x", -EINVAL, UNTOUCHED},
		{"", -EINVAL, UNTOUCHED},
		{"-1", -EINVAL, UNTOUCHED},
		{"+1", -EINVAL, UNTOUCHED},
		{" 1", -EINVAL, UNTOUCHED},
		{"1 ", -EINVAL, UNTOUCHED},
		{"1\n", -EINVAL, UNTOUCHED},
		{"0x10", -EINVAL, UNTOUCHED},
		{"1e9", -EINVAL, UNTOUCHED},
		{"1.0", -EINVAL, UNTOUCHED},
		{"1_000", -EINVAL, UNTOUCHED},
		{"\xd9\xa1", -EINVAL, UNTOUCHED}, /* an Arabic digit */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t value = UNTOUCHED;
		int r = num_u64(rows[i].text, strlen(rows[i].text), &value);

		expect(r == rows[i].result && value == rows[i].value, "'%s': %d, %llu",
		       rows[i].text, r, (unsigned long long)value);
	}
}

static void u64_reads_no_further_than_its_length(void **state)
{
	uint64_t value = 0;

	(void)state;
	assert_int_equal(num_u64("1234", 2, &value), 0);
	assert_int_equal(value, 12);
	assert_int_equal(num_u64("1\0002", 3, &value), -EINVAL);
	assert_int_equal(num_u64(NULL, 0, &value), -EINVAL);
}

static void u64s_keeps_its_maximum(void **state)
{
	uint64_t value = UNTOUCHED;

	(void)state;
	assert_int_equal(num_u64s("65536", 65535, &value), -ERANGE);
	assert_int_equal(value, UNTOUCHED);
	assert_int_equal(num_u64s("65535", 65535, &value), 0);
	assert_int_equal(value, 65535);
	assert_int_equal(num_u64s("", 65535, &value), -EINVAL);
}

static void i64_knows_its_ends(void **state)
{
	static const struct {
		const char *text;
		int result;
		int64_t value;
	} rows[] = {
		{"0", 0, 0},
		{"-0", 0, 0},
		{"-1", 0, -1},
		{"9223372036854775807", 0, INT64_MAX},
		{"9223372036854775808", -ERANGE, UNTOUCHED},
		{"-9223372036854775808", 0, INT64_MIN},
		{"-9223372036854775809", -ERANGE, UNTOUCHED},
		{"-99999999999999999999", -ERANGE, UNTOUCHED},
		{"", -EINVAL, UNTOUCHED},
		{"-", -EINVAL, UNTOUCHED},
		{"--1", -EINVAL, UNTOUCHED},
		{"+1", -EINVAL, UNTOUCHED},
		{"- 1", -EINVAL, UNTOUCHED},
		{"1-", -EINVAL, UNTOUCHED},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int64_t value = UNTOUCHED;
		int r = num_i64s(rows[i].text, &value);

		expect(r == rows[i].result && value == rows[i].value, "'%s': %d, %lld",
		       rows[i].text, r, (long long)value);
	}
}

static void milli_takes_one_fraction(void **state)
{
	static const struct {
		const char *text;
		int result;
		uint64_t value;
	} rows[] = {
		{"0", 0, 0},
		{"92", 0, 92000},
		{"1.5", 0, 1500},
		{"92.60", 0, 92600},
		{"0.001", 0, 1},
		{"0.0004", 0, 0},
		{"0.0005", 0, 1},
		{"0.9999", 0, 1000},
		{"007.25", 0, 7250},
		{"18446744073709551.615", 0, UINT64_MAX},
		{"18446744073709551.616", -ERANGE, UNTOUCHED},
		{"18446744073709552", -ERANGE, UNTOUCHED},
		{"99999999999999999999", -ERANGE, UNTOUCHED},
		{"", -EINVAL, UNTOUCHED},
		{".", -EINVAL, UNTOUCHED},
		{".5", -EINVAL, UNTOUCHED},
		{"5.", -EINVAL, UNTOUCHED},
		{"1.2.3", -EINVAL, UNTOUCHED},
		{"1,5", -EINVAL, UNTOUCHED},
		{"1.5e3", -EINVAL, UNTOUCHED},
		{"-1.5", -EINVAL, UNTOUCHED},
		{"1.-5", -EINVAL, UNTOUCHED},
		{"nan", -EINVAL, UNTOUCHED},
		{"inf", -EINVAL, UNTOUCHED},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t value = UNTOUCHED;
		int r = num_milli(rows[i].text, strlen(rows[i].text), &value);

		expect(r == rows[i].result && value == rows[i].value, "'%s': %d, %llu",
		       rows[i].text, r, (unsigned long long)value);
	}
}

static void sums_stop_at_their_ends(void **state)
{
	(void)state;
	assert_int_equal(num_add(1, 2), 3);
	assert_int_equal(num_add(UINT64_MAX, 0), UINT64_MAX);
	assert_int_equal(num_add(UINT64_MAX, 1), UINT64_MAX);
	assert_int_equal(num_add(UINT64_MAX, UINT64_MAX), UINT64_MAX);
	assert_int_equal(num_mul(1ULL << 32, (1ULL << 32) - 1), UINT64_MAX - UINT32_MAX);
	assert_int_equal(num_mul(1ULL << 32, 1ULL << 32), UINT64_MAX);
	assert_int_equal(num_mul(UINT64_MAX, 0), 0);
	assert_int_equal(num_sub(5, 3), 2);
	assert_int_equal(num_sub(3, 5), 0);
	assert_int_equal(num_sub(0, UINT64_MAX), 0);
	assert_int_equal(num_add_i64(-5, 3), -2);
	assert_int_equal(num_add_i64(INT64_MAX, 1), INT64_MAX);
	assert_int_equal(num_add_i64(INT64_MIN, -1), INT64_MIN);
	assert_int_equal(num_sub_i64(3, 5), -2);
	assert_int_equal(num_sub_i64(INT64_MAX, -1), INT64_MAX);
	assert_int_equal(num_sub_i64(INT64_MIN, 1), INT64_MIN);
	assert_int_equal(num_sub_i64(0, INT64_MIN), INT64_MAX);
}

static void scale_goes_through_128_bits(void **state)
{
	(void)state;
	assert_int_equal(num_scale(7, 3, 2), 10);
	assert_int_equal(num_scale(UINT64_MAX, 92, 100), 16971004547812787485ULL);
	assert_int_equal(num_scale(UINT64_MAX, UINT64_MAX, UINT64_MAX), UINT64_MAX);
	assert_int_equal(num_scale(UINT64_MAX, 2, 1), UINT64_MAX);
	assert_int_equal(num_scale(0, UINT64_MAX, 1), 0);
}

static void order_is_ascending_at_the_ends_too(void **state)
{
	int ints[] = {5, INT_MIN, INT_MAX, -1, 0};
	uint64_t numbers[] = {5, UINT64_MAX, 0, (uint64_t)1 << 40};

	(void)state;
	qsort(ints, ARRAY_SIZE(ints), sizeof(*ints), num_order_int);
	for (size_t i = 1; i < ARRAY_SIZE(ints); i++)
		assert_true(ints[i - 1] < ints[i]);
	qsort(numbers, ARRAY_SIZE(numbers), sizeof(*numbers), num_order_u64);
	for (size_t i = 1; i < ARRAY_SIZE(numbers); i++)
		assert_true(numbers[i - 1] < numbers[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(u64_is_all_digits_or_refused),
		cmocka_unit_test(u64_reads_no_further_than_its_length),
		cmocka_unit_test(u64s_keeps_its_maximum),
		cmocka_unit_test(i64_knows_its_ends),
		cmocka_unit_test(milli_takes_one_fraction),
		cmocka_unit_test(sums_stop_at_their_ends),
		cmocka_unit_test(order_is_ascending_at_the_ends_too),
		cmocka_unit_test(scale_goes_through_128_bits),
	};

	return cmocka_run_group_tests_name("num", tests, NULL, NULL);
}
