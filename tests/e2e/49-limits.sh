#!/bin/bash
# A crash loop whose rule cools down at once: limits.per_service is what ends the captures, also
# after a kill -9 of the agent. What it forbids is said once, counted and shown, and incidents
# without a capture have their timeline and verdict.
# needs: root
# limit: 150
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

build_services leaker field
make_cgroup 24M
cp "$services/leaker" "$tmp/nervous"
status=$tmp/run/status.json
cat > "$tmp/leakdog.yaml" << END
archive: {dir: $tmp/archive, keep_free: 16M}
services:
  shop:
    name: nervous
    pprof: unix://$tmp/nervous.sock
    rules: [memory > 60%]
    cooldown: 1s
    again: off
    base: {after: 1h}
    limits: {per_service: 2}
END
chmod 644 "$tmp/leakdog.yaml"

run_agent() {
	start "$1" "$build/leakdog" run --config "$tmp/leakdog.yaml" --run-dir "$tmp/run"
	agent=$pid
}
says() { grep -cE "$2" "$tmp/$1.log" || true; }
# lives_until COMMAND...: one after the other, twenty at most.
lives_until() {
	local i
	for ((i = 0; i < 20; i++)); do
		! "$@" || return 0
		rm -f "$tmp/nervous.sock"
		(cgroup_exec "$cgroup" "$tmp/nervous" -listen "unix:$tmp/nervous.sock" -delay 1800ms -rate 25) \
			>> "$tmp/nervous.log" 2>&1 || true
	done
	return 1
}
captured() { [ "$(says first "capture of 'shop' pid [0-9]+ (complete|partial|gone)")" -ge 2 ]; }
# One that shows the second late may show the third at once.
suppressed() { [ "$(field "$status" services.service=shop.suppressed)" -ge 2 ]; }

run_agent first
check "two lives are captured" lives_until captured
sleep 1.5 # the state is written half a second after a change
kill -KILL "$agent"
wait_for $patience gone "$agent"
rm -f "$status"
run_agent second
wait_for $patience test -e "$status"
check "the next agent suppresses the others" lives_until suppressed
check "it captures none" [ "$(says second "capture of 'shop' pid [0-9]+ (complete|partial|gone)")" = 0 ]
check "it says so once" [ "$(says second 'suppressed by limits.per_service: 2 captures in the last hour')" = 1 ]
sealed() { [ "$(says second "memory-60-.* of 'shop' sealed: oom-killed")" -ge 2 ]; }
check "their incidents are sealed" wait_for $patience sealed
newest=$(find "$tmp/archive/shop" -maxdepth 1 -name '2*-memory-60-*' | sort | tail -n 1)
check "with what was suppressed" is "$newest/manifest.json" limits.suppressed 1
check "and by what" is "$newest/manifest.json" limits.by limits.per_service
check "with a timeline" [ -s "$newest/timeline.csv" ]
show_says() { "$build/leakdog" show --archive "$tmp/archive" "$1" | grep -q '1 capture by limits.per_service'; }
check "show says so" show_says "${newest##*/}"
check "the status says so" grep -q 'limits.per_service: 2 captures' "$status"
cp "$tmp/second.log" "$tmp/leakdog.log"
stop_agent
