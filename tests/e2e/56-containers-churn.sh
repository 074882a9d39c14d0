#!/bin/bash
# Containers that come and go: every one that lives long enough to be seen twice is watched
# under its own name, and when they are gone nothing of them is left open.
#   56-containers-churn.sh [CONTAINERS [A_SECOND]]
# needs: root
# limit: 200
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
containers=${1:-60} each_second=${2:-20}
lives=12 # seconds; a container is met two seconds after it was made, later on a busy machine
build_services field

cgroup_find
own=leakdog$$
uid=11111111-2222-3333-4444-555555555555
pod=$cgroup_root/$own/kubepods/burstable/pod$uid
mkdir -p "$pod" "$tmp/log/containers" "$tmp/log/pods/shop_shop-0_$uid"
if [ $cgroup_version = 2 ]; then
	for dir in "$cgroup_root/$own" "$cgroup_root/$own/kubepods" "${pod%/*}" "$pod"; do
		echo +memory > "$dir/cgroup.subtree_control"
	done
fi
remove_groups() {
	local dir
	find "$cgroup_root/$own" -depth -type d | while read -r dir; do cgroup_remove "$dir"; done
}
at_end remove_groups

cat > "$tmp/leakdog.yaml" << END
archive: { dir: $tmp/archive }
runtime: { logs: $tmp/log }
services:
  shop: { pod: { namespace: shop, container: app-* }, rules: [ rss > 1G ] }
END
start_agent "$tmp/leakdog.yaml"
descriptors() { find "/proc/$agent/fd" -mindepth 1 2> /dev/null | wc -l; }
calm=$(descriptors)

# live NAME: a container's whole life; its pid is the process's own.
live() {
	local id group
	id=$(printf '%s' "$own-$1" | sha256sum | cut -c -64)
	group=$pod/$id
	mkdir "$group"
	ln -s /nowhere "$tmp/log/containers/shop-0_shop_$1-$id.log"
	bash -c 'echo $$ > "$1/cgroup.procs"; exec sleep "$2"' - "$group" "$lives"
	rm "$tmp/log/containers/shop-0_shop_$1-$id.log"
	wait_for 10 rmdir "$group" 2> /dev/null
}
for ((i = 0; i < containers; i++)); do
	live "app-$i" < /dev/null > /dev/null 2>&1 &
	((i % each_second)) || sleep 1
done
wait

# A container's process is a shell first: who is met then is met as what it becomes, too.
became() { grep -c "'shop' pid [0-9]* became another program" "$tmp/leakdog.log"; }
watched() { echo $(($(grep -c "watching 'shop' pid" "$tmp/leakdog.log") - $(became))); }
ended() { grep -c "'shop' pid [0-9]* ended" "$tmp/leakdog.log"; }
all_ended() { [ "$(ended)" -ge "$(watched)" ]; }
check "each of $containers was watched, once" [ "$(watched)" = "$containers" ]
check "each has ended" wait_for $patience all_ended
nothing_open() { [ "$(descriptors)" -le $((calm + 4)) ]; }
check "nothing of them is left open (calm: $calm)" wait_for $patience nothing_open || descriptors
check "the kernel told of them" [ "$(grep -c 'are looked for' "$tmp/leakdog.log")" = 0 ]
stop_agent
