#!/bin/bash
# The real capture child, at work on a real Go service, killed at system calls that change the
# archive: every fifth of a first and of a further capture, with "long" every one. Salvaged,
# the archive keeps every promise, and a heap that was whole is not lost.
# tier: full
# limit: 300
# shellcheck source=tests/e2e/archive.sh
. "$(dirname "$(readlink -f "$0")")/archive.sh"

stride=5
[ "${1-}" != long ] || stride=1
fetch=$build/leakdog-fetch
build_services leaker field
start leaker "$services/leaker" -listen 127.0.0.1:0 -rate 100 -max 20 -parked 20
address_of leaker
service=$pid
total=0

real_job() { # NUMBER
	job capture "$1" | sed "/^$/d; s/^target.pid=.*/target.pid=$service/; /^target.exe/d; /^target.build/d"
	printf '%s\n' "endpoint.url=http://$address" capture.artifacts=2047 capture.debug2_at_most=10000 \
		capture.timeout_ms=30000 capture.max_bytes=268435456 ""
}
fault() {
	die "$scenario, killed at $call $k: $1: $(cat "$tmp/findings" "$tmp/salvage.log" 2> /dev/null)"
}
whole_heap() { [ -n "$(compgen -G "$1/.staging/*/0$2/heap.pb.gz" || compgen -G "$1/cron/$id/*0$2/heap.pb.gz")" ]; }

# kill_capture SCENARIO NUMBER: in copies of $template.
kill_capture() {
	local number=$2 count first had here=0 begin=$SECONDS at=0
	scenario=$1
	real_job "$number" > "$tmp/input"
	rm -rf "$dir" && cp -a "$template" "$dir"
	points "$dir" "$fetch" capture --archive "$dir" > "$tmp/points" || die "$scenario fails: $(tail -n 3 "$tmp/calls")"
	sound "$dir" || die "$scenario, not killed: $(cat "$tmp/findings")"
	while read -r call count first; do
		for ((k = first; k <= count; k++)); do
			at=$((at + 1))
			[ $((at % stride)) = 0 ] || continue
			rm -rf "$dir" && cp -a "$template" "$dir"
			{ strace -f -qq -o /dev/null -e "trace=$call" -e "inject=$call:signal=KILL:when=$k" \
				"$fetch" capture --archive "$dir" < "$tmp/input" > /dev/null || true; } 2> /dev/null
			had=no
			! whole_heap "$dir" "$number" || had=yes
			salvage "$dir" || fault "salvage fails"
			sound "$dir" || fault "verify finds"
			nothing_staged "$dir" || fault "staging is not empty: $(ls -A "$dir/.staging")"
			[ $had = no ] || [ -e "$dir/cron/$id/0$number/heap.pb.gz" ] || fault "a whole heap is lost"
			here=$((here + 1))
		done
	done < "$tmp/points"
	total=$((total + here))
	check "$scenario: $here of $at points in $((SECONDS - begin)) s" [ $here -gt 10 ]
}

template=$shm/template dir=$shm/archive
begin_archive "$template"
kill_capture "first capture" 1
capture_into "$template" 1
kill_capture "further capture" 2
check "the service lives" kill -0 "$service"
echo "$total points in all"
