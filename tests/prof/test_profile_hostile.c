#include <errno.h>

#include "prof/profile_make.h"

static void bad_location(struct buf *to)
{
	put_head(to);
	PUT_MESSAGE(to, SAMPLE, 1, 1, 2, 1, 2, 1);
	PUT_MESSAGE(to, SAMPLE, 1, 77, 2, 1, 2, 1);
}
static void bad_values(struct buf *to)
{
	put_head(to);
	PUT_MESSAGE(to, SAMPLE, 1, 1, 2, 1);
}
static void bad_label(struct buf *to)
{
	AUTO_BUF struct buf sample;

	buf_init(&sample, 100);
	PUT_MESSAGE(&sample, 3, 1, 999);
	put_head(to);
	put_bytes(to, SAMPLE, sample.data, sample.len);
}
static void bad_sample(struct buf *to)
{
	put_head(to);
	put_bytes(to, SAMPLE, "\x0a\x05\x01", 3); /* five bytes are said, one is there */
}
static void bad_sample_type(struct buf *to)
{
	put_head(to);
	put_number(to, SAMPLE, 3);
}
static void bad_varint(struct buf *to)
{
	put_head(to);
	put_bytes(to, SAMPLE, "\x0a\x0b\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 13);
}
static void bad_function(struct buf *to)
{
	AUTO_BUF struct buf location;

	buf_init(&location, 100);
	put_number(&location, 1, 4);
	PUT_MESSAGE(&location, 4, 1, 9);
	put_head(to);
	put_bytes(to, LOCATION, location.data, location.len);
}
static void bad_mapping(struct buf *to)
{
	put_head(to);
	PUT_MESSAGE(to, LOCATION, 1, 4, 2, 9);
}
static void bad_name(struct buf *to)
{
	put_head(to);
	PUT_MESSAGE(to, FUNCTION, 1, 4, 2, 999);
}
static void two_locations(struct buf *to)
{
	put_head(to);
	PUT_MESSAGE(to, LOCATION, 1, 2);
}
static void no_id(struct buf *to)
{
	put_head(to);
	PUT_MESSAGE(to, FUNCTION, 2, S_A);
}
static void bad_function_field(struct buf *to)
{
	put_head(to);
	put_bytes(to, FUNCTION, "\x0a\x01x", 3); /* an id of bytes */
}
static void cut_function(struct buf *to)
{
	put_head(to);
	put_bytes(to, FUNCTION, "\x08", 1); /* an id without its number */
}
static void cut_type(struct buf *to)
{
	put_bytes(to, TYPE, "\x08", 1);
	put_whole(to);
}
static void no_types(struct buf *to)
{
	put_tables(to);
	put_strings(to);
}
static void many_types(struct buf *to)
{
	for (size_t i = 0; i < 4; i++)
		put_types(to);
	put_whole(to);
}
static void bad_type_name(struct buf *to)
{
	put_strings(to);
	PUT_MESSAGE(to, TYPE, 1, 999);
}
static void not_empty(struct buf *to)
{
	put_text(to, STRING, "first");
	put_types(to);
	put_strings(to);
}
static void time_of_bytes(struct buf *to)
{
	put_whole(to);
	put_text(to, TIME, "now");
}
static void group(struct buf *to)
{
	put_whole(to);
	buf_addc(to, (char)(20 << 3 | 3));
}
static void field_zero(struct buf *to)
{
	put_whole(to);
	buf_add(to, "\0\0", 2);
}
static void cut(struct buf *to)
{
	put_whole(to);
	to->len--;
}
static void frames_without_end(struct buf *to)
{
	AUTO_BUF struct buf location, sample;

	buf_init(&location, 100000);
	buf_init(&sample, 100000);
	put_number(&location, 1, 4);
	for (size_t i = 0; i < 10000; i++)
		PUT_MESSAGE(&location, 4, 1, 1);
	for (size_t i = 0; i < 30000; i++)
		put_number(&sample, 1, 4);
	PUT_MESSAGE(to, TYPE, 1, S_OBJECTS, 2, S_COUNT);
	put_tables(to);
	put_strings(to);
	put_bytes(to, LOCATION, location.data, location.len);
	put_number(&sample, 2, 1);
	put_bytes(to, SAMPLE, sample.data, sample.len);
}
static void too_large(struct buf *to)
{
	static char zeros[1 << 20];

	put_bytes(to, 99, zeros, sizeof(zeros));
}
static void names_without_end(struct buf *to)
{
	static char name[400000];

	put_whole(to);
	for (size_t i = 0; i < 2; i++) {
		name[0]++;
		put_bytes(to, STRING, name, sizeof(name));
		PUT_MESSAGE(to, FUNCTION, 1, 4 + i, 2, ARRAY_SIZE(strings) + i, 4,
			    ARRAY_SIZE(strings) + 1 - i);
	}
}
static void html(struct buf *to)
{
	buf_adds(to, "\n<!DOCTYPE html><title>404</title>");
}
static void goroutines1(struct buf *to)
{
	buf_adds(to, "goroutine profile: total 7\n2 @ 0x43a1d6\n");
}
static void goroutines2(struct buf *to)
{
	buf_adds(to, "goroutine 1 [running]:\nmain.main()\n");
}
static void heap_text(struct buf *to)
{
	buf_adds(to, "heap profile: 1: 2 [3: 4] @ heap/1048576\n");
}
static void empty(struct buf *to)
{
	(void)to;
}

static void what_is_no_profile_is_refused_in_words(void **state)
{
	static const struct {
		void (*put)(struct buf *to);
		int error;
		const char *says;
	} rows[] = {
		{bad_location, -EBADMSG, "sample 2: location 77 does not exist"},
		{bad_values, -EBADMSG, "sample 1 has 1 values for 2 types"},
		{bad_label, -EBADMSG, "sample 1: a label is not in the strings"},
		{bad_sample, -EBADMSG, "sample 1 is damaged"},
		{bad_sample_type, -EBADMSG, "sample 1 is damaged"},
		{bad_varint, -EBADMSG, "sample 1 is damaged"},
		{bad_function, -EBADMSG, "location 4: function 9 does not exist"},
		{bad_mapping, -EBADMSG, "location 4: its mapping does not exist"},
		{bad_name, -EBADMSG, "function 4: its name is not in the strings"},
		{two_locations, -EBADMSG, "two locations have the id 2"},
		{no_id, -EBADMSG, "a function has no id"},
		{bad_function_field, -EBADMSG, "a function has no id"},
		{cut_function, -EBADMSG, "a function is damaged"},
		{cut_type, -EBADMSG, "a sample type is damaged"},
		{no_types, -EBADMSG, "it has no sample types"},
		{many_types, -EFBIG, "it has more than 8 sample types"},
		{bad_type_name, -EBADMSG, "a sample type's name is not in its strings"},
		{not_empty, -EBADMSG, "its strings do not begin with an empty one"},
		{time_of_bytes, -EBADMSG, "field 9 is damaged"},
		{group, -EBADMSG, "it is no profile, or it is cut"},
		{field_zero, -EBADMSG, "it is no profile, or it is cut"},
		{cut, -EBADMSG, "it is no profile, or it is cut"},
		{frames_without_end, -EFBIG, "its samples have more than"},
		{too_large, -EFBIG, "it is larger than is allowed"},
		{names_without_end, -EFBIG, "it holds more than is allowed"},
		{html, -EBADMSG, "it is a page of HTML"},
		{goroutines1, -EBADMSG, "use leakdog goroutines"},
		{goroutines2, -EBADMSG, "use leakdog goroutines"},
		{heap_text, -EBADMSG, "it is cut: its records hold 0 of 2 bytes"},
		{empty, -EBADMSG, "it is empty"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_BUF struct buf bytes;
		struct fixture f;
		int r;

		begin(&f);
		buf_init(&bytes, 2 << 20);
		rows[i].put(&bytes);
		r = read_as(&f, &bytes, SIDE_NOW);
		expect(r == rows[i].error, "%zu: %d %s", i, r, r ? f.why : "");
		expect(strstr(f.why, rows[i].says), "%zu: %s", i, f.why);
		end(&f);
	}
}

/* 256 MB may be one name and ten million functions that have it. */
static void one_long_name_of_many_is_looked_at_once(void **state)
{
	static char name[250000];
	uint64_t index = ARRAY_SIZE(strings);
	AUTO_BUF struct buf bytes, sample;
	struct fixture f;

	(void)state;
	begin(&f);
	buf_init(&bytes, 1 << 20);
	buf_init(&sample, 100);
	memset(name, 'a', sizeof(name));
	put_whole(&bytes);
	put_bytes(&bytes, STRING, name, sizeof(name));
	for (uint64_t id = 4; id < 4000; id++) {
		PUT_MESSAGE(&bytes, FUNCTION, 1, id, 2, index, 3, index, 4, index);
		PUT_MESSAGE(&bytes, MAPPING, 1, id, 5, index);
	}
	PUT_MESSAGE(&sample, 3, 1, index, 2, index);
	put_number(&sample, 2, 1);
	put_number(&sample, 2, 1);
	for (size_t i = 0; i < 4000; i++)
		put_bytes(&bytes, SAMPLE, sample.data, sample.len);
	expect(read_as(&f, &bytes, SIDE_NOW) == 0, "%s", f.why);
	assert_int_equal(f.stacks.n, 2);
	end(&f);
}

static void sides_of_different_types_are_refused(void **state)
{
	AUTO_BUF struct buf base, now;
	struct fixture f;

	(void)state;
	begin(&f);
	buf_init(&base, 10000);
	buf_init(&now, 10000);
	put_whole(&base);
	PUT_MESSAGE(&now, TYPE, 1, S_SPACE, 2, S_BYTES);
	PUT_MESSAGE(&now, TYPE, 1, S_A, 2, S_BYTES);
	put_strings(&now);
	assert_int_equal(read_as(&f, &base, SIDE_BASE), 0);
	assert_int_equal(read_as(&f, &now, SIDE_NOW), -EBADMSG);
	assert_string_equal(f.why, "its sample types are space main.a, not objects "
				   "space: these two cannot be compared");
	end(&f);
}

/* Every byte of a profile changed in turn, and every length: nothing but a result. */
static void damage_anywhere_is_a_result_and_nothing_else(void **state)
{
	static const uint8_t damage[] = {0x00, 0x7f, 0x80, 0xff};
	AUTO_BUF struct buf bytes;
	struct fixture f;
	size_t len;

	(void)state;
	buf_init(&bytes, 10000);
	put_whole(&bytes);
	len = bytes.len;
	for (size_t i = 0; i < len * ARRAY_SIZE(damage); i++) {
		char *at = &bytes.data[i / ARRAY_SIZE(damage)], was = *at;

		begin(&f);
		*at = (char)damage[i % ARRAY_SIZE(damage)];
		(void)read_as(&f, &bytes, SIDE_NOW);
		*at = was;
		end(&f);
	}
	for (bytes.len = 0; bytes.len < len; bytes.len++) {
		begin(&f);
		expect(read_as(&f, &bytes, SIDE_NOW) < 0 || f.stacks.n == 0, "%zu",
		       bytes.len);
		end(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_profile_is_refused_in_words),
		cmocka_unit_test(one_long_name_of_many_is_looked_at_once),
		cmocka_unit_test(sides_of_different_types_are_refused),
		cmocka_unit_test(damage_anywhere_is_a_result_and_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
