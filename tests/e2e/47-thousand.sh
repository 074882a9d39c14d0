#!/bin/bash
# A thousand processes, each in a cgroup of its own: all are watched, none is lost, and their
# descriptors are counted. Where fewer are allowed than they need the agent keeps fewer open,
# then says what it leaves out; what has ended makes room for others.
# needs: root
# limit: 200
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
build_services field

n=1000 few=2000
[ "$(ulimit -Hn)" -ge 8192 ] || {
	echo "needs 8192 descriptors (ulimit -Hn), has $(ulimit -Hn)"
	exit 77
}
make_cgroup $((64 << 30))
[ ! -e "$cgroup/cgroup.subtree_control" ] || echo +memory > "$cgroup/cgroup.subtree_control"
start crowd "$build/crowd" $n "$cgroup"
crowd=$pid
end_crowd() {
	kill "$crowd" 2> /dev/null || true
	wait_for $patience gone "$crowd" || true
}
at_end end_crowd
check "the crowd is there" wait_for $patience grep -q "^$n are there" "$tmp/crowd.log"

cat > "$tmp/leakdog.yaml" << END
archive: { dir: $tmp/archive, keep_free: 16M }
services:
  crowd: { name: crowd-idle, cgroup: "${cgroup##*/}/crowd-*", rules: [memory > 5G] }
END
status() { field "$tmp/run/status.json" "$1"; }
watched() { grep -o '"service":"crowd","key":"[^"]*","pid":[0-9]*' "$tmp/run/status.json" | sed 's/.*://' | sort -u; }
watches() { [ "$(watched | wc -l)" = "$1" ]; }
living() { cat "$cgroup"/crowd-*/cgroup.procs | sort -u; }
at_most() { echo "  $1: $2 (at most $3)"; [ "$2" -le "$3" ]; }

start_agent "$tmp/leakdog.yaml"
check "all $n are watched" wait_for $patience watches $n
check "they are the ones that are there" diff <(watched) <(living)
descriptors=$(status descriptors)
check "descriptors are counted" [ "$descriptors" -ge $((3 * n)) ]
open=$(find "/proc/$agent/fd" -mindepth 1 | wc -l)
check "their number is right" at_most "open and not counted" $((open - descriptors)) 32
check "not more than planned are open" at_most "descriptors" "$descriptors" $((25 * n + 64))
echo "  99 of 100 looks were late by at most $(status late_p99_ms) ms, the latest by $(status latest_tick_ms) ms"
stop_agent

# Too few for all, even where only what a fast look reads is kept open.
(
	ulimit -n $few
	exec "$build/leakdog" run --config "$tmp/leakdog.yaml" --run-dir "$tmp/run"
) > "$tmp/leakdog.log" 2>&1 &
agent=$!
disown $agent
children+=("$agent")
warns() { grep -q "too few descriptors" "$tmp/leakdog.log"; }
check "that they are too few is said" wait_for $patience warns
check "and once" [ "$(grep -c "too few descriptors" "$tmp/leakdog.log")" = 1 ]
check "before, less is kept open" grep -q "more than half of the $few descriptors" "$tmp/leakdog.log"
in_trouble() { status services.service=crowd.trouble | grep -q "too few descriptors"; }
check "status says so, too" wait_for $patience in_trouble
part=$(watched | wc -l)
check "as many as fit are watched" [ "$part" -ge $(((few - 64 - 25) / 7)) ]
check "and no more" [ "$part" -lt $n ]
check "the limit is kept" at_most "descriptors" "$(status descriptors)" $few
refused() { ! grep -q "Too many open files" "$tmp/leakdog.log"; }
check "no file was refused" refused
echo "  $part are watched with $few descriptors"

# Those that end leave their place to others: at least as many are watched (a base that is
# taken meanwhile frees a descriptor for one more), and they all live.
watched | head -n 100 | xargs kill -KILL
others() { [ "$(watched | wc -l)" -ge "$part" ] && [ -z "$(comm -23 <(watched) <(living))" ]; }
check "others take the place of those that end" wait_for $patience others

end_crowd
check "the end of all is noticed" wait_for $patience watches 0
small() { [ "$(find "/proc/$agent/fd" -mindepth 1 | wc -l)" -le 64 ]; }
check "and no descriptor is left" wait_for $patience small
stop_agent
