#include "core/ledger.h"

#include <errno.h>

#include "unit.h"

#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)

static struct rule rules[] = {{.text = "memory > 5G", .cooldown_ms = 600000},
			      {.text = "goroutines > 5x base", .cooldown_ms = 600000},
			      {.text = "fds > 92%", .cooldown_ms = 600000}};
static const struct conf_service conf = {
	.name = "cron", .rules = rules, .n_rules = ARRAY_SIZE(rules)};
static const struct conf_limits limits = {.target = 4, .service = 10, .incidents = 6};

static enum ledger_answer take(struct ledger *ledger, const char *key, int rule,
			       bool second, int64_t now_ms)
{
	const struct ledger_wish wish = {.key = key, .rule = rule, .second = second};
	enum ledger_answer answer = ledger_ask(ledger, &limits, &wish, now_ms);

	if (answer == LEDGER_GO)
		ledger_note(ledger, &wish, now_ms);
	return answer;
}

static void ledger_holds_the_limit_of_a_target(void **state)
{
	struct ledger ledger;

	(void)state;
	ledger_init(&ledger);
	for (int i = 0; i < 4; i++)
		assert_int_equal(take(&ledger, "a", 0, false, i * MINUTE), LEDGER_GO);
	assert_int_equal(take(&ledger, "a", 0, false, 5 * MINUTE), LEDGER_TARGET);
	assert_int_equal(take(&ledger, "b", 0, false, 5 * MINUTE), LEDGER_GO);
	assert_int_equal(take(&ledger, "a", 0, false, 60 * MINUTE - 1), LEDGER_TARGET);
	assert_int_equal(ledger_relief_ms(&ledger, "a", 6 * MINUTE), 60 * MINUTE);
	assert_int_equal(take(&ledger, "a", 0, false, 60 * MINUTE), LEDGER_GO);
	assert_int_equal(take(&ledger, "a", 0, false, 60 * MINUTE), LEDGER_TARGET);
}

/* A crash loop: no target is ever met twice. */
static void ledger_holds_the_limit_of_a_service(void **state)
{
	struct ledger ledger;
	char key[TARGET_KEY_MAX];
	unsigned taken = 0;

	(void)state;
	ledger_init(&ledger);
	for (int life = 0; life < 900; life++) {
		snprintf(key, sizeof(key), "boot-%d-1", life);
		taken += take(&ledger, key, 0, false, life * 4 * SECOND) == LEDGER_GO;
	}
	assert_int_equal(taken, limits.service);
	assert_int_equal(ledger_count(&ledger, NULL, 3599 * SECOND), limits.service);
	assert_int_equal(take(&ledger, "x", 0, false, 3599 * SECOND), LEDGER_SERVICE);
}

static void ledger_lets_the_first_of_a_kind_go(void **state)
{
	struct ledger ledger;

	(void)state;
	ledger_init(&ledger);
	for (int i = 0; i < 40; i++)
		(void)take(&ledger, i % 2 ? "a" : "b", 0, false, i);
	assert_int_equal(take(&ledger, "a", 0, false, 50), LEDGER_TARGET);
	assert_int_equal(take(&ledger, "a", 1, false, 50), LEDGER_GO);
	assert_int_equal(take(&ledger, "a", 1, false, 51), LEDGER_TARGET);
	assert_int_equal(take(&ledger, "a", 2, true, 52), LEDGER_TARGET);
	assert_int_equal(take(&ledger, "a", 2, false, 52), LEDGER_GO);
	assert_int_equal(take(&ledger, "a", LEDGER_BY_HAND, false, 53), LEDGER_GO);
	assert_int_equal(take(&ledger, "a", LEDGER_BY_HAND, false, 53), LEDGER_GO);
}

static void ledger_keeps_half_of_a_limit_for_first_captures(void **state)
{
	struct ledger ledger;

	(void)state;
	ledger_init(&ledger);
	assert_int_equal(take(&ledger, "a", 0, false, 0), LEDGER_GO);
	assert_int_equal(take(&ledger, "a", 0, true, 1), LEDGER_GO);
	assert_int_equal(take(&ledger, "a", 0, true, 2), LEDGER_TARGET);
	assert_int_equal(take(&ledger, "a", 0, false, 2), LEDGER_GO);
	assert_int_equal(take(&ledger, "a", 0, false, 3), LEDGER_GO);
	assert_int_equal(take(&ledger, "a", 0, false, 4), LEDGER_TARGET);
}

/* The ring is full of what goes without a limit: it forgets the oldest. */
static void ledger_is_bounded(void **state)
{
	struct ledger ledger;

	(void)state;
	ledger_init(&ledger);
	for (int i = 0; i < 10 * LEDGER_MAX; i++)
		assert_int_equal(take(&ledger, "a", LEDGER_BY_HAND, false, i), LEDGER_GO);
	assert_int_equal(ledger.n, LEDGER_MAX);
	assert_int_equal(ledger.entries[0].at_ms, 9 * LEDGER_MAX);
}

static void ledger_does_not_believe_the_future(void **state)
{
	struct ledger ledger;

	(void)state;
	ledger_init(&ledger);
	for (int i = 0; i < 4; i++)
		(void)take(&ledger, "a", 0, false, 100 * MINUTE);
	assert_int_equal(take(&ledger, "a", 0, false, 50 * MINUTE), LEDGER_GO);
}

/* ------------------------------------------------------------------ as text */

/* 0 or the first error. */
static int load(struct ledger *ledger, struct span text, int64_t at_ms)
{
	struct record_line line;
	int error = 0, r = 0;

	ledger_init(ledger);
	while (r == 0 && record_next(&text, &line, &error))
		r = ledger_load(ledger, &conf, &line, at_ms);
	assert_int_equal(error, 0);
	return r;
}

static void ledger_survives_a_restart(void **state)
{
	struct ledger before, after;
	AUTO_BUF struct buf text;
	int64_t clock = -7 * MINUTE;

	(void)state;
	buf_init(&text, 1 << 20);
	ledger_init(&before);
	for (int i = 0; i < 4; i++)
		(void)take(&before, "12345678-4127-99", i % 2, false, i * MINUTE);
	(void)take(&before, "b", LEDGER_BY_HAND, false, 4 * MINUTE);
	before.cool_until_ms[1] = 9 * MINUTE;
	before.cool_until_ms[2] = 4 * MINUTE; /* over */
	before.suppressed = 7;
	before.folded = 37;
	ledger_save(&before, &conf, 5 * MINUTE, &text);
	record_end(&text);
	assert_int_equal(
		load(&after, (struct span){text.data, text.len}, 5 * MINUTE + clock), 0);
	assert_int_equal(after.n, before.n);
	for (size_t i = 0; i < after.n; i++) {
		assert_int_equal(after.entries[i].at_ms, before.entries[i].at_ms + clock);
		assert_int_equal(after.entries[i].rule, before.entries[i].rule);
		assert_string_equal(after.entries[i].key, before.entries[i].key);
	}
	assert_int_equal(after.cool_until_ms[0], NEVER_MS);
	assert_int_equal(after.cool_until_ms[1], 9 * MINUTE + clock);
	assert_int_equal(after.cool_until_ms[2], NEVER_MS);
	assert_int_equal(after.suppressed, 7);
	assert_int_equal(after.folded, 37);
	assert_int_equal(take(&after, "12345678-4127-99", 0, false, 6 * MINUTE + clock),
			 LEDGER_TARGET);
}

static void ledger_follows_the_configuration(void **state)
{
	static const char text[] = "took=1000 a memory > 9G\n"
				   "took=3600000 a memory > 5G\n"
				   "took=900 a goroutines > 5x base\n"
				   "cool=99000 memory > 9G\n"
				   "cool=18446744073709551615 memory > 5G\n"
				   "newer=thing\n\n";
	struct ledger ledger;

	(void)state;
	assert_int_equal(load(&ledger, (struct span){text, sizeof(text) - 1}, 0), 0);
	assert_int_equal(ledger.n, 2); /* one was too old */
	assert_int_equal(ledger.entries[0].rule, LEDGER_OTHER);
	assert_int_equal(ledger.entries[1].rule, 1);
	assert_int_equal(ledger.cool_until_ms[0], 600000); /* as it is now */
}

static void ledger_refuses_foreign_lines(void **state)
{
	static const char *const rows[] = {
		"took=",
		"took=1",
		"took=1 ",
		"took=1 a",
		"took=1 a ",
		"took=x a r",
		"took=-1 a r",
		"took=1  r",
		"took=99999999999999999999 a r",
		"took=1 aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeee r",
		"took=1 a \\x0",
		"cool=",
		"cool=1",
		"cool=1 ",
		"cool=-1 memory > 5G",
		"cool=x memory > 5G",
		"suppressed=-1",
		"suppressed=",
		"folded=x",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct ledger ledger;
		char text[256];
		int len = snprintf(text, sizeof(text), "%s\n\n", rows[i]);
		int r = load(&ledger, (struct span){text, (size_t)len}, 0);

		expect(r == -EBADMSG, "'%s': %d", rows[i], r);
		assert_int_equal(ledger.n, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ledger_holds_the_limit_of_a_target),
		cmocka_unit_test(ledger_holds_the_limit_of_a_service),
		cmocka_unit_test(ledger_lets_the_first_of_a_kind_go),
		cmocka_unit_test(ledger_keeps_half_of_a_limit_for_first_captures),
		cmocka_unit_test(ledger_is_bounded),
		cmocka_unit_test(ledger_does_not_believe_the_future),
		cmocka_unit_test(ledger_survives_a_restart),
		cmocka_unit_test(ledger_follows_the_configuration),
		cmocka_unit_test(ledger_refuses_foreign_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
