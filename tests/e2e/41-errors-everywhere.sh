#!/bin/bash
# Every system call that changes the archive fails once (EIO, EDQUOT) or from there on (ENOSPC,
# EROFS), in a first capture, a seal and a report. Nobody crashes; who says that it filed all has
# filed all; after a salvage verify finds nothing, nothing is staged, and a whole heap is
# still there. With "long" further captures, bases and recorder heaps as well.
# tier: full
# beside: others
# limit: 900
# shellcheck source=tests/e2e/archive.sh
. "$(dirname "$(readlink -f "$0")")/archive.sh"

total=0

fault() {
	die "$scenario, $call $k says $error: $1: $(cat "$tmp/findings" "$tmp/salvage.log" "$tmp/out" 2> /dev/null)"
}

# A result that says less than there is, is worse than none.
honest() {
	case $status in
	0) $whole "$dir" || fault "it says that all is well" ;;
	1) [ -s "$tmp/out" ] || [ "$call" = write ] || fault "it fails without a word" ;;
	6) [ -s "$tmp/out" ] || [ "$call" = write ] || fault "it is not permitted without a word" ;;
	3) ;; # the manifest says what is missing
	127) ;; # the dynamic linker met the error before we did
	*) fault "it ends with $status" ;;
	esac
}

# fail_everywhere SCENARIO WHOLE AGAIN COMMAND...
fail_everywhere() {
	local count first begin=$SECONDS here=0 plus
	scenario=$1
	whole=$2
	local again=$3
	shift 3
	rm -rf "$dir" && cp -a "$template" "$dir"
	points "$dir" "$@" > "$tmp/points" || die "$scenario fails when nothing else does"
	for error in ENOSPC EIO EDQUOT EROFS; do
		plus=
		[[ $error = E[ID]* ]] || plus=+
		while read -r call count first; do
			for ((k = first; k <= count; k++)); do
				rm -rf "$dir" && cp -a "$template" "$dir"
				status=0
				{ timeout 60 strace -f -qq -o /dev/null -e "trace=$call" \
					-e "inject=$call:error=$error:when=$k$plus" \
					"$@" < "$tmp/input" > "$tmp/out" 2>&1 || status=$?; } 2> /dev/null
				honest
				salvage "$dir" || fault "salvage fails"
				sound "$dir" || fault "verify finds"
				nothing_staged "$dir" || fault "staging is not empty: $(ls -A "$dir/.staging")"
				[ $status != 0 ] || $whole "$dir" || fault "salvage lost something"
				$again "$dir" > /dev/null 2>&1 || fault "it cannot be done again"
				here=$((here + 1))
			done
		done < "$tmp/points"
	done
	total=$((total + here))
	check "$scenario: $here points in $((SECONDS - begin)) s" [ $here -gt 80 ]
}

build_services field
template=$shm/template dir=$shm/archive
begin_archive "$template"

complete() { is "$1/cron/$id/manifest.json" "captures.$2.artifacts.0.result" complete; }
first_whole() { complete "$1" 0; }
next_capture() { capture_into "$1" 3; }
job capture 1 > "$tmp/input"
fail_everywhere "first capture" first_whole next_capture "$file_capture" --archive "$dir"

capture_into "$template" 1
sealed() { is "$1/cron/$id/manifest.json" state sealed && [ -e "$1/cron/$id/timeline.csv" ]; }
seal_again() { "$leakdog" keep seal --archive "$1" < "$tmp/input" && sealed "$1"; }
seal 1 > "$tmp/input"
fail_everywhere "seal" sealed seal_again "$leakdog" keep seal --archive "$dir"

cp -a "$template" "$shm/open" # a sealed incident gets no capture, and may be dropped
"$leakdog" keep seal --archive "$template" < "$tmp/input"
reported() { is "$1/cron/$id/manifest.json" reported.result complete; }
report_again() { "$leakdog" report --archive "$1" $id && reported "$1"; }
: > "$tmp/input"
fail_everywhere "report after the seal" reported report_again "$leakdog" report --archive "$dir" $id

rm -rf "$template"
mv "$shm/open" "$template"

if [ "${1-}" = long ]; then
	second_whole() { complete "$1" 1; }
	job capture 2 > "$tmp/input"
	fail_everywhere "further capture" second_whole next_capture "$file_capture" --archive "$dir"
	base_whole() { [ -e "$1/cron/.live/$key/base/heap.pb.gz" ]; }
	base_again() { "$file_capture" --archive "$1" < "$tmp/input"; }
	job base 0 > "$tmp/input"
	fail_everywhere "later base" base_whole base_again "$file_capture" --archive "$dir"
	record_whole() { [ "$(entries "$1/cron/.live/$key/recorder")" = 2 ]; }
	record_again() { job record 4 | "$file_capture" --archive "$1"; }
	job record 3 > "$tmp/input"
	fail_everywhere "recorder heap" record_whole record_again "$file_capture" --archive "$dir"
fi
echo "$total points in all"
