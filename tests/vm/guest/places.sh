# Runs in the guest (tests/vm/run), as root, below systemd and cgroup v2: the image of leakdog
# ($OUT/leakdog.tar) with the rights and mounts of the manifests in config/kubernetes, as an
# agent of the node, beside a service with which it shares the processes of a pod, and beside
# one with which it shares but the network. runc stands in for the kubelet.
# shellcheck source=tests/vm/guest/lib.sh
. "$SOURCE/tests/vm/guest/lib.sh"
# shellcheck source=tests/vm/guest/containers-lib.sh
. "$SOURCE/tests/vm/guest/containers-lib.sh"
# shellcheck source=tests/tools/manifest.sh
. "$SOURCE/tests/tools/manifest.sh"

tell() {
	grep . /tmp/*.log /var/log/pods/*/*/*.log
	[ ! -e "${manifest-}" ] || cat "$manifest"
}
kubernetes=$SOURCE/config/kubernetes
image=/var/lib/leakdog-image
pods=/var/lib/kubelet/pods

at "images"
install -m 755 "$services/leaker" /tmp/order-api
service_root $root /tmp/order-api
first_life[0]=/order-api second_life[0]=/order-api
service_root /var/lib/pause "$(type -P busybox)"
image_root "$OUT/leakdog.tar" $image

# begin POD: its sandbox, which holds the network and the processes; its pid in $sandbox.
begin() {
	local id log=/tmp/$1-pause.log
	id=$(id_of "$1 pause")
	make_bundle "/tmp/$1-pause" root=/var/lib/pause cgroup="$(slice_of "$1"):cri-containerd:$id" \
		-- /busybox sleep 100000
	run_in_runc "$id" "/tmp/$1-pause" --systemd-cgroup
	sandbox=$pid
}
uid_of() { id_of "$1" | sed -E 's/(.{8})(.{4})(.{4})(.{4})(.{12}).*/\1-\2-\3-\4-\5/'; }
slice_of() { echo "kubepods-burstable-pod$(uid_of "$1" | tr - _).slice"; }
# run_container POD NAME LIFE OPTION... -- COMMAND...: one more container of the pod, in the
# network of its sandbox.
run_container() {
	local pod=$1 name=$2 life=$3 id
	shift 3
	id=$(id_of "$pod $name $life")
	kubelet_names shop "$pod" "$(uid_of "$pod")" "$name" "$id" "$life"
	make_bundle "/tmp/$pod-$name-$life" cgroup="$(slice_of "$pod"):cri-containerd:$id" "$@"
	run_in_runc "$id" "/tmp/$pod-$name-$life" --systemd-cgroup
}
# run_leakdog POD FILE KIND PATH OPTION...: the container "leakdog" of a manifest; where its
# archive is on this machine in $archive, its status in $status, its control group in $group.
run_leakdog() {
	local pod=$1 file=$kubernetes/$2 kind=$3 path=$4
	shift 4
	manifest_options "$file" "$kind" "$path" "$pods/$pod"
	# Five minutes are too long for a test.
	sed -i -E 's/^( *)rules:/\1base: { after: 20s }\n&/' "$pods/$pod"/*/..data/leakdog.yaml
	run_container "$pod" leakdog 0 root=$image "${options[@]}" "$@" \
		env=STATE_DIRECTORY=/var/lib/leakdog env=RUNTIME_DIRECTORY=/run/leakdog \
		-- /usr/bin/leakdog run
	archive=${mounted[/var/lib/leakdog]} status=${mounted[/run/leakdog]}/status.json
	group=/sys/fs/cgroup$(cut -d: -f3 "/proc/$pid/cgroup")
	check "$pod: leakdog runs" wait_for $patience [ -e "$status" ]
	[ ! -d "$archive/archive" ] || archive+=/archive # as its configuration says
}
size_of_leakdog() {
	echo "$1: leakdog takes $(($(cat "$group/memory.current") >> 10)) KiB," \
		"of these $(($(awk '$1 == "anon" { print $2 }' "$group/memory.stat") >> 10)) anonymous;" \
		"at most $(($(cat "$group/memory.peak") >> 10)) KiB so far"
}

# --- Of the whole node ---------------------------------------------------------------------
begin leakdog-x7k2p
run_leakdog leakdog-x7k2p daemonset.yaml DaemonSet spec.template.spec.containers.name=leakdog \
	net="/proc/$sandbox/ns/net" pid=host
node_archive=$archive node_status=$status node_group=$group
check "it has the three capabilities of its manifest and no other" \
	grep -qx $'CapEff:\t0000000000280004' "/proc/$pid/status"
begin order-api-7d9f5c-x2x4z
node_sandbox=$sandbox
start_on-node() {
	local life=$1
	shift
	run_container order-api-7d9f5c-x2x4z api "$life" root=$root limit=$limit \
		net="/proc/$node_sandbox/ns/net" -- "$@"
}
live on-node

# --- Beside a service ----------------------------------------------------------------------
begin shared-7d9f5c-abcde
shared_sandbox=$sandbox
run_leakdog shared-7d9f5c-abcde sidecar.yaml Deployment spec.template.spec.initContainers.name=leakdog \
	net="/proc/$sandbox/ns/net" pid="/proc/$sandbox/ns/pid"
shared_archive=$archive shared_status=$status shared_group=$group
check "it has no capability" grep -qx $'CapEff:\t0000000000000000' "/proc/$pid/status"
start_shared() {
	local life=$1
	shift
	run_container shared-7d9f5c-abcde api "$life" root=$root limit=$limit \
		net="/proc/$shared_sandbox/ns/net" pid="/proc/$shared_sandbox/ns/pid" -- "$@"
}
live shared

# inside SERVICE LIFE PID-NAMESPACE: its pid in $pid as the agent sees it.
inside() { lived "$1" "$2" && pid=$(awk '$1 == "NSpid:" { print $NF }' "/proc/$pid/status"); }

lived on-node 0
node_pid=$pid
inside shared 0
shared_pid=$pid

archive=$node_archive status=$node_status group=$node_group
evidence_of order-api "$node_pid" "own-counter parent-counter"
check "on the node: with the name of its pod" is "$manifest" target.container.pod order-api-7d9f5c-x2x4z
check "and that of the container" is "$manifest" target.container.name api
lived on-node 1
check "on the node: the next one has a base of its own" \
	wait_for $patience watched order-api "$pid" base.state "taken late"
size_of_leakdog "on the node"

archive=$shared_archive status=$shared_status group=$shared_group
evidence_of order-api "$shared_pid" "own-counter parent-counter inferred"
inside shared 1
check "beside it: the next one has a base of its own" \
	wait_for $patience watched order-api "$pid" base.state "taken late"
size_of_leakdog "beside it"
