/* Incidents: opened by a rule, fed by captures, ended by calm, by time or by the target's
 * end. core/incident decides; here it is told what happened, and done what it asks for.
 */
#include "agent_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "edge/clock.h"
#include "edge/log.h"
#include "lib/num.h"
#include "lib/quantity.h"

static void reason_fill(const struct rule *rule, const struct judgement *judgement,
			struct reason *ret)
{
	*ret = (struct reason){.value = judgement->value,
			       .threshold = judgement->threshold,
			       .at_ms = clock_unix_ms()};
	(void)text_copy(ret->rule, sizeof(ret->rule), rule->text);
	(void)text_copy(ret->slug, sizeof(ret->slug), rule->slug);
	(void)text_copy(ret->signal, sizeof(ret->signal),
			signal_table[rule->signal].name);
	(void)text_copy(ret->unit, sizeof(ret->unit), unit_table[rule_unit(rule)]);
}

static void open_incident(struct agent *agent, struct target *target,
			  const struct reason *reason, int64_t now_ms)
{
	char id[INCIDENT_MAX];

	incident_name(reason->at_ms, reason->slug, clock_dice(), id);
	incident_open(&target->incident, id, reason, now_ms);
	target_stir(agent, target);
	agent->incidents++;
}

/* 100,004 goroutines are not 97.7K: binary units are for bytes. */
static char *amount(enum unit unit, uint64_t value, char text[static QUANTITY_MAX])
{
	if (unit == UNIT_BYTES)
		return quantity_format(value, text);
	if (unit == UNIT_THOUSANDTH)
		return quantity_thousandths(value, text);
	(void)snprintf(text, QUANTITY_MAX, "%" PRIu64, value);
	return text;
}

void incidents_fire(struct agent *agent, struct target *target, const struct rule *rule,
		    const struct judgement *judgement, int64_t now_ms)
{
	char value[QUANTITY_MAX], threshold[QUANTITY_MAX];
	struct reason reason;

	reason_fill(rule, judgement, &reason);
	if (target->incident.phase == INCIDENT_NONE)
		open_incident(agent, target, &reason, now_ms);
	else if (target->incident.phase == INCIDENT_OPEN)
		incident_join(&target->incident, &reason);
	log_info("rule '%s' of '%s' pid %d fires: %s %s, threshold %s; incident %s",
		 rule->text, target->service->conf->name, target->process.pid,
		 reason.signal, amount(rule_unit(rule), reason.value, value),
		 amount(rule_unit(rule), reason.threshold, threshold),
		 target->incident.id);
	state_touch(agent);
}

/* ------------------------------------------------------------------ the end */

/* Unknown where either is. */
static struct reading growth(const struct reading *now, const struct reading *then)
{
	struct reading grown = now->have == HAVE_VALUE ? *then : *now;

	grown.value = num_sub(now->value, then->value);
	return grown;
}

/* Children of one cgroup. */
static bool siblings(const struct place *a, const struct place *b)
{
	const char *one = domain_path(a->domain), *other = domain_path(b->domain);
	size_t len = (size_t)(strrchr(one, '/') - one);

	return (size_t)(strrchr(other, '/') - other) == len && !memcmp(one, other, len);
}

/* Watched targets that ended at about the same time; below_parent: in any domain below
 * the same parent, else in this domain. */
static unsigned ended_beside(const struct agent *agent, const struct target *target,
			     bool below_parent)
{
	unsigned n = 0;

	for (const struct target *t = agent->stirred; t; t = t->next_stirred) {
		bool same;

		if (!t->place || t->ended_ms == INT64_MAX)
			continue;
		same = t->place == target->place;
		if (below_parent)
			same = siblings(t->place, target->place);
		n += same && t->ended_ms - target->ended_ms < AFTERMATH_MS &&
		     target->ended_ms - t->ended_ms < AFTERMATH_MS;
	}
	return n;
}

static void grade(const struct agent *agent, struct target *target, struct verdict *ret)
{
	const struct sample *sample = &target->sample;
	struct ending ending = {.end = target->became_other ? END_EXEC : END_EXIT,
				.own_ended = 1,
				.parent_ended = 1,
				.usage = target->peak,
				.limit = sample->ceiling[CEILING_LIMIT],
				.usage_age_ms = target->ended_ms - target->peak_ms};

	if (target->far.is) {
		ending.usage = far_usage(target);
		ending.usage_age_ms = 0;
		ending.foretold = true;
	}
	if (target->held_to) /* rules went by the old one, the kernel did not */
		ending.limit =
			(struct reading){.value = target->held_to, .have = HAVE_VALUE};
	if (target->place) {
		ending.own_kills = growth(&sample->oom_kill, &target->own_kills);
		ending.parent_kills =
			growth(&sample->parent_oom_kill, &target->parent_kills);
		ending.own_ooms = growth(&sample->oom, &target->own_ooms);
		ending.own_ended = ended_beside(agent, target, false);
		ending.parent_ended = ended_beside(agent, target, true);
	}
	verdict_grade(&ending, ret);
	ret->at_ms = target->end_unix_ms;
	ret->successor_pid = target->successor_pid;
}

/* No rule saw it coming, but the kernel killed: the built-in rule. */
static void open_for_kill(struct agent *agent, struct target *target, int64_t now_ms)
{
	const struct sample *sample = &target->sample;
	struct judgement judgement = {.value = sample->v[SIGNAL_MEMORY].value,
				      .threshold = sample->ceiling[CEILING_LIMIT].value};
	struct reason reason;
	struct rule rule;

	rule_oom_kill(&rule);
	reason_fill(&rule, &judgement, &reason);
	reason.at_ms = target->end_unix_ms;
	open_incident(agent, target, &reason, now_ms);
}

static void end_incident(struct agent *agent, struct target *target, int64_t now_ms)
{
	struct verdict verdict = {0};

	grade(agent, target, &verdict);
	if (target->incident.phase == INCIDENT_NONE) {
		if (verdict.outcome != OUTCOME_OOM_KILLED)
			return;
		open_for_kill(agent, target, now_ms);
	}
	target->incident.verdict = verdict;
	target->incident.phase = INCIDENT_SEALING;
	state_touch(agent);
}

static void target_aftermath(struct agent *agent, struct target *target, int64_t now_ms)
{
	if (target->worker || target->sealing || now_ms < target->ended_ms + AFTERMATH_MS)
		return;
	if (target->incident.phase != INCIDENT_SEALING)
		end_incident(agent, target, now_ms);
	if (target->incident.phase == INCIDENT_SEALING)
		target->sealing = true; /* keep_tick takes it from here */
	else
		target_forget(agent, target);
}

void incidents_tick(struct agent *agent, struct target *target, int64_t now_ms)
{
	if (target->ended_ms != INT64_MAX) {
		target_aftermath(agent, target, now_ms);
		return;
	}
	if (target->incident.phase == INCIDENT_NONE || target->worker || target->sealing)
		return;
	if (incident_next(&target->incident, rules_calm(target), &target->service->times,
			  now_ms) != STEP_SEAL)
		return;
	target->incident.verdict.at_ms = clock_unix_ms();
	(void)snprintf(target->incident.verdict.detail,
		       sizeof(target->incident.verdict.detail), "%s",
		       target->incident.verdict.outcome == OUTCOME_RECOVERED
			       ? "no rule was true for as long as settle: says"
			       : "still true after at_most:; quiet until it was back");
	target->sealing = true;
	state_touch(agent);
}

void incidents_by_hand(struct agent *agent, struct target *target, int64_t now_ms)
{
	struct reason reason = {.rule = RULE_BY_HAND,
				.slug = "by-hand",
				.signal = "memory",
				.unit = "bytes",
				.value = target->sample.v[SIGNAL_MEMORY].value,
				.at_ms = clock_unix_ms()};

	if (target->incident.phase == INCIDENT_OPEN)
		incident_join(&target->incident, &reason);
	else if (target->incident.phase == INCIDENT_NONE)
		open_incident(agent, target, &reason, now_ms);
}

void incidents_stop(struct agent *agent)
{
	for (struct target *t = agent->stirred; t; t = t->next_stirred) {
		if (t->incident.phase != INCIDENT_OPEN)
			continue;
		t->incident.phase = INCIDENT_SEALING;
		t->incident.verdict = (struct verdict){.outcome = OUTCOME_AGENT_STOPPED,
						       .at_ms = clock_unix_ms()};
		(void)text_copy(t->incident.verdict.detail,
				sizeof(t->incident.verdict.detail),
				agent->options.by_hand
					? "captured by hand; what came after was not "
					  "watched"
					: "the watch was ended while the process lived");
		t->sealing = true;
	}
}
