#!/bin/bash
# Services in containers, found by what kubelet, docker and podman write down of them: real
# services in control groups of exactly their layouts, names in directories like theirs. Each
# leaks until it is captured, and the manifest says who it was; the container that comes back
# has another id and another control group, and is a successor with a base of its own.
# needs: root
# limit: 240
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
build_services leaker field

cgroup_find
own=leakdog$$ # kubelet's --cgroup-root, so that a kubelet of this machine is left alone
uid=11111111-2222-3333-4444-555555555555 # of the pod whose container runs next
next_pod() { uid=$((${uid%%-*} + 1))-${uid#*-}; }
remove_groups() {
	local dir
	find "$cgroup_root/$own" "$cgroup_root/$own.slice" -depth -type d 2> /dev/null |
		while read -r dir; do cgroup_remove "$dir"; done
}
at_end remove_groups

# nested PATH: a control group of 256 MiB below the root of the memory hierarchy, in $cgroup.
nested() {
	local dir=$cgroup_root part
	for part in ${1//\// }; do
		[ $cgroup_version = 1 ] || echo +memory > "$dir/cgroup.subtree_control"
		dir=$dir/$part
		mkdir -p "$dir"
	done
	cgroup=$dir
	if [ $cgroup_version = 1 ]; then
		echo $((256 << 20)) > "$dir/memory.limit_in_bytes"
	else
		echo $((256 << 20)) > "$dir/memory.max"
	fi
}
id_of() { printf '%s' "$1" | sha256sum | cut -c -64; } # NAME: 64 digits of its own

# The layouts: how the path of a container is made of its id.
cgroupfs() { echo "$own/kubepods/burstable/pod$uid/$1"; }
systemd() { echo "$own.slice/$own-kubepods.slice/$own-kubepods-pod${uid//-/_}.slice/cri-containerd-$1.scope"; }
nested_crio() { echo "$own/kubepods/besteffort/pod$uid/crio-$1/container"; }
docker() { echo "$own.slice/docker-$1.scope"; }
podman() { echo "$own.slice/libpod-$1.scope/container"; }

# run NAME LAYOUT OPTION...: a service in a container; id in $id, pid in $pid.
run() {
	local name=$1 layout=$2
	shift 2
	id=$(id_of "$name")
	nested "$("$layout" "$id")"
	start_in "$cgroup" "$name" "$services/leaker" -listen "unix:$tmp/${name%%-*}.sock" "$@"
}

# What kubelet writes: a link, of which only the name is read (its log is nowhere).
logs=$tmp/log
mkdir -p "$logs/containers" "$logs/pods/shop_cart-0_$uid/app" "$tmp/docker/containers" "$tmp/storage/overlay-containers"
kubelet() { ln -s /nowhere/log "$logs/containers/$1_shop_$2-$3.log"; }
touch "$logs/containers/..." "$logs/containers/"$'evil\n_shop_app-'"$uid.log"

cat > "$tmp/leakdog.yaml" << END
archive: { dir: $tmp/archive }
runtime: { logs: $logs, docker: $tmp/docker, podman: $tmp/storage }
defaults: { rules: [ rss > 60M ], cooldown: 1s, base: { after: 1s }, settle: 1s }
services:
  cart: { pod: { namespace: sh*, name: cart-*, container: app }, pprof: "unix://$tmp/cart.sock" }
  slice: { pod: { name: slice-0 }, pprof: "unix://$tmp/slice.sock" }
  crio: { container: cri*, pprof: "unix://$tmp/crio.sock" }
  whale: { container: { name: wha?e }, pprof: "unix://$tmp/whale.sock" }
  seal: { container: seal, pprof: "unix://$tmp/seal.sock" }
  liar: { pod: { name: liar-0 }, pprof: "unix://$tmp/liar.sock" }
  other: { pod: { namespace: other }, pprof: none }
END
check "the configuration is right" "$build/leakdog" check "$tmp/leakdog.yaml" > "$tmp/check.log" || cat "$tmp/check.log"
start_agent "$tmp/leakdog.yaml"

manifests() { find "$tmp/archive/$1" -path '*/2*/manifest.json' 2> /dev/null | sort; }
has_incidents() { [ "$(manifests "$1" | wc -l)" -ge "$2" ]; }
watched() { grep -q "watching '$1' pid $2 " "$tmp/leakdog.log"; }
has_base() { grep -q "base of '$1' pid $2 complete" "$tmp/leakdog.log"; }

# --- who has no name yet ---
run cart cgroupfs -max 1
cart=$pid cart_id=$id
next_pod
run slice systemd -rate 40 -max 100
kubelet slice-0 app "$id"
slice_uid=$uid
next_pod
run crio nested_crio -rate 40 -max 100
kubelet crio-1 crio "$id"
next_pod
mkdir "$logs/pods/shop_honest-0_$uid"
run liar cgroupfs -rate 40 -max 100
kubelet liar-0 app "$id"
run whale docker -rate 40 -max 100
mkdir "$tmp/docker/containers/$id"
echo '{"ID":"'"$id"'","Name":"/whale","Config":{"Image":"sea:1","Env":["PASSWORD=x"]}}' > "$tmp/docker/containers/$id/config.v2.json"
run seal podman -rate 40 -max 100
echo '[{"id":"'"$id"'","names":["seal"],"metadata":"{\"image-name\":\"localhost/sea:2\"}"}]' > "$tmp/storage/overlay-containers/containers.json"

check "who has a name is watched: $(id_of slice | cut -c -12)" wait_for $patience has_incidents slice 1
check "who has none yet is not" [ "$(grep -c "watching 'cart'" "$tmp/leakdog.log")" = 0 ]
kubelet cart-0 app "$cart_id"
check "and is when it has got one" wait_for $patience watched cart "$cart"
check "it has a base" wait_for $patience has_base cart "$cart"

# --- who they were ---
for row in "slice containerd app shop slice-0" "crio cri-o crio shop crio-1" "whale docker whale" "seal podman seal"; do
	read -r service runtime name namespace pod <<< "$row"
	check "$service was captured" wait_for $patience has_incidents "$service" 1
	manifest=$(manifests "$service" | head -n 1)
	check "as a container of $runtime" is "$manifest" target.container.runtime "$runtime"
	check "with its id" is "$manifest" target.container.id "$(id_of "$service")"
	check "with its name" is "$manifest" target.container.name "$name"
	[ -z "$pod" ] || check "with its pod" is "$manifest" target.container.pod "$pod"
	[ -z "$pod" ] || check "with its namespace" is "$manifest" target.container.namespace "$namespace"
done
check "with the uid of the pod" is "$(manifests slice)" target.container.pod_uid "$slice_uid"
check "with its image" is "$(manifests whale)" target.container.image sea:1
check "with its image, of podman, too" is "$(manifests seal)" target.container.image localhost/sea:2

# --- the container comes back ---
kill -KILL "$cart"
wait_for $patience gone "$cart"
uid=11111111-2222-3333-4444-555555555555 # in the pod that it was in
run cart-again cgroupfs -delay 10s -rate 40 -max 100
again=$pid
kubelet cart-0 app "$id"
check "the container that comes back is watched" wait_for $patience watched cart "$again"
check "it is captured" wait_for $patience has_incidents cart 1
manifest=$(manifests cart | tail -n 1)
case $(field "$manifest" base.state) in
taken | late) own_base=true ;;
*) own_base=false ;;
esac
check "with a base of its own" $own_base
check "under its own id" is "$manifest" target.container.id "$id"
check "in its own control group" grep -q "/$id\"" "$manifest"
"$build/leakdog" list --archive "$tmp/archive" > "$tmp/list.log"
check "the list says where it was" grep -q 'shop/cart-0/app' "$tmp/list.log"
"$build/leakdog" show --archive "$tmp/archive" "$(basename "$(dirname "$manifest")")" > "$tmp/show.log"
check "so does the incident" grep -q 'shop/cart-0/app' "$tmp/show.log"
check "so does the status" grep -q '"pod": *"cart-0"' "$tmp/run/status.json"
check "two stories about a pod are none" [ "$(grep -c "watching 'liar'" "$tmp/leakdog.log")" = 0 ]
check "nobody else was taken for somebody" [ "$(grep -c "watching 'other'" "$tmp/leakdog.log")" = 0 ]
check "what nobody is to know is nowhere" [ "$(grep -rl PASSWORD "$tmp/archive" "$tmp/run" "$tmp/leakdog.log" | wc -l)" = 0 ]
stop_agent
