#!/bin/bash
# Threads grow in a real service: the report counts them and says which goroutines hold them,
# with the text of all goroutines (debug=2) and without it.
# tier: full
# limit: 180
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

archive=$tmp/archive
build_services threads field
cat > "$tmp/leakdog.yaml" << END
archive: { dir: $archive, keep_free: 16M }
services:
END
# threads NAME [KEY]: a service and its watch.
threads() {
	start "$1" "$services/threads" -listen 127.0.0.1:0
	address_of "$1"
	cat >> "$tmp/leakdog.yaml" <<- END
		  $1: { pid: $pid, pprof: "http://$address", limit: 8G, rules: [ threads > 50 ], base: { after: 2s }, $2 }
	END
}
threads text ''
threads binary 'capture: { debug2_at_most: 1 }'
start_agent "$tmp/leakdog.yaml"
reported() {
	incident=$(echo "$archive/$1"/2*)
	[ -e "$incident/summary.txt" ] && is "$incident/manifest.json" reported.result complete
}
for name in text binary; do
	check "$name: an incident is reported" wait_for $patience reported $name
	check "$name: threads come first" [ "$(field "$incident/report.json" grew.0.kind)" = threads ]
	check "$name: they are counted, and who holds them is told" grep -qE \
		'^\+[0-9]+ threads \([0-9]+ -> [0-9]+\); [0-9]+ goroutines hold one each in main.readForever .*, waiting in syscall\.' \
		"$incident/summary.txt"
done
check "text: started by whom as well" grep -q 'started by main.main$' "$archive/text"/2*/summary.txt
stop_agent
