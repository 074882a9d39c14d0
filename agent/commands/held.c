#include "commands/held.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/hold_note.h"
#include "edge/disk/holds.h"
#include "edge/fs.h"
#include "lib/quantity.h"
#include "lib/stamp.h"

struct round {
	int dirfd;
	struct hold_note note;
	struct findings *findings;
};

static int read_note(struct round *round, const char *name)
{
	AUTO_BUF struct buf text;
	int r;

	buf_init(&text, HOLD_NOTE_TEXT_MAX);
	r = holds_read(round->dirfd, name, &text);
	return r < 0 ? r
		     : hold_note_parse((struct span){text.data, text.len}, &round->note);
}

static int each(const struct archive *archive, struct findings *findings,
		int (*visit)(void *, const char *))
{
	AUTO_FREE struct round *round = calloc(1, sizeof(*round));
	AUTO_CLOSE int dirfd = holds_open(archive, false);

	if (dirfd < 0)
		return dirfd == -ENOENT ? 0 : dirfd;
	if (!round)
		return -ENOMEM;
	round->dirfd = dirfd;
	round->findings = findings;
	return holds_each(dirfd, false, visit, round);
}

static int tell_one(void *context, const char *name)
{
	struct round *round = context;
	const struct hold_record *hold = &round->note.record;
	char from[QUANTITY_MAX], to[QUANTITY_MAX], at[STAMP_MAX];

	if (read_note(round, name) == 0)
		fprintf(stderr,
			"leakdog: limit of '%s' is still raised from %s to %s, since %s; "
			"leakdog unhold puts it back\n",
			round->note.service, quantity_format(hold->from, from),
			quantity_format(hold->to, to), stamp_format(hold->at_ms, at));
	return 0;
}

void held_tell(const struct archive *archive)
{
	(void)!each(archive, NULL, tell_one); /* not ours to read: nothing to tell */
}

static int inspect_one(void *context, const char *name)
{
	struct round *round = context;
	char where[HOLDS_NAME_MAX + 16];
	int r = read_note(round, name);

	(void)snprintf(where, sizeof(where), ARCHIVE_HOLDS "/%.*s", HOLDS_NAME_MAX, name);
	if (r < 0 && r != -ENOENT)
		findings_add(round->findings, where, "what was raised cannot be read: %s",
			     strerror(-r));
	return 0;
}

int held_inspect(const struct archive *archive, struct findings *findings)
{
	return each(archive, findings, inspect_one);
}
