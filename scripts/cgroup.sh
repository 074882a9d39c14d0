# Memory cgroups for the scripts that start a service in one; to be sourced. Works with
# cgroup v1, v2 and the hybrid of both: it goes where the memory controller is.
# shellcheck shell=bash

# The root of the hierarchy that has the memory controller: cgroup_root, cgroup_version.
cgroup_find() {
	cgroup_version=1
	cgroup_root=$(awk '$3 == "cgroup" && $4 ~ /(^|,)memory(,|$)/ { print $2; exit }' /proc/mounts)
	[ -z "$cgroup_root" ] || return 0
	cgroup_version=2
	cgroup_root=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
	if [ -z "$cgroup_root" ] || ! grep -qw memory "$cgroup_root/cgroup.controllers"; then
		echo "cgroup: no memory controller is mounted on this machine" >&2
		return 1
	fi
	grep -qw memory "$cgroup_root/cgroup.subtree_control" ||
		echo +memory > "$cgroup_root/cgroup.subtree_control" || {
		echo "cgroup: cannot make memory cgroups below $cgroup_root" >&2
		return 1
	}
}

# cgroup_make NAME BYTES: a cgroup with this limit and no swap; prints its directory.
cgroup_make() {
	local dir
	cgroup_find || return
	dir=$cgroup_root/$1
	mkdir -p "$dir" || return
	if [ $cgroup_version = 1 ]; then
		echo "$2" > "$dir/memory.limit_in_bytes"
		echo 0 > "$dir/memory.swappiness"
	else
		echo "$2" > "$dir/memory.max"
		[ ! -e "$dir/memory.swap.max" ] || echo 0 > "$dir/memory.swap.max"
	fi
	echo "$dir"
}

# cgroup_exec DIR COMMAND...: becomes COMMAND, in the cgroup.
cgroup_exec() {
	local dir=$1
	shift
	echo $BASHPID > "$dir/cgroup.procs"
	exec "$@"
}

# cgroup_usage DIR: bytes.
cgroup_usage() {
	cat "$1/memory.usage_in_bytes" 2> /dev/null || cat "$1/memory.current"
}

# cgroup_remove DIR: ends what is in it and removes it.
cgroup_remove() {
	local try pid
	for try in {1..100}; do
		[ -d "$1" ] || return 0
		while read -r pid; do
			kill -KILL "$pid" 2> /dev/null || true
		done < "$1/cgroup.procs"
		! rmdir "$1" 2> /dev/null || return 0
		sleep 0.05
	done
	echo "cgroup: cannot remove $1 after $try attempts" >&2
	return 1
}
