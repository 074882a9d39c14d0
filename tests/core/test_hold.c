#include "core/hold.h"

#include <string.h>

#include "unit.h"

#define M (UINT64_C(1) << 20)
#define G (UINT64_C(1) << 30)
#define NO HOLD_NO_LIMIT

static const struct hold_host rich = {.total = 64 * G, .available = 32 * G};

struct row {
	const char *name;
	struct conf_raise raise;
	struct hold_level levels[3];
	size_t n;
	struct hold_host host;
	int r;
	uint64_t from, to, will[3];
	const char *why; /* a part of it; "" is none */
};

static const struct row rows[] = {
	{.name = "a size",
	 .raise = {.to_bytes = 20 * G},
	 .levels = {{{8 * G, NO, NO}, 5 * G}},
	 .n = 1,
	 .from = 8 * G,
	 .to = 20 * G,
	 .will = {20 * G}},
	{.name = "by a size",
	 .raise = {.by_bytes = G},
	 .levels = {{{G, NO, NO}, 640 * M}},
	 .n = 1,
	 .from = G,
	 .to = 2 * G,
	 .will = {2 * G}},
	{.name = "by a share",
	 .raise = {.by_permille = 250},
	 .levels = {{{8 * G, NO, NO}, 5 * G}},
	 .n = 1,
	 .from = 8 * G,
	 .to = 10 * G,
	 .will = {10 * G}},
	{.name = "pages are whole",
	 .raise = {.by_permille = 333},
	 .levels = {{{G, NO, NO}, 640 * M}},
	 .n = 1,
	 .from = G,
	 .to = 1431240704,
	 .will = {1431240704}},
	{.name = "an ancestor with room stays",
	 .raise = {.by_bytes = G},
	 .levels = {{{G, NO, NO}, 640 * M}, {{4 * G, NO, NO}, G}},
	 .n = 2,
	 .from = G,
	 .to = 2 * G,
	 .will = {2 * G, 4 * G}},
	{.name = "one in the way gets what is missing",
	 .raise = {.by_bytes = G},
	 .levels = {{{G, NO, NO}, 640 * M},
		    {{2 * G, NO, NO}, 1536 * M},
		    {{NO, NO, NO}, 9 * G}},
	 .n = 3,
	 .from = G,
	 .to = 2 * G,
	 .will = {2 * G, 1536 * M + 1408 * M, NO}},
	{.name = "only the ancestor has one",
	 .raise = {.by_bytes = G},
	 .levels = {{{NO, NO, NO}, 640 * M}, {{G, NO, NO}, 700 * M}},
	 .n = 2,
	 .from = G,
	 .to = 2 * G,
	 .will = {NO, 2 * G + 60 * M}},
	{.name = "a fuzzy parent is not below its child",
	 .raise = {.by_bytes = G},
	 .levels = {{{G, NO, NO}, 640 * M}, {{G, NO, NO}, 639 * M}},
	 .n = 2,
	 .from = G,
	 .to = 2 * G,
	 .will = {2 * G, 2 * G}},
	{.name = "no limit",
	 .raise = {.by_bytes = G},
	 .levels = {{{NO, NO, NO}, 640 * M}},
	 .n = 1,
	 .r = HOLD_REFUSED,
	 .why = "no memory limit"},
	{.name = "it is as high already",
	 .raise = {.to_bytes = 8 * G},
	 .levels = {{{8 * G, NO, NO}, 5 * G}},
	 .n = 1,
	 .r = HOLD_REFUSED,
	 .why = "8.0G already, hold.limit says 8.0G"},
	{.name = "and higher",
	 .raise = {.to_bytes = 4 * G},
	 .levels = {{{8 * G, NO, NO}, 5 * G}},
	 .n = 1,
	 .r = HOLD_REFUSED,
	 .why = "8.0G already, hold.limit says 4.0G"},
	{.name = "less where the machine has less",
	 .raise = {.by_bytes = 4 * G},
	 .levels = {{{4 * G, NO, NO}, 3 * G}},
	 .n = 1,
	 .host = {.total = 8 * G, .available = 3 * G + 8 * G / 20},
	 .from = 4 * G,
	 .to = 6 * G,
	 .will = {6 * G},
	 .why = "not 8.0G: the machine has only 3.0G to give"},
	{.name = "refused where it has hardly more than what is allowed already",
	 .raise = {.by_bytes = 4 * G},
	 .levels = {{{4 * G, NO, NO}, 3 * G}},
	 .n = 1,
	 .host = {.total = 8 * G, .available = 8 * G / 20 + 1536 * M},
	 .r = HOLD_REFUSED,
	 .why = "would take 5.0G more, and the machine has only 1.5G to give"},
	{.name = "what others were promised is not there",
	 .raise = {.by_bytes = 4 * G},
	 .levels = {{{4 * G, NO, NO}, 3 * G}},
	 .n = 1,
	 .host = {.total = 64 * G, .available = 32 * G, .promised = 30 * G},
	 .r = HOLD_REFUSED,
	 .why = "only 0 to give"},
	{.name = "a machine without memory",
	 .raise = {.by_permille = 250},
	 .levels = {{{4 * G, NO, NO}, 3 * G}},
	 .n = 1,
	 .host = {.total = 8 * G, .available = 100 * M},
	 .r = HOLD_REFUSED,
	 .why = "only 0 to give"},
	{.name = "nonsense of the kernel does not wrap",
	 .raise = {.by_permille = 10000},
	 .levels = {{{NO - 1, NO, NO}, 3 * G}},
	 .n = 1,
	 .r = HOLD_REFUSED},
};

static void holds_as_far_as_asked_and_the_machine_can(void **state)
{
	struct hold_plan plan;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];
		int r = hold_plan(&row->raise, row->levels, row->n,
				  row->host.total ? &row->host : &rich, &plan);

		expect(r == row->r, "%s: %s", row->name, plan.why);
		expect(!row->why || strstr(plan.why, row->why), "%s: %s", row->name,
		       plan.why);
		expect((r == 0 && !row->why) == (plan.why[0] == '\0'), "%s: %s",
		       row->name, plan.why);
		if (r != 0)
			continue;
		expect(plan.from == row->from && plan.to == row->to, "%s: %llu to %llu",
		       row->name, (unsigned long long)plan.from,
		       (unsigned long long)plan.to);
		for (size_t l = 0; l < row->n; l++)
			expect(plan.will[l].max == row->will[l], "%s, level %zu: %llu",
			       row->name, l, (unsigned long long)plan.will[l].max);
	}
}

static void swap_and_brake_go_along(void **state)
{
	const struct conf_raise raise = {.by_bytes = G};
	const struct hold_level v1 = {{G, NO, G + 256 * M}, 640 * M};
	const struct hold_level v2 = {{G, 900 * M, NO}, 640 * M};
	const struct hold_level free = {{G, 8 * G, NO}, 640 * M};
	struct hold_plan plan;

	(void)state;
	assert_int_equal(hold_plan(&raise, &v1, 1, &rich, &plan), 0);
	assert_int_equal(plan.will[0].swap, 2 * G + 256 * M);
	assert_int_equal(hold_plan(&raise, &v2, 1, &rich, &plan), 0);
	assert_int_equal(plan.will[0].high, 2 * G);
	assert_true(plan.will[0].swap == NO);
	assert_int_equal(hold_plan(&raise, &free, 1, &rich, &plan), 0);
	assert_int_equal(plan.will[0].high, 8 * G);
}

/* ------------------------------------------------------------------ the way back */

struct back {
	const char *name;
	struct hold_ceiling was, will;
	struct hold_level now;
	enum hold_next next;
	struct hold_ceiling write; /* with HOLD_LOWER */
	const char *why;
};

static const struct back backs[] = {
	{"usage is low",
	 {G, NO, NO},
	 {2 * G, NO, NO},
	 {{2 * G, NO, NO}, 900 * M},
	 HOLD_LOWER,
	 {G, NO, NO},
	 NULL},
	{"usage is above",
	 {G, NO, NO},
	 {2 * G, NO, NO},
	 {{2 * G, NO, NO}, G + 1},
	 HOLD_WAIT,
	 {0},
	 "usage 1.0G is not 2% below 1.0G"},
	{"usage is within the margin",
	 {G, NO, NO},
	 {2 * G, NO, NO},
	 {{2 * G, NO, NO}, G - G / 50},
	 HOLD_WAIT,
	 {0},
	 "not 2% below"},
	{"usage is just below it",
	 {G, NO, NO},
	 {2 * G, NO, NO},
	 {{2 * G, NO, NO}, G - G / 50 - 1},
	 HOLD_LOWER,
	 {G, NO, NO},
	 NULL},
	{"it is back",
	 {G, NO, NO},
	 {2 * G, NO, NO},
	 {{G, NO, NO}, 2 * G},
	 HOLD_BACK,
	 {0},
	 NULL},
	{"somebody raised it further",
	 {G, NO, NO},
	 {2 * G, NO, NO},
	 {{3 * G, NO, NO}, 900 * M},
	 HOLD_FOREIGN,
	 {0},
	 "somebody else set it to 3.0G"},
	{"somebody took it away",
	 {G, NO, NO},
	 {2 * G, NO, NO},
	 {{NO, NO, NO}, 900 * M},
	 HOLD_FOREIGN,
	 {0},
	 "to no limit"},
	{"a lower one of theirs stays, too",
	 {G, NO, NO},
	 {2 * G, NO, NO},
	 {{512 * M, NO, NO}, 100 * M},
	 HOLD_FOREIGN,
	 {0},
	 "to 512M"},
	{"swap goes along",
	 {G, NO, G},
	 {2 * G, NO, 2 * G},
	 {{2 * G, NO, 2 * G}, 900 * M},
	 HOLD_LOWER,
	 {G, NO, G},
	 NULL},
	{"their swap stays",
	 {G, NO, G},
	 {2 * G, NO, 2 * G},
	 {{2 * G, NO, 4 * G}, 900 * M},
	 HOLD_LOWER,
	 {G, NO, 4 * G},
	 NULL},
	{"half of the way back was done",
	 {G, NO, G},
	 {2 * G, NO, 2 * G},
	 {{G, NO, 2 * G}, 900 * M},
	 HOLD_LOWER,
	 {G, NO, G},
	 NULL},
	{"their limit keeps its swap",
	 {G, NO, G},
	 {2 * G, NO, 2 * G},
	 {{3 * G, NO, 3 * G}, 900 * M},
	 HOLD_FOREIGN,
	 {0},
	 "to 3.0G"},
	{"a brake alone kills nobody",
	 {G, 500 * M, NO},
	 {G, 800 * M, NO},
	 {{G, 800 * M, NO}, 700 * M},
	 HOLD_LOWER,
	 {G, 500 * M, NO},
	 NULL},
	{"their brake stays",
	 {G, 500 * M, NO},
	 {G, 800 * M, NO},
	 {{G, 600 * M, NO}, 700 * M},
	 HOLD_FOREIGN,
	 {0},
	 "to 600M"},
};

static void puts_back_what_is_ours_when_it_kills_nobody(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(backs); i++) {
		const struct back *row = &backs[i];
		struct hold_ceiling write = {0};
		char why[HOLD_WHY_MAX] = "";
		enum hold_next next =
			hold_next(&row->was, &row->will, &row->now, &write, why);

		expect(next == row->next, "%s: %d, %s", row->name, (int)next, why);
		expect(!row->why == !why[0] && (!row->why || strstr(why, row->why)),
		       "%s: %s", row->name, why);
		expect(hold_ceiling_equal(&write, &row->write), "%s: %llu", row->name,
		       (unsigned long long)write.max);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(holds_as_far_as_asked_and_the_machine_can),
		cmocka_unit_test(swap_and_brake_go_along),
		cmocka_unit_test(puts_back_what_is_ours_when_it_kills_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
