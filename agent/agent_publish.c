/* What others may know and ask: status.json, replaced every second while something is
 * under way and else every five to twenty, and the socket `control` beside it. A request
 * is one line; the answer is lines and then the end. */
#include "agent_limits.h"
#include "agent_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "edge/clock.h"
#include "edge/fs.h"
#include "edge/log.h"
#include "edge/nofile.h"
#include "edge/peer.h"
#include "view/status_json.h"

#define STATUS_EVERY_MS 1000
/* Of 100 targets the text takes 3 ms: every second it was half of all that the agent
 * used. */
#define STATUS_CALM_MS 5000
#define STATUS_CALMEST_MS 20000
/* Of 500 targets it takes 2 ms: every ten seconds that was a twelfth of what watching
 * them took. The more there are, the rarer. */
#define STATUS_TARGET_MS 40
#define STATUS_CAP (16 << 20)
#define CLIENTS_MAX 16

/* ------------------------------------------------------------------ status */

static struct status_target status_of(const struct agent *agent, const struct target *t)
{
	return (struct status_target){
		.service = t->service->conf,
		.key = t->key,
		.pid = t->process.pid,
		.started_ms = t->facts.started_ms,
		.cgroup = t->facts.cgroup,
		.limit_from = t->facts.limit_from,
		.container = t->container ? &t->container->facts : NULL,
		.sample = &t->sample,
		.slope_per_s = series_speed(t->series[SIGNAL_MEMORY]),
		.rules = t->rules,
		.judgements = t->judgements,
		.base = t->base_state,
		.base_at_ms = t->base_at_ms,
		.base_why = t->base_why,
		.incident = &t->incident,
		.capturing = t->worker != NULL,
		.queued = queue_place(agent, t, clock_ms()),
		.ended = t->ended_ms != INT64_MAX,
		.trouble = t->trouble,
	};
}

static size_t targets_room(struct agent *agent)
{
	size_t n = agent->roster.n;

	if (n > agent->status_room) {
		void *larger = reallocarray(agent->status_targets, n,
					    sizeof(*agent->status_targets));

		if (!larger)
			return agent->status_room; /* the newest are left out for now */
		agent->status_targets = larger;
		agent->status_room = n;
	}
	return n;
}

void agent_status(struct agent *agent, struct status *ret)
{
	size_t n = targets_room(agent), i = 0;

	for (const struct target *t = agent->targets; t && i < n; t = t->next)
		agent->status_targets[i++] = status_of(agent, t);
	for (size_t s = 0; s < agent->conf->n_services; s++) {
		agent->status_services[s] =
			(struct status_service){.conf = agent->services[s].conf,
						.n_targets = agent->services[s].n_targets,
						.trouble = agent->services[s].trouble};
		limits_status(&agent->services[s], clock_ms(),
			      &agent->status_services[s]);
	}
	*ret = (struct status){.at_ms = clock_unix_ms(),
			       .started_ms = agent->started_unix_ms,
			       .pid = (int32_t)getpid(),
			       .archive = agent->conf->archive.dir,
			       .ticks = agent->ticks,
			       .captures = agent->captures,
			       .captures_failed = agent->captures_failed,
			       .captures_partial = agent->captures_partial,
			       .incidents = agent->incidents,
			       .sealed = agent->sealed,
			       .late_ms = agent->lateness.worst_ms,
			       .late_p99_ms = lateness_ms(&agent->lateness, 99),
			       .descriptors = nofile_used(),
			       .descriptors_allowed = agent->nofile,
			       .targets = agent->status_targets,
			       .n_targets = i,
			       .services = agent->status_services,
			       .n_services = agent->conf->n_services,
			       .holds = agent->holder.holds,
			       .n_holds = agent->holder.n_holds};
}

static int publish(struct agent *agent)
{
	AUTO_BUF struct buf text;
	struct status status;
	int r;

	agent_status(agent, &status);
	buf_init(&text, STATUS_CAP);
	status_json(&status, &text);
	r = buf_error(&text);
	if (r == 0)
		r = fs_replace_at(agent->run_fd, "status.json", text.data, text.len, 0640,
				  0);
	return r;
}

static bool is_calm(const struct agent *agent)
{
	for (const struct target *t = agent->stirred; t; t = t->next_stirred) {
		if (t->worker || t->ended_ms != INT64_MAX ||
		    t->incident.phase != INCIDENT_NONE)
			return false;
	}
	return !agent->touched; /* what is saved for a restart is worth telling, too */
}

static int64_t calm_ms(const struct agent *agent)
{
	int64_t ms = (int64_t)agent->roster.n * STATUS_TARGET_MS;

	return MIN(MAX(ms, (int64_t)STATUS_CALM_MS), (int64_t)STATUS_CALMEST_MS);
}

void publish_tick(struct agent *agent, int64_t now_ms)
{
	int64_t every_ms = is_calm(agent) ? calm_ms(agent) : STATUS_EVERY_MS;
	int r;

	if (agent->run_fd < 0 ||
	    (agent->status_ms && now_ms < agent->status_ms + every_ms))
		return;
	agent->status_ms = now_ms;
	r = publish(agent);
	if (r < 0 && r != agent->publish_error)
		log_warn("cannot write %s/status.json: %s", agent->options.run_dir,
			 strerror(-r));
	agent->publish_error = r;
}

/* ------------------------------------------------------------------ control */

int control_open(struct agent *agent)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	const char *dir = agent->options.run_dir;
	AUTO_CLOSE int fd = -1;

	if (!dir)
		return 0;
	if (mkdir(dir, 0750) && errno != EEXIST)
		goto failed;
	agent->run_fd = open(dir, O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (agent->run_fd < 0 || fd < 0)
		goto failed;
	/* The archive's lock is ours, so a socket that stands here is a dead agent's. */
	(void)unlinkat(agent->run_fd, "control", 0);
	(void)snprintf(at.sun_path, sizeof(at.sun_path), "/proc/self/fd/%d/control",
		       agent->run_fd);
	/* The mode stands before anyone can connect, whatever the umask is. */
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) ||
	    fchmodat(agent->run_fd, "control", 0660, 0) || listen(fd, CLIENTS_MAX))
		goto failed;
	agent->control = TAKE_FD(fd);
	return loop_add(&agent->loop, agent->control, EVENT_CONTROL, NULL);
failed:
	log_warn("cannot use %s: %s; no status.json, no `leakdog capture`", dir,
		 strerror(errno));
	return 0;
}

static void client_close(struct agent *agent, struct client *client)
{
	struct client **at = &agent->clients;

	while (*at != client)
		at = &(*at)->next;
	*at = client->next;
	agent->n_clients--;
	loop_remove(&agent->loop, client->fd);
	fs_close(&client->fd);
	free(client);
}

void control_close(struct agent *agent)
{
	while (agent->clients)
		client_close(agent, agent->clients);
	if (agent->run_fd >= 0)
		(void)unlinkat(agent->run_fd, "control", 0);
	fs_close(&agent->control);
	fs_close(&agent->run_fd);
}

void control_accept(struct agent *agent)
{
	int fd = accept4(agent->control, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct client *client;

	if (fd < 0)
		return;
	client = agent->n_clients < CLIENTS_MAX ? calloc(1, sizeof(*client)) : NULL;
	if (!client || !peer_may(fd, agent->archive.fd) ||
	    loop_add(&agent->loop, fd, EVENT_CLIENT, client)) {
		free(client);
		fs_close(&fd); /* "daemon not reachable" is what it will say */
		return;
	}
	client->fd = fd;
	client->next = agent->clients;
	agent->clients = client;
	agent->n_clients++;
}

static void say(const struct client *client, const char *line)
{
	(void)!send(client->fd, line, strlen(line),
		    MSG_NOSIGNAL | MSG_DONTWAIT); /* gone? */
}

/* "capture SERVICE": one incident by hand for every target of it. */
static void capture(struct agent *agent, const struct client *client, const char *name,
		    int64_t now_ms)
{
	char line[256];
	unsigned n = 0;

	for (struct target *t = agent->targets; t; t = t->next) {
		if (t->ended_ms != INT64_MAX || !text_equal(t->service->conf->name, name))
			continue;
		incidents_by_hand(agent, t, now_ms);
		(void)snprintf(line, sizeof(line), "incident %s/%s\n", name,
			       t->incident.id);
		say(client, line);
		n++;
	}
	if (!n) {
		(void)snprintf(line, sizeof(line),
			       "error no running target of service '%.64s'\n", name);
		say(client, line);
	}
}

void control_hear(struct agent *agent, struct client *client, int64_t now_ms)
{
	char line[128];
	ssize_t n = recv(client->fd, line, sizeof(line) - 1, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0) {
		line[n] = '\0';
		line[strcspn(line, "\r\n")] = '\0';
		if (text_starts(line, "capture "))
			capture(agent, client, line + strlen("capture "), now_ms);
		else
			say(client, "error unknown request; there is: capture SERVICE\n");
	}
	client_close(agent, client);
}
