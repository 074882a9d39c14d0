#!/bin/bash
# A service that is killed by its limit again and again, each life a new process, with the agent
# killed in between: the archive keeps the first, the worst and the newest incident and counts
# the others, the rule is captured once in its cooldown, and the agent loses no descriptor.
# 47-crash-loop.sh LIVES: so many instead of six.
# needs: root
# limit: 150
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

lives=${1-6}
build_services leaker field
make_cgroup 24M
cp "$services/leaker" "$tmp/looper"
status=$tmp/run/status.json
archive=$tmp/archive/shop
touch "$tmp/seen"
cat > "$tmp/leakdog.yaml" << END
archive: {dir: $tmp/archive, keep_free: 16M}
services:
  shop:
    name: looper
    pprof: unix://$tmp/looper.sock
    rules: [memory > 60%]
    cooldown: 1h
    again: off
    base: {after: 1h}
    limits: {incidents: 3}
END
chmod 644 "$tmp/leakdog.yaml"

# crash LIVES: two looks for processes, a second apart, are what a target is met after.
crash() {
	local i
	for ((i = 0; i < $1; i++)); do
		rm -f "$tmp/looper.sock"
		(cgroup_exec "$cgroup" "$tmp/looper" -listen "unix:$tmp/looper.sock" -delay 1800ms -rate 25) \
			>> "$tmp/looper.log" 2>&1 || true
	done
}
# loop LIVES: crash, and meanwhile note every incident with its value while it stands.
loop() {
	crash "$1" &
	local pid=$!
	while ! gone "$pid"; do note && sleep 0.5; done
	wait "$pid"
}
note() {
	local manifest
	for manifest in "$archive"/2*/manifest.json; do
		[ -e "$manifest" ] || continue
		grep -qsF "${manifest%/*}" "$tmp/seen" || is "$manifest" state sealed 2> /dev/null || continue
		grep -qsF "${manifest%/*}" "$tmp/seen" ||
			echo "$(field "$manifest" reason.value) $(field "$manifest" reason.slug) ${manifest%/*}" >> "$tmp/seen"
	done
}
is_at_rest() { [ "$(field "$status" targets)" = '[]' ] && is "$status" sealed "$(field "$status" incidents)"; }
rest() { wait_for $patience is_at_rest && sleep 1.5 && note; } # the last report, the next spare
descriptors() { find "/proc/$agent/fd" -mindepth 1 -printf '%l\n' | sed 's/[0-9]//g' | sort; }
run_agent() {
	start "$1" "$build/leakdog" run --config "$tmp/leakdog.yaml" --run-dir "$tmp/run"
	agent=$pid
}
says() { cat "$tmp"/agent-?.log | grep -cE "$1" || true; }
has_sealed() { grep -q "of 'shop' sealed: oom-killed" "$tmp/agent-2.log"; }

run_agent agent-1
loop $((lives / 2))
kill -KILL "$agent" # somewhere in a life, an aftermath or a seal
wait_for $patience gone "$agent"
rm -f "$status"
run_agent agent-2
wait_for $patience test -e "$status"
extra=0
while ! has_sealed && [ $extra -lt 10 ]; do # its helpers have run, then
	loop 1
	extra=$((extra + 1))
done
check "the second agent comes to rest" rest
descriptors > "$tmp/before"
loop $((lives - lives / 2))
check "it comes to rest again" rest
descriptors > "$tmp/after"
lives=$((lives + extra))

kills=$(grep -c oom-kill "$tmp/seen" || true)
echo "$lives lives, $kills kills seen, $(says "^.*rule 'memory > 60%'.* fires") firing, $(wc -l < "$tmp/seen") incidents"
check "half of the lives were seen at least" [ "$kills" -ge $((lives / 2)) ]
check "the rule was captured once, in all lives" [ "$(says "capture of 'shop'")" = 1 ]
left() { find "$archive" -maxdepth 1 -name '2*-oom-kill-*' | sort; }
left > "$tmp/left"
cat "$tmp/left"
check "three of its kind stand" [ "$(wc -l < "$tmp/left")" = 3 ]
stands() { grep -qxF "$1" "$tmp/left"; }
of_kills() { grep oom-kill "$tmp/seen" | sort "$@" | sed 's/.* //'; }
check "the first stands" stands "$(of_kills -k 3 | head -n 1)"
check "the newest stands" stands "$(of_kills -k 3 | tail -n 1)"
check "the worst stands" stands "$(of_kills -n -k 1,1 | tail -n 1)"
folded=0
while read -r dir; do
	n=$(field "$dir/manifest.json" limits.folded 2> /dev/null || echo 0)
	folded=$((folded + n))
done < "$tmp/left"
check "the others are counted" [ $((folded + 3)) -ge "$kills" ]
check "once each" [ $((folded + 3)) -le $((kills + 1)) ] # a seal that kill -9 cut may count twice
list_says() { "$build/leakdog" list --archive "$tmp/archive" | grep -qE 'oom kill \(\+[0-9]+\)'; }
check "list says so" list_says
show_says() { "$build/leakdog" show --archive "$tmp/archive" "$1" | grep -qE 'seen +[0-9]+ more time'; }
newest=$(tail -n 1 "$tmp/left")
check "show says so" show_says "${newest##*/}"
check "the status counts them" [ "$(field "$status" services.service=shop.folded)" -ge 1 ]
check "no descriptor is lost" diff "$tmp/before" "$tmp/after"

start_in "$cgroup" last "$tmp/looper" -listen "unix:$tmp/looper.sock2" -delay 1h
cooling() { is "$status" targets.service=shop.rules.0.phase cooling; }
check "the next life has the cooldown of the first" wait_for $patience cooling
cp "$tmp/agent-2.log" "$tmp/leakdog.log"
stop_agent
