#include "lib/quantity.h"

#include <errno.h>
#include <string.h>

#include "unit.h"

#define UNTOUCHED 77
#define G (1ULL << 30)

static void quantity_means_what_the_kernel_means(void **state)
{
	static const struct {
		const char *text;
		int result;
		uint64_t bytes;
	} rows[] = {
		{"0", 0, 0},
		{"4096", 0, 4096},
		{"010", 0, 10},
		{"5G", 0, 5 * G},
		{"5Gi", 0, 5 * G},
		{"5GB", 0, 5000000000},
		{"1K", 0, 1024},
		{"1Ki", 0, 1024},
		{"200kB", 0, 200000},
		{"512M", 0, 512 << 20},
		{"512Mi", 0, 512 << 20},
		{"3MB", 0, 3000000},
		{"1T", 0, 1ULL << 40},
		{"1Ti", 0, 1ULL << 40},
		{"1TB", 0, 1000000000000},
		{"0G", 0, 0},
		{"1.5G", 0, G + G / 2},
		{"0.5K", 0, 512},
		{"1.000000001G", 0, G + 1},
		{"0.1kB", 0, 100},
		{"18446744073709551615", 0, UINT64_MAX},
		{"18446744073709551616", -ERANGE, UNTOUCHED},
		{"16777215.999999999T", 0, UINT64_MAX - 1099},
		{"16777216T", -ERANGE, UNTOUCHED},
		{"18446744073709551615T", -ERANGE, UNTOUCHED},
		{"", -EINVAL, UNTOUCHED},
		{"G", -EINVAL, UNTOUCHED},
		{".5G", -EINVAL, UNTOUCHED},
		{"5.G", -EINVAL, UNTOUCHED},
		{".", -EINVAL, UNTOUCHED},
		{"1.2.3G", -EINVAL, UNTOUCHED},
		{"1.0000000001G", -EINVAL, UNTOUCHED},
		{"1.5", -EINVAL, UNTOUCHED}, /* half a byte */
		{"1.0", -EINVAL, UNTOUCHED},
		{"5g", -EINVAL, UNTOUCHED},
		{"5k", -EINVAL, UNTOUCHED},
		{"5KB", -EINVAL, UNTOUCHED},
		{"5kb", -EINVAL, UNTOUCHED},
		{"5B", -EINVAL, UNTOUCHED},
		{"5GiB", -EINVAL, UNTOUCHED},
		{"5P", -EINVAL, UNTOUCHED},
		{"5 G", -EINVAL, UNTOUCHED},
		{"5G ", -EINVAL, UNTOUCHED},
		{" 5G", -EINVAL, UNTOUCHED},
		{"5GG", -EINVAL, UNTOUCHED},
		{"5G5", -EINVAL, UNTOUCHED},
		{"-1", -EINVAL, UNTOUCHED},
		{"+5G", -EINVAL, UNTOUCHED},
		{"1e9", -EINVAL, UNTOUCHED},
		{"0x10", -EINVAL, UNTOUCHED},
		{"92%", -EINVAL, UNTOUCHED},
		{"5x", -EINVAL, UNTOUCHED},
		{"5\xce\x9c", -EINVAL, UNTOUCHED}, /* a Greek M */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint64_t bytes = UNTOUCHED;
		int r = quantity_parse(rows[i].text, strlen(rows[i].text), &bytes);

		expect(r == rows[i].result && bytes == rows[i].bytes, "'%s': %d, %llu",
		       rows[i].text, r, (unsigned long long)bytes);
	}
}

static void quantity_refuses_what_is_too_long_or_cut(void **state)
{
	char text[5000];
	uint64_t bytes = UNTOUCHED;

	(void)state;
	memset(text, '9', sizeof(text));
	assert_int_equal(quantity_parse(text, sizeof(text), &bytes), -ERANGE);
	assert_int_equal(quantity_parse(NULL, 0, &bytes), -EINVAL);
	assert_int_equal(quantity_parse("5\0G", 3, &bytes), -EINVAL);
	assert_int_equal(bytes, UNTOUCHED);
	assert_int_equal(quantity_parse("5GB", 2, &bytes), 0);
	assert_int_equal(bytes, 5 * G);
}

static void quantity_prints_short_and_rounds(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} rows[] = {
		{0, "0"},
		{17, "17"},
		{1023, "1023"},
		{1024, "1.0K"},
		{1536, "1.5K"},
		{640 << 10, "640K"},
		{512 << 20, "512M"},
		{20 * G, "20.0G"},
		{5 * G, "5.0G"},
		{8 * G - 1, "8.0G"},
		{99 * 1024 + 972, "99.9K"},
		{99 * 1024 + 973, "100K"}, /* 99.95: no "100.0K" */
		{102861, "100K"},          /* 100.45 is not rounded twice */
		{1024 * 1024 - 513, "1023K"},
		{1024 * 1024 - 512, "1.0M"}, /* no "1024K" */
		{(1ULL << 40) - 1, "1.0T"},
		{2000ULL << 40, "2000T"},
		{UINT64_MAX, "16777216T"},
	};
	char text[QUANTITY_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_ptr_equal(quantity_format(rows[i].bytes, text), text);
		assert_string_equal(text, rows[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quantity_means_what_the_kernel_means),
		cmocka_unit_test(quantity_refuses_what_is_too_long_or_cut),
		cmocka_unit_test(quantity_prints_short_and_rounds),
	};

	return cmocka_run_group_tests_name("quantity", tests, NULL, NULL);
}
