#!/bin/bash
# Every bench runs, with small sizes and once, and says what it measured as JSON and as a
# table; of the frame that they share, medians and goals. Nothing is promised of time here.
# tier: quick
# limit: 300
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
build_services field
export LEAKDOG_BUILD=$build

# --- The frame --------------------------------------------------------------------------
# frame OPTION...: a bench of three runs, of which it knows what must come out.
cat > "$tmp/bench" << 'END'
set -euo pipefail
. "$TOP/scripts/lib.sh"
. "$TOP/scripts/bench.d/lib.sh"
bench_begin frame "$@"
at_exit touch "$TEST_DIR/undone"
peer curl '7.88 "quoted\ twice"'
missing monit "it is not here"
for ms in 30 10 20 40; do
	result "a case" leakdog time ms $ms
	result "a case" script time ms $((ms * 10))
	outcome "a case" leakdog "in time" $((ms < 40))
done
goal "a case" leakdog time "<=" "$GOAL"
bench_end
END
frame() {
	code=0
	TOP=$top TEST_DIR=$tmp GOAL=$1 bash "$tmp/bench" "${@:2}" > "$tmp/frame" 2> "$tmp/frame.err" || code=$?
}
shows() { grep -qE -- "$1" "$tmp/frame"; }
frame 25
check "a goal that is met ends with 0" [ $code = 0 ]
check "the table has the median, least and most" shows '\| leakdog \| time, ms +\| 25\.0 +\| 10\.0\.\.40\.0 '
check "and how many times leakdog it is" shows '\| script +\| time, ms +\| 250 +\| 100\.\.400 +\| 10\.0x '
check "and outcomes as a count" shows '\| in time +\| 3 of 4 '
check "and the goal beside the figure" shows '<= 25: met'
check "who is missing is said in the table" shows '^WITHOUT monit: it is not here'
check "and to people" grep -q 'WITHOUT monit' "$tmp/frame.err"
check "what was to be undone is" [ -e "$tmp/undone" ]
frame 24 --json
check "a goal that is missed ends with 3" [ $code = 3 ]
check "JSON says so" is "$tmp/frame" goals_met false
check "beside the figure, too" is "$tmp/frame" results.0.met false
check "and has the median" is "$tmp/frame" results.who=script.median 250
check "and every value" is "$tmp/frame" results.0.values '[10,20,30,40]'
check "and what a peer says of itself, whatever that is" is "$tmp/frame" peers.curl '7.88 "quoted\ twice"'
frame 25 --runs 0
check "no number of runs is refused" [ $code = 1 ]

# --- The benches ------------------------------------------------------------------------
# measures NAME CASE WHO WHAT: the bench runs, and this is among its figures, above zero.
measures() {
	local name=$1 file=$tmp/$1.json
	"$top/scripts/bench" "$name" --small --runs 1 --json > "$file" 2> "$tmp/$name.err" || {
		cat "$tmp/$name.err"
		return 1
	}
	grep WITHOUT "$tmp/$name.err" | sed 's/^/NOT MEASURED: /' || true
	[ "$(field "$file" bench)" = "$name" ] && [ "$(field "$file" small)" = true ] &&
		[ "$(field "$file" machine.processors)" -ge 1 ] || return 1
	figure "$file" "$2" "$3" "$4"
}
figure() {
	local i=0 median
	while field "$1" "results.$i" > "$tmp/entry"; do
		if [ "$(field "$tmp/entry" case)|$(field "$tmp/entry" who)|$(field "$tmp/entry" what)" = "$2|$3|$4" ]; then
			median=$(field "$tmp/entry" median)
			echo "$2, $3, $4: $median $(field "$tmp/entry" unit)"
			awk -v m="$median" 'BEGIN { exit !(m > 0) }'
			return
		fi
		i=$((i + 1))
	done
	echo "no such figure: $2, $3, $4"
	return 1
}
check "download" measures download "8 MiB" "curl && sha256sum && sync" time
check "with leakdog's own" figure "$tmp/download.json" "8 MiB" leakdog "speed, curl is 1"
check "profiles" measures profiles small leakdog "pprof / leakdog, time"
check "goroutines" measures goroutines "90 of 100 in four stacks" mawk processor
check "harm" measures harm "200 goroutines, whole" leakdog "most in flight"
check "and the script's" figure "$tmp/harm.json" "200 goroutines, debug=2" script "most in flight"
if [ "$(id -u)" = 0 ]; then
	check "watch" measures watch "3 processes" leakdog "RSS of all"
	check "with a script" figure "$tmp/watch.json" "3 processes" "script, sleep 1" processor
	check "sample" measures sample "5 processes" leakdog processor
	check "footprint" measures footprint "3 processes" leakdog "RSS of the agent"
else
	echo "NOT RUN: watch, sample and footprint need root"
fi

RESULTS=$tmp/results "$top/scripts/bench" all --small --runs 1 goroutines > "$tmp/all" 2>&1
check "all of them make one file for people" grep -q '^## goroutines' "$tmp/results/bench.md"
check "and one for programs" is "$tmp/results/bench.json" benches.bench=goroutines.small true
