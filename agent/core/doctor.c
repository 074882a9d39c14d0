/* One short judgement per topic. Missing is only what ends the main job: to see memory
 * and to keep evidence; all else is less, and says what less is. */
#include "core/doctor_parts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/rights_words.h"
#include "lib/quantity.h"

#define TARGETS_FEW 50 /* a guess: the services of a usual machine */

const char *const capability_table[CAPABILITY_N] = {
	[CAPABILITY_DAC_READ_SEARCH] = "CAP_DAC_READ_SEARCH",
	[CAPABILITY_SYS_PTRACE] = "CAP_SYS_PTRACE",
	[CAPABILITY_SYS_ADMIN] = "CAP_SYS_ADMIN",
};

const char *const health_table[HEALTH_N] = {
	[HEALTH_OK] = "ok",
	[HEALTH_DEGRADED] = "degraded",
	[HEALTH_MISSING] = "missing",
};

void doctor_found(struct doctor_line *line, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)vsnprintf(line->found, sizeof(line->found), format, args);
	va_end(args);
}

void doctor_less(struct doctor_line *line, enum health health, const char *lost,
		 const char *todo)
{
	line->health = health;
	line->lost = lost;
	line->todo = todo;
}

const char *doctor_reason(int error)
{
	const char *words = strerrordesc_np(error);

	return words ? words : "an unknown error";
}

/* ---- memory of processes ---- */

static void memory(const struct doctor_facts *facts, struct doctor_line *line)
{
	const struct doctor_processes *p = &facts->processes;

	if (p->domains > 0)
		doctor_found(line,
			     "cgroup v%d: %zu of %zu processes have a memory domain",
			     p->cgroup_version, p->domains, p->all);
	else
		doctor_found(line, "no process has a memory domain that can be seen");
	if (p->domains_hidden > 0)
		doctor_less(line, HEALTH_DEGRADED,
			    "limits and usage of processes whose cgroup cannot be seen: "
			    "their "
			    "memory is their RSS",
			    "mount the cgroup file systems of the host, read-only, at "
			    "/sys/fs/cgroup");
	else if (p->domains == 0)
		doctor_less(line, HEALTH_DEGRADED,
			    "limits, percent rules, counted kills; memory is RSS",
			    "run services in cgroups of their own (units of systemd, "
			    "containers), with the memory controller");
	else if (p->sample.v[SIGNAL_USAGE].have != HAVE_VALUE)
		doctor_less(line, HEALTH_DEGRADED,
			    "memory is RSS where usage cannot be read",
			    "let our user read memory.current and memory.stat");
}

static void limit(const struct doctor_facts *facts, struct doctor_line *line)
{
	const struct reading *limit = &facts->processes.sample.ceiling[CEILING_LIMIT];
	char text[QUANTITY_MAX];

	if (limit->have == HAVE_VALUE)
		doctor_found(line, "can be read, such as %s",
			     quantity_format(limit->value, text));
	else if (limit->have == HAVE_ERROR)
		doctor_found(line, "cannot be read: %s", doctor_reason(limit->error));
	else
		doctor_found(line, "no process that can be seen has one");
	if (limit->have != HAVE_VALUE)
		doctor_less(
			line, HEALTH_DEGRADED,
			"rules in percent and time to limit are blind",
			"MemoryMax= of the units, memory limits of the containers, or "
			"limit: of a service");
}

static void kills(const struct doctor_facts *facts, struct doctor_line *line)
{
	const struct reading *kills = &facts->processes.sample.oom_kill;

	doctor_found(line, kills->have == HAVE_VALUE
				   ? "counted by the kernel"
				   : "not counted for any process here");
	if (kills->have != HAVE_VALUE)
		doctor_less(line, HEALTH_DEGRADED,
			    "a kill is inferred from the last sample, not counted",
			    "cgroup v2 with memory.events, or v1 with oom_kill in "
			    "memory.oom_control (Linux 4.13)");
}

static void pressure(const struct doctor_facts *facts, struct doctor_line *line)
{
	const struct reading *pressure = &facts->processes.sample.v[SIGNAL_PRESSURE];

	doctor_found(line, pressure->have == HAVE_VALUE ? "memory.pressure can be read"
							: "there is no memory.pressure");
	if (pressure->have != HAVE_VALUE)
		doctor_less(line, HEALTH_DEGRADED, "rules on pressure are blind",
			    "cgroup v2, and psi=1 on the kernel's command line");
}

/* ---- rights ---- */

static void capabilities(const struct doctor_facts *facts, struct doctor_line *line)
{
	const uint32_t both =
		1U << CAPABILITY_SYS_PTRACE | 1U << CAPABILITY_DAC_READ_SEARCH;
	size_t len = 0;

	doctor_found(line, "none");
	for (unsigned i = 0; i < CAPABILITY_N; i++) {
		if (facts->kernel.capabilities & 1U << i)
			len += (size_t)snprintf(line->found + len,
						sizeof(line->found) - len, "%s%s",
						len ? ", " : "", capability_table[i]);
	}
	if (facts->kernel.user_namespace)
		(void)snprintf(line->found + strlen(line->found),
			       sizeof(line->found) - strlen(line->found),
			       "; in a user namespace, where they reach no further");
	if ((facts->kernel.capabilities & both) != both)
		doctor_less(line, HEALTH_DEGRADED,
			    "what belongs to other users stays closed",
			    RIGHTS_BOTH ": the drop-in leakdog-full.conf of the unit");
}

static void insight(const struct doctor_facts *facts, struct doctor_line *line)
{
	const struct doctor_processes *p = &facts->processes;

	doctor_found(line,
		     "descriptors of %zu of %zu processes of other users can be read",
		     p->others - p->others_closed, p->others);
	if (p->others_closed > 0)
		doctor_less(
			line, HEALTH_DEGRADED,
			"of these processes: selectors exe and listen, watch URL, open "
			"files, memory map, build, and proof that an address is theirs",
			RIGHTS_BOTH ", or run as their user");
}

static void counts(const struct doctor_facts *facts, struct doctor_line *line)
{
	doctor_found(line, facts->kernel.fds_by_size
				   ? "told by the kernel without a right"
				   : "found by reading the directory");
	if (!facts->kernel.fds_by_size && facts->processes.others_closed > 0)
		doctor_less(line, HEALTH_DEGRADED,
			    "rules on fds of other users' processes",
			    "Linux 6.2, or " RIGHTS_BOTH);
}

/* ---- the kernel ---- */

static void calls(const struct doctor_facts *facts, struct doctor_line *line)
{
	const struct doctor_kernel *kernel = &facts->kernel;
	int error = kernel->pidfd_error ? kernel->pidfd_error : kernel->memfd_error;

	doctor_found(line, "Linux %s has pidfd_open and memfd_create", kernel->release);
	if (!error)
		return;
	doctor_found(line, "Linux %s: %s: %s", kernel->release,
		     kernel->pidfd_error ? "pidfd_open" : "memfd_create",
		     doctor_reason(error));
	doctor_less(line, HEALTH_MISSING,
		    "no process can be held: nothing can be watched",
		    "Linux 5.3 or newer, and a seccomp filter that allows both");
}

static void jail(const struct doctor_facts *facts, struct doctor_line *line)
{
	int error = facts->kernel.jail_error;

	doctor_found(line, error ? "cannot be locked in: %s" : "can be locked in%s",
		     error ? doctor_reason(error) : "");
	if (error)
		doctor_less(
			line, HEALTH_DEGRADED,
			"report.html, and what show says of profiles: they are read in a "
			"jail or not at all",
			"Linux 5.9 with CONFIG_SECCOMP_FILTER, and a container that "
			"allows "
			"prctl(PR_SET_SECCOMP)");
}

static void diag(const struct doctor_facts *facts, struct doctor_line *line)
{
	int error = facts->kernel.diag_error;

	doctor_found(line, error ? "sock_diag: %s" : "told by sock_diag%s",
		     error ? doctor_reason(error) : "");
	if (error)
		doctor_less(
			line, HEALTH_DEGRADED,
			"who listens is read from all sockets: milliseconds where there "
			"are thousands",
			"RestrictAddressFamilies=AF_NETLINK in the unit, modprobe "
			"tcp_diag");
}

static void descriptors(const struct doctor_facts *facts, struct doctor_line *line)
{
	doctor_found(line, "RLIMIT_NOFILE %" PRIu64 ": enough for %" PRIu64 " processes",
		     facts->kernel.nofile, facts->kernel.targets);
	if (facts->kernel.targets < TARGETS_FEW)
		doctor_less(line, HEALTH_DEGRADED,
			    "more processes than that are not watched",
			    "LimitNOFILE= of the unit, ulimit -Hn");
}

static void systemd(const struct doctor_facts *facts, struct doctor_line *line)
{
	doctor_found(line, facts->kernel.systemd ? "runs this machine" : "is not here");
	if (!facts->kernel.systemd)
		doctor_less(line, HEALTH_DEGRADED, "the selector unit finds nothing",
			    "the selectors cgroup, exe, name or listen");
}

/* ---- our own ---- */

static void archive(const struct doctor_facts *facts, struct doctor_line *line)
{
	const struct doctor_archive *a = &facts->archive;
	char free_text[QUANTITY_MAX], keep_text[QUANTITY_MAX];

	doctor_found(line, "%s: %s, %s free%s%s", a->dir,
		     a->error ? doctor_reason(a->error) : "can be written",
		     quantity_format(a->free_bytes, free_text), a->type[0] ? ", " : "",
		     a->type);
	if (!a->error && !a->exists)
		doctor_found(line, "%s is not there yet and can be made, %s free%s%s",
			     a->dir, quantity_format(a->free_bytes, free_text),
			     a->type[0] ? ", " : "", a->type);
	if (a->fleeting)
		doctor_less(line, HEALTH_DEGRADED,
			    "evidence is gone with the machine or the container, and in "
			    "tmpfs it is memory: run wants archive.on_memory: yes there",
			    "archive.dir on a disk, in a container on a volume");
	if (a->whole_bytes > 0 && a->free_bytes <= a->keep_free) {
		doctor_found(line, "%s: %s free, and archive.keep_free is %s", a->dir,
			     quantity_format(a->free_bytes, free_text),
			     quantity_format(a->keep_free, keep_text));
		doctor_less(line, HEALTH_MISSING, "nothing is captured",
			    "make room, or lower archive.keep_free");
	}
	if (a->error)
		doctor_less(line, HEALTH_MISSING, "no evidence can be kept",
			    "StateDirectory= of the unit, chown, or another archive.dir");
}

static void configuration(const struct doctor_facts *facts, struct doctor_line *line)
{
	doctor_found(line, "%zu service%s", facts->services,
		     doctor_plural(facts->services, "s"));
	if (facts->conf == DOCTOR_CONF_NONE) {
		doctor_found(line, "there is none");
		doctor_less(
			line, HEALTH_DEGRADED, "leakdog run has nothing to watch",
			"leakdog discover --yaml proposes one; leakdog watch needs none");
	}
	if (facts->conf == DOCTOR_CONF_FAULTY) {
		doctor_found(line, "it cannot be used");
		doctor_less(line, HEALTH_MISSING, "leakdog run refuses it",
			    "leakdog check says where and why");
	}
}

static void fetch(const struct doctor_facts *facts, struct doctor_line *line)
{
	doctor_found(line, "%s",
		     facts->fetch_error ? doctor_reason(facts->fetch_error)
					: "stands beside leakdog");
	if (facts->fetch_error)
		doctor_less(line, HEALTH_MISSING,
			    "no profile is fetched, no capture is filed",
			    "install leakdog-fetch beside leakdog");
}

static void agent(const struct doctor_facts *facts, struct doctor_line *line)
{
	int error = facts->agent_error;

	doctor_found(line, "answers");
	if (!error)
		return;
	if (error == ENOENT || error == ECONNREFUSED)
		doctor_found(line, "does not run");
	else
		doctor_found(line, "may not be asked: %s", doctor_reason(error));
	doctor_less(line, HEALTH_DEGRADED, "nobody is known to watch just now",
		    "systemctl start leakdog, or leakdog run; only root and the "
		    "archive's group "
		    "may ask it");
}

static void go(const struct doctor_facts *facts, struct doctor_line *line)
{
	doctor_found(line, facts->go ? "is in the path" : "is not in the path");
	if (!facts->go)
		doctor_less(line, HEALTH_DEGRADED,
			    "leakdog pprof; show, report and diff need no Go",
			    "install Go");
}

static const struct {
	const char *topic;
	void (*judge)(const struct doctor_facts *facts, struct doctor_line *line);
} topics[] = {
	{"place", doctor_place},
	{"processes", doctor_processes},
	{"memory", memory},
	{"limits", limit},
	{"OOM kills", kills},
	{"pressure", pressure},
	{"capabilities", capabilities},
	{"confinement", doctor_confinement},
	{"other users", insight},
	{"network", doctor_network},
	{"capture unit", doctor_handed},
	{"pods", doctor_pods},
	{"runtime", doctor_runtime},
	{"HTTP alone", doctor_far},
	{"fd counts", counts},
	{"kernel", calls},
	{"report jail", jail},
	{"listeners", diag},
	{"descriptors", descriptors},
	{"systemd", systemd},
	{"journal", doctor_journal},
	{"archive", archive},
	{"configuration", configuration},
	{"leakdog-fetch", fetch},
	{"agent", agent},
	{"go", go},
};
_Static_assert(ARRAY_SIZE(topics) == DOCTOR_LINES, "a line per topic");

void doctor_judge(const struct doctor_facts *facts, struct doctor *ret)
{
	*ret = (struct doctor){.uid = facts->uid};
	for (size_t i = 0; i < ARRAY_SIZE(topics); i++) {
		ret->line[i].topic = topics[i].topic;
		topics[i].judge(facts, &ret->line[i]);
	}
}

bool doctor_works(const struct doctor *doctor)
{
	for (size_t i = 0; i < DOCTOR_LINES; i++) {
		if (doctor->line[i].health == HEALTH_MISSING)
			return false;
	}
	return true;
}
