# Starts the programs of tests/incidents for a test, each in a cgroup with a limit, with the
# other side of its network outside, and watched as its leakdog.yaml says.
# shellcheck shell=bash
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/lib.sh"

programs=$services/incidents
confs=$tmp/services.d
mkdir -p "$confs"
cat > "$tmp/leakdog.yaml" << END
archive: {dir: $tmp/archive, keep_free: 16M}
END

build_incidents() { "$top/tests/incidents/build" "$programs" "$@"; }

# watch NAME PROGRAM: the service NAME, as the owner of PROGRAM wrote it down; but it is no
# unit, and a base need not wait for five minutes where all is healthy for less than one.
watch() {
	local conf=$top/tests/incidents/$2/leakdog.yaml
	{
		sed "s/^  $2:/  $1:/; s/unit: .*/pid: $service_pid/; s/127\.0\.0\.1:60[0-9]*/$address/" \
			"$conf"
		echo 'defaults: { base: { after: 8s } }'
	} > "$confs/$1.yaml"
}

# incident NAME VARIANT HEALTHY [PEER-OPTION...]
incident() {
	local name=$1 variant=$2 healthy=$3 program=${2%%-*}
	shift 3
	make_cgroup 256M
	case $program in
	cron | grpc | ssh) # dials its peer
		start "$name-peer" "$programs/$program" -peer -listen 127.0.0.1:0 -healthy "$healthy"
		address_of "$name-peer"
		start_in "$cgroup" "$name" "$programs/$variant" -listen 127.0.0.1:0 -dial "$address"
		service_pid=$pid
		address_of "$name"
		;;
	*) # is called by it
		start_in "$cgroup" "$name" env GODEBUG=madvdontneed=0 "$programs/$variant" \
			-listen 127.0.0.1:0
		service_pid=$pid
		address_of "$name"
		start "$name-peer" "$programs/$program" -peer -dial "$address" \
			-healthy "$healthy" "$@"
		;;
	esac
	watch "$name" "$program"
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
