#!/bin/bash
# What the agent weighs beside 100 idle targets, spare and probe and all, and that a capture
# leaves nothing behind. Prints its figures; scripts/bench footprint measures more of them.
# needs: root
# tier: full
# limit: 400
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
# shellcheck source=scripts/memory.sh
. "$top/scripts/memory.sh"
build_services leaker field
look_s=30
idle="sleep $((8000000 + $$))" # of this test and no other

# shellcheck disable=SC2086 # two words
for i in {1..50}; do
	make_cgroup $((8 << 30))
	start_in "$cgroup" "idle-$i-a" $idle
	start_in "$cgroup" "idle-$i-b" $idle
done
make_cgroup $((8 << 30))
start_in "$cgroup" leaker "$services/leaker" -listen 127.0.0.1:0 -rate 1 -max 10
address_of leaker

cat > "$tmp/leakdog.yaml" << END
archive: { dir: $tmp/archive, keep_free: 16M }
defaults: { base: { after: 1s } }
services:
  idle: { cmdline: "$idle" }
  leaker: { name: leaker, cgroup: "${cgroup##*/}", pprof: "http://$address" }
END
chmod 644 "$tmp/leakdog.yaml"
start agent "$build/leakdog" run --config "$tmp/leakdog.yaml" --run-dir "$tmp/run"
agent=$pid

status() { field "$tmp/run/status.json" "$1"; }
watches_all() { [ "$(grep -c "watching '" "$tmp/agent.log")" = 101 ]; }
took_bases() { [ "$(grep -c "^[^ ]* base of '" "$tmp/agent.log")" = 101 ]; }
check "101 targets are met" wait_for $patience watches_all
check "their bases are taken" wait_for $((4 * patience)) took_bases
wait_for $patience test -S "$tmp/run/control"
sleep 3 # the spare is warm again, the slow signals are read

family() { pgrep -P "$agent"; echo "$agent"; }
pss_kb() {
	local pids
	mapfile -t pids < <(family)
	family_kb "${pids[@]}" | cut -d ' ' -f 2
}
fds() { find "/proc/$agent/fd" -mindepth 1 | wc -l; }
cpu_ticks() { awk '{ print $14 + $15 }' "/proc/$agent/stat"; }

at_most() { echo "  $1: $2 (at most $3)"; [ "$2" -le "$3" ]; }
check "the agent is small" at_most "resident, KiB" "$(rss_kb "$agent")" 5120
check "the family is small" at_most "PSS of agent, spare and probe, KiB" "$(pss_kb)" 20480

before=$(cpu_ticks)
sleep $look_s
used=$(($(cpu_ticks) - before))
# A tick of the CPU clock is 10 ms; what is promised is under 0.5 % of a core, and a test
# gives it ten times that.
check "the agent is not felt" at_most "CPU of a core over $look_s s, 1/100 s" "$used" $((look_s * 5))
echo "  $(awk -v u="$used" -v s=$look_s 'BEGIN { printf "%.2f", u / s }') % of a core"

fds_before=$(fds)
captures() { [ "$(grep -c "capture of 'leaker'" "$tmp/agent.log")" -ge "$1" ]; }
for i in 1 2 3; do
	RUNTIME_DIRECTORY=$tmp/run "$build/leakdog" capture leaker > /dev/null
	check "capture $i by hand" wait_for $patience captures "$i"
done
back() { [ "$(fds)" -le "$fds_before" ]; }
check "descriptors are back at $fds_before" wait_for $patience back
