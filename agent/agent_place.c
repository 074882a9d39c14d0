/* Places: the memory domains that targets stand in. Targets of one cgroup share one
 * struct domain, one judgement of its signals and one capture at a time. */
#include "agent_parts.h"

#include <errno.h>
#include <string.h>

#include "edge/log.h"

/* A cgroup that was removed and made again has the old path and new files. */
static bool place_is_stale(const struct place *place)
{
	struct sample sample = {0};

	return domain_read(place->domain, 0, &sample) == DOMAIN_GONE;
}

static bool alive(const struct target *target)
{
	return target->ended_ms == INT64_MAX;
}

/* Of this service, other than the target; the oldest, as the list is newest first. */
static struct target *oldest_beside(const struct target *target)
{
	struct target *oldest = NULL;

	for (struct target *t = target->place->members; t; t = t->next_member) {
		if (t != target && t->service == target->service && alive(t))
			oldest = t;
	}
	return oldest;
}

static void member_add(struct place *place, struct target *target)
{
	target->place = place;
	target->judges_domain = !oldest_beside(target);
	if (place->members)
		domain_share(place->domain);
	target->next_member = place->members;
	place->members = target;
}

void place_succeed(struct target *target)
{
	struct target *next;

	if (!target->judges_domain || !target->place)
		return;
	next = oldest_beside(target);
	if (!next)
		return;
	next->judges_domain = true;
	target->judges_domain = false;
}

/* Takes the domain over. */
static struct place *place_join(struct agent *agent, struct domain *domain)
{
	struct place *place;

	for (place = agent->places; place; place = place->next) {
		if (!strcmp(domain_path(place->domain), domain_path(domain)) &&
		    !place_is_stale(place)) {
			domain_free(domain);
			return place;
		}
	}
	place = calloc(1, sizeof(*place));
	if (!place) {
		domain_free(domain);
		return NULL;
	}
	place->domain = domain;
	place->next = agent->places;
	agent->places = place;
	return place;
}

static void place_free(struct agent *agent, struct place *place)
{
	struct place **at = &agent->places;

	while (*at != place)
		at = &(*at)->next;
	*at = place->next;
	domain_free(place->domain);
	free(place);
}

void place_leave(struct agent *agent, struct target *target)
{
	struct place *place = target->place;
	struct target **at;

	if (!place)
		return;
	place_succeed(target);
	for (at = &place->members; *at != target;)
		at = &(*at)->next_member;
	*at = target->next_member;
	target->place = NULL;
	target->judges_domain = true;
	if (!place->members)
		place_free(agent, place);
}

void kills_begin(struct target *target)
{
	const struct sample *sample = &target->sample;

	target->own_kills = target->own_kills_last = sample->oom_kill;
	target->parent_kills = target->parent_kills_last = sample->parent_oom_kill;
	target->own_ooms = target->own_ooms_last = sample->oom;
}

/* A kill is counted before its victim's end is seen, which may take the time to free its
 * memory: the last look may have the kill already, the one before has not. A count from
 * further back would take the kills of other days for this end. */
void kills_age(struct target *target)
{
	target->own_kills = target->own_kills_last;
	target->own_kills_last = target->sample.oom_kill;
	target->parent_kills = target->parent_kills_last;
	target->parent_kills_last = target->sample.parent_oom_kill;
	target->own_ooms = target->own_ooms_last;
	target->own_ooms_last = target->sample.oom;
}

/* The domain, shared with whoever stands in it, and the descriptors of a look. */
int place_open(struct agent *agent, struct target *target)
{
	struct domain *domain = NULL;
	struct place *place;
	int r;

	r = domain_open(agent->options.roots, &target->process, &domain);
	if (r < 0 || r == PROCESS_GONE)
		return r;
	if (r == 0) {
		place = place_join(agent, domain);
		if (!place)
			return -ENOMEM;
		member_add(place, target);
	}
	r = sampler_init(&target->sampler, &target->process,
			 target->place ? target->place->domain : NULL,
			 target->service->conf->limit_bytes);
	if (r == 0)
		hold_meet(agent, target);
	return r;
}

void place_facts(struct target *target)
{
	const struct domain *domain = target->place ? target->place->domain : NULL;

	(void)text_copy(target->facts.cgroup, sizeof(target->facts.cgroup),
			domain ? domain_path(domain) : "");
	target->facts.cgroup_version = domain ? domain_version(domain) : 0;
}

/* The process stands in another cgroup now, or its old one was removed under it. */
int place_move(struct agent *agent, struct target *target)
{
	int r = process_check(&target->process);

	if (r == PROCESS_GONE)
		return r;
	sampler_fini(&target->sampler);
	place_leave(agent, target);
	target->depth.rests = false;
	r = place_open(agent, target);
	if (r < 0)
		log_warn(
			"'%s' pid %d left its cgroup, and the new one cannot be read: %s",
			target->service->conf->name, target->process.pid, strerror(-r));
	place_facts(target);
	target->sample.oom_kill = target->sample.parent_oom_kill = target->sample.oom =
		(struct reading){0};
	if (target->place)
		domain_read_kills(target->place->domain, &target->sample);
	kills_begin(target);
	log_info("'%s' pid %d moved to cgroup %s", target->service->conf->name,
		 target->process.pid, target->place ? target->facts.cgroup : "none");
	return r == PROCESS_GONE ? r : 0;
}
