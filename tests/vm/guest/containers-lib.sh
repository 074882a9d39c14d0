# Shared by the tests with containers in the guest; to be sourced after lib.sh.
# shellcheck shell=bash
#
# Every container runs the one static program of tests/services/leaker, with pprof on the
# loopback of a network namespace of its own: it is healthy for a while, then it leaks until
# the kernel ends it, and what starts it again gives it a second, quiet life.
# shellcheck source=tests/tools/bundle.sh
. "$SOURCE/tests/tools/bundle.sh"

limit=$((96 << 20))
root=/var/lib/order # of the container
first_life=(/leaker -delay 40s -rate 2)
second_life=(/leaker -max 1)
status=/run/leakdog/status.json
names=/var/log # where the kubelet leaves them

# id_of WORDS: the id of a container, 64 hexadecimal digits.
id_of() { sha256sum <<< "$1" | cut -d' ' -f1; }

# A container runtime writes what a container says so (CRI logging format).
cri_log() { # FILE
	local line
	while read -r line; do
		printf '%s stdout F %s\n' "$(date -u +%FT%T.%NZ)" "$line"
	done >> "$1"
}

# kubelet_names NAMESPACE POD UID CONTAINER ID RESTARTS: the log in $log, and the links by
# which a node tells whose it is.
kubelet_names() {
	log=$names/pods/$1_$2_$3/$4/$6.log
	mkdir -p "${log%/*}" "$names/containers"
	: > "$log"
	ln -sfn "$log" "$names/containers/$2_$1_$4-$5.log"
}

# run_in_runc ID BUNDLE [OPTION OF runc...]: in the background; its pid in $pid.
run_in_runc() {
	local id=$1 bundle=$2
	shift 2
	runc "$@" run -d --pid-file "$bundle/pid" --bundle "$bundle" "$id" \
		< /dev/null > >(cri_log "${log-/dev/null}") 2>&1
	pid=$(cat "$bundle/pid")
}

# live SERVICE: two lives of it, in the background; the second begins when the first is over,
# as what runs containers restarts them. start_SERVICE LIFE COMMAND... starts one, and leaves
# its pid in $pid.
live() {
	rm -f "/tmp/$1-0.pid" "/tmp/$1-1.pid"
	(
		"start_$1" 0 "${first_life[@]}"
		echo "$pid" > "/tmp/$1-0.pid"
		until gone "$pid"; do sleep 0.3; done
		at "$1: the first life is over"
		"start_$1" 1 "${second_life[@]}"
		echo "$pid" > "/tmp/$1-1.pid"
	) > "/tmp/$1.log" 2>&1 < /dev/null &
}
# lived SERVICE LIFE: its pid in $pid.
lived() {
	check "$1: life $2 begins" wait_for $((2 * patience)) [ -s "/tmp/$1-$2.pid" ]
	pid=$(cat "/tmp/$1-$2.pid" || echo 0)
}

gone() { [ ! -e "/proc/$1/exe" ] || [ "$(cut -d' ' -f3 "/proc/$1/stat")" = Z ]; } 2> /dev/null

# watched SERVICE PID [FIELD VALUES]: it is a target now, with one of these values.
watched() {
	local i
	for i in {0..19}; do
		[ "$(field $status "targets.$i.service" 2> /dev/null)" = "$1" ] || continue
		[ "$(field $status "targets.$i.pid")" = "$2" ] || continue
		[ $# = 2 ] || one_of "$(field $status "targets.$i.$3")" "$4" || continue
		return 0
	done
	return 1
}

# manifest_of SERVICE PID: of the incident of this process, in $manifest.
manifest_of() {
	manifest=$(grep -lE "\"pid\": ?$2\b" "$archive/$1"/*/manifest.json 2> /dev/null | head -n 1)
	[ -n "$manifest" ]
}
archive=/var/lib/leakdog
is_sealed() { manifest_of "$1" "$2" && is "$manifest" state sealed; }
one_of() { case " $2 " in *" $1 "*) ;; *) return 1 ;; esac; }
before() { [[ $1 < $2 ]]; }

# evidence_of SERVICE PID GRADES: all that an incident of a killed container must hold.
evidence_of() {
	local service=$1 grades=$3 kind
	check "$service: the incident is sealed" wait_for $((2 * patience)) is_sealed "$service" "$2"
	[ -n "$manifest" ] || return 0
	check "$service: killed" is "$manifest" verdict.outcome oom-killed
	check "$service: known by one of $grades" one_of "$(field "$manifest" verdict.evidence)" "$grades"
	check "$service: its limit" is "$manifest" target.limit $limit
	check "$service: captured before the kill" before \
		"$(field "$manifest" captures.0.at)" "$(field "$manifest" verdict.at)"
	check "$service: a base of its own" one_of "$(field "$manifest" base.state)" "taken late"
	for kind in heap goroutine; do
		check "$service: $kind of the base" is "$manifest" "base.artifacts.kind=$kind.result" complete
		check "$service: $kind" is "$manifest" "captures.0.artifacts.kind=$kind.result" complete
	done
	check "$service: the report names the leak" wait_for $patience \
		grep -qs main.rememberReply "${manifest%/*}/summary.txt"
}
