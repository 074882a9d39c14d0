/* The sum of a heap profile, in pieces of any size, and of what is none. */
#include "prof/shown.h"

#include <string.h>

#include "lib/buf.h"
#include "proto_make.h"
#include "unit.h"

#define SAMPLE_TYPE 1
#define SAMPLE 2
#define STRING 6

static struct buf profile;

static int setup(void **state)
{
	(void)state;
	buf_init(&profile, 1 << 20);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	buf_fini(&profile);
	return 0;
}

/* Of the stack 1 2 3, with n values of which the last is in use. */
static void put_sample(unsigned n, uint64_t in_use, bool packed)
{
	AUTO_BUF struct buf sample, values;

	buf_init(&sample, 4096);
	buf_init(&values, 4096);
	put_bytes(&sample, 1, "\1\2\3", 3);
	for (unsigned i = 0; i < n; i++) {
		uint64_t value = i == n - 1 ? in_use : 77;

		if (packed)
			put_varint(&values, value);
		else
			put_number(&sample, 2, value);
	}
	if (packed)
		put_bytes(&sample, 2, values.data, values.len);
	put_bytes(&profile, SAMPLE, sample.data, sample.len);
}

static void put_name(size_t len)
{
	AUTO_BUF struct buf name;

	buf_init(&name, 1 << 18);
	for (size_t i = 0; i < len; i++)
		buf_addc(&name, 'x');
	put_bytes(&profile, STRING, name.data, name.len);
}

/* In pieces of so many bytes; UINT64_MAX: it is none. */
static uint64_t sum(size_t piece)
{
	struct shown shown;
	uint64_t bytes = 0;

	memset(&shown, 0x5a, sizeof(shown));
	shown_begin(&shown);
	for (size_t at = 0; at < profile.len; at += piece)
		shown_add(&shown, profile.data + at, MIN(piece, profile.len - at));
	return shown_end(&shown, &bytes) ? bytes : UINT64_MAX;
}

static void what_is_in_use_is_summed_up_in_pieces_of_any_size(void **state)
{
	static const size_t pieces[] = {1, 2, 3, 7, 64, 4095, 4096, 4097, 1 << 20};

	(void)state;
	put_bytes(&profile, SAMPLE_TYPE, "\x08\1\x10\2", 4);
	put_sample(4, 5, true);
	put_name(3);
	put_sample(4, UINT64_C(1) << 40, true);
	put_name(100000); /* longer than what is kept of it */
	put_sample(4, 0, false);
	put_number(&profile, 12, 524288);
	put_sample(4, 300, false);
	put_name(5000);
	for (size_t i = 0; i < ARRAY_SIZE(pieces); i++)
		expect(sum(pieces[i]) == (UINT64_C(1) << 40) + 305, "pieces of %zu: %llu",
		       pieces[i], (unsigned long long)sum(pieces[i]));
}

static void what_is_no_heap_profile_has_no_sum(void **state)
{
	static const char *const others[] = {
		"heap profile: 1: 2 [3: 4] @ heap/1048576\n",
		"\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", /* a sample without end */
		"\x32\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", /* a name without end */
		"\x0f\x0f", /* no such type of field */
		"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff",
	};

	(void)state;
	assert_int_equal(sum(1), UINT64_MAX); /* nothing at all */
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		buf_clear(&profile);
		buf_adds(&profile, others[i]);
		expect(sum(1) == UINT64_MAX && sum(4096) == UINT64_MAX, "%zu", i);
		for (int k = 0; k < 5000; k++)
			buf_addc(&profile, (char)k);
		expect(sum(1) == UINT64_MAX && sum(4096) == UINT64_MAX, "%zu, long", i);
	}
	buf_clear(&profile);
	put_sample(2, 5, true); /* a profile of goroutines or of the processor */
	assert_int_equal(sum(64), UINT64_MAX);
	buf_clear(&profile);
	put_sample(4, UINT64_MAX, true); /* less than nothing */
	assert_int_equal(sum(64), UINT64_MAX);
}

static void what_is_cut_has_no_sum(void **state)
{
	(void)state;
	put_sample(4, 5, true);
	assert_int_equal(sum(64), 5);
	put_sample(4, 6, true);
	for (size_t i = 1; i < 8; i++) {
		profile.len--;
		assert_int_equal(sum(3), UINT64_MAX);
	}
	buf_clear(&profile);
	put_sample(4, 5, true);
	put_name(9000);
	profile.len--;
	assert_int_equal(sum(64), UINT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			what_is_in_use_is_summed_up_in_pieces_of_any_size, setup,
			teardown),
		cmocka_unit_test_setup_teardown(what_is_no_heap_profile_has_no_sum, setup,
						teardown),
		cmocka_unit_test_setup_teardown(what_is_cut_has_no_sum, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
