#pragma once
/* The parts of `discover` that look at the machine. Nothing is written; of a service its
 * index page is asked, and only where the address is proved to be its own. */

#include "commands/look.h"
#include "commands/naming_look.h"
#include "core/discover.h"
#include "edge/kernel/listening.h"

struct discovering {
	const struct roots *roots; /* borrowed */
	const struct conf *conf;   /* what is watched already; borrowed; NULL: nothing */
	const struct conf_runtime *runtime; /* where names of containers are; borrowed */
	bool probe;                         /* ask index pages */
	struct listening *listening;        /* owned, while it looks */
	struct naming naming;               /* whose names the processes borrow */
	bool joins;                         /* may enter other network namespaces */
	struct discover *found;             /* borrowed */
};

/* All Go processes with where they listen. 0 or -errno; found is to be finished. */
int discover_look(struct discovering *d) must_check;
/* Where one process listens, and what its index pages say. 0 or -ENOMEM. */
int discover_places(const struct discovering *d, const struct look *look,
		    struct discover_process *process) must_check;
/* Who is watched already, and services for the others. 0 or -errno. */
int discover_propose(const struct discovering *d) must_check;
