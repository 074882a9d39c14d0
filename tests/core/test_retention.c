/* What goes first and what never goes. A row is an archive as a line of words and the
 * names in the order in which they must go. */
#include "core/retention.h"

#include <string.h>

#include "unit.h"

#define M (UINT64_C(1) << 20)

/* "SERVICE/NAME AGE BYTES_M SCORE FLAGS": flags o open, b live base, h live heap only,
 * l living, p pinned. */
static size_t read_archive(const char *text, struct retention_entry *entries)
{
	size_t n = 0;

	for (int used = 0; *text; text += used) {
		struct retention_entry *e = &entries[n++];
		char flags[8];
		unsigned long age, megabytes, score;

		memset(e, 0, sizeof(*e));
		assert_int_equal(sscanf(text, " %63[^/]/%95s %lu %lu %lu %7s%n",
					e->service, e->name, &age, &megabytes, &score,
					flags, &used),
				 6);
		e->at_ms = (int64_t)(1000000 - age);
		e->bytes = megabytes * M;
		e->score = score;
		e->open = strchr(flags, 'o');
		e->has_base = strchr(flags, 'b');
		e->kind = strpbrk(flags, "bh") ? RETAIN_LIVE : RETAIN_INCIDENT;
		e->living = strchr(flags, 'l');
		e->pinned = strchr(flags, 'p');
		e->drop = 77; /* whatever stood there */
	}
	return n;
}

static const struct row {
	const char *what;
	struct retention_policy policy;
	uint64_t free_mb;
	const char *archive;
	const char *dropped; /* names in order, a blank before each */
} rows[] = {
	{"nothing at all", {1, 1, 1}, 0, "", ""},
	{"no bounds, nothing goes", {0, 0, 0}, 0, "a/1 9 999 1 - a/2 8 999 1 -", ""},
	{"exactly full is not over", {20 * M, 0, 2}, 0, "a/1 9 10 1 - a/2 8 10 1 -", ""},
	{"ordinary ones by age, not by name",
	 {30 * M, 0, 0},
	 0,
	 "a/x 5 10 9000 - a/c 4 10 1 - a/b 3 10 1 - a/z 2 10 1 - a/y 1 10 1 -",
	 " c b"},
	{"then worst, then first, then newest",
	 {1, 0, 0},
	 0,
	 "a/first 9 10 1 - a/plain 8 10 2 - a/worst 7 10 3 - a/newest 6 10 1 -",
	 " plain worst first newest"},
	{"a crash loop keeps first, worst and newest",
	 {3 * M, 0, 0},
	 0,
	 "a/1 9 1 1100 - a/2 8 1 1200 - a/3 7 1 1900 - a/4 6 1 1100 - a/5 5 1 1100 -",
	 " 2 4"},
	{"of equally bad ones the newer is the worst",
	 {3 * M, 0, 0},
	 0,
	 "a/1 9 1 1 - a/2 8 1 5 - a/3 7 1 5 - a/4 6 1 1 -",
	 " 2"},
	{"the noisy service gives, the quiet one keeps its oldest",
	 {40 * M, 0, 0},
	 0,
	 "quiet/q 99 10 1 - noisy/1 9 20 1 - noisy/2 8 20 1 - noisy/3 7 20 1 -"
	 " noisy/4 6 20 1 -",
	 " 2 3 1"},
	{"once it is the smaller one, the other gives",
	 {20 * M, 0, 0},
	 0,
	 "a/1 9 15 1 - a/2 8 15 1 - b/1b 7 10 1 - b/2b 6 10 1 -",
	 " 1 1b 2"},
	{"open incidents never go",
	 {1, UINT64_MAX, 1},
	 0,
	 "a/1 9 10 1 o a/2 8 10 1 o",
	 ""},
	{"an open one is no first",
	 {15 * M, 0, 0},
	 0,
	 "a/1 9 10 1 o a/2 8 5 1 - a/3 7 5 1 -",
	 " 2"},
	{"the service that holds most has only open ones",
	 {30 * M, 0, 0},
	 0,
	 "a/1 9 30 1 o b/2 8 5 1 -",
	 " 2"},
	{"keep_free counts what is freed",
	 {0, 100 * M, 0},
	 85,
	 "a/1 9 10 1 - a/2 8 10 1 - a/3 7 10 1 -",
	 " 2 1"},
	{"keep_free that cannot be had takes what there is",
	 {0, UINT64_MAX, 0},
	 1,
	 "a/1 9 10 1 - a/2 8 10 1 o a/k 9 1 0 bl",
	 " 1 k"},
	{"max_incidents asks the one with most, not the largest",
	 {0, 0, 3},
	 0,
	 "big/1 9 900 1 - small/2 8 1 1 - small/3 7 1 1 - small/4 6 1 1 -",
	 " 3"},
	{"max_incidents does not count live files and drops none",
	 {0, 0, 1},
	 0,
	 "a/k 9 5 0 bl a/k2 8 5 0 bl a/1 7 5 1 -",
	 ""},
	{"live files of the dead go without need, the newest base stays",
	 {0, 0, 0},
	 0,
	 "a/old 9 5 0 b a/new 8 5 0 b a/heaps 7 5 0 h b/other 9 5 0 b",
	 " heaps old"},
	{"a base of the dead is not kept beside a newer living one",
	 {0, 0, 0},
	 0,
	 "a/dead 9 5 0 b a/alive 8 5 0 bl",
	 " dead"},
	{"a base of the dead that is newer than the living one is kept",
	 {0, 0, 0},
	 0,
	 "a/alive 9 5 0 bl a/dead 8 5 0 b",
	 ""},
	{"live files go last, of all services, the dead before the living",
	 {1, 0, 0},
	 0,
	 "a/alive 9 500 0 bl b/1 8 1 1 - b/dead 1 1 0 b",
	 " 1 dead alive"},
	{"live files of who knows whom stay",
	 {1, UINT64_MAX, 1},
	 0,
	 "a/base 9 500 0 bp a/heaps 8 500 0 hp a/1 7 1 1 - a/2 6 1 1 -",
	 " 1 2"},
	{"sums do not wrap",
	 {UINT64_MAX / 2, 0, 0},
	 0,
	 "a/1 9 17592186044415 1 - a/2 8 17592186044415 1 - a/3 7 1 1 -",
	 " 2 1"},
};

static void retention_drops_in_the_promised_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct retention_entry entries[16];
		size_t n = read_archive(rows[i].archive, entries);
		size_t dropped =
			retention_plan(entries, n, &rows[i].policy, rows[i].free_mb * M);
		char names[256] = "";

		for (size_t j = 0; j < n; j++) {
			expect((entries[j].drop > 0) == (j < dropped), "%s: %s",
			       rows[i].what, entries[j].name);
			if (j < dropped)
				snprintf(names + strlen(names),
					 sizeof(names) - strlen(names), " %s",
					 entries[j].name);
		}
		expect(text_equal(names, rows[i].dropped), "%s: dropped%s, not%s",
		       rows[i].what, names, rows[i].dropped);
	}
}

/* Whatever the archive is: the bound holds or nothing more may go, and nothing goes that
 * did not have to. */
static void retention_drops_enough_and_not_more(void **state)
{
	uint32_t dice = 1;

	(void)state;
	for (unsigned round = 0; round < 2000; round++) {
		struct retention_entry entries[24];
		struct retention_policy policy = {0};
		uint64_t left = 0, last = 0;
		size_t n = round % ARRAY_SIZE(entries), dropped;
		bool may_go = false;

		for (size_t i = 0; i < n; i++) {
			struct retention_entry *e = &entries[i];

			memset(e, 0, sizeof(*e));
			dice = dice * 1664525 + 1013904223;
			e->service[0] = (char)('a' + (dice >> 24) % 3);
			e->name[0] = (char)('a' + i);
			e->at_ms = dice >> 12 & 0xf;
			e->bytes = dice >> 16 & 0xff;
			e->score = dice >> 8 & 0x7;
			e->open = (dice >> 28) == 3;
			e->living = true;
			e->kind = (dice >> 28) == 5 ? RETAIN_LIVE : RETAIN_INCIDENT;
		}
		policy.max_use = dice >> 20;
		policy.max_incidents = round % 3 ? 0 : 1 + (dice >> 30);
		dropped = retention_plan(entries, n, &policy, 0);
		for (size_t i = dropped; i < n; i++) {
			left += entries[i].bytes;
			may_go |= entries[i].kind == RETAIN_LIVE || !entries[i].open;
		}
		if (policy.max_use)
			expect(left <= policy.max_use || !may_go, "round %u", round);
		if (dropped > 0)
			last = entries[dropped - 1].bytes;
		if (dropped > 0 && !policy.max_incidents)
			expect(left + last > policy.max_use, "round %u: one too many",
			       round);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(retention_drops_in_the_promised_order),
		cmocka_unit_test(retention_drops_enough_and_not_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
