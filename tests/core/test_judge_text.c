#include "core/judge.h"

#include <errno.h>
#include <stdio.h>

#include "world.h"

/* The text behind "rule=" of a saved state. */
static void save(const struct world *w, char to[static STATE_TEXT_MAX])
{
	struct record_line line = {0};
	AUTO_BUF struct buf b;
	struct span rest;
	int error = 0;

	buf_init(&b, 4096);
	rule_state_save(&w->rule, &w->state, w->now_ms, &b);
	assert_int_equal(buf_error(&b), 0);
	rest = (struct span){b.data, b.len};
	assert_true(record_next(&rest, &line, &error));
	assert_true(span_is(line.key, "rule"));
	assert_int_equal(record_text(&line, to, STATE_TEXT_MAX), 0);
	assert_false(record_next(&rest, &line, &error));
	assert_int_equal(error, 0);
}

static void state_is_written_as_distances(void **state)
{
	char text[STATE_TEXT_MAX];
	struct world w;

	(void)state;
	world_init(&w, "memory > 5G for 10s");
	save(&w, text);
	assert_string_equal(text, "armed - - 0 memory > 5G for 10s");
	(void)world_at(&w, SECOND, 6 * GIB);
	(void)world_at(&w, 10 * SECOND, 6 * GIB);
	w.now_ms += 500;
	save(&w, text);
	assert_string_equal(text, "firing 10500 - 0 memory > 5G for 10s");
	judge_captured(&w.rule, &w.state, w.now_ms);
	(void)world_at(&w, SECOND, GIB);
	w.now_ms += 2 * SECOND;
	save(&w, text);
	assert_string_equal(text, "cooling - 2000 597000 memory > 5G for 10s");
	world_fini(&w);
}

/* What comes after a restart is what would have come without it. */
static void state_goes_on_after_a_restart(void **state)
{
	static const uint64_t values[] = {1, 6, 6, 6, 6, 6, 1, 6, 1, 1, 6, 6, 6, 1, 1, 1};
	static const struct {
		const char *rule;
		int64_t step_ms;
	} rows[] = {
		{"rss > 5G", MINUTE},
		{"rss > 5G for 2m", MINUTE},
		{"rss > 5G for 90s", 31 * SECOND},
	};

	(void)state;
	for (size_t row = 0; row < ARRAY_SIZE(rows); row++) {
		for (size_t at = 0; at < ARRAY_SIZE(values); at++) {
			struct world through, again;
			char text[STATE_TEXT_MAX];
			int64_t clock = (int64_t)at * 7 * HOUR - 2 * DAY;

			world_init(&through, rows[row].rule);
			world_init(&again, rows[row].rule);
			for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
				if (i == at) {
					save(&through, text);
					again.now_ms = through.now_ms + clock;
					assert_int_equal(rule_state_load(text,
									 &again.rule,
									 again.now_ms,
									 &again.state),
							 0);
				}
				(void)world_at(&through, rows[row].step_ms,
					       values[i] * GIB);
				if (through.said.phase == PHASE_FIRING && i % 2)
					judge_captured(&through.rule, &through.state,
						       through.now_ms);
				if (i < at)
					continue;
				(void)world_at(&again, rows[row].step_ms,
					       values[i] * GIB);
				if (again.said.phase == PHASE_FIRING && i % 2)
					judge_captured(&again.rule, &again.state,
						       again.now_ms);
				expect(again.said.phase == through.said.phase &&
					       again.said.fires == through.said.fires,
				       "'%s', restart at %zu, step %zu", rows[row].rule,
				       at, i);
			}
			world_fini(&through);
			world_fini(&again);
		}
	}
}

static void state_keeps_what_it_inherited(void **state)
{
	char text[STATE_TEXT_MAX];
	struct world w, again;

	(void)state;
	world_init(&w, "memory > 5G");
	world_init(&again, "memory > 5G");
	judge_inherit(&w.state, w.now_ms + MINUTE);
	save(&w, text);
	assert_string_equal(text, "inherited - - 60000 memory > 5G");
	assert_int_equal(rule_state_load(text, &again.rule, again.now_ms, &again.state),
			 0);
	assert_true(again.state.inherited);
	assert_int_equal(again.state.phase, PHASE_COOLING);
	assert_int_equal(again.state.cool_until_ms, again.now_ms + MINUTE);
	world_fini(&w);
	world_fini(&again);
}

static void state_is_known_by_the_text_of_its_rule(void **state)
{
	struct rule rule = rule_of("memory > 5G");
	struct rule_state loaded;

	(void)state;
	assert_int_equal(rule_state_load("armed - - 0 memory > 5G", &rule, 0, &loaded),
			 0);
	assert_int_equal(rule_state_load("armed - - 0 memory > 6G", &rule, 0, &loaded),
			 STATE_OTHER_RULE);
	assert_int_equal(
		rule_state_load("armed - - 0 memory > 5G for 1s", &rule, 0, &loaded),
		STATE_OTHER_RULE);
	assert_int_equal(rule_state_load("armed - - 0 ", &rule, 0, &loaded),
			 STATE_OTHER_RULE);
}

static void state_cools_no_longer_than_the_rule_says_now(void **state)
{
	struct rule rule = rule_of("memory > 5G");
	struct rule_state loaded;

	(void)state;
	rule.cooldown_ms = 60000;
	assert_int_equal(
		rule_state_load("cooling - - 500000 memory > 5G", &rule, 1000, &loaded),
		0);
	assert_int_equal(loaded.cool_until_ms, 61000);
	assert_int_equal(rule_state_load("cooling - - 18446744073709551615 memory > 5G",
					 &rule, 1000, &loaded),
			 0);
	assert_int_equal(loaded.cool_until_ms, 61000);
}

static void state_refuses_a_foreign_text(void **state)
{
	static const char *const rows[] = {
		"",
		" ",
		"armed",
		"armed -",
		"armed - -",
		"armed - - -",
		"armed - - x memory > 5G",
		"armed - - -1 memory > 5G",
		"armed - - 18446744073709551616 memory > 5G",
		"armed -5 - 0 memory > 5G",
		"armed - 9223372036854775807 0 memory > 5G",
		"armed 99999999999999999999 - 0 memory > 5G",
		"armed 1.5 - 0 memory > 5G",
		"blind - - 0 memory > 5G",
		"Armed - - 0 memory > 5G",
		" armed - - 0 memory > 5G",
		"armed  - - 0 memory > 5G",
		"memory > 5G",
	};
	struct rule rule = rule_of("memory > 5G");

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct rule_state untouched = {.seen_ms = 77}, loaded = untouched;
		int r = rule_state_load(rows[i], &rule, 0, &loaded);

		expect(r == -EBADMSG, "'%s': %d", rows[i], r);
		assert_int_equal(loaded.seen_ms, 77);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(state_is_written_as_distances),
		cmocka_unit_test(state_goes_on_after_a_restart),
		cmocka_unit_test(state_keeps_what_it_inherited),
		cmocka_unit_test(state_is_known_by_the_text_of_its_rule),
		cmocka_unit_test(state_cools_no_longer_than_the_rule_says_now),
		cmocka_unit_test(state_refuses_a_foreign_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
