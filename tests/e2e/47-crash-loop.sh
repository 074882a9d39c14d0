#!/bin/bash
# A service that is killed by its limit again and again, each life a new process, with the agent
# killed in between: the archive keeps the first, the worst and the newest incident and counts
# the others, the rule is captured once in its cooldown, and the agent loses no descriptor.
# 47-crash-loop.sh N: until N kills were seen, instead of five.
# needs: root
# limit: 150
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

wanted=${1-5}
lives=0
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

# Two looks for processes, a second apart, are what a target is met after.
crash() {
	rm -f "$tmp/looper.sock"
	(cgroup_exec "$cgroup" "$tmp/looper" -listen "unix:$tmp/looper.sock" -delay 1800ms -rate 25) \
		>> "$tmp/looper.log" 2>&1 || true
}
# shellcheck disable=SC2086 # a pattern
sealed() { cat "$tmp"/$1.log | grep -cE "oom-kill-[0-9a-f]+ of 'shop' sealed: oom-killed" || true; }
# loop_until LOGS N: so many kills are sealed there. Every incident is noted with its value while it stands.
loop_until() {
	while [ "$(sealed "$1")" -lt "$2" ] && [ $lives -lt $((3 * wanted + 20)) ]; do
		crash &
		local pid=$!
		while ! gone "$pid"; do note && sleep 0.5; done
		wait "$pid"
		lives=$((lives + 1))
	done
}
# "SCORE SLUG DIRECTORY", the score in thousandths as in retention.
note() {
	local manifest value
	for manifest in "$archive"/2*/manifest.json; do
		grep -qsF "${manifest%/*}" "$tmp/seen" || is "$manifest" state sealed 2> /dev/null || continue
		grep -qsF "${manifest%/*}" "$tmp/seen" && continue
		value=$(field "$manifest" reason.value)
		echo "$((value * 1000 / $(field "$manifest" reason.threshold))) $(field "$manifest" reason.slug) ${manifest%/*}" >> "$tmp/seen"
	done
}
is_at_rest() { [ "$(field "$status" targets)" = '[]' ] && is "$status" sealed "$(field "$status" incidents)"; }
rest() { wait_for $patience is_at_rest && sleep 1.5 && note; } # the last report, the next spare
# One spare waits, or two after a base had to wait for one: each is a pidfd and a socket here,
# and none of them counts.
spares() { pgrep -c -P "$agent" -f 'leakdog-fetch capture' || true; }
descriptors() {
	find "/proc/$agent/fd" -mindepth 1 -printf '%l\n' | sed 's/[0-9]//g' | sort |
		awk -v spares="$(spares)" '
			/pidfd/ && pidfds < spares { pidfds++; next }
			/^socket/ && sockets < spares { sockets++; next }
			{ print }'
}
run_agent() {
	start "$1" "$build/leakdog" run --config "$tmp/leakdog.yaml" --run-dir "$tmp/run"
	agent=$pid
}
says() { cat "$tmp"/agent-?.log | grep -cE "$1" || true; }

run_agent agent-1
loop_until agent-1 $((wanted / 2))
kill -KILL "$agent" # somewhere in a life, an aftermath or a seal
wait_for $patience gone "$agent"
rm -f "$status"
run_agent agent-2
wait_for $patience test -e "$status"
loop_until agent-2 1 # its helpers have run, then
check "the second agent comes to rest" rest
descriptors > "$tmp/before"
loop_until 'agent-?' "$wanted"
check "it comes to rest again" rest
descriptors > "$tmp/after"

kills=$(grep -c oom-kill "$tmp/seen" || true)
echo "$lives lives, $kills kills seen, $(says "^.*rule 'memory > 60%'.* fires") firing, $(wc -l < "$tmp/seen") incidents"
check "$wanted kills were seen" [ "$kills" -ge "$wanted" ]
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
