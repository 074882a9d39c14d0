/* The places in which leakdog stands: on a machine, in a container that sees the whole
 * node, beside a service in its pod, or alone with nothing but a network. */
#include "core/doctor_parts.h"

#include "core/rights_words.h"

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
		doctor_less(line, HEALTH_MISSING,
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
		doctor_less(line, HEALTH_MISSING, "nothing can be watched",
			    "mount /proc; in a container share the pid namespace "
			    "(shareProcessNamespace, --pid host)");
}

/* Names stand in directories of the kubelet; without them a pod is a number. */
void doctor_pods(const struct doctor_facts *facts, struct doctor_line *line)
{
	const struct doctor_processes *p = &facts->processes;

	doctor_found(line, "no process of a pod is seen");
	if (p->in_pods == 0)
		return;
	doctor_found(line, "%zu processes in pods; their names %s", p->in_pods,
		     p->pod_names_error ? doctor_reason(p->pod_names_error)
					: "can be read");
	if (p->pod_names_error)
		doctor_less(line, HEALTH_DEGRADED,
			    "the selector pod, and names of pods in what is kept",
			    "/var/log/pods and /var/log/containers of the node: mount "
			    "them read-only; CAP_DAC_READ_SEARCH where they are closed");
}

void doctor_network(const struct doctor_facts *facts, struct doctor_line *line)
{
	const uint32_t both = 1U << CAPABILITY_SYS_PTRACE | 1U << CAPABILITY_SYS_ADMIN;
	const struct doctor_processes *p = &facts->processes;
	bool can = (facts->kernel.capabilities & both) == both;

	doctor_found(line, "%zu processes in other network namespaces%s", p->other_netns,
		     p->other_netns && can ? ", which can be joined" : "");
	if (p->other_netns > 0 && !can)
		doctor_less(
			line, HEALTH_DEGRADED, "pprof on the loopback of these processes",
			"CAP_SYS_PTRACE and CAP_SYS_ADMIN; or a pprof address that can "
			"be reached from here, or a unix socket in a shared directory");
}
