#pragma once
/* Holding a target: its memory limit is raised for the dear steps of a capture and put
 * back afterwards. Pure: from what stands in the cgroups to what will, or why not.
 *
 * A limit is of every cgroup on the way up, and the kill comes from the first that is
 * met: an ancestor that would stand in the way is raised by what is missing, too. The
 * machine must have the memory that this may take, or the kill only changes its place:
 * from one cgroup to anything on the machine.
 *
 * Put back is what still holds the value that was written here; what somebody else has
 * set meanwhile is theirs. Never below usage: v1 refuses that, v2 would kill. */

#include "core/conf.h"

#define HOLD_LEVELS_MAX 16
#define HOLD_NO_LIMIT UINT64_MAX
#define HOLD_WHY_MAX 160

/* What limits one cgroup, bytes. */
struct hold_ceiling {
	uint64_t max;  /* v1 memory.limit_in_bytes, v2 memory.max */
	uint64_t high; /* v2 memory.high; v1 has none */
	uint64_t swap; /* v1 memory.memsw.limit_in_bytes, of both together; v2: none */
};

struct hold_level {
	struct hold_ceiling is;
	uint64_t usage;
};

/* Bytes. */
struct hold_host {
	uint64_t total, available; /* MemTotal, MemAvailable */
	uint64_t promised;         /* to holds that are there already */
};

struct hold_plan {
	uint64_t from, to;                         /* the effective limit */
	struct hold_ceiling will[HOLD_LEVELS_MAX]; /* equal to what is: not touched */
	char why[HOLD_WHY_MAX]; /* refused; or why it is less than asked for, or "" */
};

/* levels[0] is the target's own cgroup; n of them, at least 1. 0, or HOLD_REFUSED with
 * the reason. */
#define HOLD_REFUSED 1
int hold_plan(const struct conf_raise *raise, const struct hold_level *levels, size_t n,
	      const struct hold_host *host, struct hold_plan *ret) must_check;
bool hold_ceiling_equal(const struct hold_ceiling *a, const struct hold_ceiling *b);

enum hold_next {
	HOLD_LOWER,   /* now */
	HOLD_WAIT,    /* usage is too near; why says how near */
	HOLD_BACK,    /* it is as it was already */
	HOLD_FOREIGN, /* somebody else set it: not ours any more */
};
/* One cgroup that was raised from was to will, as it is now. HOLD_LOWER fills *ret: what
 * is to be written. why is set but for HOLD_LOWER and HOLD_BACK. */
enum hold_next hold_next(const struct hold_ceiling *was, const struct hold_ceiling *will,
			 const struct hold_level *now, struct hold_ceiling *ret,
			 char why[static HOLD_WHY_MAX]);
