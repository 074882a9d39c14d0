#pragma once
/* Raised limits, as the agent sees them: a part of agent_parts.h. */

struct agent;
struct target;

#include "core/status.h"
#include "edge/kernel/child.h"
#include "lib/text.h"

/* Puts raised limits back. */
struct holder {
	struct child child;
	bool busy, told;
	bool last; /* the last one of an agent that ends */
	int64_t retry_at_ms, look_ms;
	struct status_hold *holds; /* owned; as the notes in the archive say */
	size_t n_holds;
	bool unread; /* there are notes that cannot be read, or of another boot */
};

/* Of a memory domain, while a capture may raise its limit and until it is put back. */
struct hold_place {
	uint64_t frozen; /* what rules go by, bytes; 0: what the kernel says */
	uint64_t to;     /* what it was raised to; 0: it is not */
};

/* Reads the notes of raised limits; rules stay at the limit that was before. */
void holds_look(struct agent *agent);
/* A target stands in a place that it did not stand in before. */
void hold_meet(struct agent *agent, struct target *target);
/* A capture that may raise the limit is about to begin. */
void hold_freeze(struct target *target);
/* A capture of this target has ended. */
void hold_thaw(struct agent *agent, struct target *target);
/* It tells what it did. */
void hold_hear(struct agent *agent, const struct target *target, struct span record);
void hold_tick(struct agent *agent, int64_t now_ms);
void hold_end(struct agent *agent, int64_t now_ms);
void hold_stop(struct agent *agent);
bool hold_busy(const struct agent *agent);
