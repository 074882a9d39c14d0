#!/bin/bash
# leakdog as a sidecar: in a container of its own beside the service, with the pod's processes
# and the same user, without any capability, and with a cgroup file system that shows nothing
# but its own cgroup. It finds the service's limit and its kills through the service's own
# mounts, and goes on with the container's next life.
# needs: root
# limit: 240
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
build_services leaker field
archive=$tmp/archive
mkdir "$archive"
chown 65534:65534 "$archive"
chmod 711 "$tmp"

# A container of the pod: CGROUP COMMAND..., with its own namespaces of cgroups and mounts and
# no capability.
cat > "$tmp/container" << 'END'
#!/bin/bash
echo $$ > "$1/cgroup.procs"
type=$2
shift 2
exec unshare --cgroup --mount -- bash -c '
	type=$1
	shift
	umount -R /sys/fs/cgroup
	mount -t tmpfs none /sys/fs/cgroup
	if [ "$type" = 1 ]; then
		mkdir /sys/fs/cgroup/memory
		mount -t cgroup -o memory,ro none /sys/fs/cgroup/memory
	else
		mount -t cgroup2 -o ro none /sys/fs/cgroup
	fi
	exec setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set -all --inh-caps -all "$@"
' bash "$type" "$@"
END
# The pod: its processes see each other, and no others. The service is started again where it
# is killed, once.
cat > "$tmp/pod" << 'END'
#!/bin/bash
for life in 1 2; do
	[ $life = 1 ] || sleep 4
	"$1/container" "$2" "$4" "$5/leaker" -listen 127.0.0.1:"$7" -delay $((life * 8))s -rate 15 \
		> "$1/app-$life.log" 2>&1
done &
"$1/container" "$3" "$4" "$6/leakdog" run --config "$1/leakdog.yaml" --run-dir "$1/run" > "$1/leakdog.log" 2>&1
END
chmod +x "$tmp/container" "$tmp/pod"
make_cgroup $((96 << 20))
app=$cgroup
make_cgroup $((256 << 20))
sidecar=$cgroup
port=$((20000 + $$ % 10000))
mkdir "$tmp/run"
chown 65534 "$tmp/run"
cat > "$tmp/leakdog.yaml" << END
archive: { dir: $archive, keep_free: 16M }
services:
  app:
    name: leaker
    pprof: http://127.0.0.1:$port
    rules: [ memory > 60% ]
    base: { after: 4s }
    again: off
END
cgroup_find
# shellcheck disable=SC2154 # of scripts/cgroup.sh
start pod unshare --pid --fork --kill-child --mount --mount-proc "$tmp/pod" "$tmp" "$app" "$sidecar" \
	"$cgroup_version" "$services" "$build" "$port"
first() { printf '%s\n' "$archive"/app/2*memory-60* | head -n 1; }
of() { is "$(first)/manifest.json" "$@" 2> /dev/null; }
check "the kill is seen" wait_for 90 of verdict.outcome oom-killed
echo "evidence: $(field "$(first)/manifest.json" verdict.evidence)"
check "by the counter of its own cgroup" of verdict.evidence own-counter
check "the limit is the container's" of target.limit $((96 << 20))
check "its cgroup is a sibling's" eval "[[ \$(field \"$(first)/manifest.json\" target.cgroup) == /../* ]]"
check "the address is proved to be its own" of target.endpoint verified
check "the heap is whole" of captures.0.artifacts.kind=heap.result complete
check "the base is its own" of base.state taken
bases() { [ "$(grep -c "base of 'app' pid .* complete" "$tmp/leakdog.log")" -ge 2 ]; }
check "the next life has a base of its own" wait_for 60 bases
followed() { [ "$(field "$(first)/manifest.json" verdict.successor_pid)" != 0 ] || grep -c "watching 'app'" "$tmp/leakdog.log" | grep -qx 2; }
check "and is known as the one that followed" followed
# The agent first, as where a pod ends; unshare blocks SIGTERM, and its child ends with it.
agent=$(sort -n "$sidecar/cgroup.procs" | head -n 1)
kill "$agent"
check "the agent ends" wait_for $patience gone "$agent"
kill -KILL "$pid" 2> /dev/null || true
wait_for $patience gone "$pid" || true
check "the archive is as promised" "$build/leakdog" verify --archive "$archive"
[ "$failures" = 0 ] || cat "$tmp/leakdog.log"
