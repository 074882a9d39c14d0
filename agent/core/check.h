#pragma once
/* What `leakdog check` found out, as data: what a configuration means on this machine
 * now. Filled by commands/check, shown by view/check. */

#include "core/conf.h"
#include "core/job.h"
#include "core/probe.h"
#include "lib/fault.h"

/* One rule on one process. */
struct check_rule {
	enum blind blind; /* BLIND_NOT: amount is known */
	bool stays_blind; /* not only until there is a base or a first reading */
	enum unit unit;
	uint64_t amount; /* what the rule compares with: bytes for "62%" */
	struct reading
		ceiling;    /* what a percentage is of; absent where it is of nothing */
	struct reading now; /* the signal */
};

/* Something that does not work as it is written, beside the key that asks for it. */
#define CHECK_NOTES_MAX 8
struct check_note {
	char key[32]; /* of the service or the file */
	char text[160];
};
struct check_notes {
	struct check_note at[CHECK_NOTES_MAX];
	size_t n;
};

struct check_target {
	struct target_facts
		facts; /* pid 0: none is there, rules are resolved without one */
	struct container_facts container; /* zeroed: in none */
	uint64_t netns;       /* tells its network namespace from others; 0: unknown */
	struct sample sample; /* zeroed: none was taken */
	bool foreign_page;    /* its address answers, but not as pprof */
	struct check_rule rules[CONF_RULES_MAX]; /* as conf->rules */
	struct check_notes notes;
};

struct check_service {
	const struct conf_service *conf; /* borrowed */
	struct check_target *targets;    /* owned; at least one, maybe with pid 0 */
	size_t n_targets;
	size_t n_matched; /* processes that match; may be more than are looked at */
	char around[200]; /* names of the containers that are here, where none matches and
			     one is asked for; foreign, may be cut */
	struct check_notes notes;
};

struct check {
	const struct conf *conf;        /* borrowed */
	struct check_service *services; /* owned; as conf->services */
	size_t n_services;
	unsigned uid; /* whose rights were tried */
	struct check_notes notes;
	struct faults
		errors; /* owned; what a text alone does not show: `run` refuses, too */
};

/* Room for all services. 0 or -ENOMEM. */
int check_init(struct check *check, const struct conf *conf) must_check;
void check_fini(struct check *check); /* a zeroed one is fine */
/* Room for one more process of a service; NULL without memory. */
struct check_target *check_target_add(struct check_service *service);
/* All rules of the service against the sample of the target. */
void check_resolve(const struct conf_service *service, struct check_target *target);
/* What its index page said: the count, or why there is none, which is a note of the
 * service, as no profile can be had either. Resolves its rules again. */
void check_answer(struct check_service *service, struct check_target *target,
		  const struct probe_reply *reply);
/* Adds a note; beyond CHECK_NOTES_MAX it is dropped. */
void check_note(struct check_notes *notes, const char *key, const char *format, ...)
	printf_like(3, 4);
/* Whether something that was written cannot work here: a note of the file or of a
 * service, or a rule that stays blind. What a note of a process tells makes only less
 * evidence. */
bool check_has_gaps(const struct check *check);
