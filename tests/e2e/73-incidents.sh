#!/bin/bash
# The published incidents, replayed (tests/incidents): each program, its twin whose guilty code
# has other names and lies elsewhere, and its healthy twin. What a person would have looked at
# by hand says first that the fault is there: go tool pprof, ss, smaps.
# needs: root
# limit: 600
# shellcheck source=tests/e2e/incidents.sh
. "$(dirname "$(readlink -f "$0")")/incidents.sh"

all=(cron grpc upload gzip ticker map ssh)
build_services field
build_incidents "${all[@]}" "${all[@]/%/-twin}" "${all[@]/%/-healthy}"
begun=$SECONDS

for program in "${all[@]}"; do
	for variant in "$program" "$program-twin" "$program-healthy"; do
		incident "$variant" "$variant"
	done
done
# A table that fits is freed before anybody looks.
incident freed upload -rows 30000
freed_pid=$service_pid
sed -i /grows/d "$confs/freed.yaml"
start_agent "$tmp/leakdog.yaml"

# share FUNCTION OPTION...: its percentage of all growth, as go tool pprof has it.
share() {
	local function=$1
	shift
	go tool pprof -top -cum "$@" 2> /dev/null | awk -v name="$function" \
		'{ line = $0; sub(/ \(inline\)$/, "", line) }
		substr(line, length(line) - length(name)) == " " name { print int($5) }'
}
holds_most() { [ "$(share "$@")" -ge 50 ]; }
whole() { # SERVICE N: heap and goroutines of its capture N
	local kind
	for kind in heap goroutine; do
		check "$1: $kind of capture $2 is complete" \
			is "$manifest" "captures.$(($2 - 1)).artifacts.kind=$kind.result" complete
	done
}
# Of a capture: after a collection where one was asked for.
heap_of() { [ -e "$dir/$1/heap-gc.pb.gz" ] && echo heap-gc.pb.gz || echo heap.pb.gz; }
at_least() { [ "$2" -ge "$1" ]; }

# By the count of goroutines, while there is memory left.
for service in ticker{,-twin} grpc{,-twin}; do
	check "$service: captured twice" wait_for 120 captured "$service" 2
	captured "$service" 2 || continue
	check "$service: by the count of goroutines" \
		is "$manifest" reason.rule 'goroutines > 5x base'
	check "$service: its base was taken in time" is "$manifest" base.state taken
	whole "$service" 1
	whole "$service" 2
	guilty=$(told "$service" guilty)
	case $service in
	ticker*)
		check "$service: pprof says $guilty" holds_most "$guilty" \
			-base "$dir/base/goroutine.pb.gz" "$dir/02/goroutine.pb.gz"
		;;
	grpc*)
		check "$service: 3,900 goroutines" \
			at_least 3900 "$(field "$manifest" captures.1.goroutines)"
		check "$service: pprof says $guilty" holds_most "$guilty" \
			-base "$dir/base/$(heap_of 02)" "$dir/02/$(heap_of 02)"
		;;
	esac
done

# All that end with a kill.
for service in {cron,upload,gzip,map}{,-twin}; do
	check "$service: sealed" wait_for 150 sealed "$service"
	check "$service: oom-killed" is "$manifest" verdict.outcome oom-killed
	whole "$service" 1
	guilty=$(told "$service" guilty)
	check "$service: pprof says $guilty" holds_most "$guilty" \
		-base "$dir/base/$(heap_of 01)" "$dir/01/$(heap_of 01)"
done

# Freed: the kernel may take it, and does not need it.
lazy_free() { awk '/^LazyFree/ { print $2 * 1024 }' "/proc/$freed_pid/smaps_rollup"; }
check "freed: captured twice" wait_for 60 captured freed 2
is_lazy() { [ "$(lazy_free)" -ge $((64 << 20)) ]; }
check "freed: smaps says LazyFree" wait_for 30 is_lazy

for program in "${all[@]}"; do
	check "$program-healthy: captured by hand" capture_now "$program-healthy"
done

# without_keepalive SERVICE: sockets to its peer that have no timer at all.
without_keepalive() {
	ss -tnoH state established dst "${peers[$1]:?}" | grep -vc timer:
}
for service in ssh{,-twin}; do
	check "$service: captured twice" wait_for 120 captured "$service" 2
	captured "$service" 2 || continue
	check "$service: by the count of goroutines" \
		is "$manifest" reason.rule 'goroutines > 5x base'
	check "$service: 1,000 goroutines" \
		at_least 1000 "$(field "$manifest" captures.1.goroutines)"
	whole "$service" 2
	check "$service: ss shows as many sockets without keepalive" \
		at_least 1000 "$(without_keepalive "$service")"
	check "$service: the stacks with their waits are there" \
		is "$manifest" captures.1.artifacts.kind=goroutine-text.result complete
	check "$service: pprof says $(told "$service" guilty)" \
		holds_most "$(told "$service" guilty)" \
		-base "$dir/base/goroutine.pb.gz" "$dir/02/goroutine.pb.gz"
done
only_by_hand() { [ "$(find "$tmp/archive/$1" -maxdepth 1 -name '2*' ! -name '*-by-hand-*')" = "" ]; }
for program in "${all[@]}"; do
	check "$program-healthy: no rule fired" only_by_hand "$program-healthy"
done

# What the report says, which the agent had written by itself. Functions are shown with the
# last two elements of their path.
grew() { sed -n '/^What grew$/,/^$/{//!p}' "$dir/summary.txt"; }
first_sentence() { grew | head -n 1 | grep -q "$@"; }
label() { sed -n '/^Where the memory is$/{n;p}' "$dir/summary.txt"; }
label_is() { [[ $(label) == "$1"* ]]; }
shown() { sed -E 's#.*/([^/]+/[^/]+)$#\1#' <<< "$1"; }
reported() {
	manifest_of "$1"
	[ -s "$dir/summary.txt" ] && [ -s "$dir/report.html" ] && [ -s "$dir/report.json" ]
}

for service in "${all[@]}" "${all[@]/%/-twin}"; do
	check "$service: reported" wait_for 30 reported "$service"
	guilty=$(shown "$(told "$service" guilty)")
	check "$service: the first sentence names $guilty" first_sentence -F "$guilty"
	check "$service: the label is right" label_is "$(told "$service" label)"
	printf '%s: %s\n%s\n' "$service" "$(label)" "$(grew | cut -c -300)"
done
check "freed: reported" wait_for 30 reported freed
check "freed: the label is right" label_is "$(told upload 'label once it is freed')"
check "freed: nobody is accused" first_sentence '^Nobody is accused'
for program in "${all[@]}"; do
	check "$program-healthy: reported" wait_for 30 reported "$program-healthy"
	check "$program-healthy: nobody is accused" first_sentence '^Nobody is accused'
done

# What else the reports of the goroutines' incidents must say.
nobody_for_the_heap() { ! grew | grep 'of the heap growth' | grep -F "$1"; }
groups_that_grew() { grew | grep -cE '^\+[0-9,]+ goroutines .*[^0-9][0-9]?[0-9] -> [0-9,]{3,}\)'; }
for service in ticker{,-twin}; do
	reported "$service"
	check "$service: nothing guilty in the heap" \
		nobody_for_the_heap "$(shown "$(told "$service" guilty)")"
done
for service in grpc{,-twin}; do
	reported "$service"
	check "$service: four groups of goroutines grew" at_least 4 "$(groups_that_grew)"
done
for service in ssh{,-twin}; do
	reported "$service"
	# Some came after the collection from which Go counts.
	check "$service: how long they wait" \
		first_sentence -E '"IO wait" (for|.the longest for) at least 1 minute'
	without_keepalive=$(grew | grep -c 'sockets .* of them without keepalive')
	check "$service: sockets without keepalive" at_least 1 "$without_keepalive"
done
echo "$((SECONDS - begun)) s of incidents"
stop_agent
check "the pages hold in a browser" pages_hold "$tmp"/archive/*/2*/
