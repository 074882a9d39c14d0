#pragma once
/* What a service has been captured lately, kept by service and not by pid: so that a loop
 * of crashes, each of them a new process, meets the cooldowns and limits that the one
 * before it has used up. Pure data that survives a restart of the agent as text.
 *
 * Three questions come before the limits. Captures that a person asks for always go. So
 * does the first capture of a rule that has had none for an hour: a limit never eats the
 * first sign of a new kind of trouble. And second captures of an incident (`again`, one
 * more try) stop at half of a limit: the other half is for the first ones. */

#include "core/conf.h"
#include "core/job.h"
#include "core/judge.h"
#include "lib/record.h"

#define LEDGER_HOUR_MS INT64_C(3600000)
/* The largest limit, and room for what goes without one. */
#define LEDGER_MAX (LIMITS_MOST + CONF_RULES_MAX + 24)

/* For the rule of an entry: not one of the configuration. */
enum {
	LEDGER_BY_HAND = -1,
	LEDGER_OTHER = -2, /* of an earlier configuration */
};

struct ledger_entry {
	int64_t at_ms; /* monotonic */
	int rule;      /* its place in the configuration, or one of the above */
	char key[TARGET_KEY_MAX];
};

struct ledger {
	struct ledger_entry entries[LEDGER_MAX]; /* oldest first */
	size_t n;
	int64_t cool_until_ms[CONF_RULES_MAX]; /* NEVER_MS: does not cool */
	/* Ever, for people. */
	uint64_t suppressed; /* captures that a limit forbade */
	uint64_t folded;     /* incidents that made room for newer ones of their rule */
};

/* A capture that is wanted. */
struct ledger_wish {
	const char *key; /* of the target */
	int rule;        /* as of ledger_rule */
	bool second;     /* `again` or one more try, not the first for its rule */
};

enum ledger_answer {
	LEDGER_GO,
	LEDGER_TARGET, /* limits.per_target is used up */
	LEDGER_SERVICE,
};
extern const char *const ledger_table[]; /* the keys of the limits, "" for GO */

void ledger_init(struct ledger *ledger);
/* The place of a rule in the configuration, LEDGER_BY_HAND or LEDGER_OTHER. */
int ledger_rule(const struct conf_service *conf, const char *text);
/* May it be taken now? */
enum ledger_answer ledger_ask(const struct ledger *ledger,
			      const struct conf_limits *limits,
			      const struct ledger_wish *wish, int64_t now_ms);
/* It is taken. */
void ledger_note(struct ledger *ledger, const struct ledger_wish *wish, int64_t now_ms);
/* Captures of the last hour; key NULL: of all targets. */
unsigned ledger_count(const struct ledger *ledger, const char *key, int64_t now_ms);
/* When the oldest capture of the last hour (of the target; NULL: of all) is an hour old;
 * now_ms where there is none. */
int64_t ledger_relief_ms(const struct ledger *ledger, const char *key, int64_t now_ms);

/* Lines of a record, with times as distances to now. */
void ledger_save(const struct ledger *ledger, const struct conf_service *conf,
		 int64_t now_ms, struct buf *to);
/* Such a line. at_ms: the moment of the save on today's clock. 0, or
 * -EBADMSG for a line that is none; what a configuration no longer has is left out. */
int ledger_load(struct ledger *ledger, const struct conf_service *conf,
		const struct record_line *line, int64_t at_ms) must_check;
