#pragma once
/* Who the containers are that one look at the machine has met: for `check` and
 * `discover`, which have no time to learn it bit by bit. */

#include "agent_names.h"

/* Reads kubelet's directories and asks runtimes, as `runtime:` says where; waits for the
 * answers. What is not told stays unknown (naming_trouble says why). 0 or -errno. */
int naming_look(const struct roots *roots, const struct conf_runtime *runtime,
		struct naming *naming) must_check;
/* Adds the names that were learnt, of the kind that a selector asks for: what it could
 * have meant. Foreign bytes. */
void naming_around(const struct naming *naming, char *const selector[SELECTOR_N],
		   struct buf *to);
