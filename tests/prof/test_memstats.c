/* The MemStats tail of heap?debug=1, as Go 1.19 writes it and damaged. */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "prof/memstats.h"

static const char real[] =
	"heap profile: 1: 2 [3: 4] @ heap/1048576\n1: 2 [3: 4] @ 0x1\n"
	"#\t0x1\tmain.f+0x1\t/m.go:1\n\n\n"
	"# runtime.MemStats\n# Alloc = 1361720\n# TotalAlloc = 1361721\n"
	"# Sys = 11093264\n# Lookups = 0\n# Mallocs = 6233\n# Frees = 251\n"
	"# HeapAlloc = 1361722\n# HeapSys = 3801088\n# HeapIdle = 1261568\n"
	"# HeapInuse = 2539520\n# HeapReleased = 1146880\n# HeapObjects = 5982\n"
	"# Stack = 393216 / 393217\n# MSpan = 45152 / 48960\n# MCache = 2400 / 15600\n"
	"# BuckHashSys = 1443708\n# GCSys = 4133632\n# OtherSys = 1257060\n"
	"# NextGC = 4194304\n# LastGC = 1795291924000000001\n"
	"# PauseNs = [25167 0 0]\n# PauseEnd = [1795291924000000001 0 0]\n# NumGC = 1\n"
	"# NumForcedGC = 2\n# GCCPUFraction = 0.0010\n# DebugGC = false\n"
	"# MaxRSS = 13123584\n";

static void every_line_goes_to_its_field(void **state)
{
	struct memstats got;

	(void)state;
	assert_int_equal(memstats_read((struct span){real, strlen(real)}, &got), 0);
	assert_int_equal(got.heap_alloc, 1361722);
	assert_int_equal(got.heap_sys, 3801088);
	assert_int_equal(got.heap_idle, 1261568);
	assert_int_equal(got.heap_inuse, 2539520);
	assert_int_equal(got.heap_released, 1146880);
	assert_int_equal(got.heap_objects, 5982);
	assert_int_equal(got.stack_inuse, 393216);
	assert_int_equal(got.stack_sys, 393217);
	assert_int_equal(got.mspan_sys, 48960);
	assert_int_equal(got.mcache_sys, 15600);
	assert_int_equal(got.buckhash_sys, 1443708);
	assert_int_equal(got.gc_sys, 4133632);
	assert_int_equal(got.other_sys, 1257060);
	assert_int_equal(got.sys, 11093264);
	assert_int_equal(got.next_gc, 4194304);
	assert_int_equal(got.last_gc_ns, 1795291924000000001);
	assert_int_equal(got.num_gc, 1);
	assert_int_equal(got.num_forced_gc, 2);
	assert_int_equal(got.max_rss, 13123584);
}

static void what_is_not_said_is_not_known(void **state)
{
	static const struct {
		const char *text;
		int result;
	} rows[] = {
		{"", -EBADMSG},
		{"# runtime.MemStats", -EBADMSG},
		{"# runtime.MemStats\n", 0},
		{"# runtime.MemStats\n# HeapIdle = \n# HeapIdle\n#\n", 0},
		{"# runtime.MemStats\n# HeapIdle = -1\n# HeapIdle = 0x10\n", 0},
		{"# runtime.MemStats\n# HeapIdle = 99999999999999999999\n", 0},
		{"# runtime.MemStats\n# HeapIdle = 1 2\n# HeapIdleX = 5\n", 0},
		{"# runtime.MemStats\n# Stack = \n", 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct span text = {rows[i].text, strlen(rows[i].text)};
		struct memstats got;

		expect(memstats_read(text, &got) == rows[i].result, "row %zu", i);
		expect(got.heap_idle == MEMSTAT_UNKNOWN, "row %zu", i);
		expect(got.stack_inuse == MEMSTAT_UNKNOWN, "row %zu", i);
		expect(got.max_rss == MEMSTAT_UNKNOWN, "row %zu", i);
	}
}

/* A line that is cut would say another number. */
static void a_cut_tail_keeps_what_is_whole(void **state)
{
	struct memstats all, unknown;

	(void)state;
	assert_int_equal(memstats_read((struct span){real, strlen(real)}, &all), 0);
	memset(&unknown, 0xff, sizeof(unknown));
	for (size_t len = 0; len < strlen(real); len++) {
		/* In a place of its own, so that reading on is seen. */
		AUTO_FREE char *text = strndup(real, len);
		struct memstats got;
		int r;

		assert_non_null(text);
		r = memstats_read((struct span){text, len}, &got);
		expect(r == 0 || r == -EBADMSG, "%zu", len);
		for (size_t at = 0; at < sizeof(got); at += sizeof(uint64_t)) {
			const char *field = (const char *)&got + at;

			expect(!memcmp(field, (const char *)&all + at, 8) ||
				       !memcmp(field, (const char *)&unknown + at, 8),
			       "byte %zu at %zu", len, at);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_line_goes_to_its_field),
		cmocka_unit_test(what_is_not_said_is_not_known),
		cmocka_unit_test(a_cut_tail_keeps_what_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
