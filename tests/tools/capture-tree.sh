#!/bin/bash
# capture-tree.sh DIR PID...: copies what leakdog reads of these processes, of pid 1 and of
# their cgroups into DIR, as a tree for --root. That is how tests/fixtures/ was made. Of
# mountinfo only the lines of cgroups are taken, and no arguments of programs.
set -euo pipefail
out=$1
shift

copy() { # FILE...: those that can be read, below $out by their own path
	local file
	for file in "$@"; do
		if [ -f "$file" ] && [ -r "$file" ]; then
			mkdir -p "$out${file%/*}"
			cat "$file" > "$out$file" 2> /dev/null || rm -f "$out$file"
		fi
	done
}

# copy_cgroup MOUNT PID: the cgroup that holds the process, and what is above it. It is
# looked for, as its path may be told in the words of another namespace.
copy_cgroup() {
	local dir
	dir=$(grep -rlx --include=cgroup.procs "$2" "$1" 2> /dev/null | head -n 1 || true)
	dir=${dir%/cgroup.procs}
	[ -n "$dir" ] || dir=$1
	copy "$dir"/memory.pressure "$dir"/pids.{current,max}
	[ "$dir" = "$1" ] || copy "$dir/cgroup.procs"
	while :; do
		copy "$dir"/memory.{current,max,stat,events,events.local} "$dir/cgroup.sane_behavior" \
			"$dir"/memory.{usage_in_bytes,limit_in_bytes,oom_control,use_hierarchy}
		[ "${#dir}" -gt "${#1}" ] || break
		dir=${dir%/*}
	done
}

mkdir -p "$out/proc/self"
grep -E ' - (cgroup|cgroup2) | /sys/fs/cgroup ' /proc/self/mountinfo |
	grep -E ' - cgroup2 |memory|pids|name=|tmpfs' > "$out/proc/self/mountinfo"
copy /proc/1/{stat,cgroup}
for pid in "$@"; do
	copy "/proc/$pid"/{stat,status,statm,cgroup,limits}
	tr '\0' '\n' < "/proc/$pid/cmdline" | head -n 1 | tr '\n' '\0' > "$out/proc/$pid/cmdline"
	awk '$3 == "cgroup2" || $3 == "cgroup" && $4 ~ /memory|pids/ { print $2 }' /proc/mounts |
		while read -r mount; do
			copy_cgroup "$mount" "$pid"
		done
done
