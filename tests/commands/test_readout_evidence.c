/* What a report is told by the kernel's files, by the runtime and by the manifest. */
#include "readout_case.h"

static void settings_are_read_as_go_reads_them(void **state)
{
	static const struct {
		const char *text;
		uint64_t limit;
	} rows[] = {
		{"GOMEMLIMIT=2GiB\n", UINT64_C(2) << 30},
		{"GOGC=50\nGOMEMLIMIT=512MiB\n", UINT64_C(512) << 20},
		{"GOMEMLIMIT=1048576\n", 1 << 20},
		{"GOMEMLIMIT=1048576B\n", 1 << 20},
		{"GOMEMLIMIT=2G\n", 0}, /* no unit of Go's */
		{"GOMEMLIMIT=off\n", 0},
		{"GOMEMLIMIT=\n", 0},
		{"GOMEMLIMIT=2GiB", UINT64_C(2) << 30},
		{"XGOMEMLIMIT=2GiB\n", 0},
		{"", 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct readout_case c;

		case_begin(&c);
		case_put(&c, "01/proc/goenv", "goenv", rows[i].text);
		case_read(&c);
		expect(c.readout.gomemlimit == rows[i].limit, "%s: %llu", rows[i].text,
		       (unsigned long long)c.readout.gomemlimit);
		expect(!*case_fact(&c, "GOMEMLIMIT") == !rows[i].limit, "%s",
		       rows[i].text);
		case_end(&c);
	}
}

static void what_the_capture_lacks_the_base_tells(void **state)
{
	static const char first[] = "go\tgo1.19.8\npath\texample.com/a\n";
	static const char second[] = "go\tgo1.22.1\npath\texample.com/b\n";
	static const struct {
		const char *now, *base, *version;
		bool note;
	} rows[] = {
		{first, second, "go1.19.8", false},
		{NULL, second, "go1.22.1", false},
		{first, NULL, "go1.19.8", false},
		{"\x7f"
		 "ELF",
		 second, "", true}, /* what is there is not replaced */
		{NULL, NULL, "", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct readout_case c;

		case_begin(&c);
		if (rows[i].now)
			case_put(&c, "01/proc/buildinfo", "build", rows[i].now);
		if (rows[i].base)
			case_put(&c, "base/proc/buildinfo", "build", rows[i].base);
		case_read(&c);
		expect(!strcmp(case_fact(&c, "Go version"), rows[i].version),
		       "row %zu: %s", i, case_fact(&c, "Go version"));
		expect(case_notes(&c, "01/proc/buildinfo: is no build") == rows[i].note,
		       "row %zu", i);
		assert_string_not_equal(case_fact(&c, "own code"), "");
		case_end(&c);
	}
}

static void threads_are_those_of_the_kernel(void **state)
{
	static const struct {
		const char *signal, *base;
		size_t n;
	} rows[] = {
		{"threads", "Threads:\t8\n", 1},
		{"tasks", "Threads:\t8\n", 1},
		{"memory", "Threads:\t8\n", 0}, /* 52 more are nobody's concern */
		{"threads", "VmRSS:\t8 kB\n", 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct grew *grew;
		struct readout_case c;

		case_begin(&c);
		(void)text_copy(c.manifest.reason.signal,
				sizeof(c.manifest.reason.signal), rows[i].signal);
		case_put(&c, "base/proc/status", "kernel", rows[i].base);
		case_put(&c, "01/proc/status", "kernel", "Threads:\t60\n");
		grew = &case_read(&c)->grew;
		expect(grew->n == rows[i].n, "row %zu: %zu", i, grew->n);
		expect(grew->n == 0 ||
			       (grew->list[0].kind == SUSPECT_THREADS &&
				grew->list[0].base == 8 && grew->list[0].now == 60),
		       "row %zu", i);
		case_end(&c);
	}
}

static void the_limit_is_the_nearest_that_anybody_saw(void **state)
{
	static const struct {
		const char *file;
		uint64_t manifest, limit;
	} rows[] = {
		{"1073741824\n", 2 << 20, 1 << 30},
		{"max\n", 2 << 20, 2 << 20},
		{"max\n", 0, 0},
		{NULL, 2 << 20, 2 << 20},
		{NULL, 0, MEMORY_UNKNOWN},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct readout_case c;

		case_begin(&c);
		c.manifest.target.limit = rows[i].manifest;
		if (rows[i].file)
			case_put(&c, "01/cgroup/memory.max", "kernel", rows[i].file);
		case_read(&c);
		expect(c.report->kernel[SIDE_NOW].limit == rows[i].limit, "row %zu: %llu",
		       i, (unsigned long long)c.report->kernel[SIDE_NOW].limit);
		case_end(&c);
	}
}

static void what_is_too_little_depends_on_what_it_is_about(void **state)
{
	static const struct {
		const char *signal;
		uint64_t threshold;
		bool accused;
	} rows[] = {
		{"memory", UINT64_C(500) << 20, true},
		{"memory", UINT64_C(900) << 30, false},    /* 2 % of it are 18G */
		{"goroutines", UINT64_C(900) << 30, true}, /* those are no bytes */
		{"rss", UINT64_C(900) << 30, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct reason *reason;
		struct readout_case c;

		case_begin(&c);
		reason = &c.manifest.reason;
		reason->threshold = rows[i].threshold;
		(void)text_copy(reason->signal, sizeof(reason->signal), rows[i].signal);
		case_put(&c, "base/heap.pb.gz", "heap", "@profile/leaker1-heap.pb");
		case_put(&c, "01/heap.pb.gz", "heap", "@profile/leaker2-heap.pb");
		case_read(&c);
		expect((c.report->grew.n > 0) == rows[i].accused, "row %zu: %zu", i,
		       c.report->grew.n);
		case_end(&c);
	}
}

static void damaged_evidence_is_a_note(void **state)
{
	struct readout_case c;

	(void)state;
	case_begin(&c);
	case_put(&c, "01/memstats.txt.gz", "memstats", "no MemStats");
	case_put(&c, "01/sockets.csv", "sockets", "\xff\xff");
	case_put(&c, "timeline.csv", NULL, "no timeline");
	assert_int_equal(
		manifest_add_derived(&c.manifest,
				     &(struct file_record){.name = "timeline.csv"}),
		0);
	case_read(&c);
	assert_int_equal(
		case_notes(&c, "01/memstats.txt.gz: has no MemStats of Go's runtime"), 1);
	assert_int_equal(case_notes(&c, "01/sockets.csv: or that of the base is no"), 1);
	assert_int_equal(case_notes(&c, "timeline.csv: is no timeline"), 1);
	assert_int_equal(c.report->n_sockets, 0);
	assert_int_equal(c.report->n_points, 0);
	assert_int_equal(c.report->stats[SIDE_NOW].heap_objects, UINT64_MAX);
	case_end(&c);
}

static void marks_stand_where_something_happened(void **state)
{
	static const enum report_mark_kind kinds[] = {
		MARK_BASE, MARK_FIRED, MARK_CAPTURE, MARK_CAPTURE, MARK_END,
	};
	struct readout_case c;

	(void)state;
	case_begin(&c);
	case_put(&c, "base/heap.pb.gz", "heap", "@profile/leaker1-heap.pb");
	case_put(&c, "02/heap.pb.gz", "heap", "@profile/leaker2-heap.pb");
	c.manifest.sealed = true;
	c.manifest.verdict.outcome = OUTCOME_OOM_KILLED;
	c.manifest.verdict.at_ms = BEGAN_MS + 5 * MINUTE_MS;
	case_read(&c);
	assert_int_equal(c.report->n_marks, ARRAY_SIZE(kinds));
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		expect(c.report->marks[i].kind == kinds[i], "mark %zu", i);
	assert_string_equal(c.report->marks[1].what, "memory > 5G");
	assert_string_equal(c.report->marks[3].what, "02");
	assert_string_equal(c.report->marks[4].what, "oom-killed");
	assert_int_equal(c.report->threshold, UINT64_C(5) << 30);
	case_end(&c);

	case_begin(&c); /* "time to limit < 2m" has no line to be drawn at */
	(void)text_copy(c.manifest.reason.unit, sizeof(c.manifest.reason.unit), "ms");
	assert_int_equal(case_read(&c)->threshold, 0);
	case_end(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(settings_are_read_as_go_reads_them),
		cmocka_unit_test(what_the_capture_lacks_the_base_tells),
		cmocka_unit_test(threads_are_those_of_the_kernel),
		cmocka_unit_test(the_limit_is_the_nearest_that_anybody_saw),
		cmocka_unit_test(what_is_too_little_depends_on_what_it_is_about),
		cmocka_unit_test(damaged_evidence_is_a_note),
		cmocka_unit_test(marks_stand_where_something_happened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
