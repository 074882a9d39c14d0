/* One block per process. Programs, modules and sockets are named by other people. */
#include "view/discover.h"

#include <inttypes.h>
#include <string.h>

#include "core/rights_words.h"
#include "lib/duration.h"
#include "lib/quantity.h"
#include "view/container.h"

static void foreign(struct buf *to, const char *text)
{
	text_show(to, text, strlen(text), 400);
}

static void labelled(struct buf *to, const char *label, const char *text)
{
	buf_addf(to, "  %-9s ", label);
	foreign(to, text);
	buf_addc(to, '\n');
}

static void container_lines(struct buf *to, const struct container_facts *container)
{
	buf_addf(to, "  %-9s ", container->pod[0] ? "pod" : "container");
	container_line(container, to);
	buf_addc(to, '\n');
}

static void memory_line(struct buf *to, const struct discover_process *process)
{
	char text[QUANTITY_MAX];

	buf_addf(to, "  %-9s ", "memory");
	buf_adds(to, process->memory.have == HAVE_VALUE
			     ? quantity_format(process->memory.value, text)
			     : "unknown");
	if (process->limit.have == HAVE_VALUE) {
		buf_addf(to, " of %s, limit from ",
			 quantity_format(process->limit.value, text));
		foreign(to, process->facts.limit_from);
	} else if (process->cgroup_hidden || process->limit.have == HAVE_ERROR) {
		buf_adds(to, ", limit unknown: it cannot be seen from here");
	} else {
		buf_adds(to, ", no limit");
	}
	buf_addc(to, '\n');
}

static void listen_lines(struct buf *to, const struct discover_process *process)
{
	if (process->listens_hidden)
		labelled(to, "listens", "cannot be seen: needs " RIGHTS_BOTH);
	else if (process->n_listens == 0)
		labelled(to, "listens", "nowhere");
	for (size_t i = 0; i < process->n_listens; i++) {
		const struct discover_listen *listen = &process->listens[i];

		buf_addf(to, "  %-9s ", i == 0 ? "listens" : "");
		foreign(to, listen->at);
		buf_addf(to, "  %s", asked_table[listen->asked]);
		if (listen->asked == ASKED_PPROF)
			buf_addf(to, ", %" PRIu64 " goroutines", listen->goroutines);
		if (listen->why[0])
			buf_adds(to, ": ");
		foreign(to, listen->why);
		buf_addc(to, '\n');
	}
	if (process->more_listens)
		buf_addf(to, "  %-9s and %zu places more\n", "", process->more_listens);
}

static void head_line(struct buf *to, const struct discover_process *process,
		      int64_t now_ms)
{
	char age[DURATION_MAX];
	int64_t ms = now_ms - process->facts.started_ms;

	buf_addf(to, "\npid %d  ", process->facts.pid);
	foreign(to, process->facts.exe[0] ? process->facts.exe : process->comm);
	buf_addf(to, "  uid %u", process->uid);
	if (process->facts.started_ms && ms > 0)
		buf_addf(to, ", up %s", duration_format((uint64_t)ms / 1000 * 1000, age));
	buf_addc(to, '\n');
}

static void process_lines(struct buf *to, const struct discover_process *process,
			  int64_t now_ms)
{
	head_line(to, process, now_ms);
	buf_addf(to, "  %-9s ", "built");
	foreign(to, process->go[0] ? process->go : "by some Go");
	buf_addc(to, ' ');
	foreign(to, process->package);
	buf_addc(to, ' ');
	foreign(to, process->version);
	buf_addc(to, '\n');
	if (process->unit[0])
		labelled(to, "unit", process->unit);
	if (process->container)
		container_lines(to, process->container);
	if (process->path[0])
		labelled(to, "cgroup", process->path);
	memory_line(to, process);
	listen_lines(to, process);
	if (process->watched) {
		buf_addf(to, "  %-9s as '%s' (", "watched", process->watched->name);
		foreign(to, process->watched->place.file);
		buf_addf(to, ":%u)\n", process->watched->place.line);
	}
}

void discover_text(const struct discover *discover, int64_t now_ms, struct buf *to)
{
	buf_addf(to, "%zu Go process%s, looked at with the rights of uid %u\n",
		 discover->n_processes, discover->n_processes == 1 ? "" : "es",
		 discover->uid);
	if (discover->hidden)
		buf_adds(to, "! " RIGHTS_HIDDEN "\n");
	if (discover->unseen)
		buf_addf(to,
			 "! %zu process%s may not be looked into, and could be Go's: "
			 "needs " RIGHTS_BOTH ", and no capability less than it has\n",
			 discover->unseen, discover->unseen == 1 ? "" : "es");
	if (discover->unnamed)
		buf_addf(to, "! containers without a name: %s\n", discover->unnamed);
	for (size_t i = 0; i < discover->n_processes; i++)
		process_lines(to, &discover->processes[i], now_ms);
}
