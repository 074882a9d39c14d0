#pragma once
/* Which container a cgroup's path speaks of. One table of layouts for docker, podman,
 * containerd and CRI-O, with cgroupfs and systemd as the driver, alone and below kubelet:
 *
 *   /docker/ID                         /system.slice/docker-ID.scope
 *   /machine.slice/libpod-ID.scope/container
 *   /system.slice/shop.service/libpod-payload-ID          (a unit of podman's)
 *   /kubepods/burstable/podUID/ID      /kubepods/podUID/crio-ID     (guaranteed)
 *   /kubepods.slice/kubepods-burstable.slice/kubepods-burstable-podU_I_D.slice/
 *                                                         cri-containerd-ID.scope
 *   /system.slice/containerd.service/kubepods-podU_I_D.slice:cri-containerd:ID
 *   /machine.slice/machine-NAME.scope  /system.slice/runc-NAME.scope
 *
 * ID is 64 hex digits, as all of them make it. The outermost container counts: what
 * stands below it is its own doing, so no container can pose as another one. */

#include <stdbool.h>

#define CONTAINER_ID_MAX 65
#define POD_UID_MAX 64

enum runtime {
	RUNTIME_NONE,  /* in no container */
	RUNTIME_OTHER, /* in one, but the path does not tell whose */
	RUNTIME_DOCKER,
	RUNTIME_PODMAN,
	RUNTIME_CONTAINERD,
	RUNTIME_CRIO,
	RUNTIME_RUNC, /* these have no ids: id is the name */
	RUNTIME_NSPAWN,
	RUNTIME_LXC,
	RUNTIME_N,
};
extern const char *const runtime_table[RUNTIME_N]; /* "docker"; "container" for other */

struct container_place {
	enum runtime runtime;
	char id[CONTAINER_ID_MAX]; /* [A-Za-z0-9._-]+ */
	char pod_uid[POD_UID_MAX]; /* with dashes, whatever the driver writes; "" */
	/* A user's own manager made it: its id proves nothing to the names of the
	 * machine's containers, as users choose the names of their cgroups. */
	bool of_user;
};

#define CONTAINER_NAME_MAX 128
#define CONTAINER_IMAGE_MAX 256
#define POD_NAME_MAX 254     /* a DNS subdomain, RFC 1123 */
#define POD_NAMESPACE_MAX 64 /* a DNS label */

/* Who it is, as manifest and status say it; "" where it is not known. */
struct container_facts {
	char runtime[16]; /* runtime_table; "" in no container */
	char id[CONTAINER_ID_MAX];
	char name[CONTAINER_NAME_MAX]; /* in its pod, or as its runtime calls it */
	char image[CONTAINER_IMAGE_MAX];
	char namespace[POD_NAMESPACE_MAX], pod[POD_NAME_MAX], pod_uid[POD_UID_MAX];
};

/* path: of a cgroup as in /proc/PID/cgroup, also relative ("/../../pod1/..."), any bytes,
 * any length. machine: the path below which this machine's systemd stands where it is
 * itself in a container that we share ("/docker/ID"), else "". False: of no container. */
bool container_parse(const char *path, const char *machine, struct container_place *ret);
/* A whole id: 64 hex digits. */
bool container_is_id(const char *text);
