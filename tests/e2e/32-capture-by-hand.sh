#!/bin/bash
# leakdog capture as a person and a script use it: of a service through the agent, of any
# process by itself, on a terminal and in a pipe; what it prints and how it ends.
# limit: 240
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
# shellcheck source=tests/e2e/terminal.sh
. "$top/tests/e2e/terminal.sh"
build_services leaker hostile field

start shop "$services/leaker" -listen 127.0.0.1:0 -max 5
shop=$pid
address_of shop
shop_address=$address

# captures CODE ARGUMENT...: its exit code; stdout in $tmp/out, stderr in $tmp/err.
captures() {
	local wanted=$1 code=0
	shift
	"$build/leakdog" capture "$@" > "$tmp/out" 2> "$tmp/err" || code=$?
	[ "$code" = "$wanted" ] || { echo "exit code $code" && cat "$tmp/err" && return 1; }
}
by_hand() { captures "$1" --archive "$tmp/archive" "${@:2}"; }
says() { grep -qF "$1" "$tmp/err"; }
result() { is "$manifest" "captures.0.artifacts.kind=$1.result" "$2"; }

# --- By itself, in a pipe ----------------------------------------------------------------
check "a whole capture ends with 0" by_hand 0 --name shop "http://$shop_address"
check "it prints one line" [ "$(wc -l < "$tmp/out")" = 1 ]
manifest=$(cat "$tmp/out")/manifest.json
check "which is the directory of the incident" test -f "$manifest"
check "it is sealed" is "$manifest" state sealed
check "and says that it was taken by hand" is "$manifest" reason.rule 'by hand'
check "with its heap" result heap complete
check "and its goroutines" result goroutine complete
no_escapes() { ! grep -q "$(printf '\033')" "$tmp/err"; }
check "there are no escape sequences in a pipe" no_escapes
silent_rules() { ! says 'is blind'; }
check "and no word of rules that nobody asked for" silent_rules

check "by pid and another address" by_hand 0 --name shop --pprof "http://$shop_address" "$shop"
check "by pid alone there is the kernel's evidence" by_hand 0 --name shop "$shop"
manifest=$(cat "$tmp/out")/manifest.json
check "which is filed" result kernel complete

check "an address where nobody answers is partial" \
	by_hand 5 --name shop --pprof http://127.0.0.1:1 "$shop"
manifest=$(cat "$tmp/out")/manifest.json
check "what failed is said" says 'heap failed'
check "what could be had is filed" result kernel complete
check "no such process" by_hand 3 4194304
check "one word too many" by_hand 2 "$shop" 'memory > 5G'
check "says where rules belong" says 'leakdog watch'
sleep 0.3 &
check "a process that ends at once is waited for in vain for a moment only" by_hand 3 $!
check "and that is said" says 'ended before it could be watched'

# --- On a terminal -----------------------------------------------------------------------
start slow "$services/hostile" -listen 127.0.0.1:0 -mode silent -on goroutine
slow=$pid
address_of slow
on_terminal screen "$build/leakdog" capture --archive "$tmp/archive" --name slow "http://$address"
check "a terminal shows what is under way" wait_for $patience shows screen '  capturing'
press '\003'
check "Ctrl-C ends it" wait_for $patience has_ended screen
check "what was whole by then is filed" [ "$code" = 5 ]
manifest=$(echo "$tmp"/archive/slow/2*/manifest.json)
check "it is sealed" is "$manifest" state sealed
check "with its heap" result heap complete
check "the directory is printed" shows screen "${manifest%/manifest.json}"
kill -KILL "$slow"

# --- Through the agent -------------------------------------------------------------------
export RUNTIME_DIRECTORY=$tmp/run
check "without an agent it says so" captures 4 shop
check "and which one is meant" says "$tmp/run/control"
cat > "$tmp/leakdog.yaml" << END
archive: { dir: $tmp/archive2, keep_free: 16M }
services:
  shop: { pid: $shop, pprof: "http://$shop_address", rules: [ rss > 8G ], settle: 1s, again: 1h }
END
start_agent "$tmp/leakdog.yaml"
check "it is watched" wait_for $patience grep -qs "watching 'shop'" "$tmp/leakdog.log"
check "the agent is asked" captures 0 shop
incident=$(sed -nE 's,^incident (shop/[^ ]+)$,\1,p' "$tmp/out")
check "and answers with the incident" [ -n "$incident" ]
filed() { [ -e "$tmp/archive2/$incident/manifest.json" ]; }
check "which is filed" wait_for $patience filed
check "a service that nobody knows" captures 3 other
check "is said" says "no running target of service 'other'"
kill "$agent"
check "the agent ends" wait_for $patience gone "$agent"
check "the archive is as promised" "$build/leakdog" verify --archive "$tmp/archive"
