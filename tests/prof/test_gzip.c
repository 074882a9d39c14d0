#include "prof/gzip.h"

#include <errno.h>
#include <string.h>

#include "lib/buf.h"
#include "unit.h"

#define SIZE (3 << 20)

static struct gzip *gzip;
static struct gzip_check *check;

static int into_buf(void *arg, const void *bytes, size_t len)
{
	struct buf *to = arg;

	buf_add(to, bytes, len);
	return buf_error(to);
}

/* Not constant, not random: as text is. */
static char *some_text(void)
{
	char *text = malloc(SIZE);
	uint32_t dice = 1;

	assert_non_null(text);
	for (size_t i = 0; i < SIZE; i++) {
		dice = dice * 1664525 + 1013904223;
		text[i] = (char)('a' + (dice >> 28));
	}
	return text;
}

static void compress_in(struct buf *to, const char *text, size_t len, size_t step)
{
	gzip_begin(gzip, into_buf, to);
	for (size_t at = 0; at < len; at += step)
		assert_int_equal(gzip_add(gzip, text + at, MIN(step, len - at)), 0);
	assert_int_equal(gzip_end(gzip), 0);
}

static bool whole(const char *bytes, size_t len, size_t step)
{
	gzip_check_begin(check);
	for (size_t at = 0; at < len; at += step)
		gzip_check_add(check, bytes + at, MIN(step, len - at));
	return gzip_check_whole(check);
}

static void what_is_compressed_in_any_steps_is_whole(void **state)
{
	static const size_t steps[] = {1, 7, 4096, 524288, SIZE};
	char *text = some_text();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		size_t len = steps[i] == 1 ? 1000 : SIZE;
		AUTO_BUF struct buf out;

		buf_init(&out, SIZE);
		compress_in(&out, text, len, steps[i]);
		expect(whole(out.data, out.len, 1 + steps[i]), "steps of %zu", steps[i]);
		assert_true(out.len < len); /* four bits a letter */
	}
	free(text);
}

static void nothing_is_a_whole_stream_too(void **state)
{
	AUTO_BUF struct buf out;

	(void)state;
	buf_init(&out, 100);
	compress_in(&out, "", 0, 1);
	assert_int_equal(out.len, 20);
	assert_true(whole(out.data, out.len, 3));
}

static void every_cut_every_change_and_every_addition_is_seen(void **state)
{
	static const char text[] = "goroutine 1 [running]:\nmain.main()\n";
	AUTO_BUF struct buf out;

	(void)state;
	buf_init(&out, 1000);
	compress_in(&out, text, sizeof(text), 10);
	for (size_t len = 0; len < out.len; len++)
		expect(!whole(out.data, len, 16), "cut at %zu", len);
	for (size_t i = 0; i < out.len; i++) {
		if (i >= 4 && i <= 9)
			continue; /* time, level and system: nothing checks them */
		out.data[i] = (char)(out.data[i] ^ 0x20);
		expect(!whole(out.data, out.len, 16), "changed at %zu", i);
		out.data[i] = (char)(out.data[i] ^ 0x20);
	}
	buf_addc(&out, 'x');
	assert_false(whole(out.data, out.len, 16));
	assert_false(whole("<html>", 6, 6));
}

static int full(void *arg, const void *bytes, size_t len)
{
	(void)arg, (void)bytes, (void)len;
	return -ENOSPC;
}

static void the_sink_s_error_comes_up_and_the_next_stream_is_sound(void **state)
{
	char *text = some_text();
	AUTO_BUF struct buf out;
	int r;

	(void)state;
	gzip_begin(gzip, full, NULL);
	r = gzip_add(gzip, text, SIZE);
	assert_int_equal(r, -ENOSPC);
	buf_init(&out, SIZE);
	compress_in(&out, text, SIZE, 4096);
	assert_true(whole(out.data, out.len, 4096));
	free(text);
}

static int inflate_all(const struct buf *from, size_t limit, const char *expected,
		       const char **ret_why)
{
	AUTO_GZIP_BYTES struct gzip_bytes out = {0};
	int r = gzip_inflate((struct span){from->data, from->len}, limit, &out, ret_why);

	if (r == 0) {
		assert_int_equal(out.bytes.len, strlen(expected));
		assert_memory_equal(out.bytes.at, expected, strlen(expected));
	}
	return r;
}

static void members_in_a_row_inflate_to_their_sum(void **state)
{
	char *text = some_text();
	const char *why = "";
	AUTO_BUF struct buf out;

	(void)state;
	buf_init(&out, SIZE);
	text[SIZE - 1] = '\0';
	compress_in(&out, text, 1000000, 4096);
	compress_in(&out, text, 0, 1);
	compress_in(&out, text + 1000000, SIZE - 1 - 1000000, 4096);
	assert_int_equal(inflate_all(&out, SIZE - 1, text, &why), 0);
	assert_int_equal(inflate_all(&out, SIZE - 2, text, &why), -EFBIG);
	assert_non_null(strstr(why, "inflates to more"));
	free(text);
}

static void what_is_not_gzipped_passes_through(void **state)
{
	const char *why = "";
	AUTO_BUF struct buf out;

	(void)state;
	buf_init(&out, 100);
	assert_int_equal(inflate_all(&out, 10, "", &why), 0);
	buf_adds(&out, "0123456789");
	assert_int_equal(inflate_all(&out, 10, "0123456789", &why), 0);
	assert_int_equal(inflate_all(&out, 9, "", &why), -EFBIG);
}

static void a_bomb_costs_its_limit_and_a_gzip_in_a_gzip_is_refused(void **state)
{
	static char zeros[SIZE];
	AUTO_BUF struct buf inner, outer;
	const char *why = "";

	(void)state;
	buf_init(&inner, SIZE);
	buf_init(&outer, SIZE);
	compress_in(&inner, zeros, SIZE, SIZE);
	assert_true(inner.len < SIZE / 200);
	assert_int_equal(inflate_all(&inner, SIZE / 2, "", &why), -EFBIG);
	memset(inner.data + inner.len - 4, 0xff, 4); /* it says 4 GiB */
	assert_int_equal(inflate_all(&inner, SIZE / 2, "", &why), -EFBIG);
	memset(inner.data + inner.len - 4, 0, 4); /* it says nothing */
	assert_int_equal(inflate_all(&inner, SIZE, "", &why), -EBADMSG);
	compress_in(&outer, inner.data, inner.len, SIZE);
	assert_int_equal(inflate_all(&outer, SIZE, "", &why), -EBADMSG);
	assert_string_equal(why, "it is gzipped twice");
}

static void every_cut_and_change_is_seen_when_it_is_inflated(void **state)
{
	static const char text[] = "goroutine 1 [running]:\nmain.main()\n";
	AUTO_BUF struct buf out;
	const char *why = "";
	size_t len;

	(void)state;
	buf_init(&out, 1000);
	compress_in(&out, text, strlen(text), 10);
	len = out.len;
	for (out.len = 2; out.len < len; out.len++) {
		expect(inflate_all(&out, 100, text, &why) == -EBADMSG, "%zu", out.len);
		expect(!strcmp(why, "its gzip is cut"), "%zu: %s", out.len, why);
	}
	for (size_t i = 10; i < len; i++) {
		out.data[i] = (char)(out.data[i] ^ 0x20);
		expect(inflate_all(&out, 100, text, &why) == -EBADMSG, "%zu", i);
		out.data[i] = (char)(out.data[i] ^ 0x20);
	}
	buf_addc(&out, 'x');
	assert_int_equal(inflate_all(&out, 100, text, &why), -EBADMSG);
	assert_string_equal(why, "something that is not gzip follows its gzip");
}

static int set_up(void **state)
{
	(void)state;
	return gzip_new(&gzip) || gzip_check_new(&check);
}

static int tear_down(void **state)
{
	(void)state;
	gzip_free(gzip);
	gzip_check_free(check);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_compressed_in_any_steps_is_whole),
		cmocka_unit_test(nothing_is_a_whole_stream_too),
		cmocka_unit_test(every_cut_every_change_and_every_addition_is_seen),
		cmocka_unit_test(the_sink_s_error_comes_up_and_the_next_stream_is_sound),
		cmocka_unit_test(members_in_a_row_inflate_to_their_sum),
		cmocka_unit_test(what_is_not_gzipped_passes_through),
		cmocka_unit_test(a_bomb_costs_its_limit_and_a_gzip_in_a_gzip_is_refused),
		cmocka_unit_test(every_cut_and_change_is_seen_when_it_is_inflated),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
