#pragma once
/* The containers of this machine as far as they are known: who stands behind an id. A
 * scan meets ids in cgroups; names of kubelet's log files and answers of runtimes join
 * what else there is. What is not known is never guessed: it matches nothing that asks
 * for it. */

#include <stdint.h>

#include "core/conf.h"
#include "core/container.h"
#include "core/podlog.h"
#include "lib/text.h"

#define NAMES_MAX 16384

/* One container. */
struct named {
	struct container_facts facts;
	bool of_user;     /* see struct container_place: nothing is joined to it */
	bool known;       /* its name, for good */
	bool disputed;    /* two answers: it stays unknown */
	bool told;        /* its runtime has told image and labels */
	char *labels;     /* owned; "KEY=VALUE" each with its NUL, then an empty one */
	unsigned holders; /* targets in it */
	uint32_t seen;    /* by this scan last */
	int64_t met_ms;
	/* Of whoever asks the runtime: */
	int64_t ask_ms;
	unsigned asked;
};

struct names {
	struct named **at; /* owned, ascending by id; each stays where it is */
	size_t n, room;
	uint32_t scan; /* number of the scan that goes on */
	int64_t now_ms;
	uint64_t met, answers; /* ever */
};

void names_fini(struct names *names); /* a zeroed one is fine */
/* A scan begins: those that neither it nor a holder keeps are forgotten at its end. */
void names_begin(struct names *names, int64_t now_ms);
void names_end(struct names *names);
/* The one of a place, made where it is new; NULL without memory or beyond NAMES_MAX. */
struct named *names_meet(struct names *names, const struct container_place *place);
/* The machine's own one of this id, or the only one whose id begins so; NULL: none. */
struct named *names_find(const struct names *names, const char *id);

/* What the name of a log file tells. */
void names_learn_container(struct names *names, const struct podlog *log);
void names_learn_pod(struct names *names, const struct podlog *log);
/* A name that its runtime gave; not to one in a pod, whose names are kubelet's. */
void named_learn(struct named *named, const char *name);
/* A record of `leakdog-fetch containers`: id, name, image, label (again and again), told
 * (1: labels and image are all that there are). 0, -ENOENT (nobody of this id), -EBADMSG
 * or -ENAMETOOLONG. */
int names_answer(struct names *names, struct span record) must_check;
/* Adds "KEY=VALUE"; one that is longer is left out. 0, -ENOMEM or -ENOSPC. */
#define LABEL_MAX 1024
#define LABELS_MAX 16384 /* bytes, of one container */
int named_label(struct named *named, const char *label) must_check;
/* Whether log files or its runtime may still tell its name. */
bool named_waits_for_log(const struct named *named);
bool named_waits_for_runtime(const struct named *named, bool socket);

/* Do the selectors that ask for a container match? Those that are not given do. */
bool named_match(const struct named *named, char *const selector[SELECTOR_N]);
