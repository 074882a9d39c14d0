/* The heap profile as text: heads, records, scaling and damaged files. */
#include "unit.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "prof/legacy_heap.h"

struct reading {
	struct symbols *symbols;
	struct stacks stacks;
	char why[LEGACY_HEAP_WHY_MAX];
};

static void reading_init(struct reading *r)
{
	assert_int_equal(symbols_new(8 << 20, &r->symbols), 0);
	stacks_init(&r->stacks, r->symbols);
}

static void reading_fini(struct reading *r)
{
	stacks_fini(&r->stacks);
	symbols_free(r->symbols);
}
#define AUTO_READING __attribute__((cleanup(reading_fini)))

static int read_as(struct reading *r, const char *text, enum side side)
{
	return legacy_heap_read((struct span){text, strlen(text)}, side, &r->stacks,
				r->why);
}

static int64_t value(const struct reading *r, size_t stack, const char *type)
{
	int t = stacks_type(&r->stacks, type);

	assert_true(t >= 0);
	return r->stacks.values[SIDE_NOW][stack * r->stacks.n_types + (size_t)t];
}

static struct span function_at(const struct reading *r, size_t stack, size_t depth)
{
	uint32_t frame = r->stacks.frames[r->stacks.list[stack].at + depth];

	return symbols_text(r->symbols, symbols_at(r->symbols, frame)->function);
}

static const char go_text[] = "heap profile: 3: 66560 [4: 67584] @ heap/1048576\n"
			      "1: 65536 [1: 65536] @ 0x4f8266 0x466201\n"
			      "#\t0x4f8265\tmain.leak+0x25\t\t/m.go:15\n"
			      "#\t0x466200\tmain.main+0x1\t/m.go:9\n\n"
			      "2: 1024 [3: 2048] @ 0x43a016\n"
			      "#\t0x43a015\tfmt.Sprintf+0x25\t/fmt/print.go:219\n\n"
			      "\n# runtime.MemStats\n# Alloc = 1361720\n";

static void records_are_scaled_to_what_they_stand_for(void **state)
{
	double big = 1 / (1 - exp(-65536.0 / 524288)), small = 1 / (1 - exp(-1.0 / 1024));
	AUTO_READING struct reading r;

	(void)state;
	reading_init(&r);
	expect(read_as(&r, go_text, SIDE_NOW) == 0, "%s", r.why);
	assert_true(r.stacks.read[SIDE_NOW]);
	assert_int_equal(r.stacks.n, 2);
	assert_int_equal(r.stacks.list[0].depth, 2);
	assert_true(span_is(function_at(&r, 0, 0), "main.leak"));
	assert_true(span_is(function_at(&r, 0, 1), "main.main"));
	assert_int_equal(value(&r, 0, "inuse_space"), (int64_t)(65536 * big));
	assert_int_equal(value(&r, 0, "inuse_objects"), (int64_t)big);
	assert_int_equal(value(&r, 1, "inuse_space"), (int64_t)(1024 * small));
	assert_int_equal(value(&r, 1, "inuse_objects"), (int64_t)(2 * small));
	assert_int_equal(value(&r, 1, "alloc_space"),
			 (int64_t)(2048 / (1 - exp(-2048.0 / 3 / 524288))));
}

static void the_head_says_the_rate(void **state)
{
	static const struct {
		const char *kind;
		double rate; /* 0: nothing is scaled */
	} rows[] = {
		{"heap/1048576", 524288},
		{"heap_v2/524288", 524288},
		{"heapz_v2/4096", 4096},
		{"heapprofile", 0},
		{"heap", 0},
		{"heap/2", 0},
		{"heap/0", 0},
		{"heap_v2/1", 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_READING struct reading r;
		AUTO_BUF struct buf text;
		double scale = rows[i].rate > 0 ? 1 / (1 - exp(-1024 / rows[i].rate)) : 1;

		reading_init(&r);
		buf_init(&text, 4096);
		buf_addf(&text,
			 "heap profile: 5: 5120 [5: 5120] @ %s\n5: 5120 [5: 5120] @ "
			 "0x43a016 0x43a017\n",
			 rows[i].kind);
		expect(read_as(&r, text.data, SIDE_NOW) == 0, "%s: %s", rows[i].kind,
		       r.why);
		expect(value(&r, 0, "inuse_space") == (int64_t)(5120 * scale), "%s: %lld",
		       rows[i].kind, (long long)value(&r, 0, "inuse_space"));
		/* Without symbols the addresses are what there is. */
		expect(r.stacks.list[0].depth == 2, "%s", rows[i].kind);
		assert_true(span_is(function_at(&r, 0, 1), "0x43a017"));
	}
}

static void what_is_freed_counts_as_allocated_alone(void **state)
{
	AUTO_READING struct reading r;

	(void)state;
	reading_init(&r);
	assert_int_equal(read_as(&r,
				 "heap profile: 0: 0 [2: 64] @ heap_v2/1\n"
				 "0: 0 [2: 64] @ 0x1\n\nMAPPED_LIBRARIES:\n0-1 r x\n",
				 SIDE_NOW),
			 0);
	assert_int_equal(value(&r, 0, "inuse_space"), 0);
	assert_int_equal(value(&r, 0, "alloc_space"), 64);
	assert_int_equal(value(&r, 0, "alloc_objects"), 2);
}

static void both_sides_are_compared(void **state)
{
	AUTO_READING struct reading r;

	(void)state;
	reading_init(&r);
	assert_int_equal(read_as(&r, go_text, SIDE_BASE), 0);
	assert_int_equal(read_as(&r, go_text, SIDE_NOW), 0);
	assert_int_equal(r.stacks.n, 2);
	for (size_t t = 0; t < r.stacks.n_types; t++) {
		assert_int_equal(stacks_pprof_total(&r.stacks, t), 0);
		assert_int_equal(stacks_total(&r.stacks, SIDE_BASE, t),
				 stacks_total(&r.stacks, SIDE_NOW, t));
	}
}

static void a_profile_of_something_else_is_not_compared(void **state)
{
	AUTO_READING struct reading r;

	(void)state;
	reading_init(&r);
	r.stacks.n_types = 1;
	assert_int_equal(read_as(&r, go_text, SIDE_NOW), -EBADMSG);
	assert_non_null(strstr(r.why, "cannot be compared"));
}

static void damaged_texts_are_refused_in_words(void **state)
{
#define HEAD "heap profile: 1: 2 [3: 4] @ heap/1048576\n"
	static const struct {
		const char *text, *why;
	} rows[] = {
		{"", "line 1: "},
		{"heap profile", "line 1: "},
		{"heap profile: \n", "line 1: "},
		{"heap profile: 1: 2 [3: 4] heap/1048576\n", "line 1: "},
		{"heap profile: 1: 2 [3: 4] @ growthz/1\n", "kind of heap profile"},
		{"heap profile: 1: 2 [3: 4] @ heap/x\n", "kind of heap profile"},
		{"heap profile: 1: 99999999999999999999 [3: 4] @ heap/2\n", "line 1: "},
		{HEAD "x\n", "line 2: is no record"},
		{HEAD "1: 2 [3: 4]\n", "line 2: is no record"},
		{HEAD "1: 2 [3: 4 @ 0x1\n", "line 2: is no record"},
		{HEAD "1: [3: 4] @ 0x1\n", "line 2: is no record"},
		{HEAD "0: 2 [3: 4] @ 0x1\n",
		 "line 2: has bytes that do not fit its objects"},
		{HEAD "1: 2 [0: 4] @ 0x1\n",
		 "line 2: has bytes that do not fit its objects"},
		{HEAD "1: 2 [3: -4] @ 0x1\n",
		 "line 2: has bytes that do not fit its objects"},
		{HEAD "-1: 2 [3: 4] @ 0x1\n",
		 "line 2: has bytes that do not fit its objects"},
		{HEAD "1: 1 [3: 4] @ 0x1\n", "it is cut: its records hold 1 of 2"},
		{HEAD "1: 2 [3: 4] @ 0x1", "it is cut"},
		{HEAD, "it is cut"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_READING struct reading r;

		reading_init(&r);
		expect(read_as(&r, rows[i].text, SIDE_NOW) == -EBADMSG, "%s",
		       rows[i].text);
		expect(strstr(r.why, rows[i].why), "%s: %s", rows[i].text, r.why);
	}
}

/* Numbers without end, lines of every kind in every place. */
static void hostile_texts_are_only_data(void **state)
{
	static const char *const rows[] = {
		"heap profile: 0: 9223372036854775807 [1: 1] @ heap/1048576\n"
		"9223372036854775807: 9223372036854775807 "
		"[9223372036854775807: 9223372036854775807] @ 0x1\n",
		"heap profile: 0: 9223372036854775807 [1: 1] @ heap_v2/"
		"9223372036854775807\n1: 9223372036854775807 [1: 1] @ 0x1\n"
		"-9223372036854775808: -1 [1: 1] @ \n1: 1 [1: 1] @ 0x1\n"
		"# runtime.MemStats\n",
		("heap profile: 0: 0 [0: 0] @ heap/-4\n#\t0x1\tmain.f\t:\n"
		 "0: 0 [0: 0] @ \n#\t0x1\t\t\t\n#\t0x\n#\n#\t\t\t\t\n"),
		"heap profile: 0: 0 [0: 0] @ heap/2\n0: 0 [0: 0] @ 0x 0x1x  0xzz y\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_READING struct reading r;
		int result;

		reading_init(&r);
		result = read_as(&r, rows[i], SIDE_NOW);
		expect(result == 0 || (result == -EBADMSG && r.why[0]), "%zu: %s", i,
		       r.why);
	}
}

static void cut_anywhere_it_is_refused_or_whole(void **state)
{
	size_t whole = (size_t)(strstr(go_text, "\n# runtime") - go_text) +
		       strlen("\n# runtime.MemStats\n");
	size_t records = (size_t)(strstr(go_text, "\n\n\n# runtime") - go_text);

	(void)state;
	for (size_t len = 0; len <= strlen(go_text); len++) {
		AUTO_READING struct reading r;
		AUTO_FREE char *text = strndup(go_text, len);
		int result;

		assert_non_null(text);
		reading_init(&r);
		result = read_as(&r, text, SIDE_NOW);
		/* All numbers are there once the last record is. */
		if (len < records - strlen("#\t0x43a015\tfmt.Sprintf+0x25\t") - 19)
			expect(result == -EBADMSG, "%zu: %d", len, result);
		if (len == strlen(go_text) || len == whole)
			expect(result == 0, "%zu: %s", len, r.why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_are_scaled_to_what_they_stand_for),
		cmocka_unit_test(the_head_says_the_rate),
		cmocka_unit_test(what_is_freed_counts_as_allocated_alone),
		cmocka_unit_test(both_sides_are_compared),
		cmocka_unit_test(a_profile_of_something_else_is_not_compared),
		cmocka_unit_test(damaged_texts_are_refused_in_words),
		cmocka_unit_test(hostile_texts_are_only_data),
		cmocka_unit_test(cut_anywhere_it_is_refused_or_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
