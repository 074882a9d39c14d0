#pragma once
/* Whether the journal of this machine may be read: its files belong to the group
 * systemd-journal, and without it journalctl is silent like about a unit that never said
 * a word. */

#define JOURNAL_REMEDY                                                                   \
	"the group systemd-journal, by the drop-in leakdog-journal.conf of the units"

/* 0, -EACCES or -ENOENT (there is none). */
int journal_access(void) __attribute__((warn_unused_result));
/* The same below another root. */
int journal_access_at(int root) __attribute__((warn_unused_result));
