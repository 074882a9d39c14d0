#!/bin/bash
# kill -9 of the agent in the middle of an incident: the next agent goes on with it, keeps the
# base and does not fire again; a target that ended while nobody watched is sealed as that.
# needs: root
# tier: full
# limit: 240
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
build_services leaker field

make_cgroup $((512 << 20))
start_in "$cgroup" leaker "$services/leaker" -listen 127.0.0.1:0 -rate 40 -delay 8s -max 200
leaker=$pid
address_of leaker

cat > "$tmp/leakdog.yaml" << END
archive: { dir: $tmp/archive }
services:
  shop: { pid: $leaker, pprof: "http://$address", rules: [ memory > 120M ], base: { after: 1s }, again: 1h }
END
chmod 644 "$tmp/leakdog.yaml"

run_agent() { # NAME
	start "$1" "$build/leakdog" run --config "$tmp/leakdog.yaml" --run-dir "$tmp/run"
	agent=$pid
}
says() { grep -qF "$2" "$tmp/$1.log"; } # NAME TEXT

run_agent first
check "the base is taken" wait_for $patience says first "base of 'shop'"
check "the rule fires and is captured" wait_for $patience says first "capture of 'shop'"
sleep 1.5 # the state is written half a second after a change
kill -KILL "$agent"
wait_for $patience gone "$agent"
manifest=$(echo "$tmp"/archive/shop/2*/manifest.json)
check "the incident is open" is "$manifest" state open

run_agent second
check "its target is known" wait_for $patience says second "is known: base late"
check "the incident goes on" wait_for $patience says second "goes on"
sleep 3
fires_again() { says second "fires"; }
quiet() { ! fires_again; }
check "the rule does not fire again" quiet
check "the base is not taken again" [ "$(grep -c "base of 'shop'" "$tmp/second.log")" = 0 ]

kill -KILL "$agent"
wait_for $patience gone "$agent"
kill -KILL "$leaker"
wait_for $patience gone "$leaker"
run_agent third
check "the end that nobody saw is sealed" wait_for $patience says third "sealed: agent-stopped"
check "the manifest says so" is "$manifest" verdict.outcome agent-stopped
kill -TERM "$agent"
check "the agent ends" wait_for $patience gone "$agent"
check "verify finds nothing" "$build/leakdog" verify --archive "$tmp/archive"
