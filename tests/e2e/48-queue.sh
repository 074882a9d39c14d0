#!/bin/bash
# Eight services are over their thresholds at the same moment, and the two that are nearest to
# their limits do not answer for a while: two are captured at a time, the nearest first, and the
# status says who waits behind whom.
# needs: root
# limit: 150
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

build_services leaker field
status=$tmp/run/status.json
pids=()
{
	echo "archive: {dir: $tmp/archive, keep_free: 16M}"
	echo "defaults: {base: {after: 1h}, again: off, rules: [memory > 12M]}"
	echo "services:"
} > "$tmp/leakdog.yaml"
for n in {1..8}; do
	make_cgroup 200M
	start_in "$cgroup" "s$n" "$services/leaker" -listen 127.0.0.1:0 -rate 200 -max $((n * 10)) -parked 3000
	pids+=("$pid")
	address_of "s$n"
	echo "  s$n: {pid: $pid, pprof: 'http://$address'}" >> "$tmp/leakdog.yaml"
done
chmod 644 "$tmp/leakdog.yaml"
is_full() { [ "$(cgroup_usage "${cgroups[$1]}")" -gt $((($1 + 1) * 10000000)) ]; }
for n in {0..7}; do
	check "s$((n + 1)) holds what it will" wait_for $patience is_full "$n"
done

kill -STOP "${pids[6]}" "${pids[7]}"
start_agent "$tmp/leakdog.yaml"
# shown MEMBER: of all services, the first to the eighth.
shown() {
	local n
	for n in {1..8}; do
		printf '%s ' "$(field "$status" "targets.service=s$n.$1" 2> /dev/null || echo -)"
	done
}
two_of_eight() { [ "$(shown capturing)" = "false false false false false false true true " ]; }
check "the two nearest to their limits are captured" wait_for $patience two_of_eight
all_wait() { [ "$(shown queued)" = "6 5 4 3 2 1 - - " ]; }
check "the others wait in the order of theirs" wait_for $patience all_wait
check "and no third one begins" two_of_eight
kill -CONT "${pids[6]}" "${pids[7]}"
captured() { [ "$(grep -c "capture of 's[1-8]'" "$tmp/leakdog.log")" = 8 ]; }
check "all are captured" wait_for $patience captured

# "MILLISECONDS (+1|-1) SERVICE" for each begin and end: of the first and the last artifact.
ms() { date -d "$1" +%s%3N; }
for n in {1..8}; do
	manifest=$(echo "$tmp/archive/s$n"/2*/manifest.json)
	field "$manifest" captures.0.artifacts | grep -oE '"at":"[^"]*"' | cut -d '"' -f 4 | sort > "$tmp/at"
	echo "$(ms "$(head -n 1 "$tmp/at")") +1 s$n"
	echo "$(ms "$(tail -n 1 "$tmp/at")") -1 s$n"
done | sort -k 1,1n -k 2,2r > "$tmp/times"
cat "$tmp/times"
order=$(awk '$2 == "+1" { printf "%s ", $3 }' "$tmp/times")
in_order() { [ "${order#s[78] s[78] }" = "s6 s5 s4 s3 s2 s1 " ]; }
check "they began in this order: $order" in_order
at_once=$(awk '{ n += $2; if (n > most) most = n } END { print most }' "$tmp/times")
check "at most two at a time: $at_once" [ "$at_once" = 2 ]
stop_agent
