#pragma once
/* Does the address that profiles are fetched from belong to the target? Another process
 * may have taken the port of a dead service, and then serves its own profile. */

#include "core/manifest.h"
#include "edge/kernel/process.h"

/* host: numeric or "localhost", with or without brackets; unix_path: NULL, or the path of
 * a unix socket (host and port are ignored then).
 *
 * VERIFIED: every listener at the address is the target's or a descendant's. UNVERIFIED:
 * no right, no listener seen, not local, a proxy between: try it. FOREIGN: refuse. Never
 * UNKNOWN.
 *
 * Looked at is what a connect from this process would reach: our own network namespace.
 * FOREIGN is said only where all of this holds: the target is in that namespace too (else
 * a proxy may lead to it), a listener exists, the descriptors of the target and of all
 * its descendants can be read and none refers to it, and no ancestor of the target whose
 * descriptors can be read holds it (a master that listens for its worker, socket
 * activation). In a captured tree: UNVERIFIED. */
enum endpoint_state endpoint_check(const struct roots *roots,
				   const struct process *process, const char *host,
				   uint16_t port, const char *unix_path);

/* Of a loopback address in the target's own network namespace, which need not be ours:
 * VERIFIED where every listener there is the target's own; else UNVERIFIED. */
enum endpoint_state endpoint_check_there(const struct process *process, const char *host,
					 uint16_t port);

/* The same of a unix socket that is connected, from the pid of whoever listens there (see
 * peer_pid); the process lives. Needs no right. UNVERIFIED also where that one has ended
 * or is an ancestor, which may listen for it. */
enum endpoint_state endpoint_peer(const struct roots *roots,
				  const struct process *process, int pid);
