#include "core/pace.h"

#include "lib/num.h"

/* So far behind the crossing the look is meant to lie: the usage of a cgroup is counted
 * in batches of 64 pages a processor. A guess; at 1 GB/s it is a millisecond. */
#define BEHIND_BYTES (UINT64_C(1) << 20)

void pace_note(struct pace *pace, const struct sample *sample, int64_t now_ms)
{
	const struct reading *usage = &sample->v[SIGNAL_USAGE];
	uint64_t bytes;

	if (usage->have != HAVE_VALUE)
		usage = &sample->v[SIGNAL_MEMORY];
	if (usage->have != HAVE_VALUE || now_ms - pace->at_ms < JUDGE_TICK_LEAST_MS)
		return;
	bytes = usage->value;
	if (pace->at_ms)
		pace->speed = ((double)bytes - (double)pace->bytes) * 1000 /
			      (double)(now_ms - pace->at_ms);
	pace->at_ms = now_ms;
	pace->bytes = bytes;
}

int64_t pace_reach_ms(const struct pace *pace, uint64_t bytes)
{
	double ms = (double)bytes * 1000 / pace->speed;

	return pace->speed > 0 && ms < 0x1p62 ? (int64_t)ms : INT64_MAX;
}

/* In place of the shortest tick, where a threshold is about to be crossed. */
static int64_t aim_ms(const struct pace *pace, uint64_t ahead)
{
	int64_t ms = pace_reach_ms(pace, num_add(ahead, BEHIND_BYTES));

	return MAX(MIN(ms, (int64_t)JUDGE_TICK_LEAST_MS), (int64_t)1);
}

int64_t pace_next_ms(const struct pace *pace, const struct pace_rules *of,
		     const struct sample *sample, int64_t now_ms, int64_t longest_ms)
{
	uint64_t distance = judge_distance(of->rules, of->states, of->n, sample);
	int64_t deadline_ms = judge_deadline(of->rules, of->states, of->n);
	int64_t next_ms = judge_next_ms(distance, pace->speed, longest_ms);

	if (next_ms == JUDGE_TICK_LEAST_MS)
		next_ms = aim_ms(pace, judge_ahead(of->rules, of->states, of->n));
	next_ms += now_ms;
	return deadline_ms > now_ms ? MIN(next_ms, deadline_ms) : next_ms;
}
