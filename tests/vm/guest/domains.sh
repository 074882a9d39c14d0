# Runs in the guest (tests/vm/run), as root, below systemd and cgroup v2: where the domains
# of services and containers are, what their files say, and who belongs to a unit. Captured
# trees of all of it are left in $OUT/fixtures where $OUT/capture exists.
# shellcheck source=tests/vm/guest/lib.sh
. "$SOURCE/tests/vm/guest/lib.sh"

look() { "$BUILD/look" "$1" > "$OUT/look" 2>&1; }
value() { awk -v name="$1" '$1 == name { print $2 }' "$OUT/look"; }
is() { [ "$(value "$1")" = "$2" ] || { echo "$1 is $(value "$1")"; return 1; }; }
at_least() { [ "$(value "$1")" -ge $(($2 << 20)) ] || { echo "$1 is $(value "$1")"; return 1; }; }
at_most() { [ "$(value "$1")" -le $(($2 << 20)) ] || { echo "$1 is $(value "$1")"; return 1; }; }
# Only where it is asked for, as it is slow here: touch OUT/capture, then tests/vm/run -o OUT.
capture() { [ ! -e "$OUT/capture" ] || "$SOURCE/tests/tools/capture-tree.sh" "$OUT/fixtures/$1" "$2"; }
export -f capture
# serve UNIT PROPERTY... -- COMMAND...: a transient service; its main pid in $pid.
serve() {
	local unit=$1 options=()
	shift
	while [ "$1" != -- ]; do
		options+=(-p "$1")
		shift
	done
	shift
	systemd-run -q --unit="$unit" "${options[@]}" "$@"
	pid=$(systemctl show -p MainPID --value "$unit")
}
named() { [ "$(cat "/proc/$1/comm")" = "$2" ]; }
sleeps() { grep -q '^State:.S' "/proc/$1/status" && [ "$(awk '/VmRSS/ { print $2 }' "/proc/$1/status")" -gt 61440 ]; }

serve plain MemoryMax=256M TasksMax=50 -- sleep 1000
look "$pid"
check "a service is its own domain" is domain /system.slice/plain.service
check "its limit is its own" is limit $((256 << 20))
check "its tasks are counted" is tasks 1
check "nothing presses it" is pressure 0
check "nothing was killed in it" is oom_kill 0
check "its unit finds it" [ "$("$BUILD/find" unit plain)" = "$pid" ]
capture v2-service "$pid"

serve sliced Slice=batch.slice MemoryMax=256M -- sleep 1000
systemctl set-property --runtime batch.slice MemoryMax=128M
look "$pid"
check "the slice limits it" is limit $((128 << 20))
capture v2-slice "$pid"

for kind in freed reused; do
	serve $kind MemoryMax=512M -- "$BUILD/lazyfree" $kind 60
	wait_for $patience sleeps "$pid"
	look "$pid"
	check "$kind: is charged" at_least usage 60
	check "$kind: counts" at_least memory 60
	capture v2-$kind "$pid"
	systemctl stop $kind
done
serve cache MemoryMax=512M -- sh -c \
	'cat /usr/lib/x86_64-linux-gnu/*.so.* | head -c 60M > /dev/null; exec sleep 1000'
wait_for $patience named "$pid" sleep
look "$pid"
check "cache: is charged" at_least usage 50
check "cache: does not count" at_most memory 20
capture v2-cache "$pid"

serve nested MemoryMax=64M Delegate=yes -- sleep 1000
mkdir /sys/fs/cgroup/system.slice/nested.service/container
echo "$pid" > /sys/fs/cgroup/system.slice/nested.service/container/cgroup.procs
look "$pid"
check "a child without the controller is charged to its parent" \
	is domain /system.slice/nested.service
check "and limited by it" is limit $((64 << 20))
check "the unit still finds it" [ "$("$BUILD/find" unit nested)" = "$pid" ]
capture v2-nested "$pid"

# bundle NAME CGROUP: a container of busybox with namespaces of its own and a limit.
bundle() {
	mkdir -p "/tmp/$1/rootfs"/{bin,proc,sys,dev}
	cp "$(type -P busybox)" "/tmp/$1/rootfs/bin/busybox"
	cat > "/tmp/$1/config.json" << END
{"ociVersion": "1.0.2",
 "process": {"args": ["/bin/busybox", "sleep", "1000"], "cwd": "/", "user": {"uid": 0, "gid": 0},
  "env": ["PATH=/bin"]},
 "root": {"path": "rootfs"},
 "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"}],
 "linux": {"cgroupsPath": "$2", "resources": {"memory": {"limit": 50331648}},
  "namespaces": [{"type": "pid"}, {"type": "mount"}, {"type": "cgroup"}, {"type": "network"}]}}
END
}
id=8f1d3c6a9b2e4f70815a6c3d9e0b7f2418c5d6e7f8091a2b3c4d5e6f70819a2b

bundle kubelet kubepods-burstable-pod12_ab.slice:cri-containerd:$id
runc --systemd-cgroup run -d --bundle /tmp/kubelet kubelet < /dev/null > /dev/null
pid=$(runc state kubelet | sed -n 's/.*"pid": \([0-9]*\).*/\1/p')
look "$pid"
check "kubelet with systemd: the container is the domain" is domain \
	"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod12_ab.slice/cri-containerd-$id.scope"
check "with its limit" is limit 50331648
check "a glob finds it" [ "$("$BUILD/find" cgroup "*pod12_ab*/cri-containerd-*")" = "$pid" ]
capture v2-kubelet-systemd "$pid"

bundle cgroupfs /kubepods/burstable/pod12-ab/$id
runc run -d --bundle /tmp/cgroupfs cgroupfs < /dev/null > /dev/null
other=$(runc state cgroupfs | sed -n 's/.*"pid": \([0-9]*\).*/\1/p')
echo 32M > /sys/fs/cgroup/kubepods/burstable/pod12-ab/memory.max
look "$other"
check "kubelet with cgroupfs: the container is the domain" is domain \
	/kubepods/burstable/pod12-ab/$id
check "with the limit of its pod" is limit $((32 << 20))
capture v2-kubelet-cgroupfs "$other"

# A sidecar: in a cgroup namespace of its own, beside the container.
sidecar=/sys/fs/cgroup/kubepods/burstable/pod12-ab/sidecar
mkdir -p $sidecar
beside() { # COMMAND...: in the sidecar's namespace, $cgroupfs being what it sees
	bash -c 'echo $$ > '$sidecar'/cgroup.procs; exec unshare -C -m "$@"' beside "$@"
}
beside bash -c "umount -R /sys/fs/cgroup; mount -t cgroup2 cgroup2 /sys/fs/cgroup
	'$BUILD/look' $other > '$OUT/look'
	capture v2-sidecar $other"
check "a sidecar that sees its own cgroup only finds no domain" is domain none
beside bash -c "'$BUILD/look' $other > '$OUT/look'
	capture v2-daemonset $other"
check "one that sees the machine's tree finds it" is domain "/../$id"
check "and the pod's limit" is limit $((32 << 20))
