/* What became of the limit while a capture ran, for `show`. */
#include "view/incident_hold.h"

#include <string.h>

#include "lib/quantity.h"
#include "lib/stamp.h"

#define SHOW_MAX 256

static void bytes(struct buf *to, uint64_t value)
{
	char text[QUANTITY_MAX];

	buf_adds(to, quantity_format(value, text));
}

static void moment(struct buf *to, const char *before, int64_t unix_ms)
{
	char stamp[STAMP_MAX];

	if (unix_ms)
		buf_addf(to, "%s%s", before, stamp_format(unix_ms, stamp));
}

void incident_hold(const struct hold_record *hold, struct buf *to)
{
	if (hold->result == HELD_NONE)
		return;
	buf_addf(to, "      %-28s %-9s ", "limit", held_table[hold->result]);
	if (hold->result != HELD_REFUSED) {
		buf_adds(to, "from ");
		bytes(to, hold->from);
		buf_adds(to, " to ");
		bytes(to, hold->to);
		moment(to, " at ", hold->at_ms);
	}
	if (hold->result == HELD_RESTORED)
		moment(to, ", back at ", hold->restored_at_ms);
	if (hold->result == HELD_LEFT)
		moment(to, ", not put back at ", hold->restored_at_ms);
	if (hold->why[0]) {
		buf_adds(to, hold->result == HELD_REFUSED ? "" : ": ");
		text_show(to, hold->why, strlen(hold->why), SHOW_MAX);
	}
	buf_addc(to, '\n');
}
