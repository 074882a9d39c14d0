# shellcheck shell=bash
# Idle processes and who watches them; for the benches that measure watching. Source it after
# lib.sh. Needs root, for cgroups.

# The archive of 500 bases in memory: a disk that is slow would only delay the calm that is
# measured.
# shellcheck disable=SC2034 # for lib.sh
[ ! -w /dev/shm ] || bench_in=/dev/shm

# shellcheck source=scripts/cgroup.sh
. "$top/scripts/cgroup.sh"
# shellcheck source=scripts/memory.sh
. "$top/scripts/memory.sh"

# idle_start N: as many processes that do nothing, each in a memory cgroup of its own, as
# services have; their pids in $idle_pids. They are known by what they are told, which no
# other bench or test of this moment is.
idle_command="sleep $((8000000 + $$))"
idle_start() {
	local i
	cgroup_find
	idle_pids=() idle_group=$(cgroup_make "leakdog-bench-$$" $((1 << 40)))
	at_exit idle_stop
	[ ! -e "$idle_group/cgroup.subtree_control" ] ||
		echo +memory >"$idle_group/cgroup.subtree_control"
	for ((i = 0; i < $1; i++)); do
		mkdir "$idle_group/$i"
		# shellcheck disable=SC2086 # two words
		cgroup_exec "$idle_group/$i" $idle_command </dev/null >/dev/null 2>&1 &
		idle_pids+=($!)
	done
	disown -a
}
# Twice is fine.
idle_stop() {
	[ ! -d "$idle_group" ] || {
		kill -KILL "${idle_pids[@]}" 2>/dev/null || true
		local dir
		for dir in "$idle_group"/*/; do
			cgroup_remove "${dir%/}"
		done
		cgroup_remove "$idle_group"
	}
}

processes() { [ "$1" = 1 ] && echo "1 process" || echo "$1 processes"; }

# watcher_group NAME: a group whose processor time is counted, in $group.
watcher_group() {
	local root=$cgroup_root
	[ "$cgroup_version" = 2 ] ||
		root=$(awk '$3 == "cgroup" && $4 ~ /(^|,)cpuacct(,|$)/ { print $2; exit }' /proc/mounts)
	[ -n "$root" ] || die "no cgroup controller here counts processor time"
	group=$root/leakdog-bench-$$-$1
	mkdir "$group"
	at_exit cgroup_remove "$group"
}
# watcher_start LOG COMMAND...: in $group, in the background; its pid in $pid.
watcher_start() {
	local log=$1
	shift
	cgroup_exec "$group" "$@" </dev/null >"$log" 2>&1 &
	pid=$!
	disown $pid
}
watcher_stop() {
	cgroup_remove "$group"
}

# Of all that $group ever had, microseconds.
cpu_us() {
	if [ -e "$group/cpuacct.usage" ]; then
		echo $(($(<"$group/cpuacct.usage") / 1000))
	else
		awk '$1 == "usage_usec" { print $2 }' "$group/cpu.stat"
	fi
}
# "RSS PSS" of all that is in $group now, KiB.
memory_kb() {
	local pids
	mapfile -t pids <"$group/cgroup.procs"
	family_kb "${pids[@]}"
}

mib() { awk -v kb="$1" 'BEGIN { printf "%.3f", kb / 1024 }'; }

# settle CASE WHO: over the first minute, whose cost is a row of its own: leakdog looks more
# closely at who is young. What is paid for as long as it runs is what comes then.
settle_first_s=65
settle() {
	local before began now spent us
	[ -z "$small" ] || return 0
	before=$(cpu_us) began=${EPOCHREALTIME/./}
	sleep $settle_first_s
	now=${EPOCHREALTIME/./}
	spent=$(($(cpu_us) - before)) us=$((now - began))
	result "$1" "$2" "processor, first minute" "s/min" \
		"$(awk -v c=$spent -v t=$us 'BEGIN { printf "%.6f", c / t * 60 }')"
}
settle_note() {
	[ -n "$small" ] ||
		note "First minute: once, of the $settle_first_s s after the start; all else comes then."
}

# agent_config DIR: makes it, with leakdog.yaml for the idle processes.
agent_config() {
	mkdir "$1"
	cat >"$1/leakdog.yaml" <<-END
		archive: { dir: $1/archive, on_memory: yes, keep_free: 16M, max_incidents: 100000 }
		defaults: { base: { after: 1s } }
		services:
		  idle: { cmdline: "$idle_command", rules: [memory > 5G] }
	END
}
# agent_start DIR: leakdog run over the idle processes, in $group; ready when their bases are
# taken and its spare is warm again.
agent_start() {
	local dir=$1 wanted=${#idle_pids[@]} begin=$SECONDS
	agent_config "$dir"
	watcher_start "$dir/log" "$LEAKDOG_BUILD/leakdog" run --config "$dir/leakdog.yaml" \
		--run-dir "$dir/run"
	until [ "$(grep -c "^[^ ]* base of 'idle'" "$dir/log")" -ge "$wanted" ]; do
		[ -d "/proc/$pid" ] || die "leakdog ended: $(tail -n 3 "$dir/log")"
		[ $((SECONDS - begin)) -lt $((60 + wanted)) ] ||
			die "leakdog has not taken $wanted bases: $(tail -n 3 "$dir/log")"
		sleep 0.2
	done
	[ -n "$small" ] || sleep 3
}

monit=$top/build/peers/monit/usr/bin/monit
take_part_monit() {
	have_monit=''
	if [ -x "$monit" ]; then
		peer monit "$("$monit" -V | sed -n 's/^This is Monit version //p')"
		have_monit=1
	else
		missing monit "it is not here; scripts/setup bench gets it"
	fi
}
# monit_start DIR: in $group.
monit_start() {
	local dir=$1 watched
	mkdir "$dir"
	printf 'set daemon 1\nset pidfile %s/pid\nset idfile %s/id\nset statefile %s/state\n' \
		"$dir" "$dir" "$dir" >"$dir/monitrc"
	for watched in "${idle_pids[@]}"; do
		echo "$watched" >"$dir/$watched.pid"
		printf 'check process p%d with pidfile %s/%d.pid\n' "$watched" "$dir" "$watched"
		printf '  if totalmem > 5 GB then exec "/bin/true"\n'
	done >>"$dir/monitrc"
	chmod 700 "$dir/monitrc"
	watcher_start "$dir/log" "$monit" -I -c "$dir/monitrc"
}
