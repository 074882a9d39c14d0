#!/bin/bash
# pprof on a unix socket in the file system of a container: it is found in there and nowhere
# else. What stands there in its place (a link, a pipe, somebody else's socket) is an error of
# the manifest and nothing else.
# needs: root
# limit: 120
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
build_services leaker plain field
archive=$tmp/archive
mkdir -m 750 "$archive"
fetch=$build/leakdog-fetch

# Out here somebody else has a socket of that very name.
box=$tmp/box
mkdir -p "$box/run" "$tmp/host"
start decoy "$services/leaker" -listen "unix:$box/run/p.sock" -parked 900 -max 1
decoy=$pid
start stranger "$services/leaker" -listen "unix:$tmp/host/s.sock" -parked 900 -max 1
wait_for $patience test -S "$box/run/p.sock"
wait_for $patience test -S "$tmp/host/s.sock"

# inside UNSHARE COMMAND...: with a file system of its own at $box, and what is in it.
cat > "$tmp/inside" << 'END'
set -e
mount -t tmpfs -o mode=755 tmpfs "$box"
mkdir "$box/run" "$box/host"
ln -s run "$box/var"
mount --bind "$tmp/host" "$box/host"
ln -s ../host/s.sock "$box/run/link"
mkfifo "$box/run/pipe"
echo x > "$box/run/file"
exec "$@"
END
export box tmp
inside() {
	start "$1" unshare "$2" --mount --propagation private sh "$tmp/inside" "${@:3}"
	wait_for $patience in_there "$pid" run/file || die "$1: $(cat "$tmp/$1.log")"
}
in_there() { [ -e "/proc/$1/root$box/$2" ]; }
inside boxed --net "$services/leaker" -listen "unix:$box/run/p.sock" -parked 300 -max 1
boxed=$pid
wait_for $patience in_there "$boxed" run/p.sock
inside near --fork "$services/leaker" -listen "unix:$box/run/p.sock" -parked 100 -max 1
near=$(pgrep -P "$pid")
children+=("$near")
wait_for $patience in_there "$near" run/p.sock
inside empty --net sleep 1000
empty=$pid
ticks() { sed 's/.*) //' "/proc/$1/stat" | cut -d ' ' -f 20; }

# probes WORDS PID PATH
probes() {
	printf 'id=1\tpid=%d\tstart_ticks=%d\turl=unix://%s\n' "$2" "$(ticks "$2")" "$3" |
		timeout 30 "${as[@]}" "$fetch" probe > "$tmp/answer" 2>&1
	grep -qE "$1" "$tmp/answer" && return
	cat "$tmp/answer"
	return 1
}
as=()
check "the probe counts in there" probes 'goroutines=30[0-9]' "$boxed" "$box/run/p.sock"
check "also through a link on the way" probes 'goroutines=30[0-9]' "$boxed" "$box/var/p.sock"
check "also where the network is ours" probes 'goroutines=10[0-9]' "$near" "$box/run/p.sock"
check "out here it counts who is out here" probes 'goroutines=90[0-9]' "$decoy" "$box/run/p.sock"

number=0
# captures CODE PID PATH: into $dir
captures() {
	local code=0
	number=$((number + 1))
	dir=$archive/svc/i$number
	timeout 60 "${as[@]}" "$fetch" capture --archive "$archive" > "$tmp/told" 2> "$tmp/error" << END || code=$?
kind=capture
service=svc
key=0a1b2c3d-7-7
incident=i$number
number=1
reason.rule=by hand
reason.slug=by-hand
target.pid=$2
capture.artifacts=2047
capture.debug2_at_most=10000
capture.timeout_ms=20000
capture.max_bytes=67108864
endpoint.url=unix://$3

END
	[ $code = "$1" ] && return
	echo "exit code $code" && cat "$tmp/told" "$tmp/error"
	return 1
}
# says FIELD WORDS: of the manifest
says() { field "$dir/manifest.json" "captures.0.$1" | grep -qE "$2"; }
holds() { zcat "$dir/01/goroutine.txt.gz" > "$tmp/text" && [ "$(grep -c main.parkedWorker "$tmp/text")" -ge "$1" ] && [ "$(grep -c '^main.parkedWorker' "$tmp/text")" = "$1" ]; }
check "a capture is taken in there" captures 0 "$boxed" "$box/run/p.sock"
check "of the one that was meant" holds 300
check "which is verified" says endpoint verified
check "where the network is ours, too" captures 0 "$near" "$box/run/p.sock"
check "of the one that was meant" holds 100
check "out here who is out here" captures 0 "$decoy" "$box/run/p.sock"
check "of the one that was meant" holds 900

# refuses PID PATH WORDS: an error of the manifest, and of the probe
refuses() {
	captures 5 "$1" "$2" && says artifacts.kind=heap.result failed && says artifacts.kind=heap.why "$3" &&
		[ ! -e "$dir/01/heap.pb.gz" ] && [ ! -e "$dir/01/goroutine.pb.gz" ] &&
		[ -e "$dir/01/proc/status" ] && probes "kind=failed.*$3" "$1" "$2"
}
check "what is not there" refuses "$empty" "$box/run/p.sock" 'No such file'
check "a link" refuses "$empty" "$box/run/link" 'symbolic link'
check "a pipe" refuses "$empty" "$box/run/pipe" 'Socket operation on non-socket'
check "a file" refuses "$empty" "$box/run/file" 'Socket operation on non-socket'
check "a way out of there" refuses "$empty" "/proc/$decoy/root$box/run/p.sock" 'symbolic link|Permission'
check "somebody else's socket" refuses "$empty" "$box/host/s.sock" "another process's"
check "which is foreign" says endpoint foreign
as=(setpriv --bounding-set=-sys_ptrace --inh-caps=-sys_ptrace)
check "a missing right" refuses "$boxed" "$box/run/p.sock" CAP_SYS_PTRACE
as=()
check "the archive is as promised" "$build/leakdog" verify --archive "$archive"
