#include "core/pair.h"

#include <stdio.h>
#include <string.h>

#include "unit.h"

#define BIT(heap) (1U << (heap))

static void like_is_compared_with_like(void **state)
{
	static const struct {
		unsigned there;
		struct heap_pair pair;
	} rows[] = {
		{0, {HEAP_N, HEAP_N}},
		{BIT(HEAP_NOW), {HEAP_NOW, HEAP_N}},
		{BIT(HEAP_NOW) | BIT(HEAP_NOW_GC), {HEAP_NOW_GC, HEAP_N}},
		{BIT(HEAP_NOW) | BIT(HEAP_BASE), {HEAP_NOW, HEAP_BASE}},
		{BIT(HEAP_NOW) | BIT(HEAP_BASE) | BIT(HEAP_BASE_GC),
		 {HEAP_NOW, HEAP_BASE}},
		{BIT(HEAP_NOW) | BIT(HEAP_NOW_GC) | BIT(HEAP_BASE),
		 {HEAP_NOW, HEAP_BASE}},
		{BIT(HEAP_N) - 1, {HEAP_NOW_GC, HEAP_BASE_GC}},
		{BIT(HEAP_NOW) | BIT(HEAP_BASE_GC), {HEAP_NOW, HEAP_BASE_GC}},
		{BIT(HEAP_NOW_GC) | BIT(HEAP_BASE), {HEAP_NOW_GC, HEAP_BASE}},
		{BIT(HEAP_NOW) | BIT(HEAP_OLDEST), {HEAP_NOW, HEAP_OLDEST}},
		{BIT(HEAP_NOW) | BIT(HEAP_NOW_GC) | BIT(HEAP_OLDEST),
		 {HEAP_NOW, HEAP_OLDEST}},
		{BIT(HEAP_NOW_GC) | BIT(HEAP_OLDEST), {HEAP_NOW_GC, HEAP_OLDEST}},
		{BIT(HEAP_NOW) | BIT(HEAP_BASE) | BIT(HEAP_OLDEST),
		 {HEAP_NOW, HEAP_BASE}},
		{BIT(HEAP_BASE) | BIT(HEAP_BASE_GC), {HEAP_N, HEAP_N}},
		{BIT(HEAP_NOW) | BIT(HEAP_OLDEST) | BIT(HEAP_NEWEST),
		 {HEAP_NOW, HEAP_OLDEST}},
		{BIT(HEAP_OLDEST), {HEAP_OLDEST, HEAP_N}},
		{BIT(HEAP_OLDEST) | BIT(HEAP_NEWEST), {HEAP_NEWEST, HEAP_OLDEST}},
		{BIT(HEAP_BASE) | BIT(HEAP_BASE_GC) | BIT(HEAP_OLDEST),
		 {HEAP_OLDEST, HEAP_BASE}},
		{BIT(HEAP_BASE) | BIT(HEAP_OLDEST) | BIT(HEAP_NEWEST),
		 {HEAP_NEWEST, HEAP_BASE}},
		{BIT(HEAP_BASE_GC) | BIT(HEAP_OLDEST) | BIT(HEAP_NEWEST),
		 {HEAP_NEWEST, HEAP_BASE_GC}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct heap_pair pair = pair_heaps(rows[i].there);

		expect(pair.now == rows[i].pair.now && pair.base == rows[i].pair.base,
		       "row %zu: %d %d", i, (int)pair.now, (int)pair.base);
	}
}

/* "hgbt": a plain heap, one after a collection, goroutines, a text of them that is cut.
 */
static void hold(struct capture_record *c, const char *dir, const char *held)
{
	static const struct {
		char letter;
		const char *kind;
		enum kept kept;
	} kinds[] = {
		{'h', "heap", KEPT_COMPLETE},      {'g', "heap-gc", KEPT_COMPLETE},
		{'b', "goroutine", KEPT_COMPLETE}, {'t', "goroutine-text", KEPT_PARTIAL},
		{'p', "heap", KEPT_PARTIAL},       {'f', "heap", KEPT_FAILED},
	};

	capture_record_init(c);
	(void)text_copy(c->dir, sizeof(c->dir), dir);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct artifact_record *a;

		if (!strchr(held, kinds[i].letter))
			continue;
		a = capture_add(c, kinds[i].kind, kinds[i].kind);
		assert_non_null(a);
		a->result = kinds[i].kept;
	}
}

static void the_capture_with_most_to_show_is_shown(void **state)
{
	static const struct {
		const char *held[3];
		size_t shown, earlier;
	} rows[] = {
		{{"", "", ""}, 2, SIZE_MAX}, /* the newest */
		{{"h", "h", "h"}, 2, 0},           {{"hb", "hg", "h"}, 0, SIZE_MAX},
		{{"h", "hgb", "hg"}, 1, SIZE_MAX}, {{"hg", "hgb", "hg"}, 1, 0},
		{{"b", "p", "f"}, 0, SIZE_MAX},    {{"f", "t", "p"}, 1, SIZE_MAX},
		{{"g", "h", "hg"}, 2, 0},          {{"g", "h", "ht"}, 2, 1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct capture_record c[3];
		struct manifest m = {.captures = c, .n_captures = 3};

		for (size_t j = 0; j < 3; j++)
			hold(&c[j], "01", rows[i].held[j]);
		expect(pair_capture(&m) == rows[i].shown, "row %zu: shown %zu", i,
		       pair_capture(&m));
		expect(pair_earlier(&m, rows[i].shown) == rows[i].earlier,
		       "row %zu: earlier %zu", i, pair_earlier(&m, rows[i].shown));
	}
}

static bool is_file(const struct pair_file *file, const char *path)
{
	char name[64] = "";

	if (file->name)
		(void)snprintf(name, sizeof(name), "%s/%s", file->dir, file->name);
	return text_equal(name, path);
}

/* What is complete in base, 01 and 02, and the two files that are compared. */
static void an_incident_names_its_best_pair(void **state)
{
	static const struct {
		const char *held[3], *now, *base;
	} rows[] = {
		{{"", "", ""}, "recorder/s", "recorder/r"},
		{{"", "h", ""}, "01/heap", "recorder/r"},
		{{"h", "h", "h"}, "02/heap", "base/heap"},
		{{"hg", "hg", "h"}, "01/heap-gc", "base/heap-gc"},
		{{"hg", "h", "hg"}, "02/heap-gc", "base/heap-gc"},
		{{"g", "hg", ""}, "01/heap-gc", "base/heap-gc"},
		{{"h", "hg", ""}, "01/heap", "base/heap"},
		{{"g", "h", ""}, "01/heap", "base/heap-gc"},
		{{"h", "g", ""}, "01/heap-gc", "base/heap"},
		{{"p", "h", ""}, "01/heap", "recorder/r"},
		{{"h", "", ""}, "recorder/s", "base/heap"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		static const char *const dirs[] = {"base", "01", "02"};
		struct capture_record c[3];
		struct manifest m = {.captures = c + 1, .n_captures = 2};
		struct pair_files pair;

		for (size_t j = 0; j < 3; j++)
			hold(&c[j], dirs[j], rows[i].held[j]);
		memcpy(m.base.artifacts, c[0].artifacts, sizeof(m.base.artifacts));
		m.base.n_artifacts = c[0].n_artifacts;
		m.n_recorder = 2;
		memcpy(m.recorder[0].name, "r", 2);
		memcpy(m.recorder[1].name, "s", 2);
		pair = pair_of_incident(&m);
		expect(is_file(&pair.now, rows[i].now), "row %zu: now", i);
		expect(is_file(&pair.base, rows[i].base), "row %zu: base", i);
	}
}

static void without_a_capture_the_recorder_is_all_there_is(void **state)
{
	struct manifest m = {.n_recorder = 0};

	(void)state;
	assert_int_equal(pair_capture(&m), 0);
	assert_int_equal(pair_earlier(&m, 0), SIZE_MAX);
	assert_null(pair_of_incident(&m).now.name);
	m.n_recorder = 1;
	memcpy(m.recorder[0].name, "r", 2);
	assert_string_equal(pair_of_incident(&m).now.name, "r");
	assert_null(pair_of_incident(&m).base.name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(like_is_compared_with_like),
		cmocka_unit_test(the_capture_with_most_to_show_is_shown),
		cmocka_unit_test(an_incident_names_its_best_pair),
		cmocka_unit_test(without_a_capture_the_recorder_is_all_there_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
