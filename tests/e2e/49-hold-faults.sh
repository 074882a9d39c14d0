#!/bin/bash
# Killed, and failed with EIO, at every system call from the note of the old limit to the end
# of a capture, and at every one of `leakdog unhold`: whatever happened, one more unhold leaves
# the old limit, no note, and an archive as promised. Every third point, with "long" every one.
# needs: root
# tier: full
# limit: 300
# shellcheck source=tests/e2e/archive.sh
. "$(dirname "$(readlink -f "$0")")/archive.sh"

stride=3
[ "${1-}" != long ] || stride=1
fetch=$build/leakdog-fetch
dir=$shm/archive template=$shm/template
old=$((256 << 20)) raised=$((512 << 20))
build_services leaker field
cgroup_find
make_cgroup $old
if [ "$cgroup_version" = 1 ]; then max=memory.limit_in_bytes; else max=memory.max; fi
start_in "$cgroup" leaker "$services/leaker" -listen 127.0.0.1:0 -rate 100 -max 20
address_of leaker
service=$pid
total=0

held_job() {
	job capture 1 | sed "/^$/d; s/^target.pid=.*/target.pid=$service/; /^target.exe/d; /^target.build/d"
	printf '%s\n' "target.boot_id=$(cat /proc/sys/kernel/random/boot_id)" "target.limit=$old" \
		"endpoint.url=http://$address" capture.artifacts=18 capture.timeout_ms=30000 \
		capture.max_bytes=268435456 hold.by_bytes=$((raised - old)) hold.at_most_ms=60000 ""
}
limit_is() { [ "$(cat "$cgroup/$max")" = "$1" ]; }
unhold() { "$leakdog" unhold --archive "$dir" > "$tmp/unhold.log" 2>&1; }
fault() {
	die "$scenario, $how at $call $k: $1: $(cat "$cgroup/$max" "$tmp/findings" "$tmp/unhold.log" 2> /dev/null; ls -A "$dir/.hold")"
}
# As the next agent does it: salvage, then unhold; or as ExecStopPost, the other way round.
mend() {
	[ $((k % 2)) = 0 ] || salvage "$dir" || fault "salvage fails"
	unhold || fault "unhold fails"
	[ $((k % 2)) = 1 ] || salvage "$dir" || fault "salvage fails"
	limit_is $old || fault "the limit is not back"
	[ -z "$(ls -A "$dir/.hold" 2> /dev/null)" ] || fault "a note is left"
	sound "$dir" || fault "verify finds"
	! grep -qs '"raised"' "$dir/cron/$id/manifest.json" || fault "the manifest says that it is raised"
}
# everywhere SCENARIO BEGIN LIMIT COMMAND...: from $template with this limit, killed and
# failed at every mutating call after the first that names BEGIN.
everywhere() {
	local begin=$SECONDS from=$2 limit=$3 here=0 call count first
	scenario=$1
	shift 3
	rm -rf "$dir" && cp -a "$template" "$dir"
	echo "$limit" > "$cgroup/$max"
	points "$from" "$@" > "$tmp/points" || die "$scenario fails when nothing is killed"
	[ -s "$tmp/points" ] || die "$scenario changes nothing"
	k=0 how=nothing mend
	while read -r call count first; do
		for ((k = first; k <= count; k += stride)); do
			for how in signal=KILL error=EIO; do
				rm -rf "$dir" && cp -a "$template" "$dir"
				echo "$limit" > "$cgroup/$max"
				{ strace -f -qq -o /dev/null -e "trace=$call" -e "inject=$call:$how:when=$k" \
					"$@" < "$tmp/input" > /dev/null 2>&1 || true; } 2> /dev/null
				mend
				here=$((here + 1))
			done
		done
	done < "$tmp/points"
	total=$((total + here))
	check "$scenario: $here faults in $((SECONDS - begin)) s" [ $here -gt 10 ]
}

mkdir -m 750 "$template"
held_job > "$tmp/input"
everywhere "raise" .hold $old "$fetch" capture --archive "$dir"

rm -rf "$dir" && mkdir -m 750 "$dir"
"$fetch" capture --archive "$dir" < "$tmp/input" > /dev/null
check "a capture leaves a raised limit and its note" limit_is $raised
check "its manifest says so" is "$dir/cron/$id/manifest.json" captures.0.hold.result raised
rm -rf "$template" && cp -a "$dir" "$template"
: > "$tmp/input"
everywhere "unhold" .hold $raised "$leakdog" unhold --archive "$dir"
check "in the end it is put back" is "$dir/cron/$id/manifest.json" captures.0.hold.result restored

echo "$total faults in all"
