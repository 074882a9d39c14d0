# Runs in the guest (tests/vm/run), as root, below systemd and cgroup v2: leakdog on a node
# with containers of podman, of containerd, and of runc as the kubelet starts them with both
# of its drivers. All have pprof on the same address, each in a network of its own.
# $OUT/services says which of them (all).
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

which=$(cat "$OUT/services" 2> /dev/null || echo by-systemd by-cgroupfs in-containerd in-podman)
begins() { [[ " $which " = *" $1 "* ]]; }

install_leakdog leaker
cat > /etc/leakdog/leakdog.yaml << 'END'
defaults:
  pprof: http://127.0.0.1:6060
  rules: [memory > 40%]
  base: { after: 10s } # five minutes are too long for a test
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

at "containers: $which"
service_root $root "$services/leaker"
# The names of podman's containers are told by its storage; the image holds the service alone.
begin_podman() {
	mkdir -p /var/lib/containers
	mount -t tmpfs containers /var/lib/containers
	tar -c -C $root . | podman import -q - localhost/order:1 > /dev/null
}
begin_containerd() {
	mkdir -p /var/lib/containerd
	mount -t tmpfs containerd /var/lib/containerd
	cat > /tmp/containerd.toml << 'END'
version = 2
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.aufs"]
END
	systemd-run -q --unit=runtime -p Delegate=yes -p KillMode=process containerd -c /tmp/containerd.toml
}

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
	podman run -d --name "$name" --pidfile "/tmp/$name.pid" --cidfile "/tmp/$name.id" \
		--network none --memory $limit --memory-swap $limit --read-only localhost/order:1 "$@"
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

# identity_of SERVICE LIFE: what the node knows of its container, "FIELD=VALUE" a line. With
# the driver cgroupfs the path of a container does not say which runtime it has.
identity_of() {
	local driver=${1#by-} runtime=containerd
	[ "$driver" != cgroupfs ] || runtime=container
	case $1 in
	by-*) printf '%s\n' runtime=$runtime id="$(id_of "$driver $2")" namespace=shop \
		pod="order-$driver-7d9f5c-x2x4z" name=api ;;
	in-podman) printf '%s\n' runtime=podman id="$(cat "/tmp/order-$2.id")" name="order-$2" image=localhost/order:1 ;;
	*) echo id="$(id_of "ctr $2")" ;;
	esac
}

# One leaks after the other. podman takes half a minute of an emulated processor to start
# anything, in which nothing else is answered in time: so it starts before the others leak,
# and again after them.
calm=15 # s
rate=2  # MB/s
[ "$which" != by-systemd ] || rate=5 # nothing else wants the processor
! begins in-containerd || begin_containerd
if begins in-podman; then
	begin_podman
	first_life=(/leaker -delay 200s -rate $rate)
	live in-podman
	lived in-podman 0
fi
for service in ${which/in-podman/}; do
	first_life=(/leaker -delay "${calm}s" -rate $rate)
	live $service
	calm=$((calm + 45))
done
for service in $which; do
	lived $service 0
	evidence_of $service "$pid" "own-counter parent-counter"
	while IFS== read -r what value; do
		check "$service: its $what" is "$manifest" "target.container.$what" "$value"
	done < <(identity_of $service 0)
	lived $service 1
	check "$service: the next one is watched, with a base of its own" \
		wait_for $patience watched $service "$pid" base.state "taken late"
	id=$(identity_of $service 1 | sed -n 's/^id=//p')
	check "$service: it is another container" watched $service "$pid" container.id "$id"
done
check "the archive is as promised" leakdog verify
