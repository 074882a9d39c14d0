/* Which files a report is read from, and what it says where they are missing, damaged or
 * of different kinds. */
#include "readout_case.h"

#define OLD "@profile/leaker1-heap.pb"
#define NEW "@profile/leaker2-heap.pb"
#define BAD "no profile"

/* NULL: the file is not there. */
struct heaps {
	const char *now, *now_gc, *base, *base_gc, *recorder;
};

static void put_heaps(struct readout_case *c, const struct heaps *heaps)
{
	if (heaps->now)
		case_put(c, "01/heap.pb.gz", "heap", heaps->now);
	if (heaps->now_gc)
		case_put(c, "01/heap-gc.pb.gz", "heap-gc", heaps->now_gc);
	if (heaps->base)
		case_put(c, "base/heap.pb.gz", "heap", heaps->base);
	if (heaps->base_gc)
		case_put(c, "base/heap-gc.pb.gz", "heap-gc", heaps->base_gc);
	if (heaps->recorder) {
		case_put(c, "recorder/1.pb.gz", NULL, heaps->recorder);
		(void)text_copy(c->manifest.recorder[0].name, ARTIFACT_NAME_MAX,
				"1.pb.gz");
		c->manifest.n_recorder = 1;
	}
}

static void like_is_compared_with_like_as_long_as_it_can_be_read(void **state)
{
	static const struct {
		struct heaps heaps;
		const char *now, *base; /* that are compared */
		const char *note;
	} rows[] = {
		{{NEW, NEW, OLD, OLD, NULL}, "01/heap-gc", "base/heap-gc", NULL},
		{{NEW, NULL, OLD, OLD, NULL}, "01/heap.", "base/heap.", NULL},
		{{NEW, BAD, OLD, OLD, NULL}, "01/heap.", "base/heap.", "01/heap-gc"},
		{{NEW, NEW, OLD, BAD, NULL}, "01/heap.", "base/heap.", "base/heap-gc"},
		{{BAD, NEW, OLD, BAD, NULL},
		 "01/heap-gc",
		 "base/heap.",
		 "01/heap-gc.pb.gz is "},
		{{NEW, NULL, NULL, OLD, NULL},
		 "01/heap.",
		 "base/heap-gc",
		 "01/heap.pb.gz is "},
		{{NEW, NULL, NULL, NULL, OLD},
		 "01/heap.",
		 "recorder/1",
		 "there is no heap of"},
		{{NEW, NULL, BAD, NULL, OLD},
		 "01/heap.",
		 "recorder/1",
		 "base/heap.pb.gz: "},
		{{NEW, NULL, BAD, BAD, BAD}, "01/heap.", NULL, "recorder/1.pb.gz: "},
		{{NEW, NULL, NULL, NULL, NULL}, "01/heap.", NULL, NULL},
		{{BAD, BAD, OLD, OLD, NEW},
		 "recorder/1",
		 "base/heap.",
		 "no capture has a heap"},
		{{NULL, NULL, NULL, NULL, NEW},
		 "recorder/1",
		 NULL,
		 "no capture has a heap"},
		{{BAD, BAD, OLD, OLD, BAD}, NULL, NULL, "there is no heap that"},
		{{NULL, NULL, OLD, OLD, NULL}, NULL, NULL, "there is no heap that"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct report_heap *heap;
		struct readout_case c;

		case_begin(&c);
		put_heaps(&c, &rows[i].heaps);
		heap = &case_read(&c)->heap;
		expect(!rows[i].now == !heap->stacks, "row %zu", i);
		if (rows[i].now)
			expect(text_starts(heap->now_file, rows[i].now), "row %zu: %s", i,
			       heap->now_file);
		if (rows[i].base)
			expect(heap->base_file &&
				       text_starts(heap->base_file, rows[i].base),
			       "row %zu: %s", i, heap->base_file);
		else
			expect(!heap->base_file, "row %zu: %s", i, heap->base_file);
		if (rows[i].note)
			expect(case_notes(&c, rows[i].note) == 1, "row %zu", i);
		case_end(&c);
	}
}

static void what_is_not_there_is_named(void **state)
{
	struct readout_case c;

	(void)state;
	case_begin(&c);
	case_put(&c, "01/heap.pb.gz", "heap", NEW);
	case_record(&c, "01/heap-gc.pb.gz", "heap-gc"); /* and no file */
	case_record(&c, "base/heap.pb.gz", "heap");
	tree_link(&c.tree, "base/heap.pb.gz", "/etc/passwd");
	case_put(&c, "base/heap-gc.pb.gz", "heap-gc", OLD);
	assert_int_equal(truncate(tree_path(&c.tree, "base/heap-gc.pb.gz"),
				  (off_t)READOUT_FILE_MAX + 1),
			 0);
	case_read(&c);
	assert_int_equal(case_notes(&c, "01/heap-gc.pb.gz: No such file"), 1);
	assert_int_equal(case_notes(&c, "base/heap.pb.gz: Too many levels"), 1);
	assert_int_equal(case_notes(&c, "base/heap-gc.pb.gz: larger than what is read"),
			 1);
	assert_non_null(c.report->heap.stacks);
	assert_null(c.report->heap.base_file);
	case_end(&c);
}

static void an_incident_without_a_capture_is_a_report_of_what_is_known(void **state)
{
	const struct report *report;
	struct readout_case c;

	(void)state;
	case_begin(&c);
	case_put(&c, "base/heap.pb.gz", "heap", OLD);
	case_put(&c, "base/proc/buildinfo", "build",
		 "go\tgo1.22.1\nmod\texample.com/shop\tv1.2.3\n"
		 "build\tvcs.revision=0123abcd\nbuild\tvcs.modified=true\n");
	report = case_read(&c);
	assert_null(report->heap.stacks);
	assert_null(report->goroutines);
	assert_int_equal(report->grew.n, 0);
	assert_int_equal(report->account.label, LABEL_UNCLEAR);
	assert_int_equal(case_notes(&c, "there is no heap that could be read"), 1);
	assert_int_equal(case_notes(&c, "there are no goroutines that could be read"), 1);
	assert_string_equal(case_fact(&c, "Go version"), "go1.22.1");
	assert_string_equal(case_fact(&c, "module"), "example.com/shop v1.2.3");
	assert_string_equal(case_fact(&c, "revision"), "0123abcd (modified)");
	case_end(&c);
}

static void a_rate_takes_two_captures_some_time_apart(void **state)
{
	static const struct {
		const char *now, *earlier;
		int64_t ms;
		double minutes;
	} rows[] = {
		{"heap", "heap", 2 * MINUTE_MS, 2},
		{"heap-gc", "heap-gc", MINUTE_MS / 2, 0.5},
		{"heap", "heap", 999, 0},        /* too close to tell anything */
		{"heap", "heap", -MINUTE_MS, 0}, /* the clock was set */
		{"heap-gc", "heap", MINUTE_MS, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct readout_case c;

		case_begin(&c);
		case_put(&c, "01/a.pb.gz", rows[i].earlier, OLD);
		case_put(&c, "02/a.pb.gz", rows[i].now, NEW)->at_ms =
			BEGAN_MS + rows[i].ms;
		case_read(&c);
		expect(c.report->capture == 1, "row %zu: %zu", i, c.report->capture);
		expect(c.readout.minutes == rows[i].minutes, "row %zu: %f", i,
		       c.readout.minutes);
		case_end(&c);
	}
}

#define TEXT "@goroutines/debug2.txt"
#define BINARY "@profile/grpc1-goroutine.pb"

static void goroutines_come_from_the_text_where_it_can_be_read(void **state)
{
	static const struct {
		const char *text, *binary;
		enum kept result;
		const char *base_binary;
		enum goroutine_source now, base;
		const char *note;
	} rows[] = {
		{TEXT, BINARY, KEPT_COMPLETE, BINARY, GOROUTINES_DEBUG2,
		 GOROUTINES_BINARY, NULL},
		/* Part of a text tells more than all counts. */
		{TEXT, BINARY, KEPT_PARTIAL, NULL, GOROUTINES_DEBUG2, GOROUTINES_NONE,
		 "there are no goroutines of a base"},
		{"", BINARY, KEPT_COMPLETE, BINARY, GOROUTINES_BINARY, GOROUTINES_BINARY,
		 "01/goroutine.txt.gz: "},
		{TEXT, BINARY, KEPT_SKIPPED, BAD, GOROUTINES_BINARY, GOROUTINES_NONE,
		 "base/goroutine.pb.gz: "},
		{"", BAD, KEPT_COMPLETE, BINARY, GOROUTINES_NONE, GOROUTINES_NONE,
		 "there are no goroutines that could be read"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct goroutines *list;
		struct readout_case c;

		case_begin(&c);
		case_put(&c, "01/goroutine.txt.gz", "goroutine-text", rows[i].text)
			->result = rows[i].result;
		case_put(&c, "01/goroutine.pb.gz", "goroutine", rows[i].binary);
		if (rows[i].base_binary)
			case_put(&c, "base/goroutine.pb.gz", "goroutine",
				 rows[i].base_binary);
		list = case_read(&c)->goroutines;
		expect(!list == (rows[i].now == GOROUTINES_NONE), "row %zu", i);
		if (list)
			expect(list->source[SIDE_NOW] == rows[i].now &&
				       list->source[SIDE_BASE] == rows[i].base,
			       "row %zu: %d %d", i, list->source[SIDE_NOW],
			       list->source[SIDE_BASE]);
		if (rows[i].note)
			expect(case_notes(&c, rows[i].note) == 1, "row %zu", i);
		case_end(&c);
	}
}

static void only_so_many_notes_are_listed(void **state)
{
	struct readout_case c;

	(void)state;
	case_begin(&c);
	case_put(&c, "01/heap.pb.gz", "heap", NEW);
	for (int i = 0; i < ARTIFACTS_MAX - 1; i++) {
		char path[64];

		/* As many heaps of the base as there may be, none of which is one. */
		(void)snprintf(path, sizeof(path), "base/heap-%d.pb.gz", i);
		case_put(&c, path, "heap", BAD);
	}
	case_read(&c);
	assert_int_equal(c.report->n_notes, READOUT_NOTES_MAX);
	assert_string_equal(c.report->notes[READOUT_NOTES_MAX - 1],
			    "17 more files could not be read");
	case_end(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(like_is_compared_with_like_as_long_as_it_can_be_read),
		cmocka_unit_test(what_is_not_there_is_named),
		cmocka_unit_test(
			an_incident_without_a_capture_is_a_report_of_what_is_known),
		cmocka_unit_test(a_rate_takes_two_captures_some_time_apart),
		cmocka_unit_test(goroutines_come_from_the_text_where_it_can_be_read),
		cmocka_unit_test(only_so_many_notes_are_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
