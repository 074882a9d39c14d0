# Runs in the guest (tests/vm/run), as root, below systemd and cgroup v2: the image of leakdog
# ($OUT/leakdog.tar) with the rights and mounts of the manifests in config/kubernetes, as an
# agent of the node, and beside a service with which it shares the processes of a pod.
# shellcheck source=tests/vm/guest/lib.sh
. "$SOURCE/tests/vm/guest/lib.sh"
# shellcheck source=tests/vm/guest/containers-lib.sh
. "$SOURCE/tests/vm/guest/containers-lib.sh"
# shellcheck source=tests/vm/guest/pods-lib.sh
. "$SOURCE/tests/vm/guest/pods-lib.sh"

install_images

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
first_life[2]=80s # it leaks when the other is over
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
