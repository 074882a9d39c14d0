# Starts the programs of tests/incidents for a test, each in a cgroup with a limit, with the
# other side of its network outside, and watched as its leakdog.yaml says.
# shellcheck shell=bash
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/lib.sh"
# shellcheck source=tests/incidents/lib.sh
. "$top/tests/incidents/lib.sh"

programs=$services/incidents
confs=$tmp/services.d
mkdir -p "$confs"
cat > "$tmp/leakdog.yaml" << END
archive: {dir: $tmp/archive, keep_free: 16M}
END

build_incidents() { "$top/tests/incidents/build" "$programs" "$@"; }

# incident NAME VARIANT [PEER-OPTION...]: the address of a peer that is dialled is in
# ${peers[NAME]}, the pid of the service in $service_pid.
declare -gA peers
incident() {
	local name=$1 variant=$2 program=${2%%-*}
	local peer=("$programs/$program" -peer -healthy "$incident_healthy" "${@:3}")
	local service=("$programs/$variant" -listen 127.0.0.1:0)
	make_cgroup 256M
	if incident_dials "$program"; then
		start "$name-peer" "${peer[@]}" -listen 127.0.0.1:0
		address_of "$name-peer"
		# shellcheck disable=SC2034 # for the tests
		peers[$name]=$address
		service+=(-dial "$address")
	fi
	start_in "$cgroup" "$name" env GODEBUG=madvdontneed=0 "${service[@]}"
	service_pid=$pid
	address_of "$name"
	incident_dials "$program" || start "$name-peer" "${peer[@]}" -dial "$address"
	incident_conf "$program" "$name" "$service_pid" "$address" > "$confs/$name.yaml"
}

# told VARIANT WHAT: "guilty" or "label" of a program's source.
told() { sed -n "s/^$2: //p" "$programs/$1.txt"; }

manifest_of() {
	manifest=$(echo "$tmp/archive/$1"/*/manifest.json)
	dir=$(dirname "$manifest")
}
# captured SERVICE N: the incident has so many captures.
captured() {
	manifest_of "$1"
	[ -e "$manifest" ] && field "$manifest" "captures.$(($2 - 1)).dir" > /dev/null
}
sealed() {
	manifest_of "$1"
	[ -e "$manifest" ] && is "$manifest" state sealed
}
capture_now() { RUNTIME_DIRECTORY=$tmp/run "$build/leakdog" capture "$1"; }
