#pragma once
/* Rules as people write them and as conditions.
 *
 *   SIGNAL (> | <) VALUE [for DURATION]
 *   SIGNAL grows VALUE in DURATION [for DURATION]
 *   time to limit < DURATION [for DURATION]
 *   SIGNAL: a word of signal_table, or metric NAME{label="value",...}
 *   VALUE: a quantity, N% or Nx base
 *
 * The text is the rule's name everywhere. The built-in rule "oom kill" cannot be written;
 * it opens an incident where a target was killed and none was open. */

#include <stdbool.h>

#include "core/sample.h"
#include "core/series.h"

enum rule_kind {
	RULE_ABOVE,
	RULE_BELOW,
	RULE_GROWS,
	RULE_TIME_TO_LIMIT,
	RULE_OOM_KILL, /* built in */
};

enum value_kind {
	VALUE_ABSOLUTE, /* in the signal's unit; of time to limit: ms */
	VALUE_PERCENT,  /* in thousandths of a percent of the signal's ceiling */
	VALUE_BASE,     /* in thousandths: 5x base is 5000 */
};

#define RULE_TEXT_MAX 96 /* and so the longest METRIC_SELECTOR_MAX */
#define RULE_SLUG_MAX 48

/* Bounds of what may be written. A window is at least two readings long (signal_table)
 * and at most what the series reach; a "for" of more than a day is taken for a slip. */
#define RULE_WINDOW_MOST_MS ((uint64_t)SERIES_REACH_MS)
#define RULE_FOR_MOST_MS (24 * UINT64_C(3600000))
/* Less memory than this is noise: the kernel's counters are off by 256 KiB per CPU. */
#define RULE_MEMORY_LEAST (UINT64_C(1) << 20)

struct rule {
	char text[RULE_TEXT_MAX]; /* as written, one blank between words */
	char slug[RULE_SLUG_MAX]; /* "memory-5G", for names of directories */
	enum rule_kind kind;
	enum signal signal; /* of time to limit: memory */
	/* Of a metric: what picks it (core/metrics_page.h). Its place among the metrics
	 * is the service's to give: see rules_place. */
	char metric[RULE_TEXT_MAX];
	enum value_kind value_kind;
	uint64_t value;
	uint64_t window_ms;   /* of grows: "in"; of time to limit: that of the slope */
	uint64_t for_ms;      /* 0: at once */
	uint64_t cooldown_ms; /* set by the configuration, not by the grammar */
};

struct rule_fault {
	unsigned column;   /* 1-based, in the text given to rule_parse */
	char message[160]; /* what is wrong and what would be right */
};

/* 0, or -EINVAL with the fault filled. The caller sets cooldown_ms. */
int rule_parse(const char *text, struct rule *ret,
	       struct rule_fault *ret_fault) must_check;
/* Gives each different metric of a service's rules a signal of its own. 0, or the number
 * (from 1) of the first rule for which there is none left. */
size_t rules_place(struct rule *rules, size_t n) must_check;
/* What stands for the rule where a person asked for the capture. */
#define RULE_BY_HAND "by hand"
/* The built-in rule. */
void rule_oom_kill(struct rule *ret);
/* Of judgement.value and judgement.threshold. */
enum unit rule_unit(const struct rule *rule);

/* Why a rule cannot work now; blind_table has the words for log, check and status. */
enum blind {
	BLIND_NOT,         /* it can work */
	BLIND_NO_SIGNAL,   /* the signal is absent here (no cgroup, no pids controller) */
	BLIND_NOT_YET,     /* it has not been read yet */
	BLIND_UNREADABLE,  /* reading it fails */
	BLIND_STALE,       /* the last fresh reading is too old */
	BLIND_NO_LIMIT,    /* percent or time to limit without a limit */
	BLIND_ABOVE_LIMIT, /* the kernel would kill (or refuse) before it */
	BLIND_NO_BASE,     /* Nx base before the base, or with none */
	BLIND_NO_PPROF,    /* goroutines of a service without pprof */
	BLIND_FOREIGN_PAGE, /* the index page is none of pprof */
	BLIND_NO_METRICS,   /* a metric of a service without metrics */
	BLIND_NO_SERIES,    /* its page has no such metric */
	BLIND_N,
};
extern const char *const blind_table[BLIND_N];

/* All that a rule may look at. Pointers are borrowed for the call. */
struct rule_view {
	const struct sample *sample;
	struct series *const *series; /* SIGNAL_N; NULL for one without history */
	const struct reading *base;   /* SIGNAL_N, of the base; NULL before it */
	bool pprof;                   /* the service has an endpoint */
	bool foreign_page;            /* its index page is none */
	bool metrics;                 /* the service has a page of metrics */
	bool awaited;                 /* which has yet to tell of memory and the like */
};

/* Why the signal of the rule says nothing now, or BLIND_NOT. */
enum blind rule_signal(const struct rule *rule, const struct rule_view *view);
/* VALUE in the signal's unit: percent of what, how many times which base. Looks at
 * ceiling and base only. BLIND_NOT, or why there is none (*ret is untouched then): "> V"
 * and "grows V" with V at or above the ceiling are BLIND_ABOVE_LIMIT. */
enum blind rule_amount(const struct rule *rule, const struct rule_view *view,
		       uint64_t *ret);
/* The value that the signal must pass now: the amount, for grows the minimum + amount. */
enum blind rule_threshold(const struct rule *rule, const struct rule_view *view,
			  int64_t now_ms, uint64_t *ret);
