#include "core/rule.h"

#include <errno.h>

#include "lib/num.h"
#include "lib/text.h"

const char *const blind_table[BLIND_N] = {
	[BLIND_NOT] = "it can work",
	[BLIND_NO_SIGNAL] = "there is no such signal here",
	[BLIND_NOT_YET] = "not read yet",
	[BLIND_UNREADABLE] = "cannot be read",
	[BLIND_STALE] = "the last reading is too old",
	[BLIND_NO_LIMIT] = "there is no limit",
	[BLIND_ABOVE_LIMIT] = "above the limit",
	[BLIND_NO_BASE] = "there is no base",
	[BLIND_NO_PPROF] = "the service has no pprof",
	[BLIND_FOREIGN_PAGE] = "the index page is not one of pprof",
	[BLIND_NO_METRICS] = "the service has no metrics",
	[BLIND_NO_SERIES] = "its page of metrics has no such series",
};

void rule_oom_kill(struct rule *ret)
{
	*ret = (struct rule){
		.text = "oom kill", .slug = "oom-kill", .kind = RULE_OOM_KILL};
}

enum unit rule_unit(const struct rule *rule)
{
	if (rule->kind == RULE_OOM_KILL)
		return UNIT_COUNT;
	return rule->kind == RULE_TIME_TO_LIMIT ? UNIT_MS
						: signal_table[rule->signal].unit;
}

static enum blind reading_blind(const struct reading *reading, enum blind absent)
{
	if (reading->have == HAVE_VALUE)
		return BLIND_NOT;
	return reading->have == HAVE_ERROR ? BLIND_UNREADABLE : absent;
}

size_t rules_place(struct rule *rules, size_t n)
{
	const char *placed[METRICS_MOST];
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		size_t at = 0;

		if (!rules[i].metric[0])
			continue;
		while (at < used && !text_equal(placed[at], rules[i].metric))
			at++;
		if (at == METRICS_MOST)
			return i + 1;
		used = MAX(used, at + 1);
		placed[at] = rules[i].metric;
		rules[i].signal = (enum signal)(SIGNAL_METRIC + at);
	}
	return 0;
}

static enum blind metric_blind(const struct rule *rule, const struct rule_view *view)
{
	const struct reading *reading = &view->sample->v[rule->signal];

	if (!view->metrics)
		return BLIND_NO_METRICS;
	if (reading->have == HAVE_ERROR && reading->error == ENOENT)
		return BLIND_NO_SERIES;
	return reading_blind(reading, BLIND_NOT_YET);
}

enum blind rule_signal(const struct rule *rule, const struct rule_view *view)
{
	bool probed = rule->signal == SIGNAL_GOROUTINES;

	if (rule->metric[0])
		return metric_blind(rule, view);
	if (probed && !view->pprof)
		return BLIND_NO_PPROF;
	if (probed && view->foreign_page)
		return BLIND_FOREIGN_PAGE;
	return reading_blind(&view->sample->v[rule->signal],
			     probed || view->awaited ? BLIND_NOT_YET : BLIND_NO_SIGNAL);
}

/* The ceiling of the rule's signal, and why there is none. */
static enum blind ceiling(const struct rule *rule, const struct rule_view *view,
			  uint64_t *ret)
{
	const struct reading *reading =
		&view->sample->ceiling[signal_table[rule->signal].ceiling];
	enum blind blind = reading_blind(reading, BLIND_NO_LIMIT);

	if (blind == BLIND_NOT)
		*ret = reading->value;
	return blind;
}

static enum blind base_amount(const struct rule *rule, const struct rule_view *view,
			      uint64_t *ret)
{
	uint64_t floor = signal_table[rule->signal].base_floor;
	uint64_t base;

	if (!view->base || view->base[rule->signal].have != HAVE_VALUE)
		return BLIND_NO_BASE;
	base = view->base[rule->signal].value;
	*ret = num_scale(base, rule->value, 1000);
	if (rule->kind == RULE_ABOVE)
		*ret = MAX(*ret, num_add(base, floor));
	if (rule->kind == RULE_GROWS)
		*ret = MAX(*ret, floor);
	return BLIND_NOT;
}

enum blind rule_amount(const struct rule *rule, const struct rule_view *view,
		       uint64_t *ret)
{
	uint64_t most = UINT64_MAX, amount = rule->value;
	enum blind no_ceiling = BLIND_NO_LIMIT, blind = BLIND_NOT;

	if (rule->kind == RULE_TIME_TO_LIMIT)
		blind = reading_blind(&view->sample->headroom, BLIND_NO_LIMIT);
	else if (signal_table[rule->signal].ceiling != CEILING_NONE)
		no_ceiling = ceiling(rule, view, &most);
	if (rule->value_kind == VALUE_BASE)
		blind = base_amount(rule, view, &amount);
	if (rule->value_kind == VALUE_PERCENT) {
		blind = no_ceiling;
		amount = num_scale(most, rule->value, 100000);
	}
	if (blind != BLIND_NOT)
		return blind;
	if (rule->kind != RULE_BELOW && amount >= most)
		return BLIND_ABOVE_LIMIT;
	*ret = amount;
	return BLIND_NOT;
}

enum blind rule_threshold(const struct rule *rule, const struct rule_view *view,
			  int64_t now_ms, uint64_t *ret)
{
	uint64_t amount, min = 0;
	enum blind blind = rule_amount(rule, view, &amount);

	if (blind != BLIND_NOT)
		return blind;
	if (rule->kind == RULE_GROWS && !series_min(view->series[rule->signal], now_ms,
						    (int64_t)rule->window_ms, &min))
		return BLIND_NOT_YET;
	*ret = num_add(min, amount);
	return BLIND_NOT;
}
