/* What does not work as it is written: rights beside the keys that need them (asked by
 * trying), files, addresses that two processes would share. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands/check_look.h"
#include "core/conf_clash.h"
#include "edge/disk/archive_place.h"
#include "edge/kernel/rights.h"
#include "edge/nofile.h"

#define NEEDS_PTRACE "the process is another user's, needs CAP_SYS_PTRACE"
#define NEEDS_BOTH NEEDS_PTRACE " and CAP_DAC_READ_SEARCH"

static bool asks_for(const struct conf_service *conf, enum signal signal)
{
	for (size_t i = 0; i < conf->n_rules; i++) {
		if (conf->rules[i].signal == signal)
			return true;
	}
	return false;
}

static bool captures(const struct conf_service *conf, enum artifact artifact)
{
	return conf->capture.artifacts & 1U << artifact;
}

/* Counting descriptors needs no right on kernels that tell it by a size. */
static bool denies_fds(const struct look *look, const struct conf_service *conf)
{
	const struct reading *fds = &look->sample.v[SIGNAL_FDS];

	return asks_for(conf, SIGNAL_FDS) && fds->have == HAVE_ERROR &&
	       fds->error == EACCES;
}

/* The environment is its user's to read, as the descriptors are. */
static void note_artifacts(uint32_t missing, const struct conf_service *conf,
			   struct check_notes *notes)
{
	static const struct {
		enum artifact artifact;
		uint32_t right;
	} needs[] = {
		{ARTIFACT_FDS, RIGHT_FDS},
		{ARTIFACT_SMAPS, RIGHT_SMAPS},
		{ARTIFACT_BUILD, RIGHT_EXE},
		{ARTIFACT_GOENV, RIGHT_FDS},
	};
	AUTO_BUF struct buf names;
	bool both = false;

	buf_init(&names, 128);
	for (size_t i = 0; i < ARRAY_SIZE(needs); i++) {
		if (!(missing & needs[i].right) || !captures(conf, needs[i].artifact))
			continue;
		buf_adds(&names, names.len ? ", " : "");
		buf_adds(&names, artifact_table[needs[i].artifact].name);
		both = both || needs[i].right == RIGHT_FDS;
	}
	if (names.len)
		check_note(notes, "capture.artifacts", "%s: %s", names.data,
			   both ? NEEDS_BOTH : NEEDS_PTRACE);
}

void check_target_notes(const struct look *look, const struct conf_service *conf,
			struct check_notes *notes)
{
	uint32_t missing = rights_missing(&look->process);

	if (denies_fds(look, conf))
		check_note(notes, "rules", "fds: " NEEDS_BOTH ", or Linux 6.2");
	note_artifacts(missing, conf, notes);
	check_hold_note(look, conf, notes);
	if (!conf->endpoint.url[0])
		return;
	if (missing & (RIGHT_FDS | RIGHT_NETNS))
		check_note(notes, "pprof",
			   "unverified that the address is its own: " NEEDS_BOTH);
}

static void note_file(struct check_notes *notes, const char *key, const char *path)
{
	if (path[0] && access(path, R_OK) < 0)
		check_note(notes, key, "%.96s: %s", path, strerror(errno));
}

void check_file_notes(const struct conf_service *conf, struct check_notes *notes)
{
	const struct endpoint *endpoint = &conf->endpoint;
	char key[16];

	(void)snprintf(key, sizeof(key), "auth.%s", endpoint->auth_kind);
	note_file(notes, key, endpoint->auth_file);
	note_file(notes, "ca_file", endpoint->ca_file);
	note_file(notes, "headers_file", endpoint->headers_file);
}

void check_archive_notes(const struct conf *conf, struct check_notes *notes)
{
	struct doctor_archive place;

	archive_place(conf->archive.dir, &place);
	if (place.exists && place.error)
		check_note(notes, "archive.dir", "%.96s: %s", place.dir,
			   strerror(place.error));
	if (text_equal(place.type, "tmpfs") && !conf->archive.on_memory)
		check_note(notes, "archive.dir",
			   "%.80s is on a tmpfs, which is memory: run refuses it without "
			   "archive.on_memory: yes",
			   place.dir);
}

/* How many descriptors `run` will be allowed is known only where it is started the same
 * way; the hard limit of this process is the best guess. */
void check_fd_notes(struct check *check)
{
	uint64_t allowed = nofile_raise(), needed = NOFILE_OWN;
	size_t n = 0;

	for (size_t i = 0; i < check->n_services; i++)
		n += check->services[i].n_matched;
	needed += NOFILE_TARGET + n * NOFILE_LEAN;
	if (needed > allowed)
		check_note(&check->notes, "services",
			   "%zu processes need about %" PRIu64 " descriptors, allowed "
			   "are %" PRIu64 " here: LimitNOFILE= of the unit, ulimit -Hn",
			   n, needed, allowed);
}

struct asked_of {
	const struct check_service *service;
	const struct check_target *target;
};

static int add_error(struct check *check, const struct asked_of *a,
		     const struct asked_of *b)
{
	const struct conf_place *place = &b->service->conf->place;
	struct fault fault;

	fault_set(&fault, place->file, place->line, place->column,
		  "one pprof address for two processes: '%s' pid %d and '%s' pid %d; the "
		  "profiles of one would be filed as the other's",
		  a->service->conf->name, a->target->facts.pid, b->service->conf->name,
		  b->target->facts.pid);
	return faults_add(&check->errors, &fault);
}

/* Processes that would be asked at one address. */
int check_clashes(struct check *check)
{
	size_t room = check->n_services * CHECK_TARGETS_MAX, n = 0, with = 0, clash;
	AUTO_FREE struct conf_asked *asked = calloc(room + 1, sizeof(*asked));
	AUTO_FREE struct asked_of *of = calloc(room + 1, sizeof(*of));

	if (!asked || !of)
		return -ENOMEM;
	for (size_t i = 0; i < check->n_services; i++) {
		const struct check_service *service = &check->services[i];

		for (size_t j = 0; j < service->n_targets; j++) {
			if (!service->targets[j].facts.pid)
				continue;
			of[n] = (struct asked_of){service, &service->targets[j]};
			asked[n++] = (struct conf_asked){&service->conf->endpoint,
							 service->targets[j].netns};
		}
	}
	clash = conf_clash_find(asked, n, &with);
	return clash < n ? add_error(check, &of[with], &of[clash]) : 0;
}
