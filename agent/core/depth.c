#include "core/depth.h"

/* Of the slow looks. */
#define IDENTIFY_EVERY 6
#define WHOLE_EVERY_RESTING 30

struct depth_turn depth_next(struct depth *depth, bool may_rest)
{
	bool rests = may_rest && depth->rests;
	unsigned turn = depth->turn++;
	struct depth_turn next = {.identify = turn % IDENTIFY_EVERY == 0};
	bool whole =
		rests ? turn % WHOLE_EVERY_RESTING == 0 : next.identify || depth->owes;

	if (whole)
		next.how = LOOK_WHOLE;
	else
		next.how = rests && !next.identify ? LOOK_REST : LOOK_SLOW;
	depth->owes = !whole && (depth->owes || next.identify);
	return next;
}

void depth_note(struct depth *depth, enum look_depth how, const struct sample *sample)
{
	const struct reading *usage = &sample->v[SIGNAL_USAGE];
	bool known = sample->fresh & 1u << SIGNAL_USAGE && usage->have == HAVE_VALUE;

	if (how >= LOOK_SLOW) {
		depth->usage = usage->value;
		depth->rests = known;
	} else {
		depth->rests &= known && usage->value == depth->usage;
	}
}
