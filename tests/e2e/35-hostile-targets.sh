#!/bin/bash
# Targets that do everything wrong: each gets an incident which says exactly what is and
# what is not, within its time-out, while 50 other targets are sampled on time.
# needs: root
# limit: 400
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

build_services hostile leaker field
# What is fetched here is what a stranger may send: under the sanitizers where they are.
build=${LEAKDOG_DEBUG_BUILD:-$build}
config=$tmp/leakdog.yaml
cat > "$config" << END
archive: {dir: $tmp/archive, keep_free: 16M}
defaults: {capture: {timeout: 3s, max_bytes: 8M}, again: 1d, settle: 2s}
services:
END

# hostile NAME OPTION...: a target of this name, whose rule holds from the start.
hostile() {
	local name=$1
	shift
	start "$name" "$services/hostile" -listen 127.0.0.1:0 "$@"
	address_of "$name"
	watch "$name" "$pid" "http://$address"
}
watch() { # NAME PID URL
	echo "  $1: {pid: $2, pprof: \"$3\", rules: [rss > 1M]}" >> "$config"
}

modes="404 401 500 html empty silent trickle endless break bomb redirect pprof-error"
for mode in $modes; do
	hostile "$mode" -mode "$mode"
done
for mode in die die-in-body; do
	hostile "$mode" -mode "$mode" -on heap
done
for n in 1 2 3 4 5; do
	hostile "die-at-$n" -mode die -honest $n
done
start honest "$services/hostile" -listen 127.0.0.1:0 -mode honest
address_of honest
honest=$pid
watch wrong-port "$honest" http://127.0.0.1:1
start other "$services/leaker" -listen 127.0.0.1:0 -delay 1h
address_of other
watch foreign "$honest" "http://$address"
for n in {1..50}; do
	start "calm-$n" sleep 1000
	echo "  calm-$n: {pid: $pid, rules: [memory > 1G]}" >> "$config"
done

start_agent "$config"

manifest_of() { manifest=$(echo "$tmp/archive/$1"/*/manifest.json); }
filed() {
	manifest_of "$1"
	[ -e "$manifest" ]
}
# says SERVICE RESULTS WORDS: the heap's result is one of them, and why has the words.
says() {
	local result why
	filed "$1" || return
	result=$(field "$manifest" captures.0.artifacts.kind=heap.result || echo none)
	why=$(field "$manifest" captures.0.artifacts.kind=heap.why || echo "")
	echo "$1: heap $result: $why"
	[[ " $2 " = *" $result "* ]] && grep -qiE "$3" <<< "$why"
}
expect() { # SERVICE RESULTS WORDS
	check "$1: an incident in time" wait_for 60 filed "$1"
	check "$1: it says what is not" says "$@"
}
under_a_megabyte() { filed "$1" && [ "$(du -sk "$(dirname "$manifest")" | cut -f 1)" -lt 1024 ]; }
expect wrong-port "failed" 'connect|refused'
expect 404 "failed" 404
expect 401 "failed" 401
expect 500 "failed" 500
expect html "failed" "no pprof.*doctype"
expect empty "failed" "nothing in it"
expect silent "failed" 'time|3 s'
expect trickle "failed partial" 'time|3 s'
expect endless "failed partial" 'max_bytes|8M|bytes'
expect break "failed partial" 'broke|closed|cut|end'
# The bytes are kept as they came: nothing here unpacks them into memory.
check "bomb: an incident in time" wait_for 60 filed bomb
check "bomb: it is small on the disk" under_a_megabyte bomb
expect redirect "failed" '302|redirect'
expect pprof-error "failed" 'Unknown profile|404'
expect die failed "reply|closed|reset"
expect die-in-body partial "closed|reset"
expect foreign "failed skipped" 'another|foreign|other'
for n in 1 2 3 4 5; do
	check "die-at-$n: an incident" wait_for 60 filed "die-at-$n"
done
ended_by_exit() { filed "$1" && is "$manifest" verdict.outcome exited; }
for service in die die-in-body die-at-{1..5}; do
	check "$service: the verdict is exited" wait_for 30 ended_by_exit "$service"
done

check "the agent lives" kill -0 "$agent"
late=$(field "$tmp/run/status.json" latest_tick_ms)
echo "the latest tick was $late ms late"
check "ticks were on time" [ "$late" -lt 1000 ]
targets=$(field "$tmp/run/status.json" targets | grep -o '"service"' | wc -l)
check "the calm ones are watched ($targets targets)" [ "$targets" -ge 50 ]
check "no sanitizer has spoken" [ "$(grep -cE "Sanitizer|runtime error" "$tmp/leakdog.log")" = 0 ]
stop_agent
