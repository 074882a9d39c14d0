/* Raising the limit: note, cgroups from the top down, systemd. The note is on the disk
 * and locked by this process before anything is changed; from then on `leakdog unhold`
 * puts it back, whoever dies when. A refusal is an outcome of the capture, which goes on
 * without. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "commands/taking.h"
#include "core/hold_note.h"
#include "edge/clock.h"
#include "edge/disk/holds.h"
#include "edge/fs.h"
#include "edge/kernel/ceiling.h"
#include "edge/kernel/unit.h"
#include "lib/quantity.h"
#include "lib/record.h"

#define REFUSED 1

struct raising {
	struct taking *t;
	struct ceilings ceilings;
	struct hold_level levels[HOLD_LEVELS_MAX];
	struct hold_host host;
	struct hold_plan plan;
	struct hold_note note, other;
	char name[HOLDS_NAME_MAX], joined[HOLDS_NAME_MAX];
	int dirfd;
	const char *why;
};

static int refuse(struct raising *h, int r, const char *what)
{
	struct hold_record *record = &h->t->filing.record.hold;

	record->result = HELD_REFUSED;
	if (r == -EACCES || r == -EPERM || r == -EROFS)
		(void)snprintf(record->why, sizeof(record->why),
			       "%s: %s; it takes root and cgroups that may be written "
			       "(leakdog-hold.conf)",
			       what, strerror(-r));
	else if (r < 0)
		(void)snprintf(record->why, sizeof(record->why), "%s: %s", what,
			       strerror(-r));
	else
		(void)text_copy(record->why, sizeof(record->why), what);
	return REFUSED;
}

/* ------------------------------------------------------------------ what there is */

static int look_at_note(void *context, const char *name)
{
	struct raising *h = context;
	AUTO_BUF struct buf text;

	buf_init(&text, HOLD_NOTE_TEXT_MAX);
	if (holds_read(h->dirfd, name, &text) < 0 ||
	    hold_note_parse((struct span){text.data, text.len}, &h->other) < 0 ||
	    !text_equal(h->other.boot_id, h->t->job->target.boot_id))
		return 0;
	if (text_equal(h->other.cgroup, h->ceilings.at[0].path))
		(void)text_copy(h->joined, sizeof(h->joined), name);
	h->host.promised += h->other.record.to - h->other.record.from;
	return 0;
}

static int read_levels(struct raising *h)
{
	int r = ceilings_open(&h->t->roots, &h->t->process, &h->ceilings);

	if (r == -E2BIG)
		return refuse(h, 0, "its cgroup lies too deep");
	if (r != 0)
		return refuse(h, MIN(r, 0), "its cgroup cannot be opened");
	for (size_t i = 0; i < h->ceilings.n; i++) {
		r = ceiling_read(&h->ceilings, i, &h->levels[i]);
		if (r != 0)
			return refuse(h, MIN(r, 0), "its cgroup cannot be read");
	}
	r = ceiling_host(&h->t->roots, &h->host);
	return r < 0 ? refuse(h, r, "the memory of the machine is unknown") : 0;
}

static int look_around(struct raising *h)
{
	int r;

	if (!h->t->domain || !h->t->roots.live)
		return refuse(h, 0, "it has no memory cgroup of its own");
	r = read_levels(h);
	if (r != 0)
		return r;
	h->dirfd = holds_open(&h->t->filing.archive, true);
	r = h->dirfd < 0 ? h->dirfd : holds_each(h->dirfd, false, look_at_note, h);
	return r < 0 ? refuse(h, r, "what is held already cannot be read") : 0;
}

/* v1 tells of ancestors that no mount shows; they cannot be raised from here. */
static bool is_limited_from_above(const struct raising *h)
{
	const struct reading *limit = &h->t->sample.ceiling[CEILING_LIMIT];
	char from[DOMAIN_PATH_MAX];

	return limit->have == HAVE_VALUE && limit->value < h->plan.from &&
	       text_starts(domain_limit_from(h->t->domain, from), "(");
}

/* ------------------------------------------------------------------ the note */

static void note_cgroup(struct raising *h, size_t i, bool manager)
{
	const struct ceiling_place *place = &h->ceilings.at[i];
	struct hold_held *held = &h->note.held[h->note.n++];

	*held = (struct hold_held){.inode = place->inode,
				   .version = h->ceilings.version,
				   .was = h->levels[i].is,
				   .will = h->plan.will[i]};
	memcpy(held->path, place->path, sizeof(held->path));
	if (manager)
		hold_unit(held->path, held->unit);
	if (held->unit[0])
		held->had_file = unit_has_file(&h->t->roots, held->unit);
}

static void fill_note(struct raising *h)
{
	const struct job *job = h->t->job;
	bool manager = unit_manager(&h->t->roots);

	h->note = (struct hold_note){.number = job->number,
				     .pid = job->target.pid,
				     .since_ms = clock_ms(),
				     .at_most_ms = job->hold.at_most_ms,
				     .record = h->t->filing.record.hold};
	memcpy(h->note.boot_id, job->target.boot_id, sizeof(h->note.boot_id));
	memcpy(h->note.service, job->service, sizeof(h->note.service));
	memcpy(h->note.incident, job->incident, sizeof(h->note.incident));
	memcpy(h->note.cgroup, h->ceilings.at[0].path, sizeof(h->note.cgroup));
	for (size_t i = 0; i < h->ceilings.n; i++) {
		if (!hold_ceiling_equal(&h->levels[i].is, &h->plan.will[i]))
			note_cgroup(h, i, manager);
	}
	(void)snprintf(h->name, sizeof(h->name), "%s.%02u", job->incident, job->number);
}

/* Read back before it counts: a note that nobody can read restores nothing. */
static int write_note(struct raising *h)
{
	AUTO_BUF struct buf text;
	int r;

	buf_init(&text, HOLD_NOTE_TEXT_MAX);
	r = hold_note_format(&h->note, &text);
	if (r == 0)
		r = hold_note_parse((struct span){text.data, text.len}, &h->other);
	if (r == 0)
		r = holds_add(h->dirfd, h->name, (struct span){text.data, text.len},
			      &h->t->hold_fd);
	return r < 0 ? refuse(h, r, "the old limit cannot be noted") : 0;
}

/* ------------------------------------------------------------------ the cgroups */

/* Raised a moment ago: nobody has had the time to use what is taken back. */
static void take_back(struct raising *h, size_t from)
{
	for (size_t i = 0; i < h->ceilings.n; i++) {
		if (i >= from)
			(void)!ceiling_write(&h->ceilings, i, &h->plan.will[i],
					     &h->levels[i].is); /* the note stays */
	}
}

/* From the top down: a limit is worth what the lowest one above it allows. */
static int raise_all(struct raising *h)
{
	int r = 0;

	for (size_t i = h->ceilings.n; r == 0 && i-- > 0;) {
		r = ceiling_write(&h->ceilings, i, &h->levels[i].is, &h->plan.will[i]);
		if (r != 0)
			take_back(h, i);
	}
	if (r == 0)
		return 0;
	/* Half a step up would be kept by a note that is gone: `unhold` looks again. */
	fs_close(&h->t->hold_fd);
	return refuse(h, MIN(r, 0), "the limit cannot be raised");
}

static void tell_manager(struct raising *h)
{
	struct hold_record *record = &h->t->filing.record.hold;

	for (size_t i = 0; i < h->note.n; i++) {
		const struct hold_held *held = &h->note.held[i];

		if (held->unit[0] && unit_set(held->unit, &held->was, &held->will) != 0)
			(void)snprintf(record->why, sizeof(record->why),
				       "systemd did not take it for %.80s: a "
				       "daemon-reload would undo it",
				       held->unit);
	}
}

/* ------------------------------------------------------------------ the step */

static int raise_it(struct raising *h)
{
	struct hold_record *record = &h->t->filing.record.hold;
	int r = hold_plan(&h->t->job->hold.limit, h->levels, h->ceilings.n, &h->host,
			  &h->plan);

	record->from = h->plan.from;
	if (r != 0)
		return refuse(h, 0, h->plan.why);
	if (is_limited_from_above(h))
		return refuse(h, 0, "a limit above what can be seen here is lower");
	record->result = HELD_RAISED;
	record->to = h->plan.to;
	(void)text_copy(record->why, sizeof(record->why), h->plan.why);
	fill_note(h);
	r = write_note(h);
	if (r == 0)
		r = raise_all(h);
	if (r == 0)
		tell_manager(h);
	return r;
}

/* An earlier capture has raised it and it is not back yet: it stays for this one. */
static int join(struct raising *h)
{
	struct hold_record *record = &h->t->filing.record.hold;

	h->t->hold_fd = holds_lock(h->dirfd, h->joined);
	if (h->t->hold_fd < 0)
		return refuse(h, 0, "another capture holds it up already");
	h->host.promised = 0;
	(void)look_at_note(h, h->joined); /* which of them it was: h->other */
	*record = h->other.record;
	/* The end is told in the incident that raised it. */
	record->result = text_equal(h->other.incident, h->t->job->incident) ? HELD_RAISED
									    : HELD_LEFT;
	(void)snprintf(record->why, sizeof(record->why), "raised by %s", h->joined);
	return 0;
}

static void tell(const struct taking *t)
{
	AUTO_BUF struct buf text;

	buf_init(&text, 4096);
	record_add(&text, "hold", held_table[t->filing.record.hold.result]);
	fields_format(&hold_record_table, "hold.", &t->filing.record.hold, &text);
	record_end(&text);
	taking_tell(t, &text);
}

/* The gates of what follows see the new room. */
static void see_it(struct taking *t)
{
	const struct hold_record *record = &t->filing.record.hold;

	if (t->sampler.limit_override == record->from)
		t->sampler.limit_override = record->to;
}

void taking_hold(struct taking *t)
{
	struct raising *h = calloc(1, sizeof(*h));
	int r;

	t->plan.hold = false;
	if (!h)
		return;
	h->t = t;
	h->dirfd = -1;
	t->filing.record.hold.at_ms = clock_unix_ms();
	r = look_around(h);
	if (r == 0)
		r = h->joined[0] ? join(h) : raise_it(h);
	if (r == 0)
		see_it(t);
	(void)!filing_held(&t->filing); /* the manifest says it anyway, unless killed */
	tell(t);
	ceilings_fini(&h->ceilings);
	fs_close(&h->dirfd);
	free(h);
}
