#include "commands/restoring.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "commands/filing.h"
#include "edge/clock.h"
#include "edge/disk/holds.h"
#include "edge/fs.h"
#include "edge/kernel/ceiling.h"
#include "edge/kernel/process.h"
#include "edge/kernel/unit.h"
#include "edge/log.h"
#include "lib/quantity.h"

/* One note on its way. */
struct restore {
	struct restoring *all;
	int dirfd;
	const char *name;
	struct hold_note note;
	bool busy;
	struct hold_record end;
	char wait[HOLD_WHY_MAX]; /* "": all of it is back */
	bool failed;
};

/* True once per note. */
static bool is_new(struct restoring *all, const char *name)
{
	for (size_t i = 0; i < all->n_said; i++) {
		if (text_equal(all->said[i], name))
			return false;
	}
	if (all->n_said == RESTORING_SAID_MAX)
		return false;
	(void)text_copy(all->said[all->n_said++], RESTORING_NAME_MAX, name);
	return true;
}

/* ------------------------------------------------------------------ systemd */

/* Where its property is still ours it becomes what it was, and where no file stood there
 * before, ours goes: the unit's own file counts again. */
static void settle_unit(struct restore *x, const struct hold_held *held, bool theirs)
{
	const struct roots *roots = &x->all->roots;
	int r = 0;

	if (!held->unit[0] || !unit_says(roots, held->unit, &held->will))
		return;
	if (!theirs)
		r = unit_set(held->unit, &held->will, &held->was);
	if (r < 0)
		log_warn("systemd did not take MemoryMax of %s back: %s", held->unit,
			 strerror(-r));
	r = held->had_file ? 0 : unit_forget(roots, held->unit);
	if (r < 0)
		log_warn("the runtime file of MemoryMax of %s stays: %s", held->unit,
			 strerror(-r));
}

/* ------------------------------------------------------------------ one cgroup */

static void must_wait(struct restore *x, const char *why)
{
	(void)text_copy(x->wait, sizeof(x->wait), why);
}

static void is_left(struct restore *x, const char *why)
{
	x->end.result = HELD_LEFT;
	(void)text_copy(x->end.why, sizeof(x->end.why), why);
}

static void lower(struct restore *x, const struct ceilings *ceilings,
		  const struct hold_ceiling *from, const struct hold_ceiling *to)
{
	int r = ceiling_write(ceilings, 0, from, to);

	if (r == CEILING_BUSY)
		must_wait(x, "the kernel says that usage is above it");
	else if (r == CEILING_GONE)
		is_left(x, "its cgroup is gone");
	else if (r < 0) {
		(void)snprintf(x->wait, sizeof(x->wait), "it cannot be written: %s",
			       strerror(-r));
		x->failed = true;
	}
}

static void restore_open(struct restore *x, const struct hold_held *held,
			 const struct ceilings *ceilings)
{
	struct hold_ceiling to;
	struct hold_level now;
	char why[HOLD_WHY_MAX] = "";
	int r = ceiling_read(ceilings, 0, &now);

	if (r == CEILING_GONE) {
		is_left(x, "its cgroup is gone");
		settle_unit(x, held, false);
		return;
	}
	if (r < 0) {
		(void)snprintf(x->wait, sizeof(x->wait), "it cannot be read: %s",
			       strerror(-r));
		x->failed = true;
		return;
	}
	switch (hold_next(&held->was, &held->will, &now, &to, why)) {
	case HOLD_WAIT:
		must_wait(x, why);
		return;
	case HOLD_LOWER:
		lower(x, ceilings, &now.is, &to);
		break;
	case HOLD_FOREIGN:
		is_left(x, why);
		settle_unit(x, held, true);
		return;
	case HOLD_BACK:
		break;
	}
	if (!x->wait[0])
		settle_unit(x, held, false);
}

/* A cgroup of the same name that was made anew is not the one that was raised; but to a
 * unit systemd gives its property again. */
static void restore_cgroup(struct restore *x, const struct hold_held *held)
{
	struct ceilings ceilings;
	int r = ceilings_open_path(&x->all->roots, held->path, held->version, &ceilings);

	if (r == 0 && (held->unit[0] || ceilings.at[0].inode == held->inode)) {
		restore_open(x, held, &ceilings);
	} else if (r >= 0) {
		is_left(x, "its cgroup is gone");
		settle_unit(x, held, false);
	} else {
		(void)snprintf(x->wait, sizeof(x->wait), "it cannot be opened: %s",
			       strerror(-r));
		x->failed = true;
	}
	ceilings_fini(&ceilings);
}

/* ------------------------------------------------------------------ one note */

static void log_end(const struct restore *x)
{
	const struct hold_record *end = &x->end;
	char from[QUANTITY_MAX], to[QUANTITY_MAX];

	if (end->result == HELD_RESTORED)
		log_info("limit of '%s' pid %d put back from %s to %s; incident %s",
			 x->note.service, x->note.pid, quantity_format(end->to, from),
			 quantity_format(end->from, to), x->note.incident);
	else
		log_info("limit of '%s' pid %d is not put back to %s: %s; incident %s",
			 x->note.service, x->note.pid, quantity_format(end->from, to),
			 end->why, x->note.incident);
}

/* It is over: the manifest, then the note. While its capture is under way there may be no
 * manifest yet: the next pass finds all of it back and comes here again. */
static void finish(struct restore *x)
{
	int r;

	if (x->busy) {
		x->all->n_left++;
		x->all->n_busy++;
		return;
	}
	x->end.restored_at_ms = clock_unix_ms();
	r = filing_hold(&x->all->archive, x->note.service, x->note.incident, &x->end);
	if (r >= 0)
		r = holds_remove(x->dirfd, x->name);
	if (r < 0) {
		if (is_new(x->all, x->name))
			log_warn("limit of '%s' pid %d is put back, which cannot be "
				 "written "
				 "down: %s",
				 x->note.service, x->note.pid, strerror(-r));
		x->all->n_left++;
		x->all->n_failed++;
		return;
	}
	log_end(x);
}

static void stays(struct restore *x)
{
	struct restoring *all = x->all;
	bool is_over = x->failed || hold_is_due(&x->note, clock_ms());
	char to[QUANTITY_MAX];

	all->n_left++;
	all->n_busy += x->busy;
	all->n_failed += x->failed;
	if ((all->quiet && !is_over) || !is_new(all, x->name))
		return;
	log_warn("limit of '%s' pid %d stays at %s: %s", x->note.service, x->note.pid,
		 quantity_format(x->note.record.to, to), x->wait);
}

static void restore(struct restore *x)
{
	x->end = x->note.record;
	x->end.result = HELD_RESTORED;
	x->end.why[0] = '\0';
	if (!text_equal(x->note.boot_id, x->all->boot_id)) {
		is_left(x, "the machine was started anew");
		x->busy = false;
		finish(x);
		return;
	}
	for (size_t i = 0; !x->wait[0] && i < x->note.n; i++)
		restore_cgroup(x, &x->note.held[i]);
	if (x->wait[0])
		stays(x);
	else
		finish(x);
}

static int visit(void *context, const char *name)
{
	struct restore *x = context;
	AUTO_BUF struct buf text;
	AUTO_CLOSE int lock = holds_lock(x->dirfd, name);
	int r;

	buf_init(&text, HOLD_NOTE_TEXT_MAX);
	r = holds_read(x->dirfd, name, &text);
	if (r == -ENOENT)
		return 0;
	if (r == 0)
		r = hold_note_parse((struct span){text.data, text.len}, &x->note);
	if (r < 0 && is_new(x->all, name))
		log_error("the note %s of a raised limit cannot be read: %s; look at its "
			  "cgroup and remove it",
			  name, strerror(-r));
	if (r < 0) {
		x->all->n_left++;
		x->all->n_failed++;
		return 0;
	}
	x->name = name;
	x->busy = lock == -EWOULDBLOCK;
	x->wait[0] = '\0';
	x->failed = false;
	if (x->busy && !hold_is_due(&x->note, clock_ms())) {
		must_wait(x, "its capture is under way");
		stays(x);
	} else {
		restore(x);
	}
	return 0;
}

int restoring_pass(struct restoring *all)
{
	AUTO_FREE struct restore *x = calloc(1, sizeof(*x));
	AUTO_CLOSE int dirfd = holds_open(&all->archive, false);
	int r;

	all->n_left = all->n_busy = all->n_failed = 0;
	if (!x)
		return -ENOMEM;
	if (dirfd < 0)
		return dirfd == -ENOENT ? 0 : dirfd;
	r = archive_hold(dirfd, true); /* one pass at a time */
	x->all = all;
	x->dirfd = dirfd;
	return r < 0 ? r : holds_each(dirfd, true, visit, x);
}

int restoring_open(struct restoring *ret)
{
	int r = roots_open(NULL, &ret->roots);

	return r < 0 ? r : process_boot_id(&ret->roots, ret->boot_id);
}

void restoring_fini(struct restoring *restoring)
{
	roots_fini(&restoring->roots);
	archive_close(&restoring->archive);
}
