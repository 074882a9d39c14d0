/* The strongest evidence decides, and a counter that has not moved is evidence too. */
#include <stdio.h>

#include "core/verdict.h"
#include "lib/duration.h"
#include "lib/num.h"
#include "lib/quantity.h"

#define NEAR_PERMILLE 980 /* of the limit */
#define NEAR_MS 1000      /* before the end */

static bool grew(const struct reading *kills)
{
	return kills->have == HAVE_VALUE && kills->value > 0;
}

static bool stood(const struct reading *kills)
{
	return kills->have == HAVE_VALUE && kills->value == 0;
}

static bool has_usage(const struct ending *e)
{
	return e->usage.have == HAVE_VALUE && e->limit.have == HAVE_VALUE &&
	       e->limit.value > 0;
}

/* The last sample was at the limit and is not too old to speak for the end. */
static bool was_full(const struct ending *e)
{
	return has_usage(e) && e->usage_age_ms >= 0 && e->usage_age_ms <= NEAR_MS &&
	       num_scale(e->usage.value, 1000, e->limit.value) >= NEAR_PERMILLE;
}

static enum kill_scope scope_of(const struct ending *e)
{
	if (grew(&e->own_ooms))
		return SCOPE_CGROUP;
	if (e->limit.have == HAVE_ABSENT)
		return SCOPE_NODE;
	return was_full(e) ? SCOPE_CGROUP : SCOPE_UNKNOWN;
}

/* What happened, and behind it the last usage. */
static void detail(const struct ending *e, struct verdict *ret, const char *what)
{
	char usage[QUANTITY_MAX], limit[QUANTITY_MAX], age[DURATION_MAX];
	uint64_t permille;
	int len = snprintf(ret->detail, sizeof(ret->detail), "%s", what);
	char *end = ret->detail + len;
	size_t room = sizeof(ret->detail) - (size_t)len;

	if (!has_usage(e))
		return;
	permille = MIN(num_scale(e->usage.value, 1000, e->limit.value), 99999);
	len = snprintf(end, room, "; %s %s of %s (%llu.%llu %%)",
		       e->foretold ? "by its growth about" : "last",
		       quantity_format(e->usage.value, usage),
		       quantity_format(e->limit.value, limit),
		       (unsigned long long)(permille / 10),
		       (unsigned long long)(permille % 10));
	if (e->usage_age_ms >= 0 && !e->foretold)
		(void)snprintf(end + len, room - (size_t)len, " %s before",
			       duration_format((uint64_t)e->usage_age_ms, age));
}

static void killed(const struct ending *e, struct verdict *ret, enum evidence evidence,
		   enum victim victim, const char *what)
{
	ret->outcome = OUTCOME_OOM_KILLED;
	ret->evidence = evidence;
	ret->victim = victim;
	ret->scope = scope_of(e);
	detail(e, ret, what);
}

/* "WHERE: KILLS (ENDED ended)" as what happened. */
struct counted {
	char text[96];
};

static struct counted counted(const char *where, uint64_t kills, unsigned ended)
{
	struct counted c;

	(void)snprintf(c.text, sizeof(c.text), "OOM kills counted %s: %llu (%u ended)",
		       where, (unsigned long long)kills, ended);
	return c;
}

static void grade_exit(const struct ending *e, struct verdict *ret)
{
	struct counted own = counted("in its cgroup", e->own_kills.value, e->own_ended);
	struct counted parent =
		counted("below its parent", e->parent_kills.value, e->parent_ended);
	bool all = e->own_kills.value >= e->own_ended;

	ret->outcome = OUTCOME_EXITED;
	if (grew(&e->own_kills)) {
		killed(e, ret, EVIDENCE_OWN_COUNTER, all ? VICTIM_TARGET : VICTIM_UNKNOWN,
		       own.text);
	} else if (stood(&e->own_kills)) {
		ret->victim = grew(&e->parent_kills) ? VICTIM_SIBLING : VICTIM_UNKNOWN;
		detail(e, ret, "no OOM kill counted in its cgroup");
	} else if (stood(&e->parent_kills)) {
		detail(e, ret, "no OOM kill counted below its parent");
	} else if (grew(&e->parent_kills) && e->parent_ended <= 1) {
		killed(e, ret, EVIDENCE_PARENT_COUNTER, VICTIM_TARGET, parent.text);
	} else if (was_full(e)) {
		killed(e, ret, EVIDENCE_INFERRED, VICTIM_TARGET, "it ended at its limit");
	} else if (grew(&e->parent_kills)) {
		detail(e, ret, parent.text);
	} else {
		detail(e, ret, "no counter of OOM kills could be read");
	}
}

/* The target lives: a kill in its cgroup took another process of the service. */
static void grade_alive(const struct ending *e, struct verdict *ret, const char *what)
{
	char more[120];

	if (!grew(&e->own_kills)) {
		detail(e, ret, what);
		return;
	}
	ret->evidence = EVIDENCE_OWN_COUNTER;
	ret->victim = VICTIM_SIBLING;
	ret->scope = scope_of(e);
	(void)snprintf(more, sizeof(more), "%s; OOM kills of others in its cgroup: %llu",
		       what, (unsigned long long)e->own_kills.value);
	detail(e, ret, more);
}

void verdict_grade(const struct ending *e, struct verdict *ret)
{
	static const struct {
		enum outcome outcome;
		const char *what;
	} alive[] = {
		[END_NOT] = {OUTCOME_OPEN, "it goes on"},
		[END_CALM] = {OUTCOME_RECOVERED, "no rule holds any more"},
		[END_AT_MOST] = {OUTCOME_PERSISTING, "it lasted too long"},
		[END_EXEC] = {OUTCOME_EXITED, "it became another program"},
		[END_STOP] = {OUTCOME_AGENT_STOPPED, "the agent stopped"},
	};

	ret->evidence = EVIDENCE_NONE;
	ret->victim = VICTIM_UNKNOWN;
	ret->scope = SCOPE_UNKNOWN;
	if (e->end == END_EXIT) {
		grade_exit(e, ret);
		return;
	}
	ret->outcome = alive[e->end].outcome;
	grade_alive(e, ret, alive[e->end].what);
}
