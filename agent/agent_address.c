/* One pprof address for several targets: whoever answers there, the profiles of the
 * others would be filed under a wrong name. `check` refuses such a configuration; what
 * only shows while it runs (a second instance starts) is met with care: nobody is counted
 * there, and profiles are taken only from the target that is proved to own the address.
 */
#include "agent_parts.h"

#include <stdio.h>

#include "core/conf_clash.h"
#include "core/url.h"
#include "edge/kernel/rights.h"
#include "edge/log.h"

/* A service may begin to serve pprof late, but its other ports are not asked for ever. */
#define FIND_AGAIN_MOST_MS (10 * 60 * 1000)

static bool is_open(const struct target *target)
{
	return url_is_auto(&target->service->conf->endpoint) && !target->found_at[0];
}

void address_of(const struct target *target, struct endpoint *ret)
{
	*ret = target->service->conf->endpoint;
	if (url_is_auto(ret) && target->found_at[0])
		(void)text_copy(ret->url, sizeof(ret->url), target->found_at);
}

void address_hear(struct target *target, const struct probe_reply *reply)
{
	if (reply->kind == PROBE_FOREIGN)
		target->found_at[0] = '\0';
	if (!is_open(target))
		return;
	if (reply->kind == PROBE_COUNTED && reply->url[0]) {
		(void)text_copy(target->found_at, sizeof(target->found_at), reply->url);
		log_info("pprof of '%s' pid %d is at %s", target->service->conf->name,
			 target->process.pid, target->found_at);
		target->find_again_ms = 0;
		return;
	}
	target->find_again_ms = MIN(MAX(2 * target->find_again_ms, (int64_t)SLOW_MS),
				    (int64_t)FIND_AGAIN_MOST_MS);
}

int64_t address_pace_ms(const struct target *target)
{
	return MAX((int64_t)SLOW_MS, is_open(target) ? target->find_again_ms : 0);
}

static struct conf_asked asked(const struct target *target)
{
	return (struct conf_asked){.endpoint = &target->service->conf->endpoint,
				   .netns = target->netns};
}

static void share(struct target *target, const struct target *with)
{
	if (target->shares_address)
		return;
	target->shares_address = true;
	(void)snprintf(
		target->trouble, sizeof(target->trouble),
		"pprof: is the address of pid %d too; asked only where it is proved "
		"to be its own",
		with->process.pid);
	log_error("'%s' pid %d: %s", target->service->conf->name, target->process.pid,
		  target->trouble);
}

void address_claim(struct agent *agent, struct target *target)
{
	struct conf_asked ours, theirs;

	if (!target->service->conf->endpoint.url[0])
		return;
	target->netns = rights_netns_number(agent->options.roots, &target->process);
	agent->apart |= target->netns != 0;
	ours = asked(target);
	for (struct target *t = agent->targets; t; t = t->next) {
		if (t == target || t->ended_ms != INT64_MAX ||
		    !t->service->conf->endpoint.url[0])
			continue;
		theirs = asked(t);
		if (!conf_clash(&ours, &theirs))
			continue;
		share(target, t);
		share(t, target);
	}
}
