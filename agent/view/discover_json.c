/* The same as JSON. What is not known is null or missing, never 0. */
#include <errno.h>
#include <string.h>

#include "view/container.h"
#include "view/discover.h"
#include "view/emit.h"

static const char *const asked_names[ASKED_N] = {
	[ASKED_NOT] = "not-asked",  [ASKED_PPROF] = "pprof",
	[ASKED_OTHER] = "no-pprof", [ASKED_UNPROVED] = "unproved",
	[ASKED_REMOTE] = "remote",  [ASKED_ELSEWHERE] = "other-network-namespace",
};

static void text(struct emit *emit, const char *key, const char *foreign)
{
	if (foreign && foreign[0])
		emit_text(emit, key, foreign);
	else
		emit_null(emit, key);
}

static void reading(struct emit *emit, const char *key, const struct reading *r)
{
	if (r->have == HAVE_VALUE)
		emit_count(emit, key, r->value);
	else
		emit_null(emit, key);
}

static void listens(struct emit *emit, const struct discover_process *process)
{
	emit_open(emit, "listens", '[');
	for (size_t i = 0; i < process->n_listens; i++) {
		const struct discover_listen *listen = &process->listens[i];

		emit_open(emit, NULL, '{');
		text(emit, "at", listen->at);
		text(emit, "asked", asked_names[listen->asked]);
		text(emit, "url", listen->url);
		if (listen->asked == ASKED_PPROF)
			emit_count(emit, "goroutines", listen->goroutines);
		text(emit, "why", listen->why);
		emit_close(emit, '}');
	}
	emit_close(emit, ']');
	emit_bool(emit, "listens_hidden", process->listens_hidden);
}

static void process_json(struct emit *emit, const struct discover_process *process)
{
	emit_open(emit, NULL, '{');
	emit_int(emit, "pid", process->facts.pid);
	emit_int(emit, "uid", process->uid);
	emit_time(emit, "started", process->facts.started_ms);
	text(emit, "exe", process->facts.exe);
	text(emit, "comm", process->comm);
	text(emit, "go", process->go);
	text(emit, "package", process->package);
	text(emit, "version", process->version);
	text(emit, "cgroup", process->path);
	text(emit, "unit", process->unit);
	container_json(process->container, emit);
	reading(emit, "memory", &process->memory);
	reading(emit, "limit", &process->limit);
	text(emit, "limit_from", process->facts.limit_from);
	emit_bool(emit, "other_network_namespace", process->other_netns);
	listens(emit, process);
	text(emit, "watched", process->watched ? process->watched->name : NULL);
	emit_close(emit, '}');
}

static void service_json(struct emit *emit, const struct discover_service *service)
{
	emit_open(emit, NULL, '{');
	text(emit, "name", service->name);
	emit_int(emit, "pid", service->process->facts.pid);
	emit_open(emit, "selectors", '{');
	for (size_t i = 0; i < SELECTOR_N; i++) {
		if (!service->left_out && service->selector.text[i][0])
			text(emit, selector_table[i], service->selector.text[i]);
	}
	emit_close(emit, '}');
	text(emit, "pprof", service->url);
	text(emit, "left_out", service->left_out);
	emit_close(emit, '}');
}

int discover_json(const struct discover *discover, struct buf *to)
{
	AUTO_EMIT struct emit emit;

	emit_init(&emit, to);
	emit_open(&emit, NULL, '{');
	emit_text(&emit, "schema", "leakdog.discover/1");
	emit_int(&emit, "uid", discover->uid);
	emit_bool(&emit, "hidden", discover->hidden);
	emit_count(&emit, "unseen", discover->unseen);
	text(&emit, "names_unknown", discover->unnamed);
	emit_open(&emit, "processes", '[');
	for (size_t i = 0; i < discover->n_processes; i++)
		process_json(&emit, &discover->processes[i]);
	emit_close(&emit, ']');
	emit_open(&emit, "services", '[');
	for (size_t i = 0; i < discover->n_services; i++)
		service_json(&emit, &discover->services[i]);
	emit_close(&emit, ']');
	emit_close(&emit, '}');
	buf_addc(to, '\n');
	return buf_error(to) < 0 ? -ENOMEM : 0;
}
