/* One look at every service: find, open, sample once with all that its rules ask for,
 * resolve each rule against what was read. A match is believed at once here; the agent
 * wants to see it twice. */
#include "commands/check_look.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands/naming_look.h"
#include "core/rights_words.h"
#include "edge/kernel/find.h"
#include "edge/kernel/rights.h"
#include "edge/peer.h"
#include "lib/text.h"

/* One look at the machine. */
struct looking {
	const struct roots *roots;
	const struct conf_runtime *runtime;
	struct scan *scan;
	struct naming naming;
};

static int add_target(const struct looking *looking, const struct look *look,
		      struct check_service *service)
{
	const struct named *named;

	struct check_target *target = check_target_add(service);

	if (!target)
		return -ENOMEM;
	look_facts(look, service->conf->limit_bytes, &target->facts);
	target->netns = rights_netns_number(look->roots, &look->process);
	named = find_container(look->roots, &look->process, &looking->naming.scan);
	if (named)
		target->container = named->facts;
	target->sample = look->sample;
	check_resolve(service->conf, target);
	if (look->hidden)
		check_note(
			&target->notes, "limit",
			"its cgroup cannot be seen from here, nor through its own mounts "
			"(same user, or CAP_SYS_PTRACE): memory is its RSS; say its "
			"limit");
	check_target_notes(look, service->conf, &target->notes);
	check_log_note(looking->runtime, service->conf, target);
	return 0;
}

static uint32_t wanted_by(const struct conf_service *conf)
{
	uint32_t wanted = 0;

	for (size_t i = 0; i < conf->n_rules; i++)
		wanted |= 1U << conf->rules[i].signal;
	return wanted;
}

/* 0, PROCESS_GONE where the pid is another's by now, or -errno. */
static int verify(const struct look *look, char *const selector[SELECTOR_N],
		  const struct find_containers *containers)
{
	int r = find_verify(look->roots, &look->process, selector, containers);

	return r < 0 ? r : r ? 0 : PROCESS_GONE;
}

/* A process that ends meanwhile is one that was not found. */
static int look_at(const struct looking *looking, int pid, struct check_service *service)
{
	const struct conf_service *conf = service->conf;
	AUTO_LOOK struct look look;
	int r = look_open(looking->roots, pid, &look);

	if (r == 0)
		r = verify(&look, conf->selector, &looking->naming.scan);
	if (r == 0)
		r = look_sample(&look, wanted_by(conf), conf->limit_bytes);
	if (r == 0)
		r = add_target(looking, &look, service);
	else if (r < 0 && r != -ENOMEM)
		check_note(&service->notes, "rules", "pid %d cannot be looked at: %s",
			   pid, strerror(-r));
	return r == -ENOMEM ? r : 0;
}

static void note_search(struct check_service *service, int error)
{
	char *const *selector = service->conf->selector;
	enum selector first = 0;

	while (first < SELECTOR_N && !selector[first])
		first++;
	if (error == -EACCES)
		check_note(&service->notes, selector[SELECTOR_EXE] ? "exe" : "listen",
			   "processes of other users cannot be told apart: "
			   "needs " RIGHTS_BOTH);
	else if (error == SCAN_HIDDEN)
		check_note(&service->notes, selector_table[first], RIGHTS_HIDDEN);
	else if (selector[SELECTOR_PIDFILE] && error != -ENOENT)
		check_note(&service->notes, "pidfile", "%s", strerror(-error));
	else if (error != -ENOENT)
		check_note(&service->notes, selector_table[first], "%s",
			   strerror(-error));
}

static void note_names(const struct looking *looking, struct check_service *service)
{
	char *const *selector = service->conf->selector;
	const char *trouble = naming_trouble(&looking->naming, selector);
	enum selector first = SELECTOR_CONTAINER;

	while (first < SELECTOR_N && !selector[first])
		first++;
	if (trouble && first < SELECTOR_N)
		check_note(&service->notes, selector_table[first], "%s", trouble);
}

static void note_around(const struct looking *looking, struct check_service *service)
{
	static const char more[] = " ...";
	AUTO_BUF struct buf names;

	buf_init(&names, sizeof(service->around) - sizeof(more));
	for (enum selector s = SELECTOR_CONTAINER; s < SELECTOR_N; s++) {
		if (!service->conf->selector[s])
			continue;
		naming_around(&looking->naming, service->conf->selector, &names);
		break;
	}
	memcpy(service->around, names.data, names.len);
	if (buf_error(&names) < 0)
		memcpy(service->around + names.len, more, sizeof(more));
}

/* Without containers nobody was asked. */
static void note_socket(const struct looking *looking, struct check *check)
{
	const char *path = looking->runtime->socket;
	int error = path[0] && looking->roots->live ? peer_knock(path) : 0;

	if (error)
		check_note(&check->notes, "runtime.socket", "%.100s: %s", path,
			   strerror(error));
}

static int look_at_service(const struct looking *looking, struct check_service *service)
{
	struct check_target *target;
	int pids[CHECK_TARGETS_MAX], r;
	size_t n = 0;

	check_file_notes(service->conf, &service->notes);
	check_log_notes(service->conf, &service->notes);
	r = scan_match(looking->scan, service->conf->selector, pids, ARRAY_SIZE(pids),
		       &n);
	if (r == -ENOMEM)
		return r;
	if (r != 0)
		note_search(service, r);
	service->n_matched = r < 0 ? 0 : n;
	for (size_t i = 0; i < MIN(service->n_matched, ARRAY_SIZE(pids)); i++) {
		r = look_at(looking, pids[i], service);
		if (r < 0)
			return r;
	}
	if (service->n_targets > 0)
		return 0;
	note_names(looking, service);
	note_around(looking, service);
	target = check_target_add(service);
	if (!target)
		return -ENOMEM;
	check_resolve(service->conf, target);
	return 0;
}

static uint32_t needs_of(const struct conf *conf)
{
	uint32_t needs = 0;

	for (size_t i = 0; i < conf->n_services; i++) {
		for (unsigned s = 0; s < SELECTOR_N; s++)
			needs |= conf->services[i].selector[s] ? 1U << s : 0;
	}
	return needs;
}

static int look_around(struct looking *looking, struct check *check)
{
	uint32_t needs = needs_of(check->conf);
	int r = scan_new(looking->roots, needs, &looking->scan);

	if (r == 0)
		scan_contain(looking->scan, &looking->naming.scan);
	if (r == 0 && needs & SELECTORS_IN_CONTAINER)
		r = naming_look(looking->roots, looking->runtime, &looking->naming);
	if (r == 0 && needs & SELECTORS_IN_CONTAINER)
		note_socket(looking, check);
	for (size_t i = 0; r == 0 && i < check->n_services; i++)
		r = look_at_service(looking, &check->services[i]);
	scan_free(looking->scan);
	return r;
}

int check_look(const struct roots *roots, struct check *check)
{
	struct looking looking = {.roots = roots, .runtime = &check->conf->runtime};
	int r;

	naming_init(&looking.naming);
	check->uid = geteuid();
	check_archive_notes(check->conf, &check->notes);
	r = look_around(&looking, check);
	names_fini(&looking.naming.names);
	check_fd_notes(check);
	return r == 0 ? check_clashes(check) : r;
}
