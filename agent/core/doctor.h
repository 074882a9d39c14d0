#pragma once
/* What `leakdog doctor` says: what can be seen and done in this very place, as lines. The
 * facts were gathered by trying; here they are only judged. */

#include "core/job.h"

enum capability {
	CAPABILITY_DAC_READ_SEARCH,
	CAPABILITY_SYS_PTRACE,
	CAPABILITY_SYS_ADMIN,
	CAPABILITY_N,
};
extern const char *const capability_table[CAPABILITY_N]; /* "CAP_SYS_PTRACE" */

#define PROFILE_MAX 128
/* What the kernel offers here. Errors are 0 or an errno. */
struct doctor_kernel {
	char release[64];          /* foreign bytes */
	uint32_t capabilities;     /* effective: bit per enum capability */
	bool user_namespace;       /* not the first one */
	char profile[PROFILE_MAX]; /* of AppArmor, that confines us; "": none */
	int pidfd_error, memfd_error, jail_error, diag_error;
	bool fds_by_size; /* the number of descriptors is told by a size */
	uint64_t nofile;  /* descriptors that we may have */
	uint64_t targets; /* for which that is enough */
	bool systemd;
};

struct doctor_processes {
	bool hidden;           /* those of other users are not listed */
	bool machine;          /* this machine's: its kernel threads are among them */
	size_t all;            /* that may be watched: no kernel threads, no zombies, and
				  nothing of leakdog's */
	size_t in_pods;        /* of these, in containers of pods */
	size_t others;         /* of these, of other users */
	size_t others_closed;  /* of those, whose descriptors may not be read */
	size_t closed;         /* of all, into which we may not look */
	size_t other_netns;    /* in another network namespace, as far as it is told */
	size_t domains;        /* with a memory domain */
	size_t domains_hidden; /* in a cgroup that cannot be seen from here */
	int cgroup_version;    /* of a domain; 0: there is none */
	struct sample sample;  /* of one domain, one with a limit where there is one */
};

/* Of the configuration, or by default. Errors are 0 or an errno. */
struct doctor_containers {
	char logs[256];   /* runtime.logs */
	int logs_error;   /* of the directory in it that names pods */
	bool pods;        /* a service is found by its pod */
	char socket[256]; /* runtime.socket; "": none */
	int socket_error;
	int handed_error; /* of leakdog-capture.socket */
};

struct doctor_journal {
	bool wanted; /* a service's log is in it */
	int error;   /* of reading it: 0 or errno; ENOENT: there is none */
};

struct doctor_archive {
	char dir[256];
	bool exists;
	int error;     /* 0 or errno: why nothing can be written into it */
	char type[16]; /* of its file system: "ext4", "tmpfs"; "" not known */
	bool fleeting; /* what is there is gone with the machine or the container */
	uint64_t free_bytes, whole_bytes; /* for us; 0 and 0 where not known */
	uint64_t keep_free;               /* bytes: below it nothing is captured */
};

enum doctor_conf { DOCTOR_CONF_NONE, DOCTOR_CONF_FAULTY, DOCTOR_CONF_FINE };

struct doctor_facts {
	unsigned uid;
	struct doctor_kernel kernel;
	struct doctor_processes processes;
	struct doctor_archive archive;
	enum doctor_conf conf;
	size_t services, far; /* far: of these, watched over HTTP alone */
	struct doctor_containers containers;
	struct doctor_journal journal;
	int agent_error; /* of its control socket: 0 it answers, or errno */
	int fetch_error; /* of leakdog-fetch beside leakdog */
	bool go;         /* a go in the path */
};

enum health { HEALTH_OK, HEALTH_DEGRADED, HEALTH_MISSING, HEALTH_N };
extern const char *const health_table[HEALTH_N];

struct doctor_line {
	const char *topic;
	enum health health;
	char found[320];         /* may hold foreign bytes */
	const char *lost, *todo; /* static; NULL where nothing is lost */
};

#define DOCTOR_LINES 26
struct doctor {
	unsigned uid;
	struct doctor_line line[DOCTOR_LINES];
};

/* One line per topic, in a fixed order. */
void doctor_judge(const struct doctor_facts *facts, struct doctor *ret);
/* Whether a leaking service can be watched and its evidence be kept: nothing is missing
 * that this takes. */
bool doctor_works(const struct doctor *doctor);
