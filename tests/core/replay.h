#pragma once
/* One target through its life: a test says what its memory is at a time, the replay looks
 * when the schedule says so and with as little as an agent reads: usage at every tick,
 * memory exactly only where judge_nearest asks for it and every 10 s, goroutines every
 * 10 s. The clock is a number, so months pass in seconds. */

#include <string.h>

#include "core/pace.h"
#include "dice.h"
#include "unit.h"

#define PAGE UINT64_C(4096)
#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)
#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

/* Under valgrind, which is after other faults, a tenth of them. */
#define SEEDS (slowdown() > 1 ? 10u : 100u)
#define RULES_MAX 6

struct replay {
	struct rule rules[RULES_MAX];
	struct rule_state states[RULES_MAX];
	struct judgement said[RULES_MAX]; /* at this tick */
	unsigned fired[RULES_MAX];        /* how often */
	size_t n;
	struct sample sample;
	struct pace pace;
	struct series *series[SIGNAL_N];
	struct reading base[SIGNAL_N];
	struct rule_view view;
	uint64_t limit,
		cache; /* bytes; files as they were when memory.stat was read last */
	int64_t now_ms, slow_ms, longest_ms;
	unsigned long ticks, exact_ticks;
};

/* What a target is at a moment. Memory and files are charged, usage is their sum. */
struct moment {
	uint64_t memory, files, goroutines;
};

static inline void replay_init(struct replay *r, uint64_t limit, const char *const *rules)
{
	*r = (struct replay){.limit = limit, .now_ms = DAY, .longest_ms = SECOND};
	for (; rules[r->n]; r->n++) {
		struct rule_fault fault;

		assert_int_equal(rule_parse(rules[r->n], &r->rules[r->n], &fault), 0);
		r->rules[r->n].cooldown_ms = 10 * MINUTE;
		rule_state_init(&r->states[r->n]);
	}
	for (enum signal s = 0; s < SIGNAL_N; s++)
		r->series[s] = series_new(signal_table[s].unit);
	r->view = (struct rule_view){&r->sample, r->series, r->base, true,
				     false,      false,     false};
	r->sample.ceiling[CEILING_LIMIT] = (struct reading){limit, HAVE_VALUE, 0};
	r->base[SIGNAL_GOROUTINES] = (struct reading){68, HAVE_VALUE, 0};
}

static inline void replay_fini(struct replay *r)
{
	for (size_t s = 0; s < SIGNAL_N; s++)
		series_free(r->series[s]);
}

static inline void replay_take(struct replay *r, enum signal signal, uint64_t value)
{
	r->sample.v[signal] = (struct reading){value, HAVE_VALUE, 0};
	r->sample.fresh |= 1u << signal;
}

/* Reads what an agent would read now. */
static inline void replay_sample(struct replay *r, const struct moment *m)
{
	uint64_t usage = MIN(m->memory + m->files, r->limit);
	bool slow = r->now_ms >= r->slow_ms;

	r->sample.fresh = 0;
	r->sample.at_ms = r->now_ms;
	r->sample.exact = slow || usage >= judge_nearest(r->rules, r->states, r->n);
	if (r->sample.exact)
		r->cache = usage - MIN(usage, m->memory);
	replay_take(r, SIGNAL_USAGE, usage);
	replay_take(r, SIGNAL_MEMORY, usage - MIN(usage, r->cache));
	r->sample.headroom = (struct reading){r->limit - usage, HAVE_VALUE, 0};
	if (slow) {
		replay_take(r, SIGNAL_GOROUTINES, m->goroutines);
		series_push(r->series[SIGNAL_GOROUTINES], r->now_ms, m->goroutines);
		r->slow_ms = r->now_ms + 10 * SECOND;
	}
	if (r->sample.exact)
		series_push(r->series[SIGNAL_MEMORY], r->now_ms,
			    r->sample.v[SIGNAL_MEMORY].value);
	r->ticks++;
	r->exact_ticks += r->sample.exact;
}

/* A tick; captures end at once. */
static inline void replay_tick(struct replay *r, const struct moment *m)
{
	replay_sample(r, m);
	for (size_t i = 0; i < r->n; i++) {
		judge(&r->rules[i], &r->states[i], &r->view, r->now_ms, &r->said[i]);
		r->fired[i] += r->said[i].fires;
		judge_captured(&r->rules[i], &r->states[i], r->now_ms);
	}
}

/* Goes to the next tick. */
static inline void replay_next(struct replay *r)
{
	const struct pace_rules of = {r->rules, r->states, r->n};

	pace_note(&r->pace, &r->sample, r->now_ms);
	r->now_ms = pace_next_ms(&r->pace, &of, &r->sample, r->now_ms, r->longest_ms);
}

static inline uint64_t pages(double bytes)
{
	return bytes <= 0 ? 0 : (uint64_t)bytes / PAGE * PAGE;
}
