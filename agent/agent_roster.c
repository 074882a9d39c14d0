/* Who is there, when each is due, and with whom something is under way. With a thousand
 * targets what every turn costs is what it walks: eight bytes each of the roster, and the
 * few that are stirred. */
#include "agent_parts.h"

#include <errno.h>
#include <string.h>

#define ROOM_LEAST 16

static int grow(struct roster *roster)
{
	size_t room = roster->room ? roster->room * 2 : ROOM_LEAST;
	struct target **target =
		reallocarray(roster->target, room, sizeof(*roster->target));
	struct steady *steady;
	int64_t *due_ms;

	if (!target)
		return -ENOMEM;
	roster->target = target;
	due_ms = reallocarray(roster->due_ms, room, sizeof(*roster->due_ms));
	if (!due_ms)
		return -ENOMEM;
	roster->due_ms = due_ms;
	steady = reallocarray(roster->steady, room, sizeof(*roster->steady));
	if (!steady)
		return -ENOMEM;
	roster->steady = steady;
	roster->room = room;
	return 0;
}

/* Where a target of this id stands, or would. */
static size_t place_of(const struct roster *roster, uint64_t id)
{
	size_t low = 0, high = roster->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (roster->target[middle]->id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int roster_add(struct agent *agent, struct target *target)
{
	struct roster *roster = &agent->roster;

	if (roster->n == roster->room && grow(roster) < 0)
		return -ENOMEM;
	target->id = ++agent->last_id; /* so it stands at the end */
	roster->target[roster->n] = target;
	roster->due_ms[roster->n] = 0;
	roster->steady[roster->n++].usage_fd = -1;
	target->next = agent->targets;
	target->link = &agent->targets;
	if (target->next)
		target->next->link = &target->next;
	agent->targets = target;
	return 0;
}

static void unstir(struct agent *agent, const struct target *target)
{
	struct target **at = &agent->stirred;

	while (*at != target)
		at = &(*at)->next_stirred;
	*at = target->next_stirred;
}

void roster_remove(struct agent *agent, struct target *target)
{
	struct roster *roster = &agent->roster;
	size_t at = place_of(roster, target->id), after = roster->n - at - 1;

	memmove(roster->target + at, roster->target + at + 1,
		after * sizeof(*roster->target));
	memmove(roster->due_ms + at, roster->due_ms + at + 1,
		after * sizeof(*roster->due_ms));
	memmove(roster->steady + at, roster->steady + at + 1,
		after * sizeof(*roster->steady));
	roster->n--;
	*target->link = target->next;
	if (target->next)
		target->next->link = target->link;
	if (target->stirred)
		unstir(agent, target);
}

struct target *roster_find(const struct agent *agent, uint64_t id)
{
	size_t at = place_of(&agent->roster, id);

	if (at == agent->roster.n || agent->roster.target[at]->id != id)
		return NULL;
	return agent->roster.target[at];
}

void roster_due(struct agent *agent, const struct target *target, int64_t due_ms)
{
	agent->roster.due_ms[place_of(&agent->roster, target->id)] = due_ms;
}

void roster_rouse(struct agent *agent, struct target *target)
{
	size_t at = place_of(&agent->roster, target->id);

	steady_end(&agent->roster.steady[at], target);
}

int64_t roster_next_ms(const struct agent *agent)
{
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < agent->roster.n; i++)
		next = MIN(next, agent->roster.due_ms[i]);
	return next;
}

/* ------------------------------------------------------------------ the stirred */

void target_stir(struct agent *agent, struct target *target)
{
	if (target->stirred)
		return;
	roster_rouse(agent, target);
	target->stirred = true;
	target->next_stirred = agent->stirred;
	agent->stirred = target;
}

static bool is_quiet(const struct target *target)
{
	for (int i = 0; i < WISH_N; i++) {
		if (target->wishes[i])
			return false;
	}
	return target->ended_ms == INT64_MAX && target->incident.phase == INCIDENT_NONE &&
	       !target->worker && !target->sealing;
}

void roster_settle(struct agent *agent)
{
	for (struct target **at = &agent->stirred; *at;) {
		struct target *target = *at;

		if (!is_quiet(target)) {
			at = &target->next_stirred;
			continue;
		}
		*at = target->next_stirred;
		target->stirred = false;
	}
}
