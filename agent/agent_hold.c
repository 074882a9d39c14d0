/* Raised limits, as the agent sees them. The capture raises, `leakdog unhold --watch`
 * puts back, both by notes in the archive: here those are read (a few small files, while
 * there are any), rules are kept at the limit that was before, and somebody is always
 * there to put it back. */
#include "agent_parts.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "core/hold_note.h"
#include "edge/clock.h"
#include "edge/disk/holds.h"
#include "edge/fs.h"
#include "edge/log.h"
#include "lib/duration.h"
#include "lib/quantity.h"

#define HOLD_LOOK_MS 1000
#define HOLD_RETRY_MS 2000
#define HOLDS_MAX 64 /* there are as many at once as captures, and a few that stay */

/* ------------------------------------------------------------------ the notes */

struct reading_notes {
	struct agent *agent;
	int dirfd;
	struct hold_note note; /* 20 KB: not for the stack of a visitor */
};

static int add_note(void *context, const char *name)
{
	struct reading_notes *notes = context;
	struct agent *agent = notes->agent;
	const struct hold_note *note = &notes->note;
	struct status_hold *hold;
	AUTO_BUF struct buf text;

	buf_init(&text, HOLD_NOTE_TEXT_MAX);
	if (agent->holder.n_holds == HOLDS_MAX ||
	    holds_read(notes->dirfd, name, &text) < 0)
		return 0;
	if (hold_note_parse((struct span){text.data, text.len}, &notes->note) < 0 ||
	    !text_equal(note->boot_id, agent->boot_id)) {
		agent->holder.unread = true; /* `unhold` says so, or drops it */
		return 0;
	}
	hold = &agent->holder.holds[agent->holder.n_holds++];
	*hold = (struct status_hold){.from = note->record.from,
				     .to = note->record.to,
				     .at_ms = note->record.at_ms,
				     .until_ms = note->record.at_ms +
						 (int64_t)note->at_most_ms};
	memcpy(hold->service, note->service, sizeof(hold->service));
	memcpy(hold->incident, note->incident, sizeof(hold->incident));
	memcpy(hold->cgroup, note->cgroup, sizeof(hold->cgroup));
	return 0;
}

static void read_notes(struct agent *agent)
{
	AUTO_CLOSE int dirfd = holds_open(&agent->archive, false);
	AUTO_FREE struct reading_notes *notes = NULL;
	int r = 0;

	agent->holder.n_holds = 0;
	agent->holder.unread = false;
	if (dirfd == -ENOENT)
		return;
	if (!agent->holder.holds)
		agent->holder.holds = calloc(HOLDS_MAX, sizeof(*agent->holder.holds));
	notes = calloc(1, sizeof(*notes));
	if (dirfd < 0 || !notes || !agent->holder.holds) {
		agent->holder.unread = true;
		return;
	}
	notes->agent = agent;
	notes->dirfd = dirfd;
	r = holds_each(dirfd, false, add_note, notes);
	agent->holder.unread |= r < 0;
}

/* ------------------------------------------------------------------ rules stay */

static const struct status_hold *hold_of(const struct agent *agent,
					 const struct place *place)
{
	for (size_t i = 0; i < agent->holder.n_holds; i++) {
		if (text_equal(agent->holder.holds[i].cgroup, domain_path(place->domain)))
			return &agent->holder.holds[i];
	}
	return NULL;
}

static void apply(struct target *target)
{
	uint64_t own = target->service->conf->limit_bytes;
	uint64_t frozen = target->place ? target->place->hold.frozen : 0;

	target->sampler.limit_override = own && frozen ? MIN(own, frozen) : own + frozen;
}

static void apply_all(const struct place *place)
{
	for (struct target *t = place->members; t; t = t->next_member)
		apply(t);
}

static void place_update(struct agent *agent, struct place *place)
{
	const struct status_hold *hold = hold_of(agent, place);

	place->hold.to = hold ? hold->to : 0;
	if (hold && !place->hold.frozen)
		place->hold.frozen = hold->from;
	else if (!hold && !place->busy)
		place->hold.frozen = 0;
}

void holds_look(struct agent *agent)
{
	read_notes(agent);
	for (struct place *p = agent->places; p; p = p->next) {
		place_update(agent, p);
		apply_all(p);
	}
}

void hold_meet(struct agent *agent, struct target *target)
{
	if (target->place)
		place_update(agent, target->place);
	apply(target);
}

/* Before anybody can have raised it: what it is now is what rules go by until then. */
void hold_freeze(struct target *target)
{
	const struct reading *limit = &target->sample.ceiling[CEILING_LIMIT];

	if (!target->place || target->place->hold.frozen || limit->have != HAVE_VALUE)
		return;
	target->place->hold.frozen = limit->value;
	apply_all(target->place);
}

void hold_thaw(struct agent *agent, struct target *target)
{
	if (!target->place || !target->place->hold.frozen)
		return;
	place_update(agent, target->place);
	apply_all(target->place);
}

/* ------------------------------------------------------------------ who puts it back */

static int holder_spawn(struct agent *agent)
{
	const char *argv[] = {"leakdog",
			      "unhold",
			      "--archive",
			      agent->conf->archive.dir,
			      agent->stopping ? NULL : "--watch",
			      NULL};
	const struct child_spec spec = {.path = agent->options.self_path, .argv = argv};
	int r = child_spawn(&spec, &agent->holder.child);

	if (r == 0)
		r = loop_add(&agent->loop, agent->holder.child.pidfd, EVENT_HELPER,
			     &agent->holder);
	return r;
}

static void holder_begin(struct agent *agent, int64_t now_ms)
{
	struct holder *holder = &agent->holder;
	int r = holder_spawn(agent);

	holder->busy = r == 0;
	holder->last = agent->stopping;
	if (r == 0)
		return;
	log_error("cannot start `leakdog unhold`: %s; a raised limit stays, next try in "
		  "%d s",
		  strerror(-r), HOLD_RETRY_MS / 1000);
	child_signal(&holder->child, SIGKILL);
	child_fini(&holder->child);
	holder->child = CHILD_NONE;
	holder->retry_at_ms = now_ms + HOLD_RETRY_MS;
}

static bool is_wanted(const struct agent *agent)
{
	return agent->holder.n_holds > 0 || agent->holder.unread;
}

void hold_tick(struct agent *agent, int64_t now_ms)
{
	struct holder *holder = &agent->holder;

	if (!is_wanted(agent))
		return;
	if (now_ms >= holder->look_ms) {
		holds_look(agent);
		holder->look_ms = now_ms + HOLD_LOOK_MS;
	}
	/* Salvage first: it brings the manifests that tell how it ended. */
	if (holder->busy || now_ms < holder->retry_at_ms || !is_wanted(agent) ||
	    (!agent->salvaged && !agent->stopping))
		return;
	if (!agent->stopping || (!holder->last && !jobs_busy(agent)))
		holder_begin(agent, now_ms);
}

void hold_end(struct agent *agent, int64_t now_ms)
{
	struct holder *holder = &agent->holder;
	int status = child_exit(&holder->child);

	if (status == -EAGAIN)
		return;
	loop_remove(&agent->loop, holder->child.pidfd);
	child_fini(&holder->child);
	holder->child = CHILD_NONE;
	holder->busy = false;
	holds_look(agent);
	holder->retry_at_ms = is_wanted(agent) ? now_ms + HOLD_RETRY_MS : now_ms;
	if (agent->stopping) {
		holder->retry_at_ms = now_ms;
		holder->last = !jobs_busy(agent); /* it has seen all there is */
	}
	if (status == 0 || agent->stopping)
		holder->told = false;
	else if (!holder->told)
		log_warn("`leakdog unhold` ended with %d; it starts again in %d s",
			 status, HOLD_RETRY_MS / 1000);
	holder->told = status != 0;
}

void hold_stop(struct agent *agent)
{
	child_signal(&agent->holder.child, SIGTERM);
}

bool hold_busy(const struct agent *agent)
{
	/* Only an agent that ends waits for it: at its end the rest is left to the next.
	 */
	return agent->stopping &&
	       (agent->holder.busy || (is_wanted(agent) && !agent->holder.last));
}

/* ------------------------------------------------------------------ what a capture says
 */

static void log_hold(const struct target *target, const struct hold_record *hold)
{
	const char *name = target->service->conf->name;
	char from[QUANTITY_MAX], to[QUANTITY_MAX], most[DURATION_MAX];

	if (hold->result != HELD_RAISED)
		log_warn("limit of '%s' pid %d is not raised: %s; incident %s", name,
			 target->process.pid, hold->why, target->incident.id);
	else
		log_info("limit of '%s' pid %d raised from %s to %s for at most "
			 "%s%s%s; incident %s",
			 name, target->process.pid, quantity_format(hold->from, from),
			 quantity_format(hold->to, to),
			 duration_format(target->service->conf->hold.at_most_ms, most),
			 hold->why[0] ? ": " : "", hold->why, target->incident.id);
}

void hold_hear(struct agent *agent, const struct target *target, struct span record)
{
	struct hold_record hold = {0};
	const struct field *field;
	struct record_line line;
	int error = 0;

	while (record_next(&record, &line, &error)) {
		field = fields_find(&hold_record_table, "hold.", line.key);
		if (field && field_parse(field, &line, &hold) < 0)
			return;
	}
	log_hold(target, &hold);
	holds_look(agent);
}
