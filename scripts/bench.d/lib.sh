# shellcheck shell=bash
# The frame of every bench:  . "$here/../lib.sh"  after scripts/lib.sh.
#
#   bench_begin NAME "$@"              options: --runs N (10), --small, --json
#   result CASE WHO WHAT UNIT NUMBER   of one run; the table has medians, with min and max
#   outcome CASE WHO WHAT 0|1          of one run; the table has "n of N"
#   goal CASE WHO WHAT RELATION NUMBER a promise: <= or >= of the median; "max <=" and
#                                      "min >=" of the worst run; "all" of an outcome
#   peer WHO VERSION                   who took part
#   missing WHO WHY                    who could not: said loudly, and kept
#   note TEXT                          what a reader of the figures must know
#   bench_end                          the table (or JSON) to standard output
#
# Each of them is one line of fields with tabs in $bench_rows, so a program that measures may
# print such lines itself: "result\tCASE\tWHO\tWHAT\tUNIT\tNUMBER".
#
# A bench ends with 0, with 3 where a goal was missed, and with something else where it could
# not measure. --small asks for sizes that only show that the bench works.
#
# compile NAME SOURCE LIBRARY... makes $work/NAME; measure COMMAND... runs one with its output
# thrown away and prints "ms processor-ms kB".
#
# $runs, $small and $work, a directory of its own (in $bench_in where that is set), are there
# after bench_begin; what is to be undone at the end is said with at_exit.

goal_missed=3

bench_begin() {
	bench=$1 runs=10 small='' json=''
	export LC_ALL=C # numbers have points
	shift
	while [ $# -gt 0 ]; do
		case $1 in
		--runs) runs=${2-} && shift ;;
		--small) small=1 ;;
		--json) json=1 ;;
		*) die "$bench: no option '$1': [--runs N] [--small] [--json]" ;;
		esac
		shift
	done
	[[ $runs =~ ^[1-9][0-9]*$ ]] || die "$bench: --runs needs a number"
	work=$(mktemp -d ${bench_in:+-p "$bench_in"})
	bench_rows=$work/rows
	undo=()
	trap bench_clean_up EXIT
	trap 'exit 1' INT TERM
	row load begin "$(cut -d ' ' -f 1-3 /proc/loadavg)"
}

# The last is undone first.
bench_clean_up() {
	local status=$? i
	for ((i = ${#undo[@]} - 1; i >= 0; i--)); do
		eval "${undo[i]}" || status=1
	done
	rm -rf "$work"
	exit $status
}
at_exit() { undo+=("$*"); }

row() {
	local IFS=$'\t'
	printf '%s\n' "$*" >>"$bench_rows"
}
result() { row result "$@"; }
outcome() { row result "$1" "$2" "$3" of "$4"; }
goal() { row goal "$@"; }
peer() { row peer "$@"; }
note() { row note "$@"; }
missing() {
	say "$bench: WITHOUT $1: $2"
	row missing "$@"
}

compile() {
	local name=$1
	shift
	cc -O2 -D_GNU_SOURCE -I "$top/agent" -I "$top" -o "$work/$name" "$@"
}
measure() {
	[ -x "$work/measure" ] || compile measure "$top/scripts/bench.d/measure.c"
	"$work/measure" "$@"
}

# What the figures depend on.
bench_machine() {
	row machine bench "$bench"
	row machine date "$(date -u +%FT%RZ)"
	row machine runs "$runs"
	row machine small "${small:-0}"
	row machine processor "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)"
	row machine processors "$(nproc)"
	row machine memory_kB "$(awk '/^MemTotal/ { print $2 }' /proc/meminfo)"
	row machine kernel "$(uname -r)"
	row machine nice "$(nice)"
	row machine leakdog "$("$LEAKDOG_BUILD/leakdog" version | head -n 1), $(git -C "$top" describe \
		--always --dirty 2>/dev/null || echo "no git")"
	row load end "$(cut -d ' ' -f 1-3 /proc/loadavg)"
}

# Where BENCH_RESULTS is a directory, all forms are kept there, for scripts/bench all.
bench_end() {
	local missed=0 form
	bench_machine
	for form in table json brief; do
		awk -f "$top/scripts/bench.d/stats.awk" -f "$top/scripts/bench.d/$form.awk" \
			"$bench_rows" >"$work/$form" || missed=$?
		[ -z "${BENCH_RESULTS-}" ] || cp "$work/$form" "$BENCH_RESULTS/$bench.$form"
	done
	[ -n "$json" ] || cat "$work/table"
	[ -z "$json" ] || cat "$work/json"
	exit "$missed"
}
