#!/bin/bash
# scripts/demo does what it says, leaves no cgroup and no process, and can be interrupted.
# needs: root
# limit: 400
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

cgroup_find
leftovers() {
	find "$cgroup_root" -maxdepth 1 -name "leakdog-demo-*"
	find /proc -maxdepth 2 -name exe -lname "$top/build/demo/*" 2> /dev/null || true
}

demo() { "$top/scripts/demo" > "$tmp/demo.log" 2>&1; }
check "the demo ends well" demo
cat "$tmp/demo.log"
for words in oom-killed own-counter main.rememberReply; do
	check "it shows $words" grep -q "$words" "$tmp/demo.log"
done
check "no cgroup and no process is left" [ -z "$(leftovers)" ]

# The shell lets what it starts in the background ignore SIGINT.
start again env --default-signal=INT "$top/scripts/demo"
check "it runs again" wait_for $patience grep -q 'leakdog run' "$tmp/again.log"
kill -INT "$pid"
check "Ctrl-C ends it" wait_for 30 gone "$pid"
check "and leaves nothing" [ -z "$(leftovers)" ]
