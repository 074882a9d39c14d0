/* The headers and frames of goroutine texts of all versions of Go. */
#include "goroutines_case.h"

#include <errno.h>

/* --- Headers -------------------------------------------------------------------- */

static void every_version_has_its_header(void **state)
{
	static const struct {
		const char *header, *state;
		uint64_t id, wait, locked, leaked;
	} rows[] = {
		{"goroutine 1 [running]:", "running", 1, 0, 0, 0},
		{"goroutine 7 [chan receive, 5 minutes]:", "chan receive", 7, 5, 0, 0},
		{"goroutine 7 [select, 1 minutes]:", "select", 7, 1, 0, 0},
		{"goroutine 7 [syscall, 200000 minutes, locked to thread]:", "syscall", 7,
		 200000, 1, 0},
		{"goroutine 1 [running, locked to thread]:", "running", 1, 0, 1, 0},
		{"goroutine 7 [chan receive (nil chan), 3 minutes]:",
		 "chan receive (nil chan)", 7, 3, 0, 0},
		{"goroutine 2 [force gc (idle)]:", "force gc (idle)", 2, 0, 0, 0},
		{"goroutine 2 [GC worker (idle) (scan), 2 minutes]:", "GC worker (idle)",
		 2, 2, 0, 0},
		{"goroutine 1 gp=0xc0000061c0 m=0 mp=0x5a2b40 [running]:", "running", 1,
		 0, 0, 0},
		{"goroutine 18 gp=0xc000007c00 m=nil [sleep, 4 minutes]:", "sleep", 18, 4,
		 0, 0},
		{"goroutine 9 [select (durable), 2 minutes, synctest bubble 1]:",
		 "select", 9, 2, 0, 0},
		{"goroutine 9 [chan send (leaked)]:", "chan send", 9, 0, 0, 1},
		{"goroutine 9 [chan send (leaked) (scan), 9 minutes]:", "chan send", 9, 9,
		 0, 1},
		{"goroutine 9 [IO wait, something new, 3 minutes]:", "IO wait", 9, 3, 0,
		 0},
		{"goroutine 9 [IO wait]{\"user\": \"x\"}:", "IO wait", 9, 0, 0, 0},
		{"goroutine 18446744073709551615 [IO wait]:", "IO wait", UINT64_MAX, 0, 0,
		 0},
		{"goroutine 9 []:", "", 9, 0, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_CASE struct goroutines_case c;
		AUTO_BUF struct buf text;
		const struct goroutine_group *group;

		case_init(&c);
		buf_init(&text, 4096);
		buf_addf(&text, "%s\nmain.f()\n\t/m.go:1 +0x1\n", rows[i].header);
		expect(case_read(&c, text.data, SIDE_NOW) == 0, "%s: %s", rows[i].header,
		       c.why);
		group = only(&c);
		expect(named(&c, group->state, rows[i].state), "%s", rows[i].header);
		expect(group->ids[0] == rows[i].id, "%s", rows[i].header);
		expect(group->wait_max == rows[i].wait, "%s", rows[i].header);
		expect(group->locked == rows[i].locked, "%s", rows[i].header);
		expect(group->leaked == rows[i].leaked, "%s", rows[i].header);
		expect_stack(&c, group, "main.f /m.go:1");
	}
}

static void what_is_no_header_begins_nothing(void **state)
{
	static const char *const rows[] = {
		"goroutine x [running]:",
		"goroutine 1 running:",
		"goroutine 1 [running",
		"goroutine 1 [running]",
		"goroutine 99999999999999999999999 [running]:",
		"goroutine  [running]:",
		"goroutine 1[running]:",
		"goroutine 1: see [here]:",
		"goroutine ",
		"goroutine profile: total x",
		"threadcreate profile: total 4",
		"",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_CASE struct goroutines_case c;
		AUTO_BUF struct buf text;

		case_init(&c);
		buf_init(&text, 4096);
		buf_addf(&text, "%s\nmain.f()\n\t/m.go:1 +0x1\n", rows[i]);
		expect(case_read(&c, text.data, SIDE_NOW) == -EBADMSG, "%s", rows[i]);
		expect(strstr(c.why, "no goroutine in"), "%s", c.why);
	}
}

/* --- Frames --------------------------------------------------------------------- */

static void frames_of_every_version_are_read(void **state)
{
	static const struct {
		const char *lines, *stack, *creator;
	} rows[] = {
		{"main.(*T).f(0xc000012345, {0x1, 0x2, ...}, 0x3?)\n\t/a/m.go:12 +0x1d\n"
		 "created by main.run\n\t/a/m.go:7 +0x9\n",
		 "main.(*T).f /a/m.go:12", "main.run"},
		{"main.f(...)\n\t/a/m.go:12\ncreated by main.run.func1 in goroutine 77\n"
		 "\t/a/m.go:7 +0x9\n",
		 "main.f /a/m.go:12", "main.run.func1"},
		{"main.F[...](0x1)\n\t/a/m.go:1 +0x1\ncreated by a/b.(*S).Serve in "
		 "goroutine 1\n\t/a/s.go:7 +0x9\n",
		 "main.F[...] /a/m.go:1", "a/b.(*S).Serve"},
		{"main.f(0x1)\n\t/a b/m.go:12 +0xd6 fp=0xc00004cf90 sp=0xc0 pc=0x43\n",
		 "main.f /a b/m.go:12", ""},
		{"main.f()\n\tC:/x/m.go:12 +0x1\n", "main.f C:/x/m.go:12", ""},
		{"main.f()\n\t_cgo_gotypes.go:44 +0x41\n", "main.f _cgo_gotypes.go:44",
		 ""},
		{"panic({0x48b5c0, 0x4b7ac8})\n\t/r/panic.go:884 +0x212\nmain.f()\n"
		 "\t/m.go:3 +0x1\n",
		 "panic /r/panic.go:884 main.f /m.go:3", ""},
		{"c_function\n\t/src/x.c:12 pc=0x7f0012\nmain.f()\n\t/m.go:3 +0x1\n",
		 "c_function /src/x.c:12 main.f /m.go:3", ""},
		{"non-Go function\n\tpc=0x7f0012\nmain.f()\n\t/m.go:3 +0x1\n",
		 "non-Go function :0 main.f /m.go:3", ""},
		{"\tgoroutine running on other thread; stack unavailable\n"
		 "created by main.run\n\t/m.go:7 +0x9\n",
		 "", "main.run"},
		{"main.f()\n\t/m.go:3 +0x1\n...additional frames elided...\n"
		 "created by main.run\n\t/m.go:7 +0x9\n",
		 "main.f /m.go:3", "main.run"},
		{"main.f()\n\t/m.go:3 +0x1\n...51 frames elided...\nmain.g()\n\t/m.go:4 "
		 "+0x1\n",
		 "main.f /m.go:3 main.g /m.go:4", ""},
		/* Its ancestors (GODEBUG=tracebackancestors) are not its stack. */
		{"main.f()\n\t/m.go:3 +0x1\ncreated by main.run\n\t/m.go:7 +0x9\n"
		 "[originating from goroutine 1]:\nmain.main(...)\n\t/m.go:9\n"
		 "created by main.init\n\t/m.go:1 +0x9\n",
		 "main.f /m.go:3", "main.run"},
		/* GOTRACEBACK=system shows what is hidden otherwise. */
		{"runtime.gopark(0x0?, 0x0?)\n\t/r/proc.go:363 +0xd6 fp=0x1 sp=0x2 "
		 "pc=0x3\nruntime.chanrecv1(0x1)\n\t/r/chan.go:442 +0x18\nmain.f()\n"
		 "\t/m.go:3 +0x1\nruntime.goexit()\n\t/r/asm.s:1594 +0x1\n",
		 "main.f /m.go:3", ""},
		{"runtime.gopark(0x0?)\n\t/r/proc.go:363 +0xd6\nruntime.bgsweep(0x0?)\n"
		 "\t/r/mgc.go:278 +0x8e\n",
		 "runtime.gopark /r/proc.go:363 runtime.bgsweep /r/mgc.go:278", ""},
		{"runtime.GC()\n\t/r/mgc.go:1 +0x1\nmain.f()\n\t/m.go:3 +0x1\n",
		 "runtime.GC /r/mgc.go:1 main.f /m.go:3", ""},
		/* Somebody's log runs through it. */
		{"main.f(0x1)\n2026/11/22 01:00:00 hello: world\n\t/m.go:3 +0x1\n",
		 "main.f /m.go:3", ""},
		{"main.f(0x1)\r\n\t/m.go:3 +0x1\r\n", "main.f /m.go:3", ""},
		{"main.f(0x1)\n        /m.go:3 +0x1\n", "main.f /m.go:3", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_CASE struct goroutines_case c;
		AUTO_BUF struct buf text;

		case_init(&c);
		buf_init(&text, 4096);
		buf_addf(&text, "goroutine 5 [select]:\n%s\n", rows[i].lines);
		expect(case_read(&c, text.data, SIDE_NOW) == 0, "%zu: %s", i, c.why);
		expect_stack(&c, only(&c), rows[i].stack);
		expect_creator(&c, only(&c), rows[i].creator);
		expect(only(&c)->elided == !!strstr(rows[i].lines, "elided"), "%zu", i);
		assert_false(c.got.cut[SIDE_NOW]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_version_has_its_header),
		cmocka_unit_test(what_is_no_header_begins_nothing),
		cmocka_unit_test(frames_of_every_version_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
