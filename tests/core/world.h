#pragma once
/* One rule on one target whose readings a test sets by hand. */

#include <string.h>

#include "core/judge.h"
#include "unit.h"

#define PAGE UINT64_C(4096)
#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)
#define SECOND INT64_C(1000)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

struct world {
	struct rule rule;
	struct rule_state state;
	struct judgement said; /* by the last judgement */
	struct sample sample;
	struct series *series[SIGNAL_N];
	struct reading base[SIGNAL_N];
	struct rule_view view;
	int64_t now_ms;
};

static inline struct reading reading_of(uint64_t value)
{
	return (struct reading){.value = value, .have = HAVE_VALUE};
}

static inline struct reading reading_error(int error)
{
	return (struct reading){.have = HAVE_ERROR, .error = (int16_t)error};
}

static inline struct rule rule_of(const char *text)
{
	struct rule_fault fault = {0};
	struct rule rule;
	int r = rule_parse(text, &rule, &fault);

	expect(r == 0, "'%s': %u: %s", text, fault.column, fault.message);
	rule.cooldown_ms = 10 * 60000;
	return rule;
}

static inline void world_init(struct world *w, const char *text)
{
	*w = (struct world){.rule = rule_of(text), .now_ms = DAY};
	for (enum signal i = 0; i < SIGNAL_N; i++) {
		w->series[i] = series_new(signal_table[i].unit);
		assert_non_null(w->series[i]);
	}
	w->view = (struct rule_view){.sample = &w->sample,
				     .series = w->series,
				     .base = w->base,
				     .pprof = true};
	w->sample.exact = true;
	rule_state_init(&w->state);
}

static inline void world_fini(struct world *w)
{
	for (size_t i = 0; i < SIGNAL_N; i++)
		series_free(w->series[i]);
}

static inline void world_limit(struct world *w, uint64_t bytes)
{
	w->sample.ceiling[CEILING_LIMIT] = reading_of(bytes);
}

/* A fresh reading of the rule's signal, pushed where it is exact, then a judgement. */
static inline const struct judgement *world_read(struct world *w, struct reading reading)
{
	enum signal signal = w->rule.signal;
	bool exact = signal != SIGNAL_MEMORY || w->sample.exact;

	w->sample.v[signal] = reading;
	w->sample.fresh = 1u << signal;
	if (reading.have == HAVE_VALUE && exact)
		series_push(w->series[signal], w->now_ms, reading.value);
	judge(&w->rule, &w->state, &w->view, w->now_ms, &w->said);
	return &w->said;
}

static inline const struct judgement *world_at(struct world *w, int64_t after_ms,
					       uint64_t value)
{
	w->now_ms += after_ms;
	return world_read(w, reading_of(value));
}
