#include "core/judge_look.h"

#include "lib/num.h"

/* The margin by which a value must be back: 5 % of the threshold. */
#define MARGIN_PART 20
/* What should be read every 10 s and was not for a minute says nothing any more. */
#define STALE_TIMES 6
#define STALE_LEAST_MS 60000
/* History is exact only where memory was: so often per window it must be at least, and at
 * every tick for a short one. What grows is seen later by this part at most. */
#define HISTORY_PART 4
#define HISTORY_ALWAYS_MS 10000

/* What a rule is about in ms, as bytes that memory may grow before it is worth a look:
 * "in 7d" need not be noticed within 10 ms. At 2 GB/s (judge_next_ms) these are 1/6000 of
 * a window (10 ms of 1m) and 1/100 of a time to the limit. */
#define GROWS_BYTES_PER_MS 333
#define TIME_BYTES_PER_MS 20000

bool sample_memory_most(const struct sample *sample, uint64_t *ret)
{
	const struct reading *memory = &sample->v[SIGNAL_MEMORY];
	const struct reading *usage = &sample->v[SIGNAL_USAGE];

	if (memory->have != HAVE_VALUE)
		return false;
	*ret = memory->value;
	if (!sample->exact && usage->have == HAVE_VALUE)
		*ret = MAX(*ret, usage->value);
	return true;
}

static bool is_exact(const struct rule *rule, const struct sample *sample)
{
	return rule->signal != SIGNAL_MEMORY || sample->exact;
}

static bool is_fresh(const struct rule *rule, const struct sample *sample)
{
	return sample->fresh & (1u << rule->signal);
}

static enum blind look_signal(const struct rule *rule, struct rule_state *state,
			      const struct rule_view *view, int64_t now_ms)
{
	int64_t stale_ms = MAX(STALE_TIMES * (int64_t)signal_table[rule->signal].every_ms,
			       STALE_LEAST_MS);
	enum blind blind = rule_signal(rule, view);

	if (blind != BLIND_NOT)
		return blind;
	if (is_fresh(rule, view->sample))
		state->seen_ms = now_ms;
	if (state->seen_ms == NEVER_MS)
		return BLIND_NOT_YET;
	return now_ms - state->seen_ms > stale_ms ? BLIND_STALE : BLIND_NOT;
}

static void look_value(const struct rule *rule, const struct rule_view *view,
		       struct look *look)
{
	uint64_t value = view->sample->v[rule->signal].value;
	uint64_t margin = look->threshold / MARGIN_PART;
	bool yes = false;

	if (rule->signal == SIGNAL_MEMORY)
		(void)sample_memory_most(view->sample, &value); /* it was read */
	look->value = value;
	switch (rule->kind) {
	case RULE_ABOVE:
		yes = value > look->threshold;
		look->back = value <= look->threshold - margin;
		look->exact_from = look->threshold - margin + 1;
		look->distance = num_sub(look->threshold, value);
		break;
	case RULE_BELOW:
		yes = value < look->threshold;
		look->back = value >= num_add(look->threshold, margin);
		look->exact_from = 0;
		break;
	case RULE_GROWS:
		yes = value >= look->threshold;
		look->back = !yes;
		look->exact_from = look->threshold;
		look->distance = MAX(num_sub(look->threshold, value),
				     rule->window_ms * GROWS_BYTES_PER_MS);
		break;
	case RULE_TIME_TO_LIMIT:
	case RULE_OOM_KILL:
		break;
	}
	look->truth = yes ? TRUTH_YES : TRUTH_NO;
	if (!is_exact(rule, view->sample) && value >= look->exact_from)
		look->truth = TRUTH_UNKNOWN;
}

/* What is left below the nearest limit. That over all ancestors may have been read
 * 10 s ago; the usage is of now. */
static uint64_t headroom(const struct sample *sample)
{
	const struct reading *usage = &sample->v[SIGNAL_USAGE];
	const struct reading *limit = &sample->ceiling[CEILING_LIMIT];
	uint64_t room = sample->headroom.value;

	if (usage->have == HAVE_VALUE && limit->have == HAVE_VALUE)
		room = MIN(room, num_sub(limit->value, usage->value));
	return room;
}

/* Files that the kernel can drop are no obstacle; those of the own domain lie below each
 * of its limits. Unknown where memory is not exact. */
static uint64_t droppable(const struct sample *sample)
{
	const struct reading *usage = &sample->v[SIGNAL_USAGE];

	if (!sample->exact || usage->have != HAVE_VALUE)
		return 0;
	return num_sub(usage->value, sample->v[SIGNAL_MEMORY].value);
}

static uint64_t to_u64(double value)
{
	return value >= 0x1p63 ? UINT64_MAX : (uint64_t)value;
}

/* From which usage on the time could be too short even if nothing can be dropped. */
static uint64_t time_exact_from(const struct sample *sample, uint64_t needed)
{
	const struct reading *usage = &sample->v[SIGNAL_USAGE];
	uint64_t room = headroom(sample);

	if (usage->have != HAVE_VALUE || room <= needed)
		return 0;
	return num_add(usage->value, room - needed);
}

static enum blind look_time(const struct rule *rule, const struct rule_view *view,
			    int64_t now_ms, struct look *look)
{
	uint64_t room = num_add(headroom(view->sample), droppable(view->sample));
	uint64_t needed;
	double slope;

	if (!series_slope(view->series[SIGNAL_MEMORY], now_ms, (int64_t)rule->window_ms,
			  &slope))
		return BLIND_NOT_YET;
	look->value = UINT64_MAX;
	if (slope > 0) {
		needed = to_u64(slope * (double)look->threshold / 1000);
		look->value = to_u64((double)room * 1000 / slope);
		look->exact_from = time_exact_from(view->sample, needed);
		look->distance =
			MAX(num_sub(room, needed), look->threshold * TIME_BYTES_PER_MS);
	}
	look->truth = look->value < look->threshold ? TRUTH_YES : TRUTH_NO;
	look->back = look->truth == TRUTH_NO;
	if (look->truth == TRUTH_YES && !view->sample->exact)
		look->truth = TRUTH_UNKNOWN;
	return BLIND_NOT;
}

/* The history of memory has only what was read exactly: ask before it grows old. */
static bool history_ages(const struct rule *rule, const struct rule_view *view,
			 int64_t now_ms)
{
	int64_t pushed_ms, window_ms = (int64_t)rule->window_ms;

	if (rule->signal != SIGNAL_MEMORY || window_ms == 0)
		return false;
	pushed_ms = series_pushed_ms(view->series[SIGNAL_MEMORY]);
	return pushed_ms == INT64_MIN || window_ms <= HISTORY_ALWAYS_MS ||
	       now_ms - pushed_ms >= window_ms / HISTORY_PART;
}

void judge_look(const struct rule *rule, struct rule_state *state,
		const struct rule_view *view, int64_t now_ms, struct look *ret)
{
	struct look look = {.exact_from = UINT64_MAX, .distance = UINT64_MAX};

	look.blind = look_signal(rule, state, view, now_ms);
	if (look.blind == BLIND_NOT)
		look.blind = rule_threshold(rule, view, now_ms, &look.threshold);
	if (look.blind == BLIND_NOT && rule->kind == RULE_TIME_TO_LIMIT)
		look.blind = look_time(rule, view, now_ms, &look);
	else if (look.blind == BLIND_NOT)
		look_value(rule, view, &look);
	if (look.blind != BLIND_NOT)
		look.threshold = 0;
	if (look.blind == BLIND_NOT_YET || look.blind == BLIND_UNREADABLE ||
	    history_ages(rule, view, now_ms))
		look.exact_from = 0;
	if (!is_fresh(rule, view->sample))
		look.truth = TRUTH_UNKNOWN;
	*ret = look;
}
