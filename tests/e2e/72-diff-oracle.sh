#!/bin/bash
# leakdog diff says what go tool pprof -top -base says: of profiles of seven programs taken
# twice, every function's flat and cum and every total, to the byte, for all sample types; also
# where functions shrink, where one side is empty, and where two programs are compared.
# limit: 400
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
# shellcheck source=tests/incidents/lib.sh
. "$top/tests/incidents/lib.sh"

programs=(cron grpc gzip map ssh ticker upload)
heaps="alloc_objects alloc_space inuse_objects inuse_space"
declare -A at types=( # of samples, by profile
	[heap]=$heaps [allocs]=$heaps [goroutine]=goroutine [threadcreate]=threadcreate
	[mutex]="contentions delay"
)
profiles=$tmp/profiles
mkdir -p "$profiles"

build_services leaker oracle
"$top/tests/incidents/build" "$services" "${programs[@]}"

# Both sides of each incident; healthy only for a moment, as nobody waits for a base here.
start_pair() {
	local service=("$services/$1" -listen 127.0.0.1:0) peer=("$services/$1" -peer -healthy 1s)
	if incident_dials "$1"; then
		start "$1-peer" "${peer[@]}" -listen 127.0.0.1:0
		address_of "$1-peer"
		service+=(-dial "$address")
	fi
	start "$1" "${service[@]}"
	address_of "$1"
	at[$1]=$address
	incident_dials "$1" || start "$1-peer" "${peer[@]}" -dial "$address"
}

# take WHEN: every kind of every program.
take() {
	local program kind
	for program in "${!at[@]}"; do
		for kind in "${!types[@]}"; do
			curl -sS --fail -o "$profiles/$program-$1-$kind.pb.gz" \
				"http://${at[$program]}/debug/pprof/$kind" || return 1
		done
	done
}

pairs=0 functions=0
# equal BASE NOW TYPE...: of one or two files. An oracle that finds nothing proves nothing, so
# what it has compared is counted.
equal() {
	local base=$1 now=$2 type said
	shift 2
	for type; do
		said=$("$services/oracle" "$build/leakdog" "$type" ${base:+"$base"} "$now" \
			2>> "$tmp/oracle.log") || return 1
		functions=$((functions + ${said%% *}))
	done
	pairs=$((pairs + 1))
}

start leaker "$services/leaker" -listen 127.0.0.1:0 -max 100 -parked 50
address_of leaker
at[leaker]=$address
for program in "${programs[@]}"; do start_pair "$program"; done
sleep 1 # the first profile is to differ from the second, whatever is in them
check "profiles of all, early" take early
sleep 6
check "profiles of all, late" take late

for program in "${!at[@]}"; do
	for kind in "${!types[@]}"; do
		early=$profiles/$program-early-$kind.pb.gz late=$profiles/$program-late-$kind.pb.gz
		# shellcheck disable=SC2086 # types are words
		check "$program, $kind: late against early" equal "$early" "$late" ${types[$kind]}
		[[ $kind =~ ^(heap|goroutine)$ ]] || continue
		# shellcheck disable=SC2086
		check "$program, $kind: early against late, as things shrink" \
			equal "$late" "$early" ${types[$kind]}
	done
	check "$program, heap: alone" equal "" "$profiles/$program-late-heap.pb.gz" inuse_space
done

# A profile without samples: what pprof leaves when nothing is in focus.
empty=$profiles/empty.pb.gz
go tool pprof -proto -focus='^nothing$' -output="$empty" "$profiles/cron-late-heap.pb.gz" \
	> "$tmp/empty.log" 2>&1 || cat "$tmp/empty.log"
heap=$profiles/cron-late-heap.pb.gz
# shellcheck disable=SC2086 # the same
check "against nothing" equal "$empty" "$heap" ${types[heap]}
# shellcheck disable=SC2086
check "nothing against something" equal "$heap" "$empty" ${types[heap]}
# shellcheck disable=SC2086
check "two programs" equal "$heap" "$profiles/grpc-late-heap.pb.gz" ${types[heap]}
[ $failures = 0 ] || cat "$tmp/oracle.log"
echo "$pairs pairs, $functions functions"
check "there was something to compare" [ "$functions" -gt 2000 ]
