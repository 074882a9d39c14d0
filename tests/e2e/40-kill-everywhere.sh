#!/bin/bash
# Killed at every system call that changes the archive - in a first capture, a further one, a
# base, a recorder heap, a report before and after the seal, a seal, a seal without a capture,
# a retention and the salvage itself -
# and then salvaged, the archive keeps every promise: verify finds nothing, nothing is staged,
# a heap that was whole is not lost, and what was killed can be done again.
# tier: full
# beside: others
# limit: 900
# shellcheck source=tests/e2e/archive.sh
. "$(dirname "$(readlink -f "$0")")/archive.sh"

total=0

# fault WHAT: what went wrong at this point, with what verify says.
fault() {
	die "$scenario, killed at $call $k: $1: $(cat "$tmp/findings" "$tmp/salvage.log" 2> /dev/null)"
}

# A capture's heap has its name only when it is whole and on the disk.
whole_heap() { [ -n "$(compgen -G "$1/.staging/*/0$2/heap.pb.gz" || compgen -G "$1/cron/$id/*0$2/heap.pb.gz")" ]; }

# kill_everywhere SCENARIO NUMBER AGAIN COMMAND...: each in a copy of $template, in $dir.
# NUMBER: of the capture whose heap must survive, or 0. AGAIN: function that does it again.
kill_everywhere() {
	local count first had begin=$SECONDS here=0
	scenario=$1
	local number=$2 again=$3
	shift 3
	rm -rf "$dir" && cp -a "$template" "$dir"
	points "$dir" "$@" > "$tmp/points" || die "$scenario fails when nothing is killed"
	[ -s "$tmp/points" ] || die "$scenario changes nothing"
	while read -r call count first; do
		for ((k = first; k <= count; k++)); do
			rm -rf "$dir" && cp -a "$template" "$dir"
			{ strace -f -qq -o /dev/null -e "trace=$call" -e "inject=$call:signal=KILL:when=$k" \
				"$@" < "$tmp/input" > /dev/null || true; } 2> /dev/null
			had=no
			[ "$number" = 0 ] || ! whole_heap "$dir" "$number" || had=yes
			salvage "$dir" || fault "salvage fails"
			sound "$dir" || fault "verify finds"
			nothing_staged "$dir" || fault "staging is not empty: $(ls -A "$dir/.staging")"
			[ $had = no ] || [ -e "$dir/cron/$id/0$number/heap.pb.gz" ] || fault "a whole heap is lost"
			$again "$dir" > /dev/null 2>&1 || fault "it cannot be done again"
			sound "$dir" || fault "done again, verify finds"
			nothing_staged "$dir" || fault "done again, staging is not empty"
			here=$((here + 1))
		done
	done < "$tmp/points"
	total=$((total + here))
	check "$scenario: $here points in $((SECONDS - begin)) s" [ $here -gt 20 ]
}

build_services field
template=$shm/template dir=$shm/archive
begin_archive "$template"

next_capture() { capture_into "$1" 3; }
job capture 1 > "$tmp/input"
kill_everywhere "first capture" 1 next_capture "$file_capture" --archive "$dir"

capture_into "$template" 1
job capture 2 > "$tmp/input"
kill_everywhere "further capture" 2 next_capture "$file_capture" --archive "$dir"

base_again() {
	job base 0 > "$tmp/job" && "$file_capture" --archive "$1" < "$tmp/job" &&
		[ -e "$1/cron/.live/$key/base/heap.pb.gz" ]
}
job base 0 > "$tmp/input"
kill_everywhere "later base" 0 base_again "$file_capture" --archive "$dir"

record_again() {
	job record 4 > "$tmp/job" && "$file_capture" --archive "$1" < "$tmp/job" &&
		[ "$(entries "$1/cron/.live/$key/recorder")" = 2 ]
}
job record 3 > "$tmp/input"
kill_everywhere "recorder heap" 0 record_again "$file_capture" --archive "$dir"

report_again() {
	"$leakdog" report --archive "$1" "$id" &&
		is "$1/cron/$id/manifest.json" reported.result complete
}
: > "$tmp/input"
kill_everywhere "first report" 1 report_again "$leakdog" report --archive "$dir" $id

seal_again() {
	"$leakdog" keep seal --archive "$1" < "$tmp/input" &&
		is "$1/cron/$sealed/manifest.json" state sealed &&
		is "$1/cron/$sealed/manifest.json" derived.0.name timeline.csv
}
sealed=$id
seal 1 > "$tmp/input"
kill_everywhere "seal" 1 seal_again "$leakdog" keep seal --archive "$dir"

cp -a "$template" "$shm/open" # the salvage below adds captures: to an open incident
"$leakdog" report --archive "$template" $id > /dev/null
"$leakdog" keep seal --archive "$template" < "$tmp/input"
: > "$tmp/input"
kill_everywhere "report after the seal" 1 report_again "$leakdog" report --archive "$dir" $id
rm -rf "$template"
mv "$shm/open" "$template"

sealed=20261121T213000Z-oom-kill-0001
seal 9 $sealed > "$tmp/input"
kill_everywhere "seal without a capture" 0 seal_again "$leakdog" keep seal --archive "$dir"

for n in 1 2 3 4 5; do
	capture_into "$template" $n "20261121T22000${n}Z-memory-5G-000$n"
	seal $n "20261121T22000${n}Z-memory-5G-000$n" > "$tmp/job"
	"$leakdog" keep seal --archive "$template" < "$tmp/job"
done
retain_again() {
	"$leakdog" keep retain --archive "$1" --max-incidents 4 < "$tmp/input" &&
		[ "$(entries "$1/cron")" = 4 ]
}
printf '\n' > "$tmp/input" # nobody lives
kill_everywhere "retention" 0 retain_again "$leakdog" keep retain --archive "$dir" --max-incidents 4

# Salvage of everything that can be left behind, at once: builders stopped in the middle.
leave() { # SYSCALL WHEN JOB...
	"${@:3}" > "$tmp/job"
	{ strace -qq -o /dev/null -e "trace=$1" -e "inject=$1:signal=KILL:when=$2" \
		"$file_capture" --archive "$template" < "$tmp/job" > /dev/null || true; } 2> /dev/null
}
: > "$tmp/input"
leave linkat 1 job capture 1 20261121T230000Z-memory-5G-0006
leave renameat 2 job capture 2
leave renameat 3 job capture 3
leave renameat 2 job base 0
leave renameat 1 job record 7
left=("$template"/.staging/* "$template/cron/$id"/.0?)
[ ${#left[@]} = 5 ] || die "not everything was left behind: ${left[*]}"
salvage_again() { salvage "$1" && [ -e "$1/cron/$id/02" ] && [ -e "$1/cron/$id/03" ] && [ -e "$1/cron/20261121T230000Z-memory-5G-0006/01" ]; }
kill_everywhere "salvage" 0 salvage_again "$leakdog" keep salvage --archive "$dir"

echo "$total points in all"
