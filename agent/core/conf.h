#pragma once
/* The configuration as plain data: filled once by the loader, never changed afterwards.
 * Every key is one row of a table (core/conf_keys) from which loader, schema, reference
 * and `check` are held together. */

#include <stdbool.h>

#include "core/rule.h"

#define CONF_SERVICES_MAX 1000
#define CONF_RULES_MAX 32 /* of one service */

/* How a service's processes are found; all that are given must match. */
enum selector {
	SELECTOR_UNIT,    /* a systemd unit: the processes of its cgroup */
	SELECTOR_CGROUP,  /* glob over cgroup paths */
	SELECTOR_PID,     /* decimal */
	SELECTOR_PIDFILE, /* path */
	SELECTOR_NAME,    /* comm, glob */
	SELECTOR_CMDLINE, /* arguments joined by blanks, glob */
	SELECTOR_EXE,     /* path of the program, glob */
	SELECTOR_LISTEN,  /* PORT, ADDRESS:PORT or the path of a unix socket */
	/* Of the container that it stands in: its name, the beginning of its id, one of
	 * its labels as KEY or KEY=VALUE, its image; all but the id are globs. */
	SELECTOR_CONTAINER,
	SELECTOR_CONTAINER_ID,
	SELECTOR_CONTAINER_LABEL,
	SELECTOR_CONTAINER_IMAGE,
	SELECTOR_POD_NAMESPACE, /* of the pod of the container, globs */
	SELECTOR_POD,
	SELECTOR_POD_CONTAINER,
	SELECTOR_N,
};
/* Those that ask for the container, and of these those that only its runtime answers. */
#define SELECTORS_IN_CONTAINER                                                           \
	(((UINT32_C(1) << SELECTOR_N) - 1) & ~((UINT32_C(1) << SELECTOR_CONTAINER) - 1))
#define SELECTORS_OF_RUNTIME                                                             \
	(UINT32_C(1) << SELECTOR_CONTAINER_LABEL | UINT32_C(1)                           \
							   << SELECTOR_CONTAINER_IMAGE)
extern const char *const selector_table[SELECTOR_N]; /* paths of their keys */

/* What a capture can hold; also the names of the files. See core/plan.h for the order. */
enum artifact {
	ARTIFACT_KERNEL,         /* proc/ and cgroup/ */
	ARTIFACT_HEAP,           /* heap.pb.gz, as of the last finished GC */
	ARTIFACT_INDEX,          /* index.html: the counts */
	ARTIFACT_GOROUTINE,      /* goroutine.pb.gz */
	ARTIFACT_HEAP_GC,        /* heap-gc.pb.gz */
	ARTIFACT_MEMSTATS,       /* memstats.txt.gz: heap?debug=1 */
	ARTIFACT_GOROUTINELEAK,  /* goroutineleak.pb.gz where the index offers it */
	ARTIFACT_SOCKETS,        /* sockets.csv */
	ARTIFACT_SMAPS,          /* proc/smaps_rollup */
	ARTIFACT_FDS,            /* proc/fds.csv */
	ARTIFACT_GOROUTINE_TEXT, /* goroutine.txt.gz: goroutine?debug=2 */
	ARTIFACT_BUILD,          /* proc/buildinfo: Go version, modules, revision */
	ARTIFACT_GOENV,          /* proc/goenv: GOMEMLIMIT, GOGC, GODEBUG, GOMAXPROCS */
	ARTIFACT_LOG,            /* log.gz: the last bytes that the service logged */
	ARTIFACT_N,
};
struct artifact_info {
	const char *name; /* as configuration and manifest spell the kind: "heap",
			     "goroutine-text" */
	const char *file; /* in the capture's directory; "proc" and "cgroup" for the
			     kernel's */
	const char *path; /* URL is base "/" path, as "heap?gc=1"; NULL: not over HTTP */
};
extern const struct artifact_info artifact_table[ARTIFACT_N];

/* Where profiles come from. Empty strings: not given. */
struct endpoint {
	char url[256]; /* as written (core/url.h); "" is no pprof: kernel evidence only */
	char urls[ARTIFACT_N]
		 [256];      /* the whole address of one artifact, may have a query */
	char auth_kind[8];   /* "", "basic" or "bearer" */
	char auth_file[256]; /* secrets only from files: user:password or the token */
	char ca_file[256];
	char headers_file[256]; /* lines "Name: value" */
};

struct capture_conf {
	uint32_t artifacts;      /* bit per enum artifact */
	bool collect;            /* heap-gc in any case: a person has listed it */
	uint64_t debug2_at_most; /* goroutines */
	uint64_t timeout_ms;     /* of one artifact */
	uint64_t max_bytes;      /* of one artifact */
};

/* How far a memory limit may be raised: to a size, by a size, or by permille of itself;
 * all 0: not at all. */
struct conf_raise {
	uint64_t to_bytes, by_bytes;
	uint32_t by_permille;
};

struct conf_hold {
	struct conf_raise limit;
	uint64_t at_most_ms;
};

/* The largest number that a limit may be; one a minute is more than a guard needs. */
#define LIMITS_MOST 200

/* Of each hour; see core/ledger and core/fold. */
struct conf_limits {
	uint64_t target;    /* captures of one process */
	uint64_t service;   /* captures of all processes of a service */
	uint64_t incidents; /* that are kept of one rule */
};

struct conf_place {
	char file[256];
	unsigned line, column; /* 1-based */
};

struct conf_service {
	char name[64]; /* [A-Za-z0-9._-]: the name of its directory */
	struct conf_place place;
	char *selector[SELECTOR_N]; /* owned; NULL: not given */
	/* Where it asks for what only a runtime's API tells; line 0: nowhere. */
	struct conf_place asks_runtime;
	struct endpoint endpoint;
	uint64_t limit_bytes; /* 0: the kernel's */
	struct rule *rules;   /* owned; the built-in oom kill is not among them */
	size_t n_rules;
	uint64_t cooldown_ms; /* of rules that give none themselves; it stands in each
				 rule */
	uint64_t settle_ms, at_most_ms, again_ms; /* again 0: no second capture */
	uint64_t base_after_ms;
	uint64_t recorder_every_ms; /* 0: off */
	struct capture_conf capture;
	struct conf_hold hold;
	char metrics[256]; /* address of its page of metrics; "": none */
	char log[256];     /* a path, a word of core/log_source.h, or "": none */
	struct conf_limits limits;
	uint64_t given; /* bit per row of conf_service_table that was written, not assumed
			 */
};

/* A share of a file system: bytes, or (0) permille of it and at most `cap` bytes. */
struct conf_share {
	uint64_t bytes;
	uint32_t permille;
	uint64_t cap; /* UINT64_MAX: none */
};

static inline bool conf_raises(const struct conf_raise *raise)
{
	return raise->to_bytes || raise->by_bytes || raise->by_permille;
}

/* What a share is in bytes, of a file system that has `whole` of them. */
uint64_t conf_share_bytes(const struct conf_share *share, uint64_t whole);

struct conf_archive {
	char dir[256];
	struct conf_share max_use, keep_free;
	uint64_t max_incidents;
	bool on_memory; /* asked for: it may lie on a tmpfs */
	char group[64];
};

/* Where names of containers are had. */
struct conf_runtime {
	char socket[256];              /* of a Docker-compatible API; "": none is asked */
	char logs[256];                /* has kubelet's pods/ and containers/ */
	char docker[256], podman[256]; /* where they keep their containers */
};

struct conf {
	uint64_t interval_ms;
	struct conf_archive archive;
	struct conf_runtime runtime;
	struct conf_service *services; /* owned */
	size_t n_services;
	uint64_t given; /* bit per row of conf_file_table that was written */
};

/* It is found by the container that it stands in. */
static inline bool conf_in_container(const struct conf_service *service)
{
	for (int s = SELECTOR_CONTAINER; s < SELECTOR_N; s++) {
		if (service->selector[s])
			return true;
	}
	return false;
}

/* The defaults of the key table; archive_dir is where it lies without archive.dir (it
 * depends on who runs leakdog). */
void conf_init(struct conf *conf, const char *archive_dir);
void conf_fini(struct conf *conf);
/* One service with all defaults; rules empty until conf_service_default_rules. */
void conf_service_init(struct conf_service *service);
void conf_service_fini(struct conf_service *service); /* a zeroed one is fine */
/* A deep copy, into memory that holds nothing. 0 or -ENOMEM (then *ret is zeroed). */
int conf_service_copy(const struct conf_service *from,
		      struct conf_service *ret) must_check;
/* No selector says which process it is: it is known by its addresses alone, and watched
 * over HTTP. */
bool conf_is_far(const struct conf_service *service);
/* memory > 62%, memory > 92%, goroutines > 5x base (the last only with an endpoint). */
int conf_service_default_rules(struct conf_service *service) must_check;
