#include "agent_parts.h"

/* Divides the steps that people choose, so that nobody is looked at more often by it. */
#define MOMENT_MS 500

bool steady_holds(struct steady *steady, int64_t now_ms)
{
	uint64_t usage;

	if (steady->usage_fd < 0 || now_ms >= steady->until_ms ||
	    domain_usage_read(steady->usage_fd, &usage) != 0 || usage != steady->usage)
		return false;
	steady->seen_ms = now_ms;
	return true;
}

int64_t steady_next_ms(const struct steady *steady, int64_t now_ms)
{
	int64_t next_ms = now_ms + steady->step_ms;

	return steady->step_ms % MOMENT_MS ? next_ms : next_ms - next_ms % MOMENT_MS;
}

/* A fast look reads nothing but the usage, and nobody keeps that. */
static bool is_usage_all(const struct target *target)
{
	return target->service->fast == (1u << SIGNAL_MEMORY | 1u << SIGNAL_USAGE) &&
	       !target->series[SIGNAL_USAGE];
}

/* In a domain of its own, with nothing under way. */
static bool is_alone(const struct target *target)
{
	return target->place && !target->place->members->next_member && !target->stirred;
}

static bool stands_still(const struct target *target)
{
	const struct conf_service *conf = target->service->conf;
	const struct reading *usage = &target->sample.v[SIGNAL_USAGE];

	return is_alone(target) && is_usage_all(target) && target->pace.speed == 0 &&
	       usage->have == HAVE_VALUE && usage->value < target_nearest(target) &&
	       judge_rests(conf->rules, target->rules, conf->n_rules);
}

void steady_begin(struct steady *steady, const struct target *target, int64_t now_ms,
		  int64_t next_ms)
{
	steady->usage_fd = -1;
	if (!stands_still(target))
		return;
	*steady = (struct steady){
		.usage_fd = domain_usage_fd(target->place->domain),
		.step_ms = (int32_t)(next_ms - now_ms),
		.usage = target->sample.v[SIGNAL_USAGE].value,
		.until_ms = MIN(target->slow_ms, base_next_ms(target)),
		.seen_ms = now_ms,
	};
}

void steady_end(struct steady *steady, struct target *target)
{
	if (steady->usage_fd < 0)
		return;
	steady->usage_fd = -1;
	target_seen(target, steady->seen_ms);
}
