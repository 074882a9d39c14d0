/* The places in which leakdog stands: on a machine, in a container that sees the whole
 * node, beside a service in its pod, or alone with nothing but a network. */
#include "core/doctor_parts.h"

#include <errno.h>

#include "core/rights_words.h"

/* Services over HTTP alone need nothing but a network. */
static enum health without_processes(const struct doctor_facts *facts)
{
	return facts->far > 0 ? HEALTH_DEGRADED : HEALTH_MISSING;
}

void doctor_place(const struct doctor_facts *facts, struct doctor_line *line)
{
	const struct doctor_processes *p = &facts->processes;

	if (p->machine) {
		doctor_found(line, "all processes of this machine can be listed");
		return;
	}
	doctor_found(line,
		     "a pid namespace, as in a container: %zu processes beside leakdog's",
		     p->all);
	if (p->all == 0 && !p->hidden)
		doctor_less(line, without_processes(facts),
			    "every selector, memory and limits, counted kills",
			    "shareProcessNamespace: true in a pod and runAsUser as the "
			    "service has it; --pid container:NAME in Docker or Podman; "
			    "hostPID: true for a whole node");
}

void doctor_processes(const struct doctor_facts *facts, struct doctor_line *line)
{
	const struct doctor_processes *p = &facts->processes;

	doctor_found(line, "%zu, of these %zu of other users", p->all, p->others);
	if (p->hidden) {
		doctor_found(line, "%s", RIGHTS_HIDDEN);
		doctor_less(
			line, HEALTH_DEGRADED, "services of other users cannot be found",
			"CAP_SYS_PTRACE, the group gid= of /proc, or run as their user");
	}
	if (p->all == 0 && !p->hidden)
		doctor_less(line, without_processes(facts),
			    "nothing can be watched but services over HTTP alone",
			    "mount /proc; in a container share the pid namespace "
			    "(shareProcessNamespace, --pid host)");
}

static bool joins(const struct doctor_facts *facts)
{
	const uint32_t both = 1U << CAPABILITY_SYS_PTRACE | 1U << CAPABILITY_SYS_ADMIN;

	return (facts->kernel.capabilities & both) == both;
}

/* Names stand in directories of the kubelet; without them a pod is a number. */
void doctor_pods(const struct doctor_facts *facts, struct doctor_line *line)
{
	const struct doctor_containers *c = &facts->containers;
	size_t n = facts->processes.in_pods;

	doctor_found(line, "no process of a pod is seen");
	if (n == 0 && !c->pods)
		return;
	doctor_found(line, "%zu process%s in pods; their names in %s %s%s", n,
		     doctor_plural(n, "es"), c->logs,
		     c->logs_error ? "cannot be read: " : "can be read",
		     c->logs_error ? doctor_reason(c->logs_error) : "");
	if (c->logs_error)
		doctor_less(line, HEALTH_DEGRADED,
			    "the selector pod, and names of pods in what is kept",
			    "/var/log/pods and /var/log/containers of the node: mount "
			    "them read-only, below runtime.logs; CAP_DAC_READ_SEARCH "
			    "where they are closed");
}

void doctor_runtime(const struct doctor_facts *facts, struct doctor_line *line)
{
	const struct doctor_containers *c = &facts->containers;

	doctor_found(line, "no runtime.socket is given: names of containers come from "
			   "files");
	if (!c->socket[0])
		return;
	doctor_found(line, "%s: %s", c->socket,
		     c->socket_error ? doctor_reason(c->socket_error) : "can be asked");
	if (c->socket_error)
		doctor_less(line, HEALTH_DEGRADED,
			    "labels and images of containers, and names that stand in no "
			    "file: services that are found by them",
			    "start the runtime, or mount its socket; where it is denied, "
			    "the group of the socket (SupplementaryGroups= of the unit)");
}

/* Only where our own rights do not suffice. */
void doctor_handed(const struct doctor_facts *facts, struct doctor_line *line)
{
	int error = facts->containers.handed_error;

	doctor_found(line, "leakdog-capture.socket %s%s",
		     error == ENOENT ? "is not here"
		     : error         ? "cannot be used: "
				     : "takes captures",
		     error && error != ENOENT ? doctor_reason(error) : "");
	if (!error || facts->processes.other_netns == 0 || joins(facts))
		return;
	doctor_less(line, HEALTH_DEGRADED,
		    "captures in other network namespaces without a capability of the "
		    "agent",
		    error == ENOENT ? "systemctl enable --now leakdog-capture.socket"
				    : "run as its SocketUser=, which is leakdog; "
				      "systemctl restart leakdog-capture.socket");
}

/* The groups of a unit are its own: a shell of the same user need not have them. */
void doctor_journal(const struct doctor_facts *facts, struct doctor_line *line)
{
	const struct doctor_journal *j = &facts->journal;

	doctor_found(line, "%s%s",
		     j->error == ENOENT ? "there is none"
		     : j->error         ? "cannot be read with our groups: "
					: "can be read",
		     j->error && j->error != ENOENT ? doctor_reason(j->error) : "");
	if (j->error == ENOENT && j->wanted)
		doctor_less(line, HEALTH_DEGRADED, "log: journal keeps nothing",
			    "name a file, or container, at log:");
	else if (j->error && j->error != ENOENT)
		doctor_less(line, HEALTH_DEGRADED, "log: journal keeps nothing",
			    "the drop-in leakdog-journal.conf of the units, which gives "
			    "them the group systemd-journal; systemd-run -P -p "
			    "User=leakdog -p SupplementaryGroups=systemd-journal leakdog "
			    "doctor sees what they see then");
}

void doctor_far(const struct doctor_facts *facts, struct doctor_line *line)
{
	doctor_found(line,
		     facts->far
			     ? "%zu service%s without a process: memory from metrics:, "
			       "goroutines from pprof:; leakdog check asks them"
			     : "%zu service%s without a process",
		     facts->far, doctor_plural(facts->far, "s"));
}

/* A profile of AppArmor bars what capabilities would allow: docker's and containerd's let
 * a container look into others of the same profile only. */
void doctor_confinement(const struct doctor_facts *facts, struct doctor_line *line)
{
	const struct doctor_processes *p = &facts->processes;
	const char *profile = facts->kernel.profile;

	doctor_found(line, "no profile of AppArmor");
	if (!profile[0])
		return;
	doctor_found(line, "AppArmor: %s; %zu of %zu processes closed", profile,
		     p->closed, p->all);
	if (p->closed > 0)
		doctor_less(
			line, HEALTH_DEGRADED,
			"of these processes: selectors exe and listen, pprof on their "
			"loopback, open files, memory map, build",
			"--security-opt apparmor=unconfined in Docker or Podman; "
			"appArmorProfile: { type: Unconfined } in Kubernetes");
}

void doctor_network(const struct doctor_facts *facts, struct doctor_line *line)
{
	const struct doctor_processes *p = &facts->processes;
	bool can = joins(facts);
	bool barred = facts->kernel.profile[0] && p->closed > 0;

	doctor_found(line, "%zu process%s in other network namespaces%s", p->other_netns,
		     doctor_plural(p->other_netns, "es"),
		     p->other_netns == 0 || !can ? ""
		     : barred ? ", which can be joined where AppArmor lets us"
			      : ", which can be joined");
	if (p->other_netns > 0 && !can && !facts->containers.handed_error)
		doctor_less(line, HEALTH_DEGRADED,
			    "goroutines of these processes between captures, which "
			    "leakdog-capture.socket takes",
			    "rules on memory, or CAP_SYS_PTRACE and CAP_SYS_ADMIN of the "
			    "agent");
	else if (p->other_netns > 0 && !can)
		doctor_less(
			line, HEALTH_DEGRADED, "pprof on the loopback of these processes",
			"CAP_SYS_PTRACE and CAP_SYS_ADMIN; or a pprof address that can "
			"be reached from here, or a unix socket in a shared directory");
}
