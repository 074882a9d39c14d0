#!/bin/bash
# hold: the limit is raised for the dear part of a capture and put back in every end: below
# the old limit again, at at_most, at SIGTERM, after kill -9 of the agent with and without
# another one, at the target's death; somebody else's value is left alone, an ancestor in the
# way is raised, too, and where the machine has nothing to give it is refused.
# needs: root
# tier: long
# limit: 500
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
build_services leaker field

mib=$((1 << 20))
find_files() {
	cgroup_find
	if [ "$cgroup_version" = 1 ]; then max=memory.limit_in_bytes; else max=memory.max; fi
}
find_files

limit_of() { cat "$1/$max"; }
limit_is() { [ "$(limit_of "$1")" = "$2" ]; }
says() { grep -qF "$2" "$tmp/$1.log"; } # NAME TEXT
holds() { ls -A "$tmp/archive/.hold" 2> /dev/null; }
nothing_held() { [ -z "$(holds)" ]; }
newest() { local all=("$tmp"/archive/shop/2*/manifest.json); echo "${all[-1]}"; }
hold_is() { is "$(newest)" "captures.0.hold.$1" "$2"; }
fresh_heap() { compgen -G "$tmp/archive/shop/2*/01/heap-gc.pb.gz" > /dev/null; }
verified() { "$build/leakdog" verify --archive "$tmp/archive" > "$tmp/verify.log" 2>&1 || { cat "$tmp/verify.log"; return 1; }; }

# begin NAME LIMIT LEAKER-OPTION...: an archive, a cgroup ($cgroup) and a leaker ($leaker).
begin() {
	local limit=$2
	echo "-- $1"
	rm -rf "$tmp/archive" "$tmp/run" "$tmp/leaker.log"
	make_cgroup "$limit"
	start_in "$cgroup" leaker "$services/leaker" -listen 127.0.0.1:0 "${@:3}"
	leaker=$pid
	address_of leaker
}
# watch NAME HOLD [RULE]: an agent ($agent) for it, its log in $tmp/NAME.log.
watch() {
	cat > "$tmp/leakdog.yaml" << END
archive: { dir: $tmp/archive, keep_free: 16M }
services:
  shop: { pid: $leaker, pprof: "http://$address", rules: [ "${3:-memory > 120M}" ], hold: $2, again: off }
END
	chmod 644 "$tmp/leakdog.yaml"
	start "$1" "$build/leakdog" run --config "$tmp/leakdog.yaml" --run-dir "$tmp/run"
	agent=$pid
}
end() { # NAME
	kill "$agent" 2> /dev/null || true
	wait_for $patience gone "$agent" || die "the agent of $1 does not end"
	kill -KILL "$leaker" 2> /dev/null || true
	check "$1: the archive is as promised" verified
	[ $failures = 0 ] || { cat "$tmp/$1.log"; cat "$(newest)"; exit 1; }
}

begin race $((1024 * mib)) -rate 1000 -busy 2 -delay 5s
watch race "{ limit: +100%, at_most: 60s }" "memory > 640M"
check "race: the limit is raised" wait_for $patience says race "raised from 1.0G to 2.0G"
check "race: the heap after a collection is whole" wait_for $patience fresh_heap
check "race: the manifest says so" hold_is from $((1024 * mib))
check "race: and how far" hold_is to $((2048 * mib))
check "race: the target is killed at the raised limit, or lives" \
	wait_for $patience gone "$leaker"
check "race: in the end nothing is held" wait_for $patience nothing_held
check "race: the limit is back" limit_is "$cgroup" $((1024 * mib))
sealed() { is "$(newest)" state sealed; }
check "race: the incident is sealed" wait_for $patience sealed
check "race: as what it was" is "$(newest)" verdict.outcome oom-killed
check "race: of the limit that it had then" grep -q 'of 2.0G' "$(newest)"
check "race: the hold was put back" hold_is result restored
end race

begin calm $((512 * mib)) -rate 100 -max 200 -delay 3s
watch calm "{ limit: 1G }"
check "calm: it is raised" wait_for $patience says calm "raised from 512M to 1.0G"
check "calm: and put back after the capture, as usage is below" \
	wait_for $patience says calm "put back from 1.0G to 512M"
check "calm: in the kernel" limit_is "$cgroup" $((512 * mib))
check "calm: in the manifest" hold_is result restored
check "calm: with a time" [ -n "$(field "$(newest)" captures.0.hold.restored_at)" ]
check "calm: it lives" kill -0 "$leaker"
end calm

# freeze: as soon as the limit is raised, whoever captures stops ($capture), so that it does
# not end before the test has seen what it wants to see.
freeze() { # OLD LIMIT IN MIB
	while limit_is "$cgroup" $(($1 * mib)); do
		gone "$agent" && die "the agent is gone: $(cat "$tmp"/*.log)"
		gone "$leaker" && die "the target was killed before its limit was raised"
		sleep 0.01
	done
	mapfile -t capture < <(pgrep -P "$agent" leakdog-fetch)
	kill -STOP "${capture[@]}"
}
thaw() { kill -CONT "${capture[@]}" 2> /dev/null || true; } # a spare may be gone
# above NAME AT_MOST: raised from 256M to 1G, and usage is above the old limit.
above() {
	begin "$1" $((256 * mib)) -rate 40 -max 340 -delay 3s -busy 4
	watch "$1" "{ limit: 1G, at_most: $2 }"
	freeze 256
	check "$1: it is raised" limit_is "$cgroup" $((1024 * mib))
	check "$1: usage passes the old limit" wait_for $patience over
}
over() { [ "$(cgroup_usage "$cgroup")" -gt $((270 * mib)) ]; }

# Usage stays above the old limit: nothing is lowered, nobody is killed.
above stay 20s
check "stay: at_most is over, and it stays, which is said" \
	wait_for $patience says stay "stays at 1.0G: usage"
thaw
check "stay: the capture ends" wait_for $patience says stay "capture of 'shop'"
check "stay: the limit stays" limit_is "$cgroup" $((1024 * mib))
list_tells() { "$build/leakdog" list --archive "$tmp/archive" 2>&1 | grep -q "still raised from 256M to 1.0G"; }
check "stay: list tells" list_tells
check "stay: the status tells" wait_for $patience is "$tmp/run/status.json" holds.0.to $((1024 * mib))
check "stay: the rules go by the old limit" \
	is "$tmp/run/status.json" targets.0.signals.limit $((256 * mib))
kill "$agent"
check "stay: the agent ends" wait_for $patience gone "$agent"
check "stay: still raised" limit_is "$cgroup" $((1024 * mib))
check "stay: it lives" kill -0 "$leaker"
partial() {
	local status=0
	"$build/leakdog" unhold --archive "$tmp/archive" 2> "$tmp/unhold.log" || status=$?
	[ $status = 5 ] && grep -q "is not 2% below 256M yet" "$tmp/unhold.log"
}
check "stay: unhold says that it must wait" partial
kill -KILL "$leaker"
wait_for $patience gone "$leaker"
check "stay: after the target's death unhold puts it back" \
	"$build/leakdog" unhold --archive "$tmp/archive"
check "stay: in the kernel" limit_is "$cgroup" $((256 * mib))
check "stay: in the manifest" hold_is result restored
end stay

# The target's death, while the agent watches.
above death 1h
thaw
kill -KILL "$leaker"
check "death: it is put back" wait_for $patience says death "put back from 1.0G to 256M"
check "death: in the kernel" limit_is "$cgroup" $((256 * mib))
end death

# Somebody else's value is theirs.
above foreign 1h
echo $((640 * mib)) > "$cgroup/$max"
thaw
check "foreign: it is given up" wait_for $patience says foreign "somebody else set it to 640M: left alone"
check "foreign: the value is theirs" limit_is "$cgroup" $((640 * mib))
check "foreign: the manifest says so" hold_is result left
end foreign

# hang NAME: the agent and all its children are killed while it is raised.
hang() {
	local family
	begin "$1" $((512 * mib)) -rate 40 -max 200 -delay 3s -busy 4
	watch "$1" "{ limit: +1G, at_most: 1h }"
	freeze 512
	mapfile -t family < <(pgrep -P "$agent")
	kill -KILL "$agent" "${family[@]}"
	wait_for $patience gone "$agent"
	check "$1: it is raised, and nobody is there" limit_is "$cgroup" $((1536 * mib))
}
# The next agent puts it back.
hang restart
watch again "{ limit: +1G, at_most: 1h }"
check "restart: the next agent puts it back" wait_for $patience says again "put back from 1.5G to 512M"
# It goes on with the incident, which may mean one more capture, and one more hold.
back() { nothing_held && limit_is "$cgroup" $((512 * mib)); }
check "restart: in the kernel" wait_for $patience back
check "restart: the salvaged incident says so" wait_for $patience hold_is result restored
end again

# So does a person, or ExecStopPost.
hang alone
check "alone: unhold ends well" "$build/leakdog" unhold --archive "$tmp/archive"
check "alone: the limit is back" limit_is "$cgroup" $((512 * mib))
check "alone: once more there is nothing to do" "$build/leakdog" unhold --archive "$tmp/archive"
salvage() { "$build/leakdog" keep salvage --archive "$tmp/archive" < /dev/null > /dev/null; }
check "alone: what is salvaged later" salvage
check "alone: says so" hold_is result restored
end alone

# Whoever captures goes on without its agent, and keeps what it holds until its end.
begin orphan $((512 * mib)) -rate 40 -max 200 -delay 3s -busy 4
watch orphan "{ limit: +1G, at_most: 1h }"
freeze 512
kill -KILL "$agent"
wait_for $patience gone "$agent"
busy() {
	local status=0
	"$build/leakdog" unhold --archive "$tmp/archive" 2> "$tmp/unhold.log" || status=$?
	[ $status = 5 ]
}
check "orphan: unhold leaves it alone" busy
check "orphan: it is still raised" limit_is "$cgroup" $((1536 * mib))
thaw
check "orphan: unhold ends well when it has ended" wait_for $patience "$build/leakdog" unhold --archive "$tmp/archive"
check "orphan: the limit is back" limit_is "$cgroup" $((512 * mib))
end orphan

# SIGTERM puts back at once, whatever at_most says.
begin term $((512 * mib)) -rate 40 -max 200 -delay 3s -busy 4
watch term "{ limit: +1G, at_most: 1h }"
freeze 512
check "term: it is raised" limit_is "$cgroup" $((1536 * mib))
thaw
kill "$agent"
check "term: the agent ends" wait_for $patience gone "$agent"
check "term: the limit is back" limit_is "$cgroup" $((512 * mib))
end term

# The machine has nothing to give.
total=$(awk '/MemTotal/ { print $2 }' /proc/meminfo)
begin greedy $((512 * mib)) -rate 100 -max 200 -delay 3s
watch greedy "{ limit: $((total * 8))K }"
check "greedy: it is refused, with the reason" wait_for $patience says greedy "the machine has only"
check "greedy: the limit was not touched" limit_is "$cgroup" $((512 * mib))
check "greedy: the capture is there without" wait_for $patience fresh_heap
check "greedy: the manifest says so" hold_is result refused
end greedy

# An ancestor stands in the way: it gets what is missing, and goes back, too.
make_cgroup $((160 * mib))
parent=$cgroup
begin nested $((512 * mib)) -rate 100 -max 130 -delay 3s
mkdir "$parent/inner"
echo $((152 * mib)) > "$parent/inner/$max"
echo "$leaker" > "$parent/inner/cgroup.procs"
cgroups=("$parent/inner" "${cgroups[@]}")
watch nested "{ limit: +100% }" "memory > 80M"
check "nested: it is raised" wait_for $patience says nested "raised from 152M to 304M"
check "nested: and put back" wait_for $patience says nested "put back from 304M to 152M"
check "nested: the inner one" limit_is "$parent/inner" $((152 * mib))
check "nested: the ancestor" limit_is "$parent" $((160 * mib))
end nested
