/* All levels get the same room above their own usage: what the target may still grow. */
#include "core/hold.h"

#include <stdarg.h>
#include <stdio.h>

#include "lib/num.h"
#include "lib/quantity.h"

/* Limits are kept in pages; this is a multiple of every page there is. */
#define GRAIN (UINT64_C(64) << 10)
/* What stays for the rest of the machine: a guess between page cache that somebody needs
 * and the kernel's own reserves (min_free_kbytes is at most 0.4 %). */
#define RESERVE_PART 20
#define RESERVE_LEAST (UINT64_C(64) << 20)
/* Less than this part of what was asked for is not worth the risk. */
#define WORTH_PART 4
/* Usage must be so far below a limit that is to be lowered to it: v2 kills where it is
 * not, and at 1 GB/s this is 20 ms of 1 GiB. */
#define MARGIN_PART 50

static int refuse(struct hold_plan *plan, const char *format, ...) printf_like(2, 3);
static int refuse(struct hold_plan *plan, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(plan->why, sizeof(plan->why), format, args); /* cut is enough */
	va_end(args);
	return HOLD_REFUSED;
}

static uint64_t asked(const struct conf_raise *raise, uint64_t from)
{
	if (raise->to_bytes)
		return raise->to_bytes;
	if (raise->by_bytes)
		return num_add(from, raise->by_bytes);
	return num_add(from, num_scale(from, raise->by_permille, 1000));
}

static uint64_t lowest(const struct hold_level *levels, size_t n)
{
	uint64_t max = HOLD_NO_LIMIT;

	for (size_t i = 0; i < n; i++)
		max = MIN(max, levels[i].is.max);
	return max;
}

/* What the machine can give without falling short itself. */
static uint64_t spare(const struct hold_host *host)
{
	uint64_t reserve = MAX(host->total / RESERVE_PART, RESERVE_LEAST);

	return num_sub(num_sub(host->available, reserve), host->promised);
}

/* The room above usage that the target gets: as asked, or as much as there is. */
static int room_of(uint64_t usage, uint64_t wanted, const struct hold_host *host,
		   struct hold_plan *plan)
{
	char most[QUANTITY_MAX], has[QUANTITY_MAX], want[QUANTITY_MAX];
	uint64_t can = num_add(usage, spare(host));

	plan->to = MIN(wanted, can) / GRAIN * GRAIN;
	if (plan->to == wanted / GRAIN * GRAIN)
		return 0;
	if (num_sub(plan->to, plan->from) <= (wanted - plan->from) / WORTH_PART)
		return refuse(plan,
			      "a limit of %s would take %s more, and the machine has "
			      "only %s to give",
			      quantity_format(wanted, most),
			      quantity_format(num_sub(wanted, usage), want),
			      quantity_format(spare(host), has));
	(void)snprintf(plan->why, sizeof(plan->why),
		       "not %s: the machine has only %s to give",
		       quantity_format(wanted, most), quantity_format(spare(host), has));
	return 0;
}

static uint64_t round_up(uint64_t bytes)
{
	return num_add(bytes, GRAIN - 1) / GRAIN * GRAIN;
}

static void raise_level(const struct hold_level *level, uint64_t need,
			struct hold_ceiling *will)
{
	*will = level->is;
	if (level->is.max != HOLD_NO_LIMIT && level->is.max < need) {
		will->max = need;
		/* The swap that it might use stays what it was. */
		if (level->is.swap != HOLD_NO_LIMIT)
			will->swap =
				round_up(num_add(level->is.swap, need - level->is.max));
	}
	if (level->is.high != HOLD_NO_LIMIT && level->is.high < need)
		will->high = need; /* or it would be braked instead of killed */
}

int hold_plan(const struct conf_raise *raise, const struct hold_level *levels, size_t n,
	      const struct hold_host *host, struct hold_plan *ret)
{
	uint64_t usage = levels[0].usage, wanted, room;
	char from[QUANTITY_MAX], to[QUANTITY_MAX];

	*ret = (struct hold_plan){.from = lowest(levels, n)};
	if (ret->from == HOLD_NO_LIMIT)
		return refuse(ret, "there is no memory limit that could be raised");
	wanted = asked(raise, ret->from);
	if (wanted < num_add(ret->from, GRAIN))
		return refuse(ret, "the limit is %s already, hold.limit says %s",
			      quantity_format(ret->from, from),
			      quantity_format(wanted, to));
	if (room_of(usage, wanted, host, ret) != 0)
		return HOLD_REFUSED;
	room = num_sub(ret->to, usage);
	for (size_t i = 0; i < n; i++) /* v1's usage is fuzzy: never below a child's */
		raise_level(&levels[i],
			    round_up(num_add(MAX(levels[i].usage, usage), room)),
			    &ret->will[i]);
	return 0;
}

bool hold_ceiling_equal(const struct hold_ceiling *a, const struct hold_ceiling *b)
{
	return a->max == b->max && a->high == b->high && a->swap == b->swap;
}

/* Ours where it was changed and still is what was written. */
static bool is_ours(uint64_t was, uint64_t will, uint64_t is)
{
	return was != will && is == will;
}

static enum hold_next wait_for(const struct hold_ceiling *was, uint64_t usage, char *why)
{
	char used[QUANTITY_MAX], old[QUANTITY_MAX];

	(void)snprintf(why, HOLD_WHY_MAX, "usage %s is not 2%% below %s yet",
		       quantity_format(usage, used), quantity_format(was->max, old));
	return HOLD_WAIT;
}

static enum hold_next foreign(uint64_t is, char *why)
{
	char set[QUANTITY_MAX];

	(void)snprintf(why, HOLD_WHY_MAX, "somebody else set it to %s: left alone",
		       is == HOLD_NO_LIMIT ? "no limit" : quantity_format(is, set));
	return HOLD_FOREIGN;
}

enum hold_next hold_next(const struct hold_ceiling *was, const struct hold_ceiling *will,
			 const struct hold_level *now, struct hold_ceiling *ret,
			 char why[static HOLD_WHY_MAX])
{
	bool max = is_ours(was->max, will->max, now->is.max);
	bool high = is_ours(was->high, will->high, now->is.high);
	bool swap = is_ours(was->swap, will->swap, now->is.swap);

	/* Where the limit is theirs, what belongs to it is, too. */
	if (!max && was->max != will->max && now->is.max != was->max)
		return foreign(now->is.max, why);
	if (!max && !high && !swap) {
		if (was->max == will->max && now->is.high != was->high)
			return foreign(now->is.high, why);
		return HOLD_BACK;
	}
	if (max && now->usage >= was->max - was->max / MARGIN_PART)
		return wait_for(was, now->usage, why);
	*ret = (struct hold_ceiling){.max = max ? was->max : now->is.max,
				     .high = high ? was->high : now->is.high,
				     .swap = swap ? was->swap : now->is.swap};
	return HOLD_LOWER;
}
