/* What an incident says of its target, and what of it must be held from the beginning. */
#include "agent_parts.h"

#include <stdio.h>

#include "edge/clock.h"

void target_facts_read(struct agent *agent, struct target *target)
{
	struct target_facts *facts = &target->facts;

	if (target->far.is) {
		far_facts(agent, target);
		return;
	}
	facts->pid = target->process.pid;
	facts->start_ticks = target->process.start_ticks;
	(void)text_copy(facts->boot_id, sizeof(facts->boot_id), agent->boot_id);
	if (process_started(agent->options.roots, &target->process, &facts->started_ms) <
	    0)
		facts->started_ms = clock_unix_ms();
	if (process_exe(&target->process, facts->exe, sizeof(facts->exe)) < 0)
		facts->exe[0] = '\0'; /* without the right: said by `check` */
	if (process_build(&target->process, facts->build) < 0)
		facts->build[0] = '\0'; /* a borrowed base then says so */
	place_facts(target);
	naming_hold(agent, target);
	(void)snprintf(target->key, sizeof(target->key), "%.8s-%d-%llu", agent->boot_id,
		       target->process.pid,
		       (unsigned long long)target->process.start_ticks);
}

void target_facts_refresh(struct target *target)
{
	const struct reading *limit = &target->sample.ceiling[CEILING_LIMIT];

	target->facts.limit = limit->have == HAVE_VALUE ? limit->value : 0;
	if (target->service->conf->limit_bytes)
		(void)text_copy(target->facts.limit_from,
				sizeof(target->facts.limit_from),
				"limit: of the configuration");
	else if (target->place)
		(void)domain_limit_from(target->place->domain, target->facts.limit_from);
}

/* Build information must be had also where the process has died, called exec or was
 * upgraded before a child reads it; it is not read here, as it may lie on a slow disk.
 * Every incident gets the base with its copy, so the file is held until there is a base:
 * one descriptor for the first 30 s of a life. */
void program_hold(struct target *target)
{
	int program;

	if (target->base_at_ms || target->far.is ||
	    !(target->service->conf->capture.artifacts & UINT32_C(1) << ARTIFACT_BUILD))
		return;
	program = process_program(&target->process);
	target->program = MAX(program, -1); /* without the right: said by `check` */
}
