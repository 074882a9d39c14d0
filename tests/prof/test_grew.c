#include "prof/grew_case.h"

#define MB (INT64_C(1) << 20)

static void growth_is_charged_to_the_first_own_frame(void **state)
{
	static const struct {
		const char *stack; /* root first */
		const char *charged, *leaf, *caller;
		enum owner owner;
	} rows[] = {
		{"runtime.main;main.main;main.load;main.read;fmt.Sprintf;fmt.newPrinter",
		 "main.read", "fmt.newPrinter", "main.load", OWNER_APP},
		{"runtime.main;main.main;example.com/shop/cart.Add",
		 "example.com/shop/cart.Add", "example.com/shop/cart.Add", "main.main",
		 OWNER_APP},
		{"main.main;github.com/a/b.Do;example.com/shop/"
		 "cart.Add.func1;reflect.New;"
		 "reflect.unsafe_New;runtime.newobject",
		 "example.com/shop/cart.Add.func1", "reflect.unsafe_New",
		 "github.com/a/b.Do", OWNER_APP},
		/* It calls itself: who began? */
		{"main.main;main.walk a.go:3;main.walk a.go:7;main.walk "
		 "a.go:7;strings.Repeat",
		 "main.walk", "strings.Repeat", "main.main", OWNER_APP},
		{"runtime.main;main.main", "main.main", "main.main", "", OWNER_APP},
		{"net/http.(*conn).serve;github.com/a/b.serve;github.com/a/b.newBuffer;"
		 "bufio.NewReader;runtime.makeslice",
		 "github.com/a/b.newBuffer", "bufio.NewReader", "github.com/a/b.serve",
		 OWNER_DEPENDENCY},
		{"net/http.(*conn).serve;net/http.newBuffer;bufio.NewReader",
		 "bufio.NewReader", "bufio.NewReader", "net/http.newBuffer", OWNER_STD},
		{"runtime.mstart;github.com/a/b.newBuffer", "github.com/a/b.newBuffer",
		 "github.com/a/b.newBuffer", "", OWNER_DEPENDENCY},
		{"main.main;os.open;internal/poll.New;runtime.newobject", "main.main",
		 "os.open", "", OWNER_APP},
		{"[libc.so.6]+0x12;[libc.so.6]+0x34", "[libc.so.6]+0x34",
		 "[libc.so.6]+0x34", "[libc.so.6]+0x12", OWNER_NATIVE},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct suspect *s;
		struct grew_case c;

		case_begin(&c);
		case_stack(&c, &c.heap, rows[i].stack, SIDE_BASE, 1 * MB);
		case_stack(&c, &c.heap, rows[i].stack, SIDE_NOW, 100 * MB);
		assert_int_equal(grew_find(&c.input, &c.grew), 0);
		s = &c.grew.list[0];
		expect(c.grew.n == 1 && case_is(&c, s->charged, rows[i].charged) &&
			       case_is(&c, s->leaf, rows[i].leaf) &&
			       case_is(&c, s->caller, rows[i].caller) &&
			       s->owner == rows[i].owner,
		       "row %zu", i);
		assert_true(s->base == MB && s->now == 100 * MB && s->share == 1);
		assert_int_equal(c.grew.growth[SUSPECT_HEAP], 99 * MB);
		assert_int_equal(c.grew.rest[SUSPECT_HEAP], 0);
		case_end(&c);
	}
}

static void lines_of_one_function_are_one_suspect(void **state)
{
	struct grew_case c;

	(void)state;
	case_begin(&c);
	case_stack(&c, &c.heap, "main.a;main.load x.go:5;strings.Repeat", SIDE_NOW,
		   20 * MB);
	case_stack(&c, &c.heap, "main.b;main.load x.go:9;bytes.Clone", SIDE_NOW, 30 * MB);
	case_stack(&c, &c.heap, "main.a;main.load x.go:9;bytes.Clone", SIDE_NOW, 40 * MB);
	case_stack(&c, &c.heap, "main.a;main.load x.go:7;bytes.Clone", SIDE_BASE,
		   15 * MB);
	case_stack(&c, &c.heap, "main.a;main.other;bytes.Clone", SIDE_NOW, 70 * MB);
	assert_int_equal(grew_find(&c.input, &c.grew), 0);
	assert_int_equal(c.grew.n, 2);
	assert_int_equal(c.grew.list[0].now - c.grew.list[0].base, 75 * MB);
	assert_true(case_is(&c, c.grew.list[0].charged, "main.load"));
	assert_int_equal(symbols_at(c.symbols, c.grew.list[0].charged)->line, 9);
	assert_true(case_is(&c, c.grew.list[0].caller, "main.a"));
	assert_true(case_is(&c, c.grew.list[0].leaf, "bytes.Clone"));
	assert_int_equal(c.grew.list[0].objects, 75 * MB / 1024);
	assert_true(case_is(&c, c.grew.list[1].charged, "main.other"));
	case_end(&c);
}

static void noise_accuses_nobody(void **state)
{
	static const struct {
		int64_t base, now, beside; /* what another function grew by */
		uint64_t about;
		size_t n;
	} rows[] = {
		{0, 5 * MB / 2 - 1, 0, 0, 0}, /* four samples */
		{0, 5 * MB / 2, 0, 0, 1},
		{5 * MB, 5 * MB, 0, 0, 0},
		{50 * MB, 5 * MB, 0, 0, 0}, /* shrinking */
		{0, 4 * MB, 196 * MB + 202, 0, 1},
		{0, 4 * MB + 8, 196 * MB + 202, 0, 2},
		{0, 10 * MB, 0, 500 * (uint64_t)MB, 1}, /* a fiftieth of the limit */
		{0, 10 * MB - 1, 0, 500 * (uint64_t)MB, 0},
		{0, 100 * MB, 0, UINT64_MAX, 1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct grew_case c;

		case_begin(&c);
		c.input.about = rows[i].about;
		case_stack(&c, &c.heap, "main.a", SIDE_BASE, rows[i].base);
		case_stack(&c, &c.heap, "main.a", SIDE_NOW, rows[i].now);
		case_stack(&c, &c.heap, "main.b", SIDE_NOW, rows[i].beside);
		assert_int_equal(grew_find(&c.input, &c.grew), 0);
		expect(c.grew.n == rows[i].n, "row %zu: %zu", i, c.grew.n);
		case_end(&c);
	}
}

static void what_nobody_can_help_accuses_nobody(void **state)
{
	static const char *const stacks[] = {
		/* The runtime for itself. */
		"runtime.systemstack;runtime.newproc.func1;runtime.malg",
		/* The dump that is being written, also by a handler of their own. */
		("net/http.(*conn).serve;net/http/pprof.handler.ServeHTTP;"
		 "runtime/pprof.(*Profile).WriteTo;compress/flate.NewWriter"),
		"main.debug;runtime/pprof.(*Profile).WriteTo;compress/flate.NewWriter",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(stacks); i++) {
		struct grew_case c;

		case_begin(&c);
		case_stack(&c, &c.heap, stacks[i], SIDE_NOW, 50 * MB);
		assert_int_equal(grew_find(&c.input, &c.grew), 0);
		expect(c.grew.n == 0, "%s", stacks[i]);
		case_end(&c);
	}
}

/* A label of pprof is no dump. */
static void labelled_code_is_accused(void **state)
{
	struct grew_case c;

	(void)state;
	case_begin(&c);
	case_stack(&c, &c.heap, "main.main;runtime/pprof.Do;main.work", SIDE_NOW,
		   50 * MB);
	assert_int_equal(grew_find(&c.input, &c.grew), 0);
	assert_true(c.grew.n == 1 && case_is(&c, c.grew.list[0].charged, "main.work"));
	case_end(&c);
}

static void two_captures_tell_a_rate(void **state)
{
	struct grew_case c;

	(void)state;
	case_begin(&c);
	case_stack(&c, &c.heap, "main.load", SIDE_BASE, 10 * MB);
	case_stack(&c, &c.heap, "main.load", SIDE_NOW, 100 * MB);
	case_stack(&c, &c.heap, "main.once", SIDE_NOW, 50 * MB);
	case_stack(&c, &c.earlier, "main.load", SIDE_NOW, 70 * MB);
	case_stack(&c, &c.earlier, "main.once", SIDE_NOW, 50 * MB);
	case_stack(&c, &c.earlier, "main.gone", SIDE_NOW, 500 * MB);
	assert_int_equal(grew_find(&c.input, &c.grew), 0);
	assert_false(c.grew.list[0].is_rate);
	c.input.earlier = &c.earlier;
	c.input.minutes = 0.5;
	assert_int_equal(grew_find(&c.input, &c.grew), 0);
	assert_int_equal(c.grew.n, 2);
	assert_true(c.grew.list[0].is_rate &&
		    c.grew.list[0].per_minute == (double)(60 * MB));
	assert_true(c.grew.list[1].is_rate && c.grew.list[1].per_minute == 0);
	assert_int_equal(c.grew.list[0].now, 100 * MB);
	c.input.minutes = 0;
	assert_int_equal(grew_find(&c.input, &c.grew), 0);
	assert_false(c.grew.list[0].is_rate);
	case_end(&c);
}

static void own_code_that_enters_a_dependency_is_named(void **state)
{
	static const char buffers[] = "github.com/a/b/io.run;github.com/a/b/io.newBuffer";
	struct grew_case c;

	(void)state;
	case_begin(&c);
	case_stack(&c, &c.heap, buffers, SIDE_NOW, 64 * MB);
	case_stack(&c, &c.heap, "main.dial x.go:4;github.com/a/b.Dial", SIDE_NOW, 3 * MB);
	case_stack(&c, &c.heap, "main.probe;github.com/a/b.Dial", SIDE_NOW, 1 * MB);
	case_stack(&c, &c.heap, "main.old;github.com/a/b.Dial", SIDE_BASE, 9 * MB);
	case_stack(&c, &c.heap, "main.other;github.com/a/bee.Dial", SIDE_NOW, 5 * MB);
	assert_int_equal(grew_find(&c.input, &c.grew), 0);
	assert_true(case_is(&c, c.grew.list[0].charged, "github.com/a/b/io.newBuffer"));
	assert_true(case_is(&c, c.grew.list[0].own, "main.dial"));
	assert_true(case_is(&c, c.grew.list[1].charged, "main.other"));
	assert_int_equal(c.grew.list[1].own, NO_FRAME);
	case_end(&c);
}

static void many_are_cut_and_the_rest_is_told(void **state)
{
	struct grew_case c;
	int64_t sum = 0;

	(void)state;
	case_begin(&c);
	for (int i = 0; i < 40; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "main.f%d", i);
		case_stack(&c, &c.heap, name, SIDE_NOW, (100 + i) * MB);
	}
	assert_int_equal(grew_find(&c.input, &c.grew), 0);
	assert_int_equal(c.grew.n, SUSPECTS_MAX);
	for (size_t i = 0; i < c.grew.n; i++)
		sum += c.grew.list[i].now;
	assert_int_equal(c.grew.rest[SUSPECT_HEAP], c.grew.growth[SUSPECT_HEAP] - sum);
	assert_true(case_is(&c, c.grew.list[0].charged, "main.f39"));
	case_end(&c);
}

/* Values are a target's: they may be anything. */
static void hostile_values_stop_at_their_ends(void **state)
{
	static const int64_t values[] = {INT64_MIN, -1, 0, 1, INT64_MAX};
	struct grew_case c;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(values); j++) {
			case_begin(&c);
			case_stack(&c, &c.heap, "main.a", SIDE_BASE, values[i]);
			case_stack(&c, &c.heap, "main.a", SIDE_NOW, values[j]);
			case_stack(&c, &c.heap, "github.com/a/b.c", SIDE_BASE, values[i]);
			case_stack(&c, &c.heap, "github.com/a/b.c", SIDE_NOW, values[j]);
			case_stack(&c, &c.earlier, "main.a", SIDE_NOW, values[i]);
			c.input.earlier = &c.earlier;
			c.input.minutes = 1e-300;
			c.input.about = (uint64_t)values[i];
			case_group(&c, "main.a", NULL, (uint64_t)values[i],
				   (uint64_t)values[j]);
			case_group(&c, "main.b", NULL, (uint64_t)values[i],
				   (uint64_t)values[j]);
			assert_int_equal(grew_find(&c.input, &c.grew), 0);
			for (size_t k = 0; k < c.grew.n; k++)
				assert_true(c.grew.list[k].share >= 0 &&
					    c.grew.list[k].share <= 1);
			case_end(&c);
		}
	}
}

static void nothing_is_fine(void **state)
{
	struct grew_input input = {0};
	struct grew grew;
	struct grew_case c;

	(void)state;
	assert_int_equal(grew_find(&input, &grew), 0);
	assert_int_equal(grew.n, 0);
	case_begin(&c);
	assert_int_equal(grew_find(&c.input, &c.grew), 0);
	assert_int_equal(c.grew.n, 0);
	case_end(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(growth_is_charged_to_the_first_own_frame),
		cmocka_unit_test(lines_of_one_function_are_one_suspect),
		cmocka_unit_test(noise_accuses_nobody),
		cmocka_unit_test(what_nobody_can_help_accuses_nobody),
		cmocka_unit_test(labelled_code_is_accused),
		cmocka_unit_test(two_captures_tell_a_rate),
		cmocka_unit_test(own_code_that_enters_a_dependency_is_named),
		cmocka_unit_test(many_are_cut_and_the_rest_is_told),
		cmocka_unit_test(hostile_values_stop_at_their_ends),
		cmocka_unit_test(nothing_is_fine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
