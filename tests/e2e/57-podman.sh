#!/bin/bash
# Containers of podman on this machine, asked for by label and by image through podman's own
# socket, which answers as docker's does: each is found by who it is, captured in its own
# network before the kernel kills it, and the same container is another process when it is
# started again. A socket that hangs delays nobody who is known.
# needs: root
# limit: 240
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
build_services leaker field
SOURCE=$top
at() { echo "$*"; }
# shellcheck source=tests/vm/guest/containers-lib.sh
. "$top/tests/vm/guest/containers-lib.sh"

command -v podman > /dev/null || { echo "podman is not installed" && exit 77; }
limit=$((64 << 20)) status=$tmp/run/status.json archive=$tmp/archive socket=$tmp/podman.sock
cd "$tmp" # conmon leaves a file "oom" where it was started
podman() {
	command podman --root "$tmp/storage" --runroot "$tmp/runroot" --runtime runc \
		--cgroup-manager cgroupfs --events-backend file --log-level error "$@"
}
image() { # NAME
	tar -C "$tmp/root" -c . | podman import --change 'ENTRYPOINT ["/leaker"]' - "$1" > "$tmp/imported" 2>&1
}
# box NAME IMAGE OPTION... -- ARGUMENT...: started, not to be waited for; its pid in $pid.
box() {
	local name=$1 image=$2 options=()
	shift 2
	while [ "$1" != -- ]; do options+=("$1") && shift; done
	podman run -d --name "$name" --network none --memory $limit --ulimit nofile=1024:1024 \
		--ulimit nproc=4096:4096 "${options[@]}" "$image" "${@:2}" > /dev/null
	pid=$(podman inspect -f '{{.State.Pid}}' "$name")
}
remove() {
	podman rm -f -t 0 --all > "$tmp/removed" 2>&1
	podman rmi -f --all >> "$tmp/removed" 2>&1
	umount -l "$tmp/storage/overlay" 2> /dev/null
	find /sys/fs/cgroup -depth -path '*/libpod_parent*' -type d -exec rmdir {} + 2> /dev/null
}
at_end remove

mkdir "$tmp/root"
cp "$services/leaker" "$tmp/root/leaker"
image localhost/shop:1 && image localhost/till:2
box try localhost/till:2 -- -max 1 2> "$tmp/error" || {
	echo "podman runs no container here: $(head -n 1 "$tmp/error")"
	exit 77
}
podman rm -f -t 0 try > /dev/null
start api "$(type -P podman)" --root "$tmp/storage" --runroot "$tmp/runroot" --runtime runc \
	--cgroup-manager cgroupfs --events-backend file system service --time 0 "unix://$socket"
api=$pid
wait_for $patience [ -S "$socket" ] || die "no socket: $(cat "$tmp/api.log")"

cat > "$tmp/leakdog.yaml" << END
runtime: { socket: $socket, docker: /nowhere, podman: /nowhere }
defaults: { pprof: "http://127.0.0.1:6060", rules: [ memory > 62% ], base: { after: 3s }, cooldown: 1s }
services:
  shop: { container: { label: app=shop } }
  till: { container: { image: "localhost/till:*" } }
archive: { dir: $tmp/archive, keep_free: 1M }
END
check "the configuration is right" "$build/leakdog" check "$tmp/leakdog.yaml" > "$tmp/check.log" || cat "$tmp/check.log"
start_agent "$tmp/leakdog.yaml"

# --- Who they are ------------------------------------------------------------------------
box till-7 localhost/till:2 -- -max 1
till=$pid
box shop-1 localhost/shop:1 --label app=shop -- -delay 7s -rate 12
shop=$pid
box other localhost/shop:1 --label app=shopping -- -max 1
other=$pid
check "one is known by its label" wait_for $patience watched shop "$shop"
check "one by its image" wait_for $patience watched till "$till"

# --- Its end -------------------------------------------------------------------------------
evidence_of shop "$shop" "own-counter parent-counter"
check "with its name" is "$manifest" target.container.name shop-1
check "and its image" is "$manifest" target.container.image localhost/shop:1
check "and its runtime" is "$manifest" target.container.runtime podman
wait_for $patience gone "$shop"
podman start shop-1 > /dev/null
again=$(podman inspect -f '{{.State.Pid}}' shop-1)
check "started again it has a base of its own" wait_for $patience watched shop "$again" base.state "taken late"

# --- A socket that hangs ---------------------------------------------------------------------
kill -STOP "$api"
box shop-2 localhost/shop:1 --label app=shop -- -max 1
sleep 3
check "meanwhile the others are looked at" [ "$(stat -c %Y "$status")" -ge $(($(date +%s) - 6)) ]
check "who cannot be known is not guessed" [ "$(grep -c "watching 'shop' pid $pid " "$tmp/leakdog.log")" = 0 ]
kill -CONT "$api"
check "and is found when it answers again" wait_for $patience watched shop "$pid"
check "who has another label is nobody's" [ "$(grep -c "watching '.*' pid $other " "$tmp/leakdog.log")" = 0 ]
stop_agent
