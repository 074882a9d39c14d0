#!/bin/bash
# The log of a service outlives it: what it wrote last before the kernel killed it is in the
# incident, at the capture and at the seal; a log that cannot be had is told and harms nothing.
# needs: root
# limit: 180
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
build_services leaker field
archive=$tmp/archive

# leaks NAME LOG: is killed at 96M and says each reply on its log.
leaks() {
	make_cgroup $((96 << 20))
	start_in "$cgroup" "$1" "$services/leaker" -listen 127.0.0.1:0 -delay 4s -rate 15 -say
	address_of "$1"
	cat >> "$tmp/leakdog.yaml" <<- END
		  $1: { pid: $pid, pprof: "http://$address", rules: [ memory > 60% ], again: off, log: $2 }
	END
}
cat > "$tmp/leakdog.yaml" << END
archive: { dir: $archive, keep_free: 16M }
services:
END
mkdir "$tmp/pods"
ln -s "../linked.log" "$tmp/pods/0.log" # as below /var/log/containers
leaks plain "$tmp/plain.log"
leaks linked "$tmp/pods/0.log"
mkfifo "$tmp/fifo"
leaks fifo "$tmp/fifo"
"$build/leakdog" check "$tmp/leakdog.yaml" > "$tmp/checked" 2>&1 || true
check "check says what cannot be read" grep -qE "log.*$tmp/fifo: is a fifo" "$tmp/checked"
start_agent "$tmp/leakdog.yaml"

sealed() { is "$archive/$1"/2*/manifest.json verdict.outcome oom-killed 2> /dev/null; }
words() { zcat "$incident/$1"; }
for name in plain linked; do
	check "$name: is killed, and sealed" wait_for $patience sealed "$name"
	incident=$(echo "$archive/$name"/2*)
	check "$name: the seal's log ends with its last words" \
		[ "$(words log.gz | tail -n 1)" = "$(grep -v '^Killed' "$tmp/$name.log" | tail -n 1)" ]
	check "$name: they are those of a leak" grep -q 'remembered' <(words log.gz)
	check "$name: and the capture's is a beginning of it" \
		grep -qxF "$(words 01/log.gz | sed -n 2p)" <(words log.gz)
	check "$name: show has both" [ "$("$build/leakdog" show --archive "$archive" "$(basename "$incident")" |
		grep -cE '^ +log.gz +complete')" = 2 ]
done
check "fifo: is killed, and sealed" wait_for $patience sealed fifo
incident=$(echo "$archive/fifo"/2*)
check "fifo: the manifest says why there is no log" grep -q 'is a fifo' "$incident/manifest.json"
check "fifo: the rest is complete" is "$incident/manifest.json" captures.0.artifacts.kind=heap.result complete
reported() { grep -qsE '^  log +log.gz, [0-9.]+' "$archive"/plain/2*/summary.txt; }
check "the report names the log and its size" wait_for $patience reported
check "and not what it says" eval "! grep -rq remembered \"$archive\"/plain/2*/report.json"
stop_agent
