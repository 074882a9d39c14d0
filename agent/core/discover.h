#pragma once
/* What `leakdog discover` found out, as data: the Go processes of this machine, where
 * they listen, which of these places serve pprof; and the services that a configuration
 * for them would have. Filled by commands/discover*, shown by view/discover*. */

#include "core/container.h"
#include "core/job.h"

/* Of one place where a process listens. */
enum asked {
	ASKED_NOT,       /* nobody wanted it */
	ASKED_PPROF,     /* its index page counts goroutines */
	ASKED_OTHER,     /* it answers something else, or nothing: why */
	ASKED_UNPROVED,  /* not asked: that it is this very process's is unproved: why */
	ASKED_REMOTE,    /* not asked: it is no place on loopback */
	ASKED_ELSEWHERE, /* not asked: in another network namespace */
	ASKED_N,
};
extern const char *const asked_table[ASKED_N]; /* in words */

#define DISCOVER_AT_MAX 112
struct discover_listen {
	char at[DISCOVER_AT_MAX]; /* as the selector listen reads it; foreign where it is
				     the path of a socket */
	char url[256];            /* to ask; "": none can be written */
	enum asked asked;
	uint64_t goroutines; /* with ASKED_PPROF */
	char why[160];
};

#define DISCOVER_LISTENS_MAX 32
#define DISCOVER_TEXT_MAX 512
#define DISCOVER_UNIT_MAX 256
struct discover_process {
	struct target_facts facts; /* exe, cgroup (its memory domain), limit */
	uint32_t uid;
	char comm[16];
	char cmdline[DISCOVER_TEXT_MAX]; /* its beginning, joined by blanks */
	char path[DISCOVER_TEXT_MAX];    /* of the process's own cgroup */
	char unit[DISCOVER_UNIT_MAX];    /* of systemd, proved; "" */
	char go[64], package[DISCOVER_TEXT_MAX], version[64]; /* of its build */
	/* That it runs in; borrowed from who knows containers. NULL: in none. */
	const struct container_facts *container;
	struct reading memory, limit;
	bool cgroup_hidden; /* it cannot be seen from here, and so is its limit */
	struct discover_listen *listens; /* owned */
	size_t n_listens, more_listens;  /* the latter were left out */
	bool listens_hidden; /* the right to see where it listens is missing */
	bool other_netns;
	uint64_t netns; /* tells its network namespace from others; 0: unknown */
	bool covered;   /* a service of the file that is proposed finds it */
	/* Who watches it already; borrowed from a configuration. NULL: nobody. */
	const struct conf_service *watched;
};

#define DISCOVER_PATTERN_MAX 256 /* a selector with its NUL */
struct discover_selector {
	char text[SELECTOR_N][DISCOVER_PATTERN_MAX]; /* "": not given */
};

/* A service of the file that is proposed. */
struct discover_service {
	char name[SERVICE_MAX];
	const struct discover_process *process; /* that it is made for */
	struct discover_selector selector;
	const char *url;      /* pprof; "": none */
	const char *left_out; /* why it is a comment only; NULL: it is not */
};

struct discover {
	struct discover_process *processes; /* owned; ascending by pid */
	size_t n_processes;
	struct discover_service *services; /* owned */
	size_t n_services;
	const char *unnamed; /* why names of containers are missing; NULL: they are not */
	size_t unseen; /* processes that may not be looked into: each could be Go's */
	bool hidden;   /* processes of others are not even listed here */
	unsigned uid;  /* whose rights were tried */
};

void discover_fini(struct discover *discover); /* a zeroed one is fine */
/* Room for one more, zeroed; NULL without memory. Earlier ones may move. */
struct discover_process *discover_add(struct discover *discover);
struct discover_listen *discover_listen_add(struct discover_process *process);
/* The first place of a process that serves pprof, or NULL. */
const struct discover_listen *discover_pprof(const struct discover_process *process);
/* Room for all services that the processes can make. 0 or -ENOMEM. */
int discover_services_init(struct discover *discover) must_check;
/* Both run the same program in the same place. */
bool discover_same_program(const struct discover_process *a,
			   const struct discover_process *b);
/* Why nobody would want the process in a configuration, or NULL. */
const char *discover_left_out(const struct discover_process *process);

/* The unit that a cgroup's path speaks of ("/system.slice/shop.service" has
 * "shop.service"); whether it is systemd's own is to be proved. False: none. */
bool discover_unit(const char *path, char ret[static DISCOVER_UNIT_MAX]);
/* The glob of a pod and of those that replace it: "order-7d9f5c-x2x4z" has "order-*"; one
 * whose name does not look random ("order-0") has its own. */
void discover_pod(const char *pod, char ret[static DISCOVER_PATTERN_MAX]);
/* A name for a service that no other has; taken(arg, name) says which are gone. */
void discover_name(const struct discover_process *process,
		   bool (*taken)(const void *arg, const char *name), const void *arg,
		   char ret[static SERVICE_MAX]);
/* The nth way to say which process it is, the best first; every text is plain ASCII and
 * fit for its key: bytes that are not are '?' where the key takes globs. False: there are
 * no more. Ways that cannot be written are left out. */
bool discover_way(const struct discover_process *process, size_t nth,
		  struct discover_selector *ret);
