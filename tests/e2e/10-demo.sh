#!/bin/bash
# scripts/demo does what it says, leaves no cgroup and no process, and can be interrupted.
# needs: root
# limit: 400
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

cgroup_find
# Of the demos of this test only: its processes, and its cgroup, which is named for its pid.
leaves_nothing() {
	[ ! -e "$cgroup_root/leakdog-demo-$1" ] &&
		! find /proc -maxdepth 2 -name exe -lname "$top/build/demo/*" 2> /dev/null | grep .
}

demo() { "$top/scripts/demo" > "$tmp/demo.log" 2>&1; }
check "the demo ends well" demo
cat "$tmp/demo.log"
for words in oom-killed own-counter main.rememberReply; do
	check "it shows $words" grep -q "$words" "$tmp/demo.log"
done
check "go tool pprof names the function that leaks" \
	grep -qE '^ +[0-9.]+MB .*%  main.rememberReply$' "$tmp/demo.log"
check "it leaves nothing" leaves_nothing \
	"$(sed -nE 's/.*leakdog-demo-([0-9]+).*/\1/p' "$tmp/demo.log" | head -n 1)"

# The shell lets what it starts in the background ignore SIGINT.
start again env --default-signal=INT "$top/scripts/demo"
check "it runs again" wait_for $patience grep -qs 'leakdog run' "$tmp/again.log"
kill -INT "$pid"
check "Ctrl-C ends it" wait_for 30 gone "$pid"
check "and it leaves nothing" leaves_nothing "$pid"
