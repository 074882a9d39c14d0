#pragma once
/* "What grew": the growth between base and now, charged to who is answerable for it, and
 * ranked. A heap's growth is charged to the first application frame above the allocation
 * (fmt.Sprintf tells nobody anything); goroutines are charged by group. Nothing here is
 * text for people: view/grew makes the sentences. */

#include "prof/build.h"
#include "prof/goroutines.h"

#define SUSPECTS_MAX 16 /* per kind; the rest is added up in grew.rest */

enum suspect_kind {
	SUSPECT_HEAP,
	SUSPECT_GOROUTINES,
	SUSPECT_THREADS,
	SUSPECT_SOCKETS,
	SUSPECT_N
};
extern const char *const suspect_table[SUSPECT_N];

struct suspect {
	enum suspect_kind kind;
	int64_t base, now; /* bytes, or count */
	double share;      /* of all growth of its kind, 0 to 1 */
	uint32_t charged;  /* frame: the first application frame; else the first of a
			      dependency; else the first that is not the runtime's;
			      NO_FRAME for sockets */
	enum owner owner;  /* of charged: anything but OWNER_APP must be said */
	uint32_t leaf;     /* frame where it is allocated, or where goroutines wait */
	uint32_t caller;   /* frame that calls charged most, or NO_FRAME */
	uint32_t creator;  /* goroutines: frame, or NO_FRAME */
	/* Where charged is not own code: the own frame that calls into the same module
	 * and grew most with it, or NO_FRAME. A hint, no proof. */
	uint32_t own;
	uint32_t state;              /* goroutines: name, 0 not known */
	uint64_t wait_min, wait_max; /* minutes, goroutines */
	uint64_t leaked;             /* goroutines proved leaked by the collector */
	/* Threads: goroutines of now that hold one each, in the group that holds most
	 * more than before; charged, leaf and creator are that group's. 0: none does. */
	uint64_t holders;
	int64_t objects;            /* heap: growth in objects */
	bool is_rate;               /* two captures of this incident tell a rate: */
	double per_minute;          /* bytes or count per minute between them */
	char socket_state[16];      /* "ESTABLISHED"; "" for others */
	char peer[64];              /* sockets: who, foreign bytes; "" otherwise */
	uint64_t without_keepalive; /* sockets: of now */
	bool anybodys;              /* sockets: see socket_group */
};

struct grew {
	struct suspect list[SUSPECT_N * SUSPECTS_MAX]; /* ranked: see grew_find */
	size_t n;
	int64_t growth[SUSPECT_N]; /* of all that grew, by kind */
	int64_t rest[SUSPECT_N];   /* of it, not in list */
	size_t heap_type;          /* of the stacks: inuse_space */
};

/* One row of sockets.csv, counted. */
struct socket_group {
	char state[16], peer[64]; /* peer: foreign bytes */
	uint64_t count[SIDE_N];
	uint64_t without_keepalive; /* of now; UINT64_MAX: not known */
	bool anybodys; /* of any process in the network namespace, not only the target's
			*/
};

#define THREADS_UNKNOWN UINT64_MAX

struct grew_input {
	const struct stacks *heap; /* NULL: none; both sides read, or only now */
	/* The heap of an earlier capture of this incident and the minutes between the
	 * two, for rates; NULL: none. Same symbols. Its SIDE_NOW is used. */
	const struct stacks *earlier;
	double minutes;
	const struct goroutines *goroutines; /* NULL: none */
	uint64_t threads[SIDE_N];            /* the kernel's count */
	bool about_threads;                  /* the rule is one of threads or tasks */
	const struct socket_group *sockets;
	size_t n_sockets;
	struct owners *owners;
	/* Bytes that the incident is about: the threshold of its rule, else the limit,
	 * else all the memory; 0: not known. What is too little to matter for it is
	 * noise. */
	uint64_t about;
};
/* What is growth and what is noise. Heap counts from 2.5 MiB, which are five samples (of
 * half a megabyte that 5,000 goroutines had, three were taken once), 2 % of all growth
 * and 2 % of what the incident is about; goroutines, threads and sockets count where 100
 * more are there than before (threads from 20 where the rule is about them), and of them
 * a group from 20, 5 % of all growth and a tenth of all that there were before. Rank:
 * kinds by how much what counts of them matters for the memory (a goroutine is taken for
 * 4 KiB), then by growth. Sockets come last: their table is that of a whole network
 * namespace, so they are evidence beside the others. 0 or -ENOMEM. */
int grew_find(const struct grew_input *input, struct grew *ret) must_check;
