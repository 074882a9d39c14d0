#!/bin/bash
# leakdog discover on a machine with containers: real ones of runc in the layouts of kubelet and
# docker, each with pprof on a loopback of its own, or in a file system of its own. All of them
# are found by their names, the file says so and works, and nobody else is asked: whoever
# listens beside them counts. In a pid namespace of its own, where there are no other services.
# needs: root
# limit: 120
[ -n "${DISCOVER_OUTSIDE-}" ] || DISCOVER_OUTSIDE=$$ exec unshare --pid --fork --kill-child --mount-proc "$0"
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
build_services leaker field
command -v runc > /dev/null || { echo "skipped: there is no runc" && exit 77; }
SOURCE=$top
# shellcheck source=tests/vm/guest/containers-lib.sh
. "$top/tests/vm/guest/containers-lib.sh"

limit=$((64 << 20)) root=$tmp/root names=$tmp/log own=leakdog-$DISCOVER_OUTSIDE
service_root "$root" "$services/leaker"
mkdir -p "$names/pods" "$names/containers" "$tmp/docker/containers"
ids=() user=65532
remove() {
	local id
	for id in "${ids[@]}"; do runc --root "$tmp/runc" delete -f "$id" || true; done
	find /sys/fs/cgroup -depth -path "*/$own/*" -type d -exec rmdir {} + 2> /dev/null || true
	find /sys/fs/cgroup -depth -name "$own" -type d -exec rmdir {} + 2> /dev/null || true
}
at_end remove

# contain NAME CGROUP COMMAND...: a container; its id in $id, its pid in $pid.
contain() {
	local name=$1 cgroup=$2
	shift 2
	id=$(id_of "$own $name")
	ids+=("$id")
	make_bundle "$tmp/$name" root="$root" limit=$limit cgroup="/$own/$cgroup/$id" user=$user tmpfs=/run -- "$@"
	run_in_runc "$id" "$tmp/$name" --root "$tmp/runc"
}
# pod NAMESPACE POD CONTAINER UID COMMAND...: one that kubelet has written down.
pod() {
	local space=$1 name=$2 container=$3 uid=$4
	shift 4
	id=$(id_of "$own $name-$container")
	kubelet_names "$space" "$name" "$uid" "$container" "$id" 0
	contain "$name-$container" "kubepods/burstable/pod$uid" "$@"
	log=/dev/null
}
serve=(/leaker -max 1 -listen)
pod shop order-7d9f5c-x2x4z api 11111111-0000-4000-8000-000000000001 "${serve[@]}" 127.0.0.1:6060
first=$pid
pod shop order-7d9f5c-b7kq9 api 11111111-0000-4000-8000-000000000002 "${serve[@]}" 127.0.0.1:6060
second=$pid
pod shop db-0 app 11111111-0000-4000-8000-000000000003 "${serve[@]}" 127.0.0.1:6060
single=$pid
contain whale docker "${serve[@]}" 127.0.0.1:6060
whale=$pid
mkdir "$tmp/docker/containers/$id"
echo '{"ID":"'"$id"'","Name":"/whale","Config":{"Image":"sea:1","Env":["PASSWORD=x"]}}' > "$tmp/docker/containers/$id/config.v2.json"
user=0 # who may make a file in it
contain local docker "${serve[@]}" unix:/run/pprof.sock
user=65532
socket=$pid
mkdir "$tmp/docker/containers/$id"
echo '{"ID":"'"$id"'","Name":"/local","Config":{"Image":"sea:1"}}' > "$tmp/docker/containers/$id/config.v2.json"
contain nameless docker "${serve[@]}" 127.0.0.1:6060
nameless=$pid nameless_id=$id

# Who is not to be asked: another in the network of a container, and one of the machine at the
# very address that the containers have in theirs.
start beside nsenter --net="/proc/$whale/ns/net" "$build/count-asked" 0
start machine "$build/count-asked" 6060
address_of beside
address_of machine

config=$tmp/none.yaml
runtime="runtime: { logs: $names, docker: $tmp/docker, podman: $tmp/nowhere }"
printf '%s\nservices: {none: {pid: 4194304}}\n' "$runtime" > "$config"
# discovers CODE [OPTION...]: what it says in $tmp/out.
as=()
discovers() {
	local wanted=$1 code=0
	shift
	"${as[@]}" "$build/leakdog" discover --config "$config" "$@" > "$tmp/out" 2> "$tmp/err" || code=$?
	[ "$code" = "$wanted" ] || { echo "exit code $code" && cat "$tmp/out" "$tmp/err" && return 1; }
}
of() { awk -v head="pid $1 " 'index($0, head) == 1 { on = 1 } /^$/ { on = 0 } on' "$tmp/out"; }
says() { of "$1" | grep -qE -- "$2" || { of "$1" && return 1; }; }
asked() { grep -c '^asked' "$tmp/$1.log" || true; }
serves() { discovers 0 && [ "$(grep -c ' pprof, ' "$tmp/out")" = 6 ]; }

# --- What is found -----------------------------------------------------------------------
check "every service in a container is found, and its pprof" wait_for $patience serves
check "a pod by its names" says "$first" 'pod +shop/order-7d9f5c-x2x4z/api \(container [0-9a-f]{12}\)'
check "with its limit" says "$first" 'memory .* of 64.0M'
check "another of its workload" says "$second" 'pod +shop/order-7d9f5c-b7kq9/api'
check "on the same address in another network" says "$second" '127.0.0.1:6060 +pprof,'
check "a pod that is the only one" says "$single" 'pod +shop/db-0/app'
check "a container with its image" says "$whale" 'container +whale \(.*\), image sea:1'
check "a socket in its file system" says "$socket" '/run/pprof.sock +pprof,'
check "one whose name nobody knows" says "$nameless" 'container +[a-z]+ [0-9a-f]{12}$'
check "nobody else was asked" [ "$(asked beside)$(asked machine)" = 00 ]
check "no secret is told" [ "$(grep -c PASSWORD "$tmp/out")" = 0 ]
check "as JSON" discovers 0 --json
check "with all that is known of the container" grep -q '"pod": *"order-7d9f5c-x2x4z"' "$tmp/out"

# --- Names that are none -----------------------------------------------------------------
printf '%s\narchive: {dir: %s}\nservices: {a: {container: whales}, b: {pod: {name: orders-*}}}\n' \
	"$runtime" "$tmp/archive" > "$tmp/mistaken.yaml"
"$build/leakdog" check "$tmp/mistaken.yaml" > "$tmp/out" 2> "$tmp/err" || true
check "who asks for a container by a wrong name is told the right ones" \
	grep -qE '^  no process now; containers here: .*whale' "$tmp/out"
check "and those of pods" grep -qE '^  no process now; containers here: .*shop/order-7d9f5c-x2x4z/api' "$tmp/out"

# --- The file ----------------------------------------------------------------------------
check "the file alone" discovers 0 --yaml
file=$tmp/services.yaml
cp "$tmp/out" "$file"
in_file() { grep -qF -- "$1" "$file" || { cat "$file" && return 1; }; }
check "pods of a workload are one service" in_file 'pod: { namespace: "shop", name: "order-*", container: "api" }'
check "which is called so" in_file '  order:'
check "a container has its name" in_file 'container: { name: "whale" }'
check "without a name by its id" in_file "container: { id: \"${nameless_id::12}\" }"
check "nobody is bound to a pid" [ "$(grep -c ' pid: ' "$file")" = 0 ]
echo "$runtime" >> "$file"
checked() {
	local code=0
	"$build/leakdog" check "$file" > "$tmp/checked" 2>&1 || code=$?
	[ "$code" = 0 ] || { cat "$file" "$tmp/checked" && return 1; }
}
check "it works as it is" checked
for pid in "$first" "$second" "$single" "$whale" "$socket" "$nameless"; do
	check "pid $pid is in it, once" [ "$(grep -c "^  pid $pid " "$tmp/checked")" = 1 ]
done
check "pprof answers under it" [ "$(grep -cE 'goroutines > 5x base +waits for the base; now [0-9]' "$tmp/checked")" = 6 ]
config=$file
check "what is there is watched" discovers 0
check "which is said" says "$first" "watched +as 'order'"
check "nothing is left" grep -qxF '# There is nothing to add.' "$tmp/out"
check "nobody else was asked by then" [ "$(asked beside)$(asked machine)" = 00 ]
