/* What limits kept out of an incident and its neighbourhood, for `show` and the summary.
 */
#include <string.h>

#include "lib/stamp.h"
#include "view/incident.h"

static void folded(const struct omitted *o, struct buf *to)
{
	char from[STAMP_MAX], until[STAMP_MAX];

	buf_addf(to, "  %-11s %u more time%s between %s and %s (limits.incidents)\n",
		 "seen", o->folded, o->folded == 1 ? "" : "s",
		 stamp_format(o->from_ms, from), stamp_format(o->to_ms, until));
}

static void suppressed(const struct omitted *o, struct buf *to)
{
	buf_addf(to, "  %-11s %u capture%s by ", "suppressed", o->suppressed,
		 o->suppressed == 1 ? "" : "s");
	text_show(to, o->by, strlen(o->by), sizeof(o->by));
	buf_addc(to, '\n');
}

void incident_limits(const struct manifest *m, struct buf *to)
{
	if (m->omitted.folded)
		folded(&m->omitted, to);
	if (m->omitted.suppressed)
		suppressed(&m->omitted, to);
}
