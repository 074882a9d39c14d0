#!/bin/bash
# leakdog doctor end to end: what it says of this place, and of places that were made worse.
# It runs in a pid namespace of its own, where it counts its own processes.
# needs: root
# limit: 120
[ -n "${DOCTOR_OUTSIDE-}" ] || DOCTOR_OUTSIDE=$$ exec unshare --pid --fork --kill-child --mount-proc "$0"
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
build_services leaker field

public=$(mktemp -d)
at_end "rm -rf '$public'"
chmod 755 "$public"
mkdir "$public/archive"
cp "$build/leakdog" "$build/leakdog-fetch" "$public/"
config=$public/leakdog.yaml
as=()

# doctor CODE [OPTION...]: what it says in $tmp/out; the configuration is there.
doctor() {
	local wanted=$1 code=0
	shift
	"${as[@]}" "$public/leakdog" doctor --config "$config" "$@" > "$tmp/out" 2> "$tmp/err" || code=$?
	[ "$code" = "$wanted" ] || { echo "exit code $code" && cat "$tmp/out" "$tmp/err" && return 1; }
}
# says HEALTH TOPIC PATTERN: the line of the topic.
says() { grep -E -A2 "^$1 +$2 " "$tmp/out" | grep -qE -- "$3" || { cat "$tmp/out" && return 1; }; }

cgroup=$(cgroup_make "leakdog-doctor-$DOCTOR_OUTSIDE" $((512 << 20)))
cgroups+=("$cgroup")
start_in "$cgroup" shop "$services/leaker" -listen 127.0.0.1:0 -max 1
shop=$pid
address_of shop
cat > "$config" << END
archive: {dir: $public/archive, keep_free: 1M}
services: {shop: {pid: $shop, pprof: "http://$address"}}
END

# --- As root -----------------------------------------------------------------------------
check "root can do the main job" doctor 0
check "it is said" grep -qx 'Leaking services can be watched here.' "$tmp/out"
check "with the limit that it can read" says ok limits '512M|such as'
check "the archive is fine" says '(ok|degraded)' archive "$public/archive: can be written"
check "services are counted" says ok configuration '1 service'
check "nobody answers without an agent" says degraded agent 'does not run'
check "as JSON" doctor 0 --json
check "the same" is "$tmp/out" works true

# --- Made worse --------------------------------------------------------------------------
mkdir /dev/shm/leakdog-$$-doctor
sed -i "s,dir: [^}]*,dir: /dev/shm/leakdog-$$-doctor," "$config"
check "tmpfs still works" doctor 0
check "with a warning" says degraded archive 'tmpfs'
rmdir /dev/shm/leakdog-$$-doctor
sed -i "s,dir: [^}]*,dir: $public/archive\, keep_free: 900T," "$config"
check "a disk that is too full ends with 1" doctor 1
check "which is said" says missing archive 'keep_free is 900T'
sed -i 's,900T,1M,' "$config"
mv "$public/leakdog-fetch" "$public/away"
check "a program that is missing ends with 1" doctor 1
check "which is said" says missing leakdog-fetch 'No such file'
mv "$public/away" "$public/leakdog-fetch"
cp "$config" "$public/good.yaml"
echo 'rulse: 1' >> "$config"
check "a wrong configuration ends with 1" doctor 1
check "which is said" says missing configuration 'leakdog check'
cp "$public/good.yaml" "$config"
start far unshare --net sleep 300
far=$pid
apart() { [ "$(readlink /proc/self/ns/net)" != "$(readlink "/proc/$far/ns/net")" ]; }
wait_for $patience apart
check "another network namespace" doctor 0
check "is counted, and can be joined" says ok network '1 process in other .*joined'

# --- What names containers, and what captures in them -------------------------------------
start local "$services/leaker" -listen "unix:$public/api.sock" -max 1
address_of local
check "without a runtime's socket files tell names" says ok runtime 'no runtime.socket is given'
cp "$config" "$public/good.yaml"
echo "runtime: {socket: $public/api.sock, logs: $public}" >> "$config"
sed -i "s,^services: {,services: {far: {pprof: \"http://127.0.0.1:1\"}\, api: {pod: {name: api-x}}\, ," "$config"
check "a runtime's socket that is there" doctor 0
check "can be asked" says ok runtime "$public/api.sock: can be asked"
check "names of pods that a service asks for" says degraded pods "names in $public cannot be read: No such file"
check "services over HTTP alone are counted" says ok 'HTTP alone' '1 service without a process'
mkdir "$public/containers"
check "with the names" doctor 0
check "they can be read" says ok pods 'can be read'
sed -i "s,api.sock,away.sock," "$config"
check "a runtime's socket that is missing" doctor 0
check "is named with what to do" says degraded runtime "$public/away.sock: No such file"
sed -i "s,away.sock,api.sock," "$config"

# --- In a container ----------------------------------------------------------------------
as=(unshare --pid --fork --kill-child --mount-proc)
check "alone in a pid namespace with a service over HTTP" doctor 0
check "HTTP alone works all the same" says degraded place 'shareProcessNamespace: true'
cp "$public/good.yaml" "$config"
check "without such a service nothing can be watched" doctor 1
check "which is said with what a pod needs" says missing place 'shareProcessNamespace: true'

# --- As somebody else --------------------------------------------------------------------
as=(setpriv --reuid 65534 --regid 65534 --clear-groups)
chmod 644 "$config"
check "somebody else may not write the archive" doctor 1
check "which is said" says missing archive 'Permission denied'
chown 65534 "$public/archive"
check "with one of his own it works" doctor 0
check "with less sight" says degraded 'other users' 'CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH|descriptors of 0 of'
check "without capabilities" says degraded capabilities 'none'
check "which joining takes" says degraded network 'CAP_SYS_PTRACE and CAP_SYS_ADMIN'
export LEAKDOG_CAPTURE_SOCKET=$public/capture.sock
check "without a capture unit" doctor 0
check "it is said how to get one" says degraded 'capture unit' 'systemctl enable --now leakdog-capture.socket'
LEAKDOG_CAPTURE_SOCKET=$public/api.sock
chmod 600 "$public/api.sock"
check "with one that is somebody else's" doctor 0
check "it is said whose it must be" says degraded 'capture unit' 'cannot be used: Permission denied'
chmod 666 "$public/api.sock"
check "with one of his own" doctor 0
check "captures are taken" says ok 'capture unit' 'takes captures'
unset LEAKDOG_CAPTURE_SOCKET
check "the place is a pid namespace" says ok place '[1-9] processes beside'
two="+sys_ptrace,+dac_read_search"
as=(setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps="$two" --ambient-caps="$two")
check "with two capabilities" doctor 0
check "it sees them" says ok 'other users' 'descriptors of [1-9]'
as=(setpriv --reuid 65534 --regid 65534 --clear-groups)
mount -o remount,hidepid=2 /proc
check "hidepid" doctor 0
check "is named" says degraded processes 'hidepid of /proc'
