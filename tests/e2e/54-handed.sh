#!/bin/bash
# An agent without a capability captures in a container: systemd hands out a process that has
# them, takes one job for one pidfd and gives them up before it reads from there. What is taken
# over by its answers can do nothing with them.
# needs: root
# limit: 120
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
build_services leaker hostile field

# --- The units ---------------------------------------------------------------------------
mkdir "$tmp/units"
cp "$top"/systemd/leakdog-capture* "$tmp/units"
unit=$tmp/units/leakdog-capture@.service
sed -i "s,/usr/bin/leakdog-fetch,$(type -P true)," "$unit"
exposure() {
	local rating
	rating=$(systemd-analyze security --offline=true --no-pager "$unit" | tail -n 1)
	echo "${rating#*→ }"
	systemd-analyze security --offline=true --no-pager --threshold=25 "$unit" > /dev/null
}
quiet() { [ -z "$("$@" 2>&1 | tee /dev/stderr)" ]; }
check "the units have no fault" quiet systemd-analyze verify "$tmp/units/leakdog-capture.socket" "$unit"
check "it is rated at most 2.5" exposure
mkdir "$unit.d"
cp "$top/systemd/leakdog-journal.conf" "$unit.d/"
check "with leakdog-journal.conf, too" exposure
rm -r "$unit.d"

# --- As systemd would -------------------------------------------------------------------
chmod 755 "$tmp"
public=$tmp/public
mkdir "$public"
cp "$build/leakdog" "$build/leakdog-fetch" "$build/shed" "$public"
as=(setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set=-all)
caps=+sys_ptrace,+sys_admin,+dac_read_search
rights=(setpriv --reuid 65534 --regid 65534 --clear-groups "--bounding-set=-all,$caps" "--inh-caps=$caps" "--ambient-caps=$caps")
socket=$tmp/capture.sock
export LEAKDOG_CAPTURE_SOCKET=$socket
export ASAN_OPTIONS=detect_leaks=0 # it traces, which these processes may not
archive=$tmp/archive
mkdir -m 750 "$archive"
chown 65534:65534 "$archive"
listens() { [ -S "$socket" ]; }
start socket systemd-socket-activate --accept --seqpacket --inetd -l "$socket" \
	-E ASAN_OPTIONS "${rights[@]}" "$public/leakdog-fetch" capture --handed
wait_for $patience listens || die "no socket: $(cat "$tmp/socket.log")"
chmod 666 "$socket" # whoever connects: the process looks for itself

apart() { # NAME COMMAND...
	local name=$1
	shift
	# shellcheck disable=SC2016 # of the inner shell
	start "$name" unshare --net sh -c 'ip link set lo up && exec "$@"' sh "$@"
	wait_for $patience grep -qs 'listens on' "$tmp/$name.log" || die "$name: $(cat "$tmp/$name.log")"
}
here=127.0.0.1:6060
apart red "$services/leaker" -listen $here -max 5 -parked 300
red=$pid
apart silent "$services/hostile" -listen $here -mode silent
silent=$pid

number=0
job() { # PID [URL]
	number=$((number + 1))
	dir=$archive/svc/i$number
	cat > "$tmp/job" << END
kind=capture
service=svc
key=0a1b2c3d-7-7
incident=i$number
number=1
reason.rule=by hand
reason.slug=by-hand
target.pid=$1
capture.artifacts=$(((1 << 20) - 1))
capture.debug2_at_most=10000
capture.timeout_ms=6000
capture.max_bytes=67108864
endpoint.url=${2:-http://$here}

END
}
captures() { # CODE COMMAND...
	local code=0
	"${@:2}" "$public/leakdog-fetch" capture --archive "$archive" < "$tmp/job" > "$tmp/told" 2> "$tmp/error" || code=$?
	[ $code = "$1" ] && return
	echo "exit code $code" && cat "$tmp/told" "$tmp/error" "$tmp/socket.log"
	return 1
}
result() { is "$dir/manifest.json" "captures.0.artifacts.kind=$1.result" "$2"; }
job "$red"
check "without a capability it is whole" captures 0 "${as[@]}"
for artifact in heap goroutine heap-gc goroutine-text sockets smaps fds goenv build; do
	check "with its $artifact" result $artifact complete
done
check "it is proved whose it is" is "$dir/manifest.json" captures.0.endpoint verified
check "it was told step by step" grep -q 'step=heap' "$tmp/told"
owners() { [ "$(find "$archive" -mindepth 1 -printf '%U:%G\n' | sort -u)" = 65534:65534 ]; }
check "the archive stays its user's" owners
job "$red" auto
check "the port is found there, too" captures 0 "${as[@]}"
check "with its heap" result heap complete

# --- Who may ask ---------------------------------------------------------------------
job "$red"
mkdir -m 750 "$tmp/others"
chown 65533 "$tmp/others"
another() { local archive=$tmp/others && captures 1 setpriv --reuid 65533 --regid 65533 --clear-groups --bounding-set=-all; }
check "another user is refused" another
check "which the journal says" grep -q 'neither our user nor root' "$tmp/socket.log"
check "and the result" grep -q 'ended without a result' "$tmp/told"
job "$red"
gone_socket() { LEAKDOG_CAPTURE_SOCKET=$tmp/none captures 5 "${as[@]}"; }
check "where nobody hands one out it is an error" gone_socket
check "which names the rights" eval "field '$dir/manifest.json' captures.0.artifacts.kind=heap.why | grep -q CAP_SYS_ADMIN"

# --- What is left while it reads ---------------------------------------------------------
# bare WHO: the one that reads has nothing, and cannot get anything
bare() {
	local reader
	reader=$(pgrep -f "^[^ ]*leakdog-fetch capture $1" -P "$2" | head -n 1)
	[ -n "$reader" ] || return
	grep -E '^(Cap|NoNewPrivs)' "/proc/$reader/status" > "$tmp/caps"
	[ "$(readlink "/proc/$reader/ns/net")" = "$(readlink "/proc/$silent/ns/net")" ] || return
	! grep -E '^Cap(Inh|Prm|Eff|Amb):.*[1-9a-f]' "$tmp/caps" && grep -q 'NoNewPrivs:.*1' "$tmp/caps"
}
job "$silent"
socket_pid=${children[0]}
captures 5 "${as[@]}" > "$tmp/silent.out" 2>&1 &
waiting=$!
check "what reads there has no capability" wait_for 5 bare --handed "$socket_pid"
wait $waiting
check "what never answers times out" result heap failed
check "the archive is as promised" "$build/leakdog" verify --archive "$archive"
archive=$tmp/roots
mkdir -m 750 "$archive"
job "$silent"
captures 5 > "$tmp/silent.out" 2>&1 &
waiting=$!
check "nor where the agent is root" wait_for 5 bare --archive "$waiting"
bounding() { grep -q 'CapBnd:.*0000000000000000' "$tmp/caps"; }
check "nor any to come" bounding
wait $waiting

# --- One that waits ------------------------------------------------------------------------
# The agent has met a target in another network: a process for it is there before it is needed.
archive=$tmp/agents
mkdir -m 750 "$archive" "$public/run"
chown 65534:65534 "$archive" "$public/run"
cat > "$tmp/leakdog.yaml" << END
archive: { dir: $archive, keep_free: 16M }
services:
  red: { pid: $red, pprof: "http://$here", rules: [ memory > 1000G ], again: off, base: { after: 2s } }
END
handed() { pgrep -f '^[^ ]*leakdog-fetch capture --handed' -P "$socket_pid"; }
spawned() { grep -c '^Spawned' "$tmp/socket.log"; }
based() { grep -q 'base of .* complete' "$tmp/agent.log"; }
waits() { partner=$(handed) && grep -qs 'CapEff:.*0000000000000000' "/proc/$partner/status"; }
start agent "${as[@]}" "$public/leakdog" run --config "$tmp/leakdog.yaml" --run-dir "$public/run/leakdog"
agent=$pid
check "a base is taken" wait_for $patience based
one() { [ "$(handed | wc -l)" = 1 ]; }
check "one process waits" wait_for $patience one
check "with none of its capabilities in effect" waits
check "in nobody's network but ours" [ "$(readlink "/proc/$partner/ns/net")" = "$(readlink /proc/self/ns/net)" ]
captured() { is "$(echo "$archive"/red/2*/manifest.json)" "captures.$1.artifacts.kind=heap.result" complete 2> /dev/null; }
# asks NUMBER STARTED: so many processes are started for a capture, with the next that waits
asks() {
	local before
	before=$(spawned)
	"${as[@]}" env XDG_RUNTIME_DIR="$public/run" "$public/leakdog" capture red &&
		wait_for $patience captured "$1" && wait_for $patience gone "$partner" &&
		wait_for $patience waits && [ $(($(spawned) - before)) = "$2" ] && return
	echo "$(($(spawned) - before)) were started" && tail -n 20 "$tmp/agent.log" "$tmp/socket.log" | cut -c 1-200
	return 1
}
check "a capture takes the one that waits" asks 0 1
kill "$partner"
check "where it died another one comes in its place" asks 1 2
check "nothing was wrong" eval "! grep -q 'no job' '$tmp/socket.log'"
kill "$agent"
check "the agent ends" wait_for $patience gone "$agent"
nobody_waits() { ! handed > "$tmp/handed"; }
check "and with it the one that waits" wait_for $patience nobody_waits
check "without a complaint" eval "! grep -q 'no job' '$tmp/socket.log'"
check "the archive is as promised" "$build/leakdog" verify --archive "$archive"

# --- One that was taken over ---------------------------------------------------------------
tries() {
	"$@" "$public/shed" "$red" "$tmp/units" < "$archive" > "$tmp/tries" 2>&1 && return
	cat "$tmp/tries"
	return 1
}
check "with the rights of the unit given up nothing is left" tries "${rights[@]}"
check "also where it was root" tries
check "the archive is as promised" "$build/leakdog" verify --archive "$archive"
