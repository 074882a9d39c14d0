/* The base and the recorder: what is taken while nothing is wrong, so that there is
 * something to compare with, and something to look at where no rule saw the end coming.
 */
#include "agent_parts.h"

#include <stdio.h>

#include "edge/clock.h"
#include "edge/fs.h"
#include "edge/log.h"

/* A first base soon after the start: better than none when the first hour is the last. */
#define EARLY_MS 30000
/* Refused for now (a rule is past half of its threshold) or failed: when to ask again. */
#define REFUSED_MS 10000
#define FAILED_MS 60000
/* Above half of the lowest memory rule the recorder hastens. */
#define RECORD_TENSE_MS 60000
#define HIGH_WATER_RESET_MS 3600000
/* A young process has no base yet: what it was like is known so soon after it was met. */
#define FIRST_RECORD_MS 2000
/* Where a threshold is that near at the present pace, a capture comes soon, and a child
 * that is at work for something else would be in its way. A base takes a second or two,
 * one heap a tenth of one on a busy machine. */
#define BASE_CLEAR_MS 2000
#define RECORD_CLEAR_MS 1000

static bool has_pprof(const struct target *target)
{
	return target->service->conf->endpoint.url[0] != '\0';
}

static void want(struct target *target, enum base_state state, int64_t at_ms)
{
	target->base_wanted = state;
	target->base_next_ms = at_ms;
}

/* Is a capture due within so long? */
static bool capture_comes(const struct target *target, int64_t within_ms)
{
	const struct conf_service *conf = target->service->conf;
	uint64_t ahead = judge_ahead(conf->rules, target->rules, conf->n_rules);

	return pace_reach_ms(&target->pace, ahead) < within_ms;
}

static void record_plan(struct target *target, int64_t now_ms)
{
	int64_t every = (int64_t)target->service->conf->recorder_every_ms;
	bool young = target->base_next_ms > now_ms && !target->base_at_ms;

	target->record_next_ms = INT64_MAX;
	if (has_pprof(target) && every)
		target->record_next_ms =
			now_ms + (young ? MIN(every, (int64_t)FIRST_RECORD_MS) : every);
	target->high_water_reset_ms = now_ms + HIGH_WATER_RESET_MS;
}

static void first_plan(struct target *target, int64_t now_ms)
{
	int64_t after = (int64_t)target->service->conf->base_after_ms;
	int64_t age = MAX(clock_unix_ms() - target->facts.started_ms, (int64_t)0);

	if (target->base_at_ms)
		return; /* adopted after a restart of the agent */
	(void)snprintf(target->base_why, sizeof(target->base_why), "not taken yet");
	if (age > after)
		want(target, BASE_LATE, now_ms);
	else if (after > EARLY_MS)
		want(target, BASE_EARLY, now_ms + MAX(EARLY_MS - age, (int64_t)0));
	else
		want(target, BASE_TAKEN, now_ms + after - age);
}

void base_plan(struct target *target, int64_t now_ms)
{
	first_plan(target, now_ms);
	record_plan(target, now_ms);
}

static void base_due(struct target *target, int64_t now_ms)
{
	if (now_ms < target->base_next_ms || target->wishes[WISH_BASE])
		return;
	if (capture_comes(target, BASE_CLEAR_MS)) {
		(void)snprintf(target->base_why, sizeof(target->base_why),
			       "refused: a threshold was near at the pace of its growth");
		target->base_next_ms = now_ms + REFUSED_MS;
		return;
	}
	if (target->incident.phase != INCIDENT_NONE || rules_tense(target)) {
		(void)snprintf(target->base_why, sizeof(target->base_why),
			       "refused: a rule was past half of its threshold");
		target->base_next_ms = now_ms + REFUSED_MS;
		if (!target->base_refused)
			log_warn("no base of '%s' pid %d for now: a rule is past half of "
				 "its "
				 "threshold; rules with 'x base' are blind until there "
				 "is one",
				 target->service->conf->name, target->process.pid);
		target->base_refused = true;
		return;
	}
	target->wishes[WISH_BASE] = true;
	target->base_next_ms = INT64_MAX;
}

static bool high_water(struct target *target, int64_t now_ms)
{
	const struct reading *memory = &target->sample.v[SIGNAL_MEMORY];

	if (memory->have != HAVE_VALUE)
		return false;
	if (now_ms >= target->high_water_reset_ms || !target->high_water) {
		target->high_water_reset_ms = now_ms + HIGH_WATER_RESET_MS;
		target->high_water = memory->value;
		return false;
	}
	if (memory->value < target->high_water + target->high_water / 10)
		return false;
	target->high_water = memory->value;
	return true;
}

static void record_due(struct target *target, int64_t now_ms)
{
	int64_t every = (int64_t)target->service->conf->recorder_every_ms;
	bool due;

	if (target->record_next_ms == INT64_MAX || capture_comes(target, RECORD_CLEAR_MS))
		return;
	due = high_water(target, now_ms) || now_ms >= target->record_next_ms;
	if (!due || target->wishes[WISH_RECORD])
		return;
	target->wishes[WISH_RECORD] = true;
	if (rules_tense(target))
		every = MIN(every, (int64_t)RECORD_TENSE_MS);
	target->record_next_ms = now_ms + every;
}

void base_tick(struct target *target, int64_t now_ms)
{
	if (target->ended_ms != INT64_MAX)
		return;
	base_due(target, now_ms);
	record_due(target, now_ms);
}

int64_t base_next_ms(const struct target *target)
{
	int64_t next = MIN(target->base_next_ms, target->record_next_ms);

	if (target->record_next_ms == INT64_MAX)
		return next;
	return MIN(next, target->high_water_reset_ms);
}

void base_put_off(struct target *target, enum base_state state, int64_t now_ms)
{
	(void)snprintf(target->base_why, sizeof(target->base_why),
		       "given up: a capture was wanted meanwhile");
	want(target, state, now_ms + REFUSED_MS);
}

/* The numbers that "Nx base" refers to. */
static void base_numbers(struct target *target, const struct job_result *result)
{
	for (int s = 0; s < SIGNAL_N; s++)
		target->base[s] = target->sample.v[s];
	if (result->goroutines)
		target->base[SIGNAL_GOROUTINES] =
			(struct reading){.value = result->goroutines, .have = HAVE_VALUE};
}

const char *base_why(enum base_state state)
{
	switch (state) {
	case BASE_EARLY:
		return "the process was younger than base: after";
	case BASE_LATE:
		return "the process was older than base: after when it was met";
	case BASE_MISSING:
	case BASE_TAKEN:
	case BASE_BORROWED:
	case BASE_N:
		break;
	}
	return "";
}

void base_done(struct target *target, const struct worker *worker, int64_t now_ms)
{
	const struct job_result *result = &worker->result;
	int64_t after = (int64_t)target->service->conf->base_after_ms;

	if (!result->filed || result->kind == RESULT_FAILED) {
		(void)text_copy(target->base_why, sizeof(target->base_why), result->why);
		want(target, worker->base, now_ms + FAILED_MS);
		return;
	}
	fs_close(&target->program);
	target->base_state = worker->base;
	target->base_at_ms = clock_unix_ms();
	(void)text_copy(target->base_why, sizeof(target->base_why),
			base_why(worker->base));
	base_numbers(target, result);
	if (worker->base == BASE_EARLY)
		want(target, BASE_TAKEN,
		     now_ms + MAX(target->facts.started_ms + after - clock_unix_ms(),
				  (int64_t)0));
}
