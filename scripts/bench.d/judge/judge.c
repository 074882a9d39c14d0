/* The default rules (or one rule three times) for 1,000 targets, a tick a second for as
 * many replayed seconds as given, so that every ring is as full as it would be. */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "core/pace.h"

#define TARGETS 1000
#define RULES 3

struct target {
	struct sample sample;
	struct pace pace;
	struct series *series[SIGNAL_N];
	struct reading base[SIGNAL_N];
	struct rule_state states[RULES];
};

static struct target targets[TARGETS];
static struct rule rules[RULES];

static double now_s(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static long resident_kib(void)
{
	struct rusage usage = {0};

	(void)getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

static void target_init(struct target *t)
{
	static const enum signal live[] = {SIGNAL_MEMORY, SIGNAL_RSS, SIGNAL_GOROUTINES};

	for (size_t i = 0; i < ARRAY_SIZE(live); i++) {
		t->series[live[i]] = series_new(signal_table[live[i]].unit);
		t->sample.v[live[i]] = (struct reading){100 << 20, HAVE_VALUE, 0};
	}
	t->sample.v[SIGNAL_GOROUTINES].value = 70;
	t->base[SIGNAL_GOROUTINES] = (struct reading){68, HAVE_VALUE, 0};
	t->sample.ceiling[CEILING_LIMIT] = (struct reading){4ULL << 30, HAVE_VALUE, 0};
	t->sample.headroom = (struct reading){3ULL << 30, HAVE_VALUE, 0};
	t->sample.fresh = UINT32_MAX;
	t->sample.exact = true;
	for (size_t i = 0; i < RULES; i++)
		rule_state_init(&t->states[i]);
}

static int64_t target_tick(struct target *t, int64_t now_ms)
{
	struct rule_view view = {&t->sample, t->series, t->base, true, false};
	struct judgement said;

	for (enum signal s = 0; s < SIGNAL_N; s++)
		series_push(t->series[s], now_ms, t->sample.v[s].value);
	for (size_t i = 0; i < RULES; i++)
		judge(&rules[i], &t->states[i], &view, now_ms, &said);
	pace_note(&t->pace, &t->sample, now_ms);
	return pace_next_ms(&t->pace, &(struct pace_rules){rules, t->states, RULES},
			    &t->sample, now_ms, 1000) -
	       now_ms;
}

int main(int argc, char **argv)
{
	static const char *const defaults[] = {"memory > 62%", "memory > 92%",
					       "goroutines > 5x base"};
	int64_t seconds = argc > 1 ? atoll(argv[1]) : 1000, sum = 0;
	struct rule_fault fault;
	double began;

	for (size_t i = 0; i < RULES; i++) {
		const char *text = argc > 2 ? argv[2] : defaults[i];

		if (rule_parse(text, &rules[i], &fault) < 0) {
			(void)fprintf(stderr, "%s\n", fault.message);
			return 2;
		}
	}
	for (size_t i = 0; i < TARGETS; i++)
		target_init(&targets[i]);
	began = now_s();
	for (int64_t s = 0; s < seconds; s++) {
		for (size_t i = 0; i < TARGETS; i++)
			sum += target_tick(&targets[i], s * 1000 + 500);
	}
	printf("%.0f ns per target and tick, %lld ms to the next, %ld KiB resident\n",
	       (now_s() - began) * 1e9 / (double)(seconds * TARGETS),
	       (long long)(sum / seconds / TARGETS), resident_kib());
	return 0;
}
