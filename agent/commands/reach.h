#pragma once
/* From where a target in another network namespace is asked. Loopback is the target's own
 * in there, so that is where its pprof is; a routable address leads to it from here as
 * well, and a host name means one thing here and another, or nothing, in there. */

#include "core/url.h"

enum reach {
	REACH_HERE,  /* from our own namespace */
	REACH_THERE, /* from within the target's */
	REACH_NEVER,
};
enum reach reach_from(const struct url *url);

#define REACH_WHY_MAX 160
/* Why it is not asked at all: REACH_NEVER of this address, or (error below 0) that its
 * namespace could not be entered. */
void reach_why(const struct url *url, int error, char why[static REACH_WHY_MAX]);
