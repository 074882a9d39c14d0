#include "core/container.h"

#include <string.h>

#include "lib/text.h"
#include "unit.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
#define UID "11111111-2222-3333-4444-555555555555"
#define UID_ "11111111_2222_3333_4444_555555555555"
#define MIRROR "0123456789abcdef0123456789abcdef" /* a static pod */
#define SYSTEMD                                                                          \
	"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" UID_ ".slice"
#define USER "/user.slice/user-1000.slice/user@1000.service"

struct row {
	const char *path;
	enum runtime runtime;
	const char *id, *uid;
	bool of_user;
};

static void check_rows(const struct row *rows, size_t n, const char *machine)
{
	for (size_t i = 0; i < n; i++) {
		const struct row *row = &rows[i];
		struct container_place place = {.runtime = RUNTIME_NONE};
		bool found = container_parse(row->path, machine, &place);

		expect(found == (row->runtime != RUNTIME_NONE), "%.200s: %s", row->path,
		       runtime_table[place.runtime]);
		if (!found)
			continue;
		expect(place.runtime == row->runtime, "%s: %s", row->path,
		       runtime_table[place.runtime]);
		expect(text_equal(place.id, row->id), "%s: id %s", row->path, place.id);
		expect(text_equal(place.pod_uid, row->uid), "%s: uid %s", row->path,
		       place.pod_uid);
		expect(place.of_user == row->of_user, "%s", row->path);
	}
}

static void every_layout_tells_its_container(void **state)
{
	static const struct row rows[] = {
		/* docker: cgroupfs, systemd, another parent, old */
		{"/docker/" ID, RUNTIME_DOCKER, ID, "", false},
		{"/system.slice/docker-" ID ".scope", RUNTIME_DOCKER, ID, "", false},
		{"/shop.slice/docker-" ID ".scope/init", RUNTIME_DOCKER, ID, "", false},
		{"/" ID, RUNTIME_OTHER, ID, "", false},
		{USER "/user.slice/docker-" ID ".scope", RUNTIME_DOCKER, ID, "", true},
		/* podman: systemd, cgroupfs, in a pod, a unit's, without root */
		{"/machine.slice/libpod-" ID ".scope", RUNTIME_PODMAN, ID, "", false},
		{"/machine.slice/libpod-" ID ".scope/container", RUNTIME_PODMAN, ID, "",
		 false},
		{"/libpod_parent/libpod-" ID, RUNTIME_PODMAN, ID, "", false},
		{"/machine.slice/machine-libpod_pod_" OTHER ".slice/libpod-" ID ".scope",
		 RUNTIME_PODMAN, ID, "", false},
		{"/system.slice/shop.service/libpod-payload-" ID, RUNTIME_PODMAN, ID, "",
		 false},
		{USER "/user.slice/libpod-" ID ".scope/container", RUNTIME_PODMAN, ID, "",
		 true},
		/* kubelet with cgroupfs: burstable, besteffort, guaranteed; CRI-O's */
		{"/kubepods/burstable/pod" UID "/" ID, RUNTIME_OTHER, ID, UID, false},
		{"/kubepods/besteffort/pod" UID "/" ID, RUNTIME_OTHER, ID, UID, false},
		{"/kubepods/pod" UID "/" ID, RUNTIME_OTHER, ID, UID, false},
		{"/kubepods/burstable/pod" UID "/crio-" ID, RUNTIME_CRIO, ID, UID, false},
		{"/kubepods/pod" MIRROR "/" ID, RUNTIME_OTHER, ID, MIRROR, false},
		/* and with systemd */
		{SYSTEMD "/cri-containerd-" ID ".scope", RUNTIME_CONTAINERD, ID, UID,
		 false},
		{SYSTEMD "/crio-" ID ".scope", RUNTIME_CRIO, ID, UID, false},
		{SYSTEMD "/docker-" ID ".scope", RUNTIME_DOCKER, ID, UID, false},
		{"/kubepods.slice/kubepods-pod" UID_ ".slice/cri-containerd-" ID ".scope",
		 RUNTIME_CONTAINERD, ID, UID, false},
		{"/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod" UID_
		 ".slice/cri-containerd-" ID ".scope",
		 RUNTIME_CONTAINERD, ID, UID, false},
		/* what runs in a container makes cgroups of its own */
		{SYSTEMD "/crio-" ID ".scope/container", RUNTIME_CRIO, ID, UID, false},
		{SYSTEMD "/cri-containerd-" ID ".scope/init.scope", RUNTIME_CONTAINERD,
		 ID, UID, false},
		{"/kubepods/burstable/pod" UID "/" ID "/system.slice/shop.service",
		 RUNTIME_OTHER, ID, UID, false},
		/* other parents */
		{"/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-burstable.slice/"
		 "kubelet-kubepods-burstable-pod" UID_ ".slice/cri-containerd-" ID
		 ".scope",
		 RUNTIME_CONTAINERD, ID, UID, false},
		{"/kubelet/kubepods/burstable/pod" UID "/" ID, RUNTIME_OTHER, ID, UID,
		 false},
		{"/kubelet/kubepods/pod" UID "/" ID, RUNTIME_OTHER, ID, UID, false},
		/* the driver of kubelet is systemd's, that of containerd is not */
		{"/kubepods-burstable-pod" UID_ ".slice:cri-containerd:" ID,
		 RUNTIME_CONTAINERD, ID, UID, false},
		{"/system.slice/containerd.service/kubepods-burstable-pod" UID_
		 ".slice:cri-containerd:" ID,
		 RUNTIME_CONTAINERD, ID, UID, false},
		/* containerd alone */
		{"/default/" ID, RUNTIME_OTHER, ID, "", false},
		{"/system.slice/nerdctl-" ID ".scope", RUNTIME_CONTAINERD, ID, "", false},
		{"/system.slice/acme-" ID ".scope", RUNTIME_OTHER, ID, "", false},
		/* seen from another cgroup namespace */
		{"/../" ID, RUNTIME_OTHER, ID, "", false},
		{"/../cri-containerd-" ID ".scope", RUNTIME_CONTAINERD, ID, "", false},
		{"/../../pod" UID "/" ID, RUNTIME_OTHER, ID, UID, false},
		{"/../../../burstable/pod" UID "/" ID, RUNTIME_OTHER, ID, UID, false},
		{"/../../kubepods-pod" UID_ ".slice/cri-containerd-" ID ".scope",
		 RUNTIME_CONTAINERD, ID, UID, false},
		/* those that have names only */
		{"/machine.slice/machine-shop.scope/payload/system.slice/x.service",
		 RUNTIME_NSPAWN, "shop", "", false},
		{"/machine.slice/machine-my\\x2dshop\\x2d2.scope", RUNTIME_NSPAWN,
		 "my-shop-2", "", false},
		{"/system.slice/runc-shop.scope", RUNTIME_RUNC, "shop", "", false},
		{"/user.slice/crun-shop_1.scope", RUNTIME_RUNC, "shop_1", "", false},
		{"/lxc.payload.shop/kubepods/pod" UID "/" ID, RUNTIME_LXC, "shop", "",
		 false},
	};

	(void)state;
	check_rows(rows, ARRAY_SIZE(rows), "");
}

static void what_is_no_container_is_none(void **state)
{
	static const struct row rows[] = {
		{"/", RUNTIME_NONE, NULL, NULL, false},
		{"", RUNTIME_NONE, NULL, NULL, false},
		{"docker/" ID, RUNTIME_NONE, NULL, NULL, false},
		{"/docker", RUNTIME_NONE, NULL, NULL, false},
		{"/system.slice/shop.service", RUNTIME_NONE, NULL, NULL, false},
		{"/kubepods/burstable/pod" UID, RUNTIME_NONE, NULL, NULL, false},
		{SYSTEMD, RUNTIME_NONE, NULL, NULL, false},
		{"/..", RUNTIME_NONE, NULL, NULL, false},
		/* monitors live beside what they monitor */
		{SYSTEMD "/crio-conmon-" ID ".scope", RUNTIME_NONE, NULL, NULL, false},
		{"/kubepods/pod" UID "/crio-conmon-" ID, RUNTIME_NONE, NULL, NULL, false},
		{"/machine.slice/libpod-conmon-" ID ".scope", RUNTIME_NONE, NULL, NULL,
		 false},
		{"/system.slice/shop.service/supervisor", RUNTIME_NONE, NULL, NULL,
		 false},
		/* not quite an id */
		{"/docker/" ID "0", RUNTIME_NONE, NULL, NULL, false},
		{"/docker/1" ID, RUNTIME_NONE, NULL, NULL, false},
		{"/docker/"
		 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde",
		 RUNTIME_NONE, NULL, NULL, false},
		{"/docker/"
		 "0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef",
		 RUNTIME_NONE, NULL, NULL, false},
		{"/docker/"
		 "0123456789abcdeg0123456789abcdef0123456789abcdef0123456789abcdef",
		 RUNTIME_NONE, NULL, NULL, false},
		{"/docker/" ID " (deleted)", RUNTIME_NONE, NULL, NULL, false},
		{"/docker/" ID "\n", RUNTIME_NONE, NULL, NULL, false},
		{"/docker/" ID ".scope.scope", RUNTIME_NONE, NULL, NULL, false},
		{"/docker/x" ID, RUNTIME_NONE, NULL, NULL, false},
		{"/docker/-", RUNTIME_NONE, NULL, NULL, false},
		/* paths that no kernel writes */
		{"//docker/" ID, RUNTIME_NONE, NULL, NULL, false},
		{"/docker/../docker/" ID, RUNTIME_NONE, NULL, NULL, false},
		{"/x/../../" ID, RUNTIME_NONE, NULL, NULL, false},
		/* names that are none */
		{"/machine.slice/machine-.scope", RUNTIME_NONE, NULL, NULL, false},
		{"/machine.slice/machine-..scope", RUNTIME_NONE, NULL, NULL, false},
		{"/machine.slice/machine-a\\x2fb.scope", RUNTIME_NONE, NULL, NULL, false},
		{"/machine.slice/machine-a b.scope", RUNTIME_NONE, NULL, NULL, false},
		{"/system.slice/runc-shop", RUNTIME_NONE, NULL, NULL, false},
	};

	(void)state;
	check_rows(rows, ARRAY_SIZE(rows), "");
}

static void nobody_poses_as_another_container(void **state)
{
	static const struct row rows[] = {
		/* what a container makes below itself is itself */
		{"/docker/" ID "/kubepods/pod" UID "/" OTHER, RUNTIME_DOCKER, ID, "",
		 false},
		{"/system.slice/docker-" ID ".scope/docker/" OTHER, RUNTIME_DOCKER, ID,
		 "", false},
		{"/machine.slice/machine-evil.scope/docker/" OTHER, RUNTIME_NSPAWN,
		 "evil", "", false},
		/* a service or session to which cgroups were handed */
		{"/system.slice/evil.service/kubepods/pod" UID "/" ID, RUNTIME_NONE, NULL,
		 NULL, false},
		{"/system.slice/evil.service/docker-" ID ".scope", RUNTIME_NONE, NULL,
		 NULL, false},
		{"/user.slice/user-1.slice/session-1.scope/docker/" ID, RUNTIME_NONE,
		 NULL, NULL, false},
		{"/system.slice/evil.service/runc-shop.scope", RUNTIME_NONE, NULL, NULL,
		 false},
		/* a user's manager: a container, but in no pod, and marked */
		{USER "/kubepods/burstable/pod" UID "/" ID, RUNTIME_OTHER, ID, "", true},
		{USER "/kubepods.slice/kubepods-pod" UID_ ".slice/cri-containerd-" ID
		      ".scope",
		 RUNTIME_CONTAINERD, ID, "", true},
		/* pods that are not below kubelet's */
		{"/shop/pod" UID "/" ID, RUNTIME_OTHER, ID, "", false},
		{"/shop.slice/shop-pod" UID_ ".slice/docker-" ID ".scope", RUNTIME_DOCKER,
		 ID, "", false},
		{"/kubepods/pod" UID "/deeper/" ID, RUNTIME_OTHER, ID, "", false},
		/* uids that are none: mixed, empty, bytes that no uid has, too long */
		{"/kubepods/pod/" ID, RUNTIME_OTHER, ID, "", false},
		{"/kubepods/pod" UID_ "/" ID, RUNTIME_OTHER, ID, "", false},
		{"/kubepods/poda.b/" ID, RUNTIME_OTHER, ID, "", false},
		{"/kubepods/poda\nb/" ID, RUNTIME_OTHER, ID, "", false},
		{"/kubepods/pod" UID UID "/" ID, RUNTIME_OTHER, ID, "", false},
		{"/kubepods.slice/kubepods-pod" UID ".slice/docker-" ID ".scope",
		 RUNTIME_DOCKER, ID, "", false},
	};

	(void)state;
	check_rows(rows, ARRAY_SIZE(rows), "");
}

static void a_machine_in_a_container_has_containers_of_its_own(void **state)
{
	static const struct row rows[] = {
		{"/docker/" OTHER "/kubelet/kubepods/pod" UID "/" ID, RUNTIME_OTHER, ID,
		 UID, false},
		{"/docker/" OTHER "/system.slice/shop.service", RUNTIME_NONE, NULL, NULL,
		 false},
		{"/docker/" OTHER, RUNTIME_DOCKER, OTHER, "", false},
		{"/docker/" ID "/x", RUNTIME_DOCKER, ID, "", false},
	};

	(void)state;
	check_rows(rows, ARRAY_SIZE(rows), "/docker/" OTHER);
}

static void long_and_random_paths_do_no_harm(void **state)
{
	static char path[16384];
	struct container_place place;
	uint32_t seed = 1;

	(void)state;
	memset(path, 'a', 4096); /* one endless component of hex digits */
	path[0] = '/';
	path[4096] = '\0';
	assert_false(container_parse(path, "", &place));
	for (size_t i = 0; i < 4096; i += 3) /* a thousand levels */
		memcpy(path + i, "/..", 3);
	path[4095] = '\0';
	assert_false(container_parse(path, "", &place));
	memcpy(path + 4095, "/" ID, sizeof("/" ID));
	assert_true(container_parse(path, "", &place));
	for (int round = 0; round < 20000; round++) {
		static const char bytes[] = "/.-_:podslicekubf0123456789abcdef\\x\n";
		size_t len = (size_t)(round % 200);

		for (size_t i = 0; i < len; i++) {
			seed = seed * 1664525 + 1013904223;
			path[i] = bytes[(seed >> 16) % (sizeof(bytes) - 1)];
		}
		path[0] = '/';
		path[len] = '\0';
		if (container_parse(path, "/docker", &place))
			expect(place.id[0] && strlen(place.id) < CONTAINER_ID_MAX &&
				       !strchr(place.id, '/'),
			       "%s", path);
	}
}

static void an_id_has_64_hex_digits(void **state)
{
	(void)state;
	assert_true(container_is_id(ID));
	assert_false(container_is_id(ID "0"));
	assert_false(container_is_id(""));
	assert_false(container_is_id("shop"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_layout_tells_its_container),
		cmocka_unit_test(what_is_no_container_is_none),
		cmocka_unit_test(nobody_poses_as_another_container),
		cmocka_unit_test(a_machine_in_a_container_has_containers_of_its_own),
		cmocka_unit_test(long_and_random_paths_do_no_harm),
		cmocka_unit_test(an_id_has_64_hex_digits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
