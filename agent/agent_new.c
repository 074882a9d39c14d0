/* The agent's beginning and end: the archive and its lock, the loop, the services. */
#include "agent_limits.h"
#include "agent_parts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#include "edge/clock.h"
#include "edge/disk/archive_place.h"
#include "edge/log.h"
#include "edge/nofile.h"
#include "edge/notify.h"
#include "lib/num.h"

#define LOCK_TRIES 20
#define LOCK_RETRY_MS 50

/* Signals whose rules look at them in every tick, and those worth a timeline. */
/* A history is 3.3 KiB; the others mostly repeat one of these. What a rule looks at is
 * kept as well. */
#define ALWAYS_KEPT                                                                      \
	(1u << SIGNAL_MEMORY | 1u << SIGNAL_RSS | 1u << SIGNAL_GOROUTINES |              \
	 1u << SIGNAL_THREADS)

static void service_init(struct service *service, const struct conf_service *conf)
{
	service->conf = conf;
	service->trouble = "";
	service->times = (struct incident_times){.again_ms = (int64_t)conf->again_ms,
						 .settle_ms = (int64_t)conf->settle_ms,
						 .at_most_ms = (int64_t)conf->at_most_ms};
	service->fast = 1u << SIGNAL_MEMORY | 1u << SIGNAL_USAGE;
	service->wanted =
		((1u << SIGNAL_N) - 1) & ~(1u << SIGNAL_SOCKETS | 1u << SIGNAL_FDS);
	service->kept = ALWAYS_KEPT;
	for (size_t i = 0; i < conf->n_rules; i++) {
		enum signal s = conf->rules[i].signal;

		service->judged |= 1u << s;
		service->wanted |= 1u << s;
		service->kept |= 1u << s;
		if (s == SIGNAL_RSS || s == SIGNAL_ANON)
			service->fast |= 1u << s;
	}
	if (!conf->endpoint.url[0])
		service->wanted &= ~(1u << SIGNAL_GOROUTINES);
	service->kept &= service->wanted;
}

static int services_init(struct agent *agent)
{
	size_t n = agent->conf->n_services;

	agent->services = calloc(MAX(n, (size_t)1), sizeof(*agent->services));
	agent->status_services =
		calloc(MAX(n, (size_t)1), sizeof(*agent->status_services));
	if (!agent->services || !agent->status_services)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		service_init(&agent->services[i], &agent->conf->services[i]);
	return 0;
}

static void bounds_init(struct agent *agent)
{
	const struct conf_archive *conf = &agent->conf->archive;
	struct statvfs fs = {0};
	uint64_t total;

	(void)fstatvfs(agent->archive.fd, &fs); /* zero bounds: the children find out */
	total = num_mul(fs.f_blocks, fs.f_frsize);
	agent->max_use = conf_share_bytes(&conf->max_use, total);
	agent->keep_free = conf_share_bytes(&conf->keep_free, total);
}

void archive_args(struct agent *agent, const char **argv)
{
	const struct conf_archive *conf = &agent->conf->archive;
	const uint64_t numbers[3] = {agent->max_use, agent->keep_free,
				     conf->max_incidents};
	static const char *const names[3] = {"--max-use", "--keep-free",
					     "--max-incidents"};
	size_t n = 0;

	argv[n++] = "--locked";
	argv[n++] = "--archive";
	argv[n++] = conf->dir;
	for (size_t i = 0; i < 3; i++) {
		(void)snprintf(agent->arguments[i], sizeof(agent->arguments[i]), "%llu",
			       (unsigned long long)numbers[i]);
		argv[n++] = names[i];
		argv[n++] = agent->arguments[i];
	}
	if (conf->group[0]) {
		argv[n++] = "--group";
		argv[n++] = conf->group;
	}
	argv[n] = NULL;
}

/* A child of the agent before, just between its start and its own program, holds the lock
 * for a moment longer than that agent lived. */
static int lock_patiently(struct agent *agent)
{
	struct loop_event ignored; /* a signal stays to be read */
	int r = -EWOULDBLOCK;

	for (int i = 0; i < LOCK_TRIES && r == -EWOULDBLOCK; i++) {
		r = archive_lock(&agent->archive);
		if (r == -EWOULDBLOCK &&
		    loop_wait(&agent->loop, LOCK_RETRY_MS, &ignored, 1) < 0)
			break;
	}
	return r;
}

static int archive_begin(struct agent *agent)
{
	const struct conf_archive *conf = &agent->conf->archive;
	const char *why = NULL;
	int r;

	/* The children give it to its group: asking for one loads the modules of the name
	 * service, 0.6 MB that would stay resident here. */
	r = archive_open(conf->dir, NULL, ARCHIVE_WRITE, &agent->archive, &why);
	if (r < 0) {
		log_error("cannot open the archive %s: %s", conf->dir,
			  why ? why : strerror(-r));
		return r;
	}
	if (archive_is_memory(agent->archive.fd) && !conf->on_memory) {
		log_error("the archive %s is on a tmpfs: there it takes memory, in a pod "
			  "that of this container's limit, and is gone with the machine; "
			  "give it a disk, or write archive.on_memory: yes",
			  conf->dir);
		return -EMEDIUMTYPE;
	}
	r = lock_patiently(agent);
	if (r == -EWOULDBLOCK)
		log_error("the archive %s is held by another leakdog", conf->dir);
	else if (r < 0)
		log_error("cannot lock the archive %s: %s", conf->dir, strerror(-r));
	if (r == 0) {
		bounds_init(agent);
		r = state_read(agent);
		if (r < 0)
			log_warn("cannot read the state of an earlier agent: %s; rules "
				 "begin anew",
				 strerror(-r));
		r = 0;
	}
	return r;
}

static void agent_zero(struct agent *agent, const struct agent_options *options)
{
	*agent = (struct agent){.options = *options,
				.conf = options->conf,
				.loop = {.epoll = -1, .signals = -1},
				.archive = {.fd = -1, .lockfd = -1},
				.run_fd = -1,
				.control = -1,
				.probe = CHILD_NONE,
				.keeper = {.child = CHILD_NONE},
				.reporter = {.child = CHILD_NONE},
				.holder = {.child = CHILD_NONE},
				.started_unix_ms = clock_unix_ms(),
				.watchdog_every_ms = notify_watchdog_ms()};
	for (size_t i = 0; i < ARRAY_SIZE(agent->workers); i++)
		agent->workers[i].child = CHILD_NONE;
	naming_init(&agent->naming);
	buf_init(&agent->job, 64 << 10);
	buf_init(&agent->saved, 32 << 20);
	buf_init(&agent->probe_in, 64 << 10);
	buf_init(&agent->probe_out, 1 << 20);
}

static int agent_open(struct agent *agent)
{
	int r;

	agent->nofile = nofile_raise();
	r = services_init(agent);
	if (r == 0)
		r = process_boot_id(agent->options.roots, agent->boot_id);
	if (r == 0)
		r = loop_init(&agent->loop);
	if (r == 0)
		r = loop_signals(&agent->loop, EVENT_SIGNAL);
	if (r < 0) {
		log_error("cannot start: %s", strerror(-r));
		return r;
	}
	r = archive_begin(agent);
	if (r == 0) {
		state_orphans(agent);
		holds_look(agent);
		cgroups_open(agent);
		r = control_open(agent);
	}
	return r;
}

int agent_new(const struct agent_options *options, struct agent **ret)
{
	struct agent *agent = calloc(1, sizeof(*agent));
	int r;

	if (!agent)
		return -ENOMEM;
	agent_zero(agent, options);
	r = agent_open(agent);
	if (r < 0) {
		agent_free(agent);
		return r;
	}
	log_info("watching %zu service%s, archive %s", agent->conf->n_services,
		 agent->conf->n_services == 1 ? "" : "s", agent->conf->archive.dir);
	*ret = agent;
	return 0;
}

void agent_free(struct agent *agent)
{
	if (!agent)
		return;
	while (agent->targets)
		target_forget(agent, agent->targets);
	while (agent->orphans)
		orphan_drop(agent, agent->orphans);
	report_free(agent);
	scan_free(agent->scan);
	free(agent->watched.pid);
	naming_free(agent);
	cgroups_close(agent);
	for (size_t i = 0; i < ARRAY_SIZE(agent->workers); i++)
		child_fini(&agent->workers[i].child);
	child_fini(&agent->keeper.child);
	child_fini(&agent->holder.child);
	child_fini(&agent->probe);
	control_close(agent);
	loop_fini(&agent->loop);
	archive_close(&agent->archive);
	buf_fini(&agent->job);
	buf_fini(&agent->saved);
	buf_fini(&agent->probe_in);
	buf_fini(&agent->probe_out);
	free(agent->roster.target);
	free(agent->roster.due_ms);
	free(agent->roster.steady);
	for (size_t i = 0; agent->services && i < agent->conf->n_services; i++) {
		free(agent->services[i].seen.pid);
		free(agent->services[i].due.pid);
		limits_free(&agent->services[i]);
	}
	free(agent->services);
	free(agent->holder.holds);
	free(agent->status_targets);
	free(agent->status_services);
	free(agent);
}
