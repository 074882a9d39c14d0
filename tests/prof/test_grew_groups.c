#include "prof/grew_case.h"

#define MB (INT64_C(1) << 20)

static void goroutines_are_charged_by_group(void **state)
{
	static const struct {
		const char *stack, *creator;
		const char *charged, *leaf;
		enum owner owner;
	} rows[] = {
		{"main.serve;main.handle;bufio.(*Reader).fill;net.(*conn).Read;"
		 "internal/poll.(*FD).Read;internal/poll.runtime_pollWait",
		 "main.listen", "main.handle", "net.(*conn).Read", OWNER_APP},
		{"main.tick", "main.start", "main.tick", "main.tick", OWNER_APP},
		/* Nothing own in it, but started by own code. */
		{"time.Sleep", "main.start", "main.start", "time.Sleep", OWNER_APP},
		{"", "main.start", "main.start", "main.start", OWNER_APP},
		{"github.com/a/b.(*T).run;github.com/a/b.(*T).get", "github.com/a/b.New",
		 "github.com/a/b.(*T).get", "github.com/a/b.(*T).get", OWNER_DEPENDENCY},
		{"runtime.gcBgMarkWorker", NULL, "", "", OWNER_RUNTIME},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct suspect *s;
		struct grew_case c;

		case_begin(&c);
		case_group(&c, rows[i].stack, rows[i].creator, 68, 4068);
		assert_int_equal(grew_find(&c.input, &c.grew), 0);
		s = &c.grew.list[0];
		expect(c.grew.n == 1 && s->kind == SUSPECT_GOROUTINES &&
			       case_is(&c, s->charged, rows[i].charged) &&
			       case_is(&c, s->leaf, rows[i].leaf) &&
			       s->owner == rows[i].owner,
		       "row %zu", i);
		assert_true(s->base == 68 && s->now == 4068 && s->wait_max == 12);
		case_end(&c);
	}
}

static void few_goroutines_accuse_nobody(void **state)
{
	static const struct {
		uint64_t base, now, beside;
		size_t n;
	} rows[] = {
		{0, 99, 0, 0},      {0, 100, 0, 1},     {0, 19, 100, 1},
		{0, 20, 100, 2},    {0, 50, 1000, 1},   {0, 60, 1000, 2},
		{5000, 5499, 0, 0}, {5000, 5500, 0, 1}, {4000, 68, 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct grew_case c;

		case_begin(&c);
		case_group(&c, "main.a", NULL, rows[i].base, rows[i].now);
		case_group(&c, "main.b", NULL, 0, rows[i].beside);
		assert_int_equal(grew_find(&c.input, &c.grew), 0);
		expect(c.grew.n == rows[i].n, "row %zu: %zu", i, c.grew.n);
		case_end(&c);
	}
}

static void kinds_rank_by_what_they_weigh(void **state)
{
	static const struct socket_group sockets[] = {
		{"ESTABLISHED", "10.0.0.9:22", {0, 1000}, 1000, false},
		{"TIME_WAIT", "10.0.0.9:80", {0, 90000}, UINT64_MAX, false},
	};
	struct grew_case c;

	(void)state;
	case_begin(&c);
	c.input.sockets = sockets;
	c.input.n_sockets = ARRAY_SIZE(sockets);
	case_group(&c, "main.wait", "main.start", 0, 1000); /* taken for 4 MB */
	case_stack(&c, &c.heap, "main.load", SIDE_NOW, 3 * MB);
	assert_int_equal(grew_find(&c.input, &c.grew), 0);
	assert_int_equal(c.grew.n, 3);
	assert_int_equal(c.grew.list[0].kind, SUSPECT_GOROUTINES);
	assert_int_equal(c.grew.list[1].kind, SUSPECT_HEAP);
	assert_int_equal(c.grew.list[2].kind, SUSPECT_SOCKETS);
	assert_string_equal(c.grew.list[2].peer, "10.0.0.9:22");
	assert_string_equal(c.grew.list[2].socket_state, "ESTABLISHED");
	assert_int_equal(c.grew.list[2].without_keepalive, 1000);
	case_stack(&c, &c.heap, "main.load", SIDE_NOW, 30 * MB);
	assert_int_equal(grew_find(&c.input, &c.grew), 0);
	assert_int_equal(c.grew.list[0].kind, SUSPECT_HEAP);
	case_end(&c);
}

static void who_holds_the_threads_is_told(void **state)
{
	static const struct {
		const char *stack, *state;
		uint64_t locked, holders;
	} rows[] = {
		{"main.read;syscall.Read;syscall.read;syscall.Syscall", "syscall", 0,
		 400},
		/* Without a text there are no states, but there are leaves. */
		{"main.read;syscall.Read;syscall.read;syscall.Syscall", "", 0, 400},
		{"main.read;syscall.Syscall;syscall.RawSyscall6;"
		 "internal/runtime/syscall.Syscall6",
		 "", 0, 400},
		{"main.read;example.com/c._Cfunc_sleep;runtime.cgocall", "", 0, 400},
		{"main.read", "select", 390, 390},
		{"main.read;net.(*conn).Read;internal/poll.(*FD).Read", "", 0, 0},
		{"main.read;net.(*conn).Read", "IO wait", 0, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct suspect *s;
		struct grew_case c;

		case_begin(&c);
		c.input.threads[SIDE_BASE] = 8;
		c.input.threads[SIDE_NOW] = 408;
		case_group(&c, "main.other;syscall.Syscall", NULL, 5, 6);
		case_group(&c, rows[i].stack, "main.start", 0, 400);
		c.groups[1].state = case_name(&c, rows[i].state, strlen(rows[i].state));
		c.groups[1].locked = rows[i].locked;
		assert_int_equal(grew_find(&c.input, &c.grew), 0);
		s = &c.grew.list[0];
		expect(c.grew.n == 2 && s->kind == SUSPECT_THREADS && s->base == 8 &&
			       s->now == 408 && s->holders == rows[i].holders &&
			       case_is(&c, s->charged, s->holders ? "main.read" : ""),
		       "row %zu: %zu suspects, %llu holders", i, c.grew.n,
		       (unsigned long long)s->holders);
		case_end(&c);
	}
}

static void threads_are_noise_unless_they_are_asked_for(void **state)
{
	static const struct {
		uint64_t base, now;
		bool asked;
		size_t n;
	} rows[] = {
		{8, 107, false, 0},
		{8, 108, false, 1},
		{8, 27, true, 0},
		{8, 28, true, 1},
		{400, 430, true, 0},
		{THREADS_UNKNOWN, 900, true, 0},
		{8, THREADS_UNKNOWN, true, 0},
		{900, 8, false, 0},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct grew_case c;

		case_begin(&c);
		c.input.threads[SIDE_BASE] = rows[i].base;
		c.input.threads[SIDE_NOW] = rows[i].now;
		c.input.about_threads = rows[i].asked;
		assert_int_equal(grew_find(&c.input, &c.grew), 0);
		expect(c.grew.n == rows[i].n, "row %zu: %zu", i, c.grew.n);
		case_end(&c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(goroutines_are_charged_by_group),
		cmocka_unit_test(few_goroutines_accuse_nobody),
		cmocka_unit_test(kinds_rank_by_what_they_weigh),
		cmocka_unit_test(who_holds_the_threads_is_told),
		cmocka_unit_test(threads_are_noise_unless_they_are_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
