# Shared by the tests with pods in the guest; to be sourced after containers-lib.sh.
# shellcheck shell=bash
#
# runc stands in for the kubelet: a pod is a sandbox, which holds the network and the
# processes, and containers that join the one, or both. leakdog comes from its image
# ($OUT/leakdog.tar), with the rights and mounts of the manifests in config/kubernetes.
# shellcheck source=tests/tools/manifest.sh
. "$SOURCE/tests/tools/manifest.sh"

kubernetes=$SOURCE/config/kubernetes
image=/var/lib/leakdog-image
pods=/var/lib/kubelet/pods

tell() {
	grep . /tmp/*.log /var/log/pods/*/*/*.log
	[ ! -e "${manifest-}" ] || cat "$manifest"
}
install_images() {
	at "images"
	install -m 755 "$services/leaker" /tmp/order-api
	service_root $root /tmp/order-api
	first_life[0]=/order-api second_life[0]=/order-api
	service_root /var/lib/pause "$(type -P busybox)"
	image_root "$OUT/leakdog.tar" $image
}

# begin POD: its sandbox, which holds the network and the processes; its pid in $sandbox.
begin() {
	local id log=/tmp/$1-pause.log
	id=$(id_of "$1 pause")
	make_bundle "/tmp/$1-pause" root=/var/lib/pause cgroup="$(slice_of "$1"):cri-containerd:$id" \
		-- /busybox sleep 100000
	run_in_runc "$id" "/tmp/$1-pause" --systemd-cgroup
	sandbox=$pid
}
uid_of() { id_of "$1" | sed -E 's/(.{8})(.{4})(.{4})(.{4})(.{12}).*/\1-\2-\3-\4-\5/'; }
slice_of() { echo "kubepods-burstable-pod$(uid_of "$1" | tr - _).slice"; }
# run_container POD NAME LIFE OPTION... -- COMMAND...: one more container of the pod, in the
# network of its sandbox.
run_container() {
	local pod=$1 name=$2 life=$3 id
	shift 3
	id=$(id_of "$pod $name $life")
	kubelet_names shop "$pod" "$(uid_of "$pod")" "$name" "$id" "$life"
	make_bundle "/tmp/$pod-$name-$life" cgroup="$(slice_of "$pod"):cri-containerd:$id" "$@"
	run_in_runc "$id" "/tmp/$pod-$name-$life" --systemd-cgroup
}
# run_leakdog POD FILE KIND PATH OPTION...: the container "leakdog" of a manifest; where its
# archive is on this machine in $archive, its status in $status, its control group in $group.
run_leakdog() {
	local pod=$1 file=$kubernetes/$2 kind=$3 path=$4
	shift 4
	manifest_options "$file" "$kind" "$path" "$pods/$pod"
	# Five minutes are too long for a test, and the service's limit is a smaller one.
	sed -i -E "s/^( *)rules:/\1base: { after: 20s }\n&/; s/^( *limit:).*/\1 $limit/" \
		"$pods/$pod"/*/..data/leakdog.yaml
	run_container "$pod" leakdog 0 root=$image "${options[@]}" "$@" \
		env=STATE_DIRECTORY=/var/lib/leakdog env=RUNTIME_DIRECTORY=/run/leakdog \
		-- /usr/bin/leakdog run
	archive=${mounted[/var/lib/leakdog]} status=${mounted[/run/leakdog]}/status.json
	group=/sys/fs/cgroup$(cut -d: -f3 "/proc/$pid/cgroup")
	check "$pod: leakdog runs" wait_for $patience [ -e "$status" ]
	[ ! -d "$archive/archive" ] || archive+=/archive # as its configuration says
}
size_of_leakdog() {
	echo "$1: leakdog takes $(($(cat "$group/memory.current") >> 10)) KiB," \
		"of these $(($(awk '$1 == "anon" { print $2 }' "$group/memory.stat") >> 10)) anonymous;" \
		"at most $(($(cat "$group/memory.peak") >> 10)) KiB so far"
}
