#!/bin/bash
# Services with a loopback of their own, as in containers: two of them serve pprof at the same
# address, a third process has that address out here. Each is asked in its own network and
# nobody else's profile is ever taken for its own, whatever they do meanwhile.
#   51-netns.sh [ROUNDS]
# needs: root
# limit: 300
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
build_services leaker threads plain hostile field
rounds=${1:-20}
archive=$tmp/jobs
mkdir -m 750 "$archive"
fetch=$build/leakdog-fetch
export ASAN_OPTIONS=detect_leaks=0 # not under strace

# Whoever strays home is seen here, and the port is one that is free.
start decoy "$services/plain" -listen 127.0.0.1:0
address_of decoy
here=$address
strays() { grep -c 'asked for' "$tmp/decoy.log" || true; }

# apart NAME COMMAND...: in a network namespace of its own; pid in $pid.
apart() {
	local name=$1
	shift
	# shellcheck disable=SC2016 # of the inner shell
	start "$name" unshare --net sh -c 'ip link set lo up && exec "$@"' sh "$@"
	wait_for $patience grep -qs 'listens on' "$tmp/$name.log" || die "$name: $(cat "$tmp/$name.log")"
}
apart red "$services/leaker" -listen "$here" -max 5 -parked 500
red=$pid
apart blue "$services/threads" -listen "$here" -n 20 -delay 0s
blue=$pid
ticks() { sed 's/.*) //' "/proc/$1/stat" | cut -d ' ' -f 20; }

# --- The probe ---------------------------------------------------------------------------
# One process for all, which is where a kept connection or a wrong socket would show.
question() { printf 'id=%d\tpid=%d\tstart_ticks=%d\turl=%s\n' "$1" "$2" "$3" "$4"; }
{
	red_ticks=$(ticks "$red") blue_ticks=$(ticks "$blue")
	for ((i = 0; i < 1000; i += 2)); do
		question $i "$red" "$red_ticks" "http://$here"
		question $((i + 1)) "$blue" "$blue_ticks" "http://$here"
	done
} > "$tmp/questions"
check "the probe asks both in turn" "$fetch" probe < "$tmp/questions" > "$tmp/answers"
right=$(sed -nE 's/^id=([0-9]+)\tkind=counted\tgoroutines=([0-9]+)\t.*/\1 \2/p' "$tmp/answers" |
	awk '($1 % 2 == 0) == ($2 > 500)' | wc -l)
check "of 1000 answers all are of the one that was asked" [ "$right" = 1000 ]

answer() { # WORDS QUESTION...
	question "${@:2}" | "$fetch" probe > "$tmp/answer" 2>&1
	grep -qF "$1" "$tmp/answer" || { cat "$tmp/answer" && return 1; }
}
check "a number that was given again is asked nothing" answer 'No such process' 1 "$red" 7 "http://$here"
check "a host name has no meaning in there" answer 'where no name is looked up' \
	1 "$red" "$(ticks "$red")" "http://example.com:6060"
check "localhost is loopback" answer 'kind=counted' 1 "$red" "$(ticks "$red")" "http://localhost:${here#*:}"
lost() {
	local code=0
	question 1 "$red" "$(ticks "$red")" "http://$here" > "$tmp/question"
	strace -f -qq -o /dev/null -e trace=setns -e inject=setns:error=EPERM:when=2 \
		"$fetch" probe < "$tmp/question" > "$tmp/answer" 2> "$tmp/error" || code=$?
	[ $code = 134 ] && grep -q 'no way back' "$tmp/error" && [ ! -s "$tmp/answer" ]
}
check "a probe that cannot get home ends loudly" lost
uncapped() {
	question 1 "$red" "$(ticks "$red")" "http://$here" |
		setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin "$fetch" probe > "$tmp/answer" 2>&1
	grep -qF CAP_SYS_ADMIN "$tmp/answer"
}
check "without the right it says which" uncapped

# --- Captures ----------------------------------------------------------------------------
number=0
# job PID [LINE...]: of all artifacts at $here, of an incident of its own.
job() {
	number=$((number + 1))
	incident=$(printf 'i%05d' $number)
	dir=$archive/svc/$incident
	cat > "$tmp/job" << END
kind=capture
service=svc
key=0a1b2c3d-7-7
incident=$incident
number=1
reason.rule=by hand
reason.slug=by-hand
target.pid=$1
capture.artifacts=2047
capture.collect=1
capture.debug2_at_most=10000
capture.timeout_ms=20000
capture.max_bytes=67108864
END
	[ $# -gt 1 ] || set -- "$1" "endpoint.url=http://$here"
	printf '%s\n' "${@:2}" "" >> "$tmp/job"
}
capture() { "$@" "$fetch" capture --archive "$archive" < "$tmp/job" > "$tmp/told" 2> "$tmp/error"; }
has() { zcat "$dir/01/$1" > "$tmp/profile" && grep -qaF "$2" "$tmp/profile"; }
of() { # FUNCTION OTHER: the profiles are of a service that has the one and not the other
	has goroutine.pb.gz "$1" && ! has goroutine.pb.gz "$2" &&
		has goroutine.txt.gz "$1" && ! has goroutine.txt.gz "$2" &&
		is "$dir/manifest.json" captures.0.endpoint verified
}
reds() { job "$red" && capture && of main.parkedWorker main.readForever && has heap-gc.pb.gz main.rememberReply; }
blues() { job "$blue" && capture && of main.readForever main.parkedWorker && ! has heap-gc.pb.gz main.rememberReply; }
in_turn() {
	local i
	for ((i = 0; i < rounds; i += 2)); do
		reds || return
		blues || return
	done
}
check "$rounds captures in turn hold the profiles of the one that was meant" in_turn

# why ARTIFACT: what the manifest says of it.
why() { is "$dir/manifest.json" "captures.0.artifacts.kind=$1.result" "$2" &&
	field "$dir/manifest.json" "captures.0.artifacts.kind=$1.why" | grep -qF "$3"; }
refused() { # CODE ARTIFACT RESULT WORDS [COMMAND...]: of $tmp/job
	local code=0
	capture "${@:5}" || code=$?
	[ $code = "$1" ] && why "$2" "$3" "$4" && return
	cat "$tmp/told" "$tmp/error"
	return 1
}
job "$red" "endpoint.url=http://pprof.example:6060"
check "a host name is an error of the manifest" refused 5 heap failed 'where no name is looked up'
job "$red"
check "a missing right is one" refused 5 heap failed CAP_SYS_ADMIN \
	setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin
start neighbour nsenter --net -t "$red" sleep 1000
neighbour=$pid
beside() { [ "$(readlink "/proc/$neighbour/ns/net")" = "$(readlink "/proc/$red/ns/net")" ]; }
wait_for $patience beside
job "$neighbour"
check "an address in there of somebody else is foreign" refused 5 heap skipped "another process's"
apart sly "$services/hostile" -listen "$here" -mode redirect
job "$pid"
check "a redirect out of there is not followed" refused 5 heap failed 'redirects are not followed'

# --- Whose end comes in between ----------------------------------------------------------
# setns is held up for two seconds; meanwhile the target ends.
ends_in_the_join() {
	local code=0
	apart brief "$services/leaker" -listen "$here" -max 5
	job "$pid"
	capture strace -f -qq -o "$tmp/calls" -e trace=setns -e inject=setns:delay_"$1"=2000000 &
	wait_for $patience grep -qs setns "$tmp/calls" || [ "$1" = exit ] || true
	sleep 1
	kill -KILL "$pid"
	wait $! || code=$?
	[ $code = 5 ] && grep -q 'result.kind=gone' "$tmp/told" && [ ! -e "$dir/01/heap.pb.gz" ]
}
check "a target that ends before it is joined has ended" ends_in_the_join enter
check "a target that ends while it is joined has ended" ends_in_the_join exit
check "its profile is no stranger's" test ! -e "$dir/01/goroutine.pb.gz"

# The number of red is given to blue, in a pid namespace of their own.
cat > "$tmp/reuse" << 'END'
set -e
mount -t proc proc /proc
ip link set lo up
"$services/leaker" -listen "$here" -max 5 > "$tmp/old.log" 2>&1 &
old=$!
until grep -qs 'listens on' "$tmp/old.log"; do sleep 0.1; done
old_ticks=$(sed 's/.*) //' /proc/$old/stat | cut -d ' ' -f 20)
kill -KILL $old
wait $old 2> /dev/null || true
echo $((old - 1)) > /proc/sys/kernel/ns_last_pid
unshare --net sh -c 'ip link set lo up && exec "$@"' sh "$services/threads" -listen "$here" -delay 0s > "$tmp/new.log" 2>&1 &
[ $! = $old ]
until grep -qs 'listens on' "$tmp/new.log"; do sleep 0.1; done
sed -i "s/^target.pid=.*/target.pid=$old\ntarget.start_ticks=$old_ticks/" "$tmp/job"
printf 'id=1\tpid=%d\tstart_ticks=%d\turl=http://%s\n' $old $old_ticks "$here" | "$fetch" probe > "$tmp/answer"
"$fetch" capture --archive "$archive" < "$tmp/job" > "$tmp/told" 2> "$tmp/error" || true
kill -KILL $old
END
export services here tmp fetch archive
job 1
unshare --net --pid --mount --fork --kill-child sh "$tmp/reuse" || die "the number was not given again"
check "whose number is another's now is asked nothing" grep -q 'kind=failed.*No such process' "$tmp/answer"
check "and has ended" grep -q 'result.kind=gone' "$tmp/told"
check "without a profile" test ! -e "$dir/01/heap.pb.gz"

# --- The agent and a person --------------------------------------------------------------
config=$tmp/leakdog.yaml
cat > "$config" << END
archive: {dir: $tmp/archive, keep_free: 16M}
defaults: {pprof: "http://$here", rules: [goroutines > 100000], base: {after: 1s}}
services:
  red: {pid: $red}
  blue: {pid: $blue}
END
counts() { "$build/leakdog" check --json "$config" > "$tmp/check.json" 2> "$tmp/error"; }
check "check asks them in there" counts
by_hand() { "$build/leakdog" capture --archive "$tmp/archive" --name "$1" --pprof "http://$here" "$2" > "$tmp/out" 2> "$tmp/error" && dir=$(cat "$tmp/out"); }
check "a person takes the profiles of red" by_hand by-red "$red"
check "they are its own" of main.parkedWorker main.readForever
start_agent "$config"
goroutines() { field "$tmp/run/status.json" "targets.service=$1.signals.goroutines" 2> /dev/null; }
many() { [[ $(goroutines red) -gt 500 ]]; }
few() { [[ $(goroutines blue) -gt 20 && $(goroutines blue) -lt 100 ]]; }
check "the agent counts red's goroutines" wait_for $patience many
check "and blue's" wait_for $patience few
stop_agent
check "nobody was asked out here" [ "$(strays)" = 0 ]
