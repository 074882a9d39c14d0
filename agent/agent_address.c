/* One pprof address for several targets: whoever answers there, the profiles of the
 * others would be filed under a wrong name. `check` refuses such a configuration; what
 * only shows while it runs (a second instance starts) is met with care: nobody is counted
 * there, and profiles are taken only from the target that is proved to own the address.
 */
#include "agent_parts.h"

#include <stdio.h>

#include "core/conf_clash.h"
#include "edge/kernel/rights.h"
#include "edge/log.h"

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
