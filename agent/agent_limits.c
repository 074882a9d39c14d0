/* What a service may cost: the limits of captures and the cooldowns of its rules, which
 * outlive each of its processes. core/ledger decides; what it forbids is told here. */
#include "agent_limits.h"
#include "agent_parts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "edge/clock.h"
#include "edge/log.h"
#include "lib/stamp.h"

/* What is suppressed is said so often in the log, and shown for so long. */
#define SAY_EVERY_MS LEDGER_HOUR_MS

/* Only services that something has happened to have one. */
struct account {
	struct ledger ledger;
	int64_t said_ms;    /* in the log; NEVER_MS: not yet */
	int64_t limited_ms; /* a capture was suppressed last; NEVER_MS: none */
	char limited[160];  /* by what, in words */
};

/* NULL: no memory, said once in the log by whoever asks. */
static struct account *account_of(struct service *service)
{
	struct account *account = service->account;

	if (account)
		return account;
	account = calloc(1, sizeof(*account));
	if (!account) {
		log_error("no memory for the limits of '%s'", service->conf->name);
		return NULL;
	}
	ledger_init(&account->ledger);
	account->said_ms = account->limited_ms = NEVER_MS;
	service->account = account;
	return account;
}

static struct service *service_by_name(struct agent *agent, const char *name)
{
	for (size_t i = 0; i < agent->conf->n_services; i++) {
		if (text_equal(agent->conf->services[i].name, name))
			return &agent->services[i];
	}
	return NULL;
}

void limits_free(struct service *service)
{
	free(service->account);
	service->account = NULL;
}

/* ------------------------------------------------------------------ cooldowns */

void limits_cooled(struct service *service, size_t rule, int64_t until_ms)
{
	struct account *account = account_of(service);

	if (account && rule < CONF_RULES_MAX)
		account->ledger.cool_until_ms[rule] = until_ms;
}

void limits_inherit(struct target *target, int64_t now_ms)
{
	const struct account *account = target->service->account;

	for (size_t i = 0; account && i < target->service->conf->n_rules; i++) {
		if (account->ledger.cool_until_ms[i] > now_ms)
			judge_inherit(&target->rules[i],
				      account->ledger.cool_until_ms[i]);
	}
}

/* ------------------------------------------------------------------ captures */

struct ledger_wish limits_wish(const struct target *target)
{
	return (struct ledger_wish){
		.key = target->key,
		.rule = ledger_rule(target->service->conf, target->incident.next.rule),
		.second = target->incident.second};
}

static void say(const struct target *target, struct account *account,
		enum ledger_answer why, int64_t now_ms)
{
	const struct conf_service *conf = target->service->conf;
	const char *key = why == LEDGER_TARGET ? target->key : NULL;
	int64_t left_ms = ledger_relief_ms(&account->ledger, key, now_ms) - now_ms;
	char stamp[STAMP_MAX];

	(void)snprintf(
		account->limited, sizeof(account->limited),
		"%s: %u captures in the last hour, the first of them counts until %s",
		ledger_table[why], ledger_count(&account->ledger, key, now_ms),
		stamp_format(clock_unix_ms() + left_ms, stamp));
	account->limited_ms = now_ms;
	if (account->said_ms != NEVER_MS && now_ms - account->said_ms < SAY_EVERY_MS)
		return;
	account->said_ms = now_ms;
	log_warn("capture of '%s' pid %d for rule '%s' suppressed by %s; %" PRIu64
		 " so far, the next hour of them is only counted; incidents keep "
		 "timeline and verdict, and the first capture of another rule goes",
		 conf->name, target->process.pid, target->incident.next.rule,
		 account->limited, account->ledger.suppressed);
}

bool limits_allow(struct agent *agent, struct target *target, int64_t now_ms)
{
	const struct ledger_wish wish = limits_wish(target);
	struct account *account = target->service->account;
	enum ledger_answer answer = LEDGER_GO;

	if (account)
		answer = ledger_ask(&account->ledger, &target->service->conf->limits,
				    &wish, now_ms);
	if (answer == LEDGER_GO)
		return true;
	account->ledger.suppressed++;
	say(target, account, answer, now_ms);
	incident_suppress(&target->incident, ledger_table[answer]);
	rules_captured(target, false, now_ms);
	target->queued_ms = 0;
	state_touch(agent);
	return false;
}

void limits_taken(struct target *target, const struct ledger_wish *wish, int64_t now_ms)
{
	struct account *account = account_of(target->service);

	if (account)
		ledger_note(&account->ledger, wish, now_ms);
}

void limits_folded(struct agent *agent, const char *name, const char *incident)
{
	struct service *service = service_by_name(agent, name);
	struct account *account = service ? account_of(service) : NULL;

	if (!account)
		return;
	if (account->ledger.folded++ == 0)
		log_info("incident %s of '%s' made room for a newer one of its rule, as "
			 "there are more than limits.incidents: %" PRIu64
			 " in an hour; the newest one counts them from now on",
			 incident, name, service->conf->limits.incidents);
}

void limits_of_seal(struct agent *agent, struct job *job)
{
	const struct service *service = service_by_name(agent, job->service);
	bool by_hand = text_equal(job->reason.rule, RULE_BY_HAND);

	job->keep_incidents =
		service && !by_hand ? (uint32_t)service->conf->limits.incidents : 0;
}

void limits_status(const struct service *service, int64_t now_ms,
		   struct status_service *ret)
{
	const struct account *account = service->account;

	ret->limited = "";
	if (!account)
		return;
	ret->captures_hour = ledger_count(&account->ledger, NULL, now_ms);
	ret->suppressed = account->ledger.suppressed;
	ret->folded = account->ledger.folded;
	if (account->limited_ms != NEVER_MS &&
	    now_ms - account->limited_ms < SAY_EVERY_MS)
		ret->limited = account->limited;
}

/* ------------------------------------------------------------------ over a restart */

void limits_save(const struct agent *agent, int64_t now_ms, struct buf *to)
{
	for (size_t i = 0; i < agent->conf->n_services; i++) {
		const struct service *service = &agent->services[i];

		if (!service->account)
			continue;
		record_add(to, "ledger", service->conf->name);
		record_add_i64(to, "saved_at", clock_unix_ms());
		ledger_save(&service->account->ledger, service->conf, now_ms, to);
		record_end(to);
	}
}

/* Its head: whose it is, and when "now" was. NULL: not a ledger, or of nobody. */
static struct account *head_restore(struct agent *agent, struct span *record,
				    const struct service **ret_service,
				    int64_t *ret_at_ms)
{
	struct record_line line;
	struct service *service;
	char name[SERVICE_MAX];
	int64_t saved_ms;
	int error = 0;

	if (!record_next(record, &line, &error) || !span_is(line.key, "ledger") ||
	    record_text(&line, name, sizeof(name)))
		return NULL;
	service = service_by_name(agent, name);
	if (!service || !record_next(record, &line, &error) ||
	    !span_is(line.key, "saved_at") || record_i64(&line, &saved_ms))
		return NULL;
	*ret_service = service;
	/* A clock that was set back meanwhile makes nothing younger than now. */
	*ret_at_ms = clock_ms() - MAX(clock_unix_ms() - saved_ms, INT64_C(0));
	return account_of(service);
}

void limits_restore(struct agent *agent, struct span record)
{
	const struct service *service;
	struct account *account;
	struct record_line line;
	int64_t at_ms;
	int error = 0, r = 0;

	account = head_restore(agent, &record, &service, &at_ms);
	if (!account)
		return;
	while (r == 0 && record_next(&record, &line, &error))
		r = ledger_load(&account->ledger, service->conf, &line, at_ms);
	if (r < 0 || error < 0)
		log_warn("the saved limits of '%s' cannot be read; what was read of them "
			 "counts",
			 service->conf->name);
}
