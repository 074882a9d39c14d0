# Runs in the guest (tests/vm/run), as root, below systemd and cgroup v2: leakdog on a node
# with containers of podman, of containerd, and of runc as the kubelet starts them with both
# of its drivers. All have pprof on the same address, each in a network of its own.
# shellcheck source=tests/vm/guest/lib.sh
. "$SOURCE/tests/vm/guest/lib.sh"
# shellcheck source=tests/vm/guest/containers-lib.sh
. "$SOURCE/tests/vm/guest/containers-lib.sh"

tell() {
	journalctl -u agent -o short-monotonic --no-pager
	[ ! -e "${manifest-}" ] || cat "$manifest"
	grep . /tmp/*.log /var/log/pods/*/*/*.log
}
podman() { command podman --runtime runc --events-backend file --log-level error "$@"; }
ctr() { command ctr -n k8s.io "$@"; }

install_leakdog leaker
cat > /etc/leakdog/leakdog.yaml << 'END'
defaults:
  pprof: http://127.0.0.1:6060
  rules: [memory > 62%]
  base: { after: 20s } # five minutes are too long for a test
  cooldown: 1s
services:
  by-systemd: { pod: { namespace: shop, name: order-systemd-*, container: api } }
  by-cgroupfs: { pod: { name: order-cgroupfs-* } }
  in-podman: { container: order-* }
  in-containerd: { cgroup: "/ctr/*" }
archive: { keep_free: 16M }
END
check "the agent starts" systemd-run -q --unit=agent -p Type=notify -p OOMScoreAdjust=-900 \
	leakdog run

at "containers"
service_root $root "$services/leaker"
mkdir -p /var/lib/containers /var/lib/containerd
mount -t tmpfs containers /var/lib/containers
mount -t tmpfs containerd /var/lib/containerd
cat > /tmp/containerd.toml << 'END'
version = 2
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.aufs"]
END
systemd-run -q --unit=runtime -p Delegate=yes -p KillMode=process containerd -c /tmp/containerd.toml

# kubelet DRIVER LIFE COMMAND...: a container of a pod, as the kubelet starts it.
kubelet() {
	local driver=$1 life=$2 id uid path options=()
	shift 2
	id=$(id_of "$driver $life")
	if [ "$driver" = systemd ]; then
		uid=1a2b3c4d-0000-4000-8000-000000000001
		path=kubepods-burstable-pod${uid//-/_}.slice:cri-containerd:$id
		options=(--systemd-cgroup)
	else
		uid=1a2b3c4d-0000-4000-8000-000000000002
		path=/kubepods/burstable/pod$uid/$id
	fi
	kubelet_names shop "order-$driver-7d9f5c-x2x4z" $uid api "$id" "$life"
	make_bundle "/tmp/$driver-$life" root=$root limit=$limit cgroup="$path" -- "$@"
	run_in_runc "$id" "/tmp/$driver-$life" "${options[@]}"
}
start_by-systemd() { kubelet systemd "$@"; }
start_by-cgroupfs() { kubelet cgroupfs "$@"; }
start_in-podman() { # each life is a container of its own, as of "podman-compose up"
	local name=order-$1
	shift
	podman run -d --name "$name" --pidfile "/tmp/$name.pid" --network none --memory $limit \
		--memory-swap $limit --read-only --rootfs $root "$@"
	pid=$(cat "/tmp/$name.pid")
}
start_in-containerd() {
	local id
	id=$(id_of "ctr $1")
	shift
	wait_for $patience ctr version > /dev/null 2>&1
	ctr run -d --rootfs --memory-limit $limit --cgroup "/ctr/$id" $root "$id" "$@"
	pid=$(ctr task ls | awk -v id="$id" '$1 == id { print $2 }')
}

# podman takes half a minute of an emulated processor to start anything, in which nothing else
# is answered in time: so it starts before the others leak, and again after them.
first_life[2]=110s
live in-podman
lived in-podman 0
first_life[2]=40s
live in-containerd
live by-systemd
live by-cgroupfs
for service in in-containerd by-systemd by-cgroupfs in-podman; do
	lived $service 0
	evidence_of $service "$pid" "own-counter parent-counter"
	case $service in
	by-*) check "$service: with its names" is "$manifest" target.container.pod "order-${service#by-}-7d9f5c-x2x4z" ;;
	in-podman) check "$service: with its name" is "$manifest" target.container.name order-0 ;;
	*) check "$service: with its id" is "$manifest" target.container.id "$(id_of "ctr 0")" ;;
	esac
	lived $service 1
	check "$service: the next one is watched, with a base of its own" \
		wait_for $patience watched $service "$pid" base.state "taken late"
done
check "the archive is as promised" leakdog verify
