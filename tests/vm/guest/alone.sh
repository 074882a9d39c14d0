# Runs in the guest (tests/vm/run), as root, below systemd and cgroup v2: the image of leakdog
# ($OUT/leakdog.tar) as config/kubernetes/sidecar-http.yaml has it, beside a service with which
# it shares the network of a pod, and no processes.
# shellcheck source=tests/vm/guest/lib.sh
. "$SOURCE/tests/vm/guest/lib.sh"
# shellcheck source=tests/vm/guest/containers-lib.sh
. "$SOURCE/tests/vm/guest/containers-lib.sh"
# shellcheck source=tests/vm/guest/pods-lib.sh
. "$SOURCE/tests/vm/guest/pods-lib.sh"

install_images

at "the pod"
begin alone-7d9f5c-abcde
run_leakdog alone-7d9f5c-abcde sidecar-http.yaml Deployment \
	spec.template.spec.initContainers.name=leakdog net="/proc/$sandbox/ns/net"
check "it has no capability" grep -qx $'CapEff:\t0000000000000000' "/proc/$pid/status"
check "it is the first process that it sees" grep -qE $'^NSpid:\t[0-9]+\t1$' "/proc/$pid/status"
start_alone() {
	local life=$1
	shift
	run_container alone-7d9f5c-abcde api "$life" root=$root limit=$limit user=1000:1000 \
		net="/proc/$sandbox/ns/net" -- "$@"
}
live alone
lived alone 0
check "they share the network" [ "$(readlink "/proc/$pid/ns/net")" = "$(readlink "/proc/$sandbox/ns/net")" ]
evidence_of order-api 0 inferred # it knows no pid
check "it was known by its address" is "$manifest" target.exe http://127.0.0.1:6060
check "its limit is the one that was said" is "$manifest" target.limit_from "limit: of the configuration"
lived alone 1
# Neither has a pid by which one could be told from the other.
followed() {
	watched order-api 0 base.state "taken late" &&
		before "$(field "$manifest" target.started)" "$(field "$status" targets.0.started)" &&
		before "$(field "$manifest" verdict.at)" "$(field "$status" targets.0.base.at)"
}
check "the next one is watched, with a base of its own" wait_for $patience followed
size_of_leakdog "beside it"
