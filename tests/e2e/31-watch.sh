#!/bin/bash
# leakdog watch as a person uses it: on a terminal, by an address, from the first line to
# the incident, and through Ctrl-C; and where stderr is a file.
# needs: root
# limit: 240
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
# shellcheck source=tests/e2e/terminal.sh
. "$top/tests/e2e/terminal.sh"
build_services leaker hostile field

# leaker NAME OPTION...: alone in a cgroup of 512M; $pid, $address.
leaker() {
	local name=$1
	shift
	make_cgroup $((512 << 20))
	start_in "$cgroup" "$name" "$services/leaker" -listen 127.0.0.1:0 "$@"
	address_of "$name"
}
watch() { # NAME ARGUMENT...
	local name=$1
	shift
	on_terminal "$name" "$build/leakdog" watch --archive "$tmp/archive" "$@"
}
manifests() { find "$tmp/archive/$1" -path '*/2*/manifest.json' 2> /dev/null | sort; }
newest() { manifests "$1" | tail -n 1; }
clear=$(printf '\r\033[K')

# --- A crossing on a terminal, then Ctrl-C -----------------------------------------------
leaker shop -rate 30 -max 200 -delay 8s
shop=$pid
watch first --name shop --base-after 1s "http://$address" 'memory > 120M'
check "it finds the process behind the address" wait_for $patience \
	shows first "watching 'shop' pid $shop (leaker)"
check "and its limit" shows first 'limit 512M'
live() { grep -qsE "$(printf '\033')\[Kshop $shop  memory [0-9.]+[KM] of 512M" "$tmp/first.screen"; }
check "a live line is drawn over itself" wait_for $patience live
check "the base is taken" wait_for $patience shows first 'base of '
check "the live line says how old it is" wait_for $patience shows first 'base 1s ago'
check "it shows how fast memory grows" wait_for $patience shows first 'full in '
check "the rule fires" wait_for $patience shows first "rule 'memory > 120M' of 'shop' pid $shop fires"
check "the capture is told" wait_for $patience shows first "capture of 'shop' pid $shop complete"
check "the live line names the incident" wait_for $patience shows first 'incident: memory > 120M'
log_clears() { grep -qF "${clear}capture of 'shop'" "$tmp/first.screen"; }
check "a line of the log never runs into the live line" log_clears

press '\003'
check "Ctrl-C ends it" wait_for 30 has_ended first
check "with 0" [ "$code" = 0 ]
check "it says that it ends" shows first 'ending: '
check "and how the incident is left" \
	shows first 'sealed: agent-stopped, the watch was ended while the process lived'
manifest=$(newest shop)
check "the incident is sealed" is "$manifest" state sealed
check "as what it is" is "$manifest" verdict.outcome agent-stopped
check "its heap is complete" is "$manifest" captures.0.artifacts.kind=heap.result complete
check "it has its base" is "$manifest" base.state late
check "the process lives on" kill -0 "$shop"

# --- Ctrl-C in the middle of a capture keeps what is whole -------------------------------
start silent "$services/hostile" -listen 127.0.0.1:0 -mode silent -on goroutine
address_of silent
watch second --name silent --base-after 1h "http://$address" 'rss > 1M'
check "the rule of one that answers no goroutines fires" wait_for $patience shows second 'fires: rss'
heap_is_there() { find "$tmp/archive" -path '*silent*' -name heap.pb.gz | grep -q .; }
check "its heap is on the disk" wait_for $patience heap_is_there
check "the live line says what is done" wait_for $patience shows second '  capturing'
press '\003'
check "Ctrl-C ends it" wait_for 60 has_ended second
check "with 0" [ "$code" = 0 ]
check "it says what is kept" shows second 'ending: captures keep what is whole'
manifest=$(newest silent)
check "the incident is sealed" is "$manifest" state sealed
check "what was whole is filed" is "$manifest" captures.0.artifacts.kind=heap.result complete
broken_off() { ! is "$manifest" captures.0.artifacts.kind=goroutine.result complete; }
check "and what was not is named" broken_off

# --- The end of the process ends the watch -----------------------------------------------
leaker short -rate 1 -max 1
short=$pid
watch third --name short "$short" 'memory > 400M'
check "it watches by pid" wait_for $patience shows third "watching 'short' pid $short"
kill -KILL "$short"
check "the end of the process ends the watch" wait_for 30 has_ended third
check "with 0" [ "$code" = 0 ]
check "it says so" shows third "'short' pid $short ended"

# --- A kill by the kernel where no rule saw it coming ------------------------------------
leaker doomed -rate 300 -delay 5s
watch fourth --name doomed "http://$address" 'goroutines > 100000'
check "a leak meets its limit under watch" wait_for $patience has_ended fourth
check "the kill is an incident" shows fourth 'sealed: oom-killed'
check "with the kernel's word for it" is "$(newest doomed)" verdict.evidence own-counter

# --- Not on a terminal -------------------------------------------------------------------
leaker plain -rate 1 -max 1
start watch "$build/leakdog" watch --archive "$tmp/archive" --name plain "http://$address" 'memory > 400M'
watch=$pid
check "without a terminal it writes lines" wait_for $patience grep -qsE '^plain [0-9]+  memory ' "$tmp/watch.log"
no_escapes() { ! grep -q "$(printf '\033')" "$tmp/watch.log"; }
check "and no escape sequences" no_escapes
kill -TERM "$watch"
check "SIGTERM ends it" wait_for 30 gone "$watch"

# --- What cannot be watched --------------------------------------------------------------
# refuses CODE WORDS ARGUMENT...
refuses() {
	local wanted=$1 words=$2 code=0
	shift 2
	"$build/leakdog" watch --archive "$tmp/archive" "$@" 2> "$tmp/refused" || code=$?
	[ "$code" = "$wanted" ] && grep -qF "$words" "$tmp/refused"
}
check "no such process" refuses 3 'there is no such process' 4194304
check "nobody listens there" refuses 3 'no process of this machine listens there' http://127.0.0.1:1
check "neither a pid nor an address" refuses 2 'write a pid' nonsense
check "a misspelt rule" refuses 2 '^' $$ 'memory >> 5G'

check "the archive is as promised" "$build/leakdog" verify --archive "$tmp/archive"
