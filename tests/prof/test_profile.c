#include "prof/profile.h"

#include <errno.h>

#include "prof/gzip.h"
#include "prof/profile_make.h"

/* The frames of a stack as text, leaf first. */
static const char *text_of(const struct fixture *f, size_t s)
{
	static char text[1000];
	const struct stack *stack = &f->stacks.list[s];
	size_t len = 0;

	text[0] = '\0';
	for (uint32_t i = 0; i < stack->depth; i++) {
		const struct frame *frame =
			symbols_at(f->symbols, f->stacks.frames[stack->at + i]);
		struct span name = symbols_text(f->symbols, frame->function);
		struct span file = symbols_text(f->symbols, frame->file);

		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%.*s %.*s:%u",
					i ? ", " : "", (int)name.len, name.at,
					(int)file.len, file.at, frame->line);
	}
	return text;
}

static int64_t value(const struct fixture *f, size_t s, enum side side, size_t type)
{
	return f->stacks.values[side][s * f->stacks.n_types + type];
}

static void inlined_lines_and_addresses_are_frames_leaf_first(void **state)
{
	AUTO_BUF struct buf bytes;
	struct fixture f;

	(void)state;
	begin(&f);
	buf_init(&bytes, 10000);
	put_head(&bytes);
	PUT_MESSAGE(&bytes, SAMPLE, 1, 3, 1, 1, 1, 2, 2, 5, 2, 500);
	put_number(&bytes, TIME, 1700000000000000000);
	assert_int_equal(read_as(&f, &bytes, SIDE_NOW), 0);
	assert_int_equal(f.stacks.n, 1);
	assert_string_equal(
		text_of(&f, 0),
		"[libc.so.6]+0x1f2e4 :0, main.b a.go:12, main.a a.go:3, main.c c.go:40");
	assert_int_equal(value(&f, 0, SIDE_NOW, 0), 5);
	assert_int_equal(value(&f, 0, SIDE_NOW, 1), 500);
	assert_int_equal(value(&f, 0, SIDE_BASE, 1), 0);
	assert_true(f.stacks.read[SIDE_NOW] && !f.stacks.read[SIDE_BASE]);
	assert_int_equal(f.stacks.at_ns[SIDE_NOW], 1700000000000000000);
	assert_int_equal(stacks_type(&f.stacks, "space"), 1);
	end(&f);
}

static void tables_may_follow_and_ids_be_any_number(void **state)
{
	static const uint64_t ids[] = {UINT64_MAX, 7, 1ULL << 40};
	AUTO_BUF struct buf bytes;
	struct fixture f;

	(void)state;
	begin(&f);
	buf_init(&bytes, 10000);
	for (size_t i = 0; i < 3; i++)
		PUT_MESSAGE(&bytes, SAMPLE, 2, 1, 2, 10 + i, 1, ids[i], 1, ids[2 - i]);
	put_strings(&bytes);
	for (size_t i = 0; i < 3; i++) {
		AUTO_BUF struct buf location;

		buf_init(&location, 100);
		PUT_MESSAGE(&location, 4, 1, ids[2 - i], 2, i);
		put_number(&location, 1, ids[i]);
		put_bytes(&bytes, LOCATION, location.data, location.len);
		PUT_MESSAGE(&bytes, FUNCTION, 2, S_A + i, 1, ids[i]);
	}
	put_types(&bytes);
	assert_int_equal(read_as(&f, &bytes, SIDE_NOW), 0);
	assert_int_equal(f.stacks.n, 3);
	assert_string_equal(text_of(&f, 0), "main.b :0, main.a :2");
	assert_string_equal(text_of(&f, 1), "a.go :1, a.go :1");
	assert_string_equal(text_of(&f, 2), "main.a :2, main.b :0");
	end(&f);
}

static void packed_numbers_are_the_same_as_single_ones(void **state)
{
	AUTO_BUF struct buf bytes, sample, packed;
	struct fixture f;

	(void)state;
	begin(&f);
	buf_init(&bytes, 10000);
	buf_init(&sample, 1000);
	buf_init(&packed, 1000);
	put_head(&bytes);
	PUT_MESSAGE(&bytes, SAMPLE, 1, 1, 1, 2, 2, 1, 2, 2);
	put_bytes(&sample, 1, "\x01\x02", 2);
	put_varint(&packed, 1);
	put_varint(&packed, (uint64_t)-2);
	put_bytes(&sample, 2, packed.data, packed.len);
	put_bytes(&bytes, SAMPLE, sample.data, sample.len);
	assert_int_equal(read_as(&f, &bytes, SIDE_NOW), 0);
	assert_int_equal(f.stacks.n, 1);
	assert_int_equal(value(&f, 0, SIDE_NOW, 0), 2);
	assert_int_equal(value(&f, 0, SIDE_NOW, 1), 0);
	end(&f);
}

static void labels_are_added_up_and_fields_of_the_future_skipped(void **state)
{
	AUTO_BUF struct buf bytes, sample;
	struct fixture f;

	(void)state;
	begin(&f);
	buf_init(&bytes, 10000);
	buf_init(&sample, 1000);
	put_head(&bytes);
	for (uint64_t i = 0; i < 2; i++) {
		buf_clear(&sample);
		put_bytes(&sample, 1, "\x02", 1);
		put_bytes(&sample, 2, "\x01\x08", 2);
		PUT_MESSAGE(&sample, 3, 1, S_BYTES, 3, 16 * i);
		put_number(&sample, 4, 17);
		put_text(&sample, 99, "of the future");
		put_bytes(&bytes, SAMPLE, sample.data, sample.len);
	}
	put_text(&bytes, 1000000, "of the future");
	buf_add(&bytes,
		"\xf9\x07"
		"12345678",
		10); /* field 127, 64 bits */
	buf_add(&bytes,
		"\xfd\x07"
		"1234",
		6); /* field 127, 32 bits */
	assert_int_equal(read_as(&f, &bytes, SIDE_NOW), 0);
	assert_int_equal(f.stacks.n, 1);
	assert_int_equal(value(&f, 0, SIDE_NOW, 1), 16);
	end(&f);
}

static void two_sides_share_their_stacks(void **state)
{
	AUTO_BUF struct buf base, now;
	struct fixture f;

	(void)state;
	begin(&f);
	buf_init(&base, 10000);
	buf_init(&now, 10000);
	put_head(&base);
	PUT_MESSAGE(&base, SAMPLE, 1, 2, 2, 1, 2, 100);
	PUT_MESSAGE(&base, SAMPLE, 1, 1, 2, 1, 2, 70);
	/* the same program in another life: its mapping lies elsewhere */
	PUT_MESSAGE(&now, SAMPLE, 1, 2, 2, 4, 2, 400);
	PUT_MESSAGE(&now, SAMPLE, 1, 1, 1, 2, 2, 0, 2, 0); /* nothing: no stack */
	put_head(&now);
	put_number(&now, DEFAULT, S_OBJECTS);
	assert_int_equal(read_as(&f, &base, SIDE_BASE), 0);
	assert_int_equal(f.stacks.default_type, 1);
	assert_int_equal(read_as(&f, &now, SIDE_NOW), 0);
	assert_int_equal(f.stacks.default_type, 0);
	assert_int_equal(f.stacks.n, 2);
	assert_int_equal(value(&f, 0, SIDE_BASE, 1), 100);
	assert_int_equal(value(&f, 0, SIDE_NOW, 1), 400);
	assert_int_equal(value(&f, 1, SIDE_NOW, 1), 0);
	assert_int_equal(stacks_pprof_total(&f.stacks, 1), 300 + 70);
	end(&f);
}

static void of_one_type_only_what_has_some_of_it_is_read(void **state)
{
	static const struct {
		const char *only;
		size_t stacks;
		int64_t objects, space;
	} rows[] = {
		{NULL, 3, 8, 70},      {"", 1, 1, 70},         {"space", 1, 1, 70},
		{"objects", 3, 8, 70}, {"nonsense", 3, 8, 70},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_BUF struct buf bytes;
		struct fixture f;

		begin(&f);
		f.stacks.only = rows[i].only;
		buf_init(&bytes, 10000);
		put_head(&bytes);
		PUT_MESSAGE(&bytes, SAMPLE, 1, 1, 2, 1, 2, 70);
		PUT_MESSAGE(&bytes, SAMPLE, 1, 2, 2, 4, 2, 0);
		PUT_MESSAGE(&bytes, SAMPLE, 1, 1, 1, 2, 2, 3, 2, 0);
		assert_int_equal(read_as(&f, &bytes, SIDE_NOW), 0);
		expect(f.stacks.n == rows[i].stacks, "%zu: %zu", i, f.stacks.n);
		assert_int_equal(stacks_total(&f.stacks, SIDE_NOW, 0), rows[i].objects);
		assert_int_equal(stacks_total(&f.stacks, SIDE_NOW, 1), rows[i].space);
		/* Too few values are a fault of any sample. */
		PUT_MESSAGE(&bytes, SAMPLE, 1, 1, 2, 0);
		assert_int_equal(read_as(&f, &bytes, SIDE_BASE), -EBADMSG);
		end(&f);
	}
}

static void a_profile_without_samples_is_a_side_that_was_read(void **state)
{
	AUTO_BUF struct buf bytes;
	struct fixture f;

	(void)state;
	begin(&f);
	buf_init(&bytes, 10000);
	put_types(&bytes);
	put_strings(&bytes);
	assert_int_equal(read_as(&f, &bytes, SIDE_BASE), 0);
	assert_true(f.stacks.read[SIDE_BASE]);
	assert_int_equal(f.stacks.n, 0);
	end(&f);
}

static void an_address_is_named_by_its_mapping_and_its_place_in_the_file(void **state)
{
	static const struct {
		const char *file;
		uint64_t start, offset, address;
		const char *name;
	} rows[] = {
		{"/usr/lib/libc.so.6", 0x1000, 0, 0x1234, "[libc.so.6]+0x234 :0"},
		{"[vdso]", 0x1000, 0x10, 0x1234, "[vdso]+0x244 :0"},
		{"", 0x1000, 0, 0x1234, "0x1234 :0"},
		{"/x/", 0x1000, 0, 0x1234, "0x1234 :0"},
		{"libc", 0x2000, 0, 0x1234, "0x1234 :0"}, /* not in its mapping */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_BUF struct buf bytes;
		struct fixture f;

		begin(&f);
		buf_init(&bytes, 10000);
		put_types(&bytes);
		put_strings(&bytes);
		put_text(&bytes, STRING, rows[i].file);
		PUT_MESSAGE(&bytes, MAPPING, 1, 1, 2, rows[i].start, 4, rows[i].offset, 5,
			    ARRAY_SIZE(strings));
		PUT_MESSAGE(&bytes, LOCATION, 1, 1, 2, 1, 3, rows[i].address);
		PUT_MESSAGE(&bytes, SAMPLE, 1, 1, 2, 1, 2, 1);
		expect(read_as(&f, &bytes, SIDE_NOW) == 0, "%zu: %s", i, f.why);
		expect(!strcmp(text_of(&f, 0), rows[i].name), "%zu: %s", i,
		       text_of(&f, 0));
		end(&f);
	}
}

static int into_buf(void *arg, const void *bytes, size_t len)
{
	buf_add(arg, bytes, len);
	return buf_error(arg);
}

static void compress(const struct buf *from, struct buf *to)
{
	struct gzip *gzip;

	assert_int_equal(gzip_new(&gzip), 0);
	gzip_begin(gzip, into_buf, to);
	assert_int_equal(gzip_add(gzip, from->data, from->len), 0);
	assert_int_equal(gzip_end(gzip), 0);
	gzip_free(gzip);
}

static void a_gzipped_profile_is_the_same_and_a_cut_one_is_none(void **state)
{
	AUTO_BUF struct buf bytes, packed;
	struct fixture f;

	(void)state;
	buf_init(&bytes, 10000);
	buf_init(&packed, 10000);
	put_whole(&bytes);
	compress(&bytes, &packed);
	begin(&f);
	assert_int_equal(read_as(&f, &packed, SIDE_NOW), 0);
	assert_int_equal(f.stacks.n, 1);
	end(&f);
	packed.len--;
	begin(&f);
	assert_int_equal(read_as(&f, &packed, SIDE_NOW), -EBADMSG);
	assert_string_equal(f.why, "its gzip is cut");
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(inlined_lines_and_addresses_are_frames_leaf_first),
		cmocka_unit_test(tables_may_follow_and_ids_be_any_number),
		cmocka_unit_test(packed_numbers_are_the_same_as_single_ones),
		cmocka_unit_test(labels_are_added_up_and_fields_of_the_future_skipped),
		cmocka_unit_test(two_sides_share_their_stacks),
		cmocka_unit_test(of_one_type_only_what_has_some_of_it_is_read),
		cmocka_unit_test(a_profile_without_samples_is_a_side_that_was_read),
		cmocka_unit_test(
			an_address_is_named_by_its_mapping_and_its_place_in_the_file),
		cmocka_unit_test(a_gzipped_profile_is_the_same_and_a_cut_one_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
