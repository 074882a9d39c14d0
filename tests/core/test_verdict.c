#include "core/verdict.h"

#include <errno.h>
#include <string.h>

#include "unit.h"

#define MIB (UINT64_C(1) << 20)

#define VALUE(v)                                                                         \
	{                                                                                \
		.value = (v), .have = HAVE_VALUE                                         \
	}
#define ABSENT                                                                           \
	{                                                                                \
		.have = HAVE_ABSENT                                                      \
	}
#define GONE                                                                             \
	{                                                                                \
		.have = HAVE_ERROR, .error = ENODEV                                      \
	}
#define FULL .usage = VALUE(510 * MIB), .limit = VALUE(512 * MIB), .usage_age_ms = 40
#define HALF .usage = VALUE(256 * MIB), .limit = VALUE(512 * MIB), .usage_age_ms = 40

static const struct row {
	const char *what;
	struct ending ending;
	enum outcome outcome;
	enum evidence evidence;
	enum victim victim;
	enum kill_scope scope;
	const char *detail;
} rows[] = {
	{"own counter",
	 {.end = END_EXIT,
	  .own_kills = VALUE(1),
	  .own_ended = 1,
	  .parent_ended = 1,
	  FULL},
	 OUTCOME_OOM_KILLED,
	 EVIDENCE_OWN_COUNTER,
	 VICTIM_TARGET,
	 SCOPE_CGROUP,
	 "OOM kills counted in its cgroup: 1 (1 ended); last 510M of 512M (99.6 %) 40ms "
	 "before"},
	{"own counter beats the parent's",
	 {.end = END_EXIT,
	  .own_kills = VALUE(2),
	  .parent_kills = VALUE(9),
	  .own_ended = 2,
	  .parent_ended = 4,
	  HALF},
	 OUTCOME_OOM_KILLED,
	 EVIDENCE_OWN_COUNTER,
	 VICTIM_TARGET,
	 SCOPE_UNKNOWN,
	 "OOM kills counted in its cgroup: 2 (2 ended); last 256M of 512M (50.0 %) 40ms "
	 "before"},
	{"its own limit was met, whatever the last sample says",
	 {.end = END_EXIT,
	  .own_kills = VALUE(1),
	  .own_ooms = VALUE(1),
	  .own_ended = 1,
	  .parent_ended = 1,
	  HALF},
	 OUTCOME_OOM_KILLED,
	 EVIDENCE_OWN_COUNTER,
	 VICTIM_TARGET,
	 SCOPE_CGROUP,
	 "OOM kills counted in its cgroup: 1 (1 ended); last 256M of 512M (50.0 %) 40ms "
	 "before"},
	{"its limit was met and nobody killed",
	 {.end = END_EXIT, .own_kills = VALUE(0), .own_ooms = VALUE(7), HALF},
	 OUTCOME_EXITED,
	 EVIDENCE_NONE,
	 VICTIM_UNKNOWN,
	 SCOPE_UNKNOWN,
	 "no OOM kill counted in its cgroup; last 256M of 512M (50.0 %) 40ms before"},
	{"one kill, two of the domain ended",
	 {.end = END_EXIT, .own_kills = VALUE(1), .own_ended = 2, FULL},
	 OUTCOME_OOM_KILLED,
	 EVIDENCE_OWN_COUNTER,
	 VICTIM_UNKNOWN,
	 SCOPE_CGROUP,
	 "OOM kills counted in its cgroup: 1 (2 ended); last"},
	{"killed for the node",
	 {.end = END_EXIT,
	  .own_kills = VALUE(1),
	  .own_ended = 1,
	  .usage = VALUE(256 * MIB),
	  .limit = ABSENT},
	 OUTCOME_OOM_KILLED,
	 EVIDENCE_OWN_COUNTER,
	 VICTIM_TARGET,
	 SCOPE_NODE,
	 "OOM kills counted in its cgroup: 1 (1 ended)"},
	{"own counter stood, so a full cgroup was no kill",
	 {.end = END_EXIT,
	  .own_kills = VALUE(0),
	  .own_ended = 1,
	  .parent_ended = 1,
	  FULL},
	 OUTCOME_EXITED,
	 EVIDENCE_NONE,
	 VICTIM_UNKNOWN,
	 SCOPE_UNKNOWN,
	 "no OOM kill counted in its cgroup; last 510M of 512M"},
	{"own counter stood, the parent's grew: a sibling",
	 {.end = END_EXIT,
	  .own_kills = VALUE(0),
	  .parent_kills = VALUE(1),
	  .own_ended = 1,
	  .parent_ended = 1,
	  FULL},
	 OUTCOME_EXITED,
	 EVIDENCE_NONE,
	 VICTIM_SIBLING,
	 SCOPE_UNKNOWN,
	 "no OOM kill counted in its cgroup"},
	{"the cgroup is gone, the parent knows",
	 {.end = END_EXIT,
	  .own_kills = GONE,
	  .parent_kills = VALUE(1),
	  .own_ended = 1,
	  .parent_ended = 1,
	  FULL},
	 OUTCOME_OOM_KILLED,
	 EVIDENCE_PARENT_COUNTER,
	 VICTIM_TARGET,
	 SCOPE_CGROUP,
	 "OOM kills counted below its parent: 1 (1 ended); last 510M"},
	{"a whole group was killed",
	 {.end = END_EXIT,
	  .own_kills = GONE,
	  .parent_kills = VALUE(4),
	  .own_ended = 1,
	  .parent_ended = 1,
	  HALF},
	 OUTCOME_OOM_KILLED,
	 EVIDENCE_PARENT_COUNTER,
	 VICTIM_TARGET,
	 SCOPE_UNKNOWN,
	 "OOM kills counted below its parent: 4 (1 ended)"},
	{"the parent's counter stood",
	 {.end = END_EXIT,
	  .own_kills = GONE,
	  .parent_kills = VALUE(0),
	  .own_ended = 1,
	  .parent_ended = 1,
	  FULL},
	 OUTCOME_EXITED,
	 EVIDENCE_NONE,
	 VICTIM_UNKNOWN,
	 SCOPE_UNKNOWN,
	 "no OOM kill counted below its parent"},
	{"two watched children ended, this one at its limit",
	 {.end = END_EXIT,
	  .own_kills = GONE,
	  .parent_kills = VALUE(1),
	  .own_ended = 1,
	  .parent_ended = 2,
	  FULL},
	 OUTCOME_OOM_KILLED,
	 EVIDENCE_INFERRED,
	 VICTIM_TARGET,
	 SCOPE_CGROUP,
	 "it ended at its limit; last 510M of 512M (99.6 %) 40ms before"},
	{"two watched children ended, this one far from it",
	 {.end = END_EXIT,
	  .own_kills = GONE,
	  .parent_kills = VALUE(2),
	  .own_ended = 1,
	  .parent_ended = 2,
	  HALF},
	 OUTCOME_EXITED,
	 EVIDENCE_NONE,
	 VICTIM_UNKNOWN,
	 SCOPE_UNKNOWN,
	 "OOM kills counted below its parent: 2 (2 ended); last 256M"},
	{"no counters, at the limit",
	 {.end = END_EXIT,
	  .own_kills = GONE,
	  .parent_kills = ABSENT,
	  .own_ended = 1,
	  FULL},
	 OUTCOME_OOM_KILLED,
	 EVIDENCE_INFERRED,
	 VICTIM_TARGET,
	 SCOPE_CGROUP,
	 "it ended at its limit"},
	{"no counters, at 98.0 %, a second ago",
	 {.end = END_EXIT,
	  .own_kills = GONE,
	  .usage = VALUE(980 * MIB),
	  .limit = VALUE(1000 * MIB),
	  .usage_age_ms = 1000},
	 OUTCOME_OOM_KILLED,
	 EVIDENCE_INFERRED,
	 VICTIM_TARGET,
	 SCOPE_CGROUP,
	 "it ended at its limit; last 980M of 1000M (98.0 %) 1s before"},
	{"no counters, just below 98 %",
	 {.end = END_EXIT,
	  .own_kills = GONE,
	  .usage = VALUE(980 * MIB - 1),
	  .limit = VALUE(1000 * MIB),
	  .usage_age_ms = 0},
	 OUTCOME_EXITED,
	 EVIDENCE_NONE,
	 VICTIM_UNKNOWN,
	 SCOPE_UNKNOWN,
	 "no counter of OOM kills could be read; last 980M of 1000M (97.9 "
	 "%) "
	 "0s before"},
	{"no counters, too long ago",
	 {.end = END_EXIT,
	  .own_kills = GONE,
	  .usage = VALUE(512 * MIB),
	  .limit = VALUE(512 * MIB),
	  .usage_age_ms = 1001},
	 OUTCOME_EXITED,
	 EVIDENCE_NONE,
	 VICTIM_UNKNOWN,
	 SCOPE_UNKNOWN,
	 "no counter of OOM kills could be read; last 512M of 512M (100.0 "
	 "%) "
	 "1s1ms before"},
	{"no counters, nobody knows when",
	 {.end = END_EXIT,
	  .own_kills = GONE,
	  .usage = VALUE(512 * MIB),
	  .limit = VALUE(512 * MIB),
	  .usage_age_ms = -1},
	 OUTCOME_EXITED,
	 EVIDENCE_NONE,
	 VICTIM_UNKNOWN,
	 SCOPE_UNKNOWN,
	 "no counter of OOM kills could be read; last 512M of 512M (100.0 "
	 "%)"},
	{"nothing is known",
	 {.end = END_EXIT},
	 OUTCOME_EXITED,
	 EVIDENCE_NONE,
	 VICTIM_UNKNOWN,
	 SCOPE_UNKNOWN,
	 "no counter of OOM kills could be read"},
	{"a limit of nothing",
	 {.end = END_EXIT, .usage = VALUE(0), .limit = VALUE(0)},
	 OUTCOME_EXITED,
	 EVIDENCE_NONE,
	 VICTIM_UNKNOWN,
	 SCOPE_UNKNOWN,
	 "no counter"},
	{"it goes on",
	 {.end = END_NOT, FULL},
	 OUTCOME_OPEN,
	 EVIDENCE_NONE,
	 VICTIM_UNKNOWN,
	 SCOPE_UNKNOWN,
	 "it goes on; last 510M of 512M"},
	{"calm",
	 {.end = END_CALM, HALF},
	 OUTCOME_RECOVERED,
	 EVIDENCE_NONE,
	 VICTIM_UNKNOWN,
	 SCOPE_UNKNOWN,
	 "no rule holds any more; last 256M of 512M (50.0 %) 40ms before"},
	{"too long",
	 {.end = END_AT_MOST},
	 OUTCOME_PERSISTING,
	 EVIDENCE_NONE,
	 VICTIM_UNKNOWN,
	 SCOPE_UNKNOWN,
	 "it lasted too long"},
	{"exec",
	 {.end = END_EXEC, FULL},
	 OUTCOME_EXITED,
	 EVIDENCE_NONE,
	 VICTIM_UNKNOWN,
	 SCOPE_UNKNOWN,
	 "it became another program"},
	{"the agent stops",
	 {.end = END_STOP, FULL},
	 OUTCOME_AGENT_STOPPED,
	 EVIDENCE_NONE,
	 VICTIM_UNKNOWN,
	 SCOPE_UNKNOWN,
	 "the agent stopped"},
	{"it lives, its worker was killed",
	 {.end = END_CALM, .own_kills = VALUE(1), HALF},
	 OUTCOME_RECOVERED,
	 EVIDENCE_OWN_COUNTER,
	 VICTIM_SIBLING,
	 SCOPE_UNKNOWN,
	 "no rule holds any more; OOM kills of others in its cgroup: 1; last 256M"},
	{"it lives, a kill elsewhere below the parent is not its own",
	 {.end = END_AT_MOST, .own_kills = VALUE(0), .parent_kills = VALUE(3)},
	 OUTCOME_PERSISTING,
	 EVIDENCE_NONE,
	 VICTIM_UNKNOWN,
	 SCOPE_UNKNOWN,
	 "it lasted too long"},
};

static void verdict_is_graded_by_its_strongest_evidence(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];
		struct verdict v = {.at_ms = 77, .successor_pid = 88};

		verdict_grade(&row->ending, &v);
		expect(v.outcome == row->outcome && v.evidence == row->evidence &&
			       v.victim == row->victim && v.scope == row->scope,
		       "%s: %s, %s, %s, %s", row->what, outcome_table[v.outcome],
		       evidence_table[v.evidence], victim_table[v.victim],
		       scope_table[v.scope]);
		expect(strncmp(v.detail, row->detail, strlen(row->detail)) == 0,
		       "%s: '%s'", row->what, v.detail);
		assert_int_equal(v.at_ms, 77);
		assert_int_equal(v.successor_pid, 88);
	}
}

/* The largest numbers: still one whole line. */
static void verdict_detail_is_never_cut(void **state)
{
	static const enum end ends[] = {END_NOT,  END_CALM, END_AT_MOST,
					END_EXIT, END_EXEC, END_STOP};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ends) * 9; i++) {
		struct ending e = {
			.end = ends[i / 9],
			.own_kills = {UINT64_MAX, (uint8_t)(i % 3), 0},
			.parent_kills = {UINT64_MAX, (uint8_t)(i % 9 / 3), 0},
			.own_ended = UINT32_MAX,
			.parent_ended = UINT32_MAX,
			.usage = VALUE(UINT64_MAX),
			.limit = VALUE(1),
			.usage_age_ms = INT64_MAX,
		};
		struct verdict v;

		verdict_grade(&e, &v);
		expect(strlen(v.detail) < sizeof(v.detail) - 1 &&
			       !strchr(v.detail, '\n') && strstr(v.detail, " before"),
		       "%zu: '%s'", i, v.detail);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdict_is_graded_by_its_strongest_evidence),
		cmocka_unit_test(verdict_detail_is_never_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
