/* Judging: one view per target, one state per rule. Targets of one service in one domain
 * share the judgement of the domain's signals, and the capture goes to the one of the
 * domain with the largest RSS: what leaks there is most likely in it. */
#include "agent_limits.h"
#include "agent_parts.h"

#include "edge/log.h"

static bool is_of_domain(const struct rule *rule)
{
	return rule->kind == RULE_TIME_TO_LIMIT || rule->signal == SIGNAL_MEMORY ||
	       rule->signal == SIGNAL_USAGE || rule->signal == SIGNAL_TASKS ||
	       rule->signal == SIGNAL_PRESSURE;
}

static bool alive(const struct target *target)
{
	return target->ended_ms == INT64_MAX;
}

/* As of now: the last slow look may be older than the leak. */
static uint64_t rss_now(struct target *target)
{
	struct sample look = target->sample;
	const struct sampler_look rss = {.wanted = UINT32_C(1) << SIGNAL_RSS,
					 .nearest = UINT64_MAX};
	int r = sampler_read(&target->sampler, &rss, &look);

	if (r != 0 || look.v[SIGNAL_RSS].have != HAVE_VALUE)
		return 0;
	return look.v[SIGNAL_RSS].value;
}

static bool is_alone(const struct target *target)
{
	return !target->place || !target->place->members->next_member;
}

static struct target *victim_of(struct target *target)
{
	struct target *largest = target;
	uint64_t most, rss;

	if (is_alone(target))
		return target;
	most = rss_now(target);
	for (struct target *t = target->place->members; t; t = t->next_member) {
		if (t == target || !alive(t))
			continue;
		rss = rss_now(t);
		if (rss > most) {
			most = rss;
			largest = t;
		}
	}
	return largest;
}

static void log_change(const struct target *target, const struct rule *rule,
		       const struct judgement *judgement)
{
	const char *name = target->service->conf->name;
	int pid = target->process.pid;

	if (judgement->blind == BLIND_NO_BASE) /* as it is at every beginning */
		log_info("rule '%s' of '%s' pid %d is blind until there is a base: %s",
			 rule->text, name, pid,
			 target->base_why[0] ? target->base_why : "none is taken");
	else if (judgement->phase == PHASE_BLIND)
		log_warn("rule '%s' of '%s' pid %d is blind: %s", rule->text, name, pid,
			 blind_table[judgement->blind]);
	else
		log_debug("rule '%s' of '%s' pid %d is %s", rule->text, name, pid,
			  phase_table[judgement->phase]);
}

static bool worth_saying(const struct judgement *judgement)
{
	/* At the start every signal is unread. */
	return judgement->changed && judgement->blind != BLIND_NOT_YET;
}

void rules_judge(struct agent *agent, struct target *target, int64_t now_ms)
{
	const struct conf_service *conf = target->service->conf;
	const struct rule_view view = {
		.sample = &target->sample,
		.series = target->series,
		.base = target->base_at_ms ? target->base : NULL,
		.pprof = conf->endpoint.url[0] != '\0' || target->far.is,
		.metrics = conf->metrics[0] != '\0',
		.awaited = target->far.is && conf->metrics[0] && !target->far.measured,
		.foreign_page = target->foreign_page};
	for (size_t i = 0; i < conf->n_rules; i++) {
		const struct rule *rule = &conf->rules[i];
		struct judgement *judgement = &target->judgements[i];

		if (is_of_domain(rule) && !target->judges_domain)
			continue;
		judge(rule, &target->rules[i], &view, now_ms, judgement);
		if (worth_saying(judgement))
			log_change(target, rule, judgement);
		if (judgement->fires)
			incidents_fire(agent,
				       is_of_domain(rule) ? victim_of(target) : target,
				       rule, judgement, now_ms);
	}
}

static void cool(struct target *target, bool domain_only, bool filed, int64_t now_ms)
{
	const struct conf_service *conf = target->service->conf;

	for (size_t i = 0; i < conf->n_rules; i++) {
		if (target->rules[i].phase != PHASE_FIRING)
			continue;
		if (domain_only && !is_of_domain(&conf->rules[i]))
			continue;
		judge_captured(&conf->rules[i], &target->rules[i], now_ms);
		if (filed)
			limits_cooled(target->service, i, target->rules[i].cool_until_ms);
	}
}

void rules_captured(struct target *target, bool filed, int64_t now_ms)
{
	cool(target, false, filed, now_ms);
	if (!target->place)
		return;
	for (struct target *t = target->place->members; t; t = t->next_member) {
		if (t != target)
			cool(t, true, filed, now_ms);
	}
}

static bool calm(const struct target *target, bool domain_only)
{
	const struct conf_service *conf = target->service->conf;

	for (size_t i = 0; i < conf->n_rules; i++) {
		const struct rule_state *state = &target->rules[i];

		if (domain_only && !is_of_domain(&conf->rules[i]))
			continue;
		if (target->judgements[i].holds || state->phase == PHASE_FIRING)
			return false;
		if (state->phase == PHASE_COOLING && state->calm_since_ms == NEVER_MS)
			return false;
	}
	return true;
}

bool rules_calm(const struct target *target)
{
	if (!calm(target, false))
		return false;
	if (!target->place)
		return true;
	for (const struct target *t = target->place->members; t; t = t->next_member) {
		if (t != target && alive(t) && !calm(t, true))
			return false;
	}
	return true;
}

bool rules_tense(const struct target *target)
{
	for (size_t i = 0; i < target->service->conf->n_rules; i++) {
		const struct rule *rule = &target->service->conf->rules[i];
		const struct judgement *judgement = &target->judgements[i];

		if (rule->kind == RULE_BELOW || judgement->phase == PHASE_BLIND)
			continue;
		if (judgement->holds ||
		    (rule->kind == RULE_ABOVE && judgement->threshold &&
		     judgement->value > judgement->threshold / 2))
			return true;
	}
	return false;
}
