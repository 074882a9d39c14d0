#!/bin/bash
# A real service leaks under the agent: the report is written after the capture and after
# the seal, names the function, and the archive keeps its promises. Then everything that can
# go wrong with it: the process that reads the profiles is killed, a profile is damaged or a
# bomb, the incident is cut while its report is written, the archive belongs to somebody
# else. The captures stand each time, and the incident says what happened.
# tier: full
# limit: 300
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

leakdog=$build/leakdog
archive=$tmp/archive
build_services leaker field

start leaker "$services/leaker" -listen 127.0.0.1:0 -rate 40 -delay 12s -max 200
address_of leaker
service=$pid
cat > "$tmp/leakdog.yaml" << END
services:
  shop:
    pid: $service
    pprof: http://$address
    limit: 8G
    rules: [ rss grows 60M in 1m ] # its own: the group is shared with whoever else runs here
    base: { after: 2s }
    settle: 5s
    again: 4s
    # With heap-gc, which is spoilt below.
    capture: { artifacts: [kernel, heap, index, goroutine, heap-gc, memstats, sockets, goroutine-text] }
archive: { dir: $archive, keep_free: 16M }
END
chmod 644 "$tmp/leakdog.yaml"
start_agent "$tmp/leakdog.yaml"

written() { [ "$(grep -c "report of incident .* written" "$tmp/leakdog.log")" -ge "$1" ]; }
sound() { "$leakdog" verify --archive "$archive" > "$tmp/findings" 2>&1 || { cat "$tmp/findings"; return 1; }; }
has() { grep -qF -- "$2" "$1"; }
# says RESULT [WORDS]: what the manifest says of the report.
says() {
	is "$incident/manifest.json" reported.result "$1" &&
		{ [ $# = 1 ] || [[ $(field "$incident/manifest.json" reported.why) = *$2* ]]; }
}

check "a report follows the capture" wait_for $patience written 1
incident=$(echo "$archive"/shop/*)
id=${incident##*/}
check "it stands while the incident is open" is "$incident/manifest.json" state open
for file in report.html summary.txt report.json; do
	check "$file is there" test -s "$incident/$file"
done
check "the manifest says so" says complete
check "the archive is as promised" sound
check "a second one follows the second capture" wait_for $patience written 2

kill -KILL "$service"
sealed() { is "$incident/manifest.json" state sealed; }
check "the incident is sealed" wait_for $patience sealed
check "a last one follows the seal" wait_for $patience written 3
promised() { grep -q "$(sha256sum < "$incident/$1" | cut -d ' ' -f 1)" "$incident/manifest.json"; }
check "it is promised with its digest" promised report.json
check "it names the function" has "$incident/summary.txt" main.rememberReply
check "show names it first" has <("$leakdog" show --archive "$archive" | sed -n 3p) main.rememberReply
"$leakdog" show --archive "$archive" --json > "$tmp/show.json"
check "as JSON the report is part of it" is "$tmp/show.json" report.incident.id "$id"
check "the line for pprof has the base" has <("$leakdog" pprof --print --archive "$archive") "/base/heap-gc.pb.gz "
check "pprof runs" has <("$leakdog" pprof --archive "$archive" -- -top -nodecount=3 2> /dev/null) main.rememberReply
check "pprof without go says so" has \
	<(PATH=/nonexistent "$leakdog" pprof --archive "$archive" 2>&1) "there is no go here"
stop_agent

# ------------------------------------------------------------------ what can go wrong

whole=$tmp/whole
cp -a "$archive" "$whole"
again() { # a fresh copy
	rm -rf "$archive" && cp -a "$whole" "$archive"
}
report() { "$leakdog" report --archive "$archive" "$@" > "$tmp/out" 2> "$tmp/err"; }
fails() { ! "$@"; }
captures() { (cd "$incident" && find 0? base -type f -exec sha256sum {} + | sort | sha256sum); }
before=$(captures)

check "by hand as well" report
check "it says where" has "$tmp/out" "$incident/report.html"
check "the page holds in a browser" pages_hold "$incident"
check "to a file" report -o "$tmp/page.html" "$id"
check "which is the page" has "$tmp/page.html" "$id"
check "to stdout" report -o - "${id: -4}"
check "the archive is as promised" sound

# The process in the jail is the one that preads.
killed() {
	strace -f -qq -o /dev/null -e trace=pread64 -e inject=pread64:signal=KILL:when=5 \
		"$leakdog" report --archive "$archive" > "$tmp/out" 2> "$tmp/err"
}
check "killed while it reads" fails killed
check "the reason is said" has "$tmp/err" "killed by signal 9"
check "and kept" says failed "killed by signal 9"
check "show says it" has <("$leakdog" show --archive "$archive") "killed by signal 9"
check "the archive is as promised" sound
check "and tried again it is mended" report
check "as the manifest says" says complete

# promise FILE: the manifest has its bytes and digest as they are now.
promise() {
	local path=$incident/$1 sum
	sum=$(sha256sum "$path" | cut -d ' ' -f 1)
	# The digest stands below the bytes; other files may have as many.
	sed -i "/\"bytes\": $3,/{N; /$2/s/\"bytes\": $3,/\"bytes\": $(stat -c %s "$path"),/}; s/$2/$sum/" \
		"$incident/manifest.json"
}
# spoil FILE COMMAND...: its bytes are what COMMAND prints.
spoil() {
	local name=$1 sum bytes
	shift
	sum=$(sha256sum "$incident/$name" | cut -d ' ' -f 1)
	bytes=$(stat -c %s "$incident/$name")
	"$@" > "$tmp/spoilt"
	cat "$tmp/spoilt" > "$incident/$name"
	promise "$name" "$sum" "$bytes"
}
last=$(basename "$(dirname "$(sed -n 's/.* \(.*\)/\1/p' <("$leakdog" pprof --print --archive "$archive"))")")
garbage() { head -c 5000 /dev/urandom; }
bomb() { head -c 2000000000 /dev/zero | gzip -1; }
# A varint field that says it is 2^40 bytes long.
lie() { printf '\x12\x80\x80\x80\x80\x80\x20' | gzip; }
for damage in garbage bomb lie; do
	again
	spoil "$last/heap-gc.pb.gz" $damage
	check "$damage for a heap: there is a report" report
	check "$damage: the file is named" has "$incident/summary.txt" "$last/heap-gc.pb.gz: "
	check "$damage: the plain heap is read instead" has "$incident/summary.txt" main.rememberReply
	check "$damage: the archive is as promised" sound
done
for file in "$incident/$last"/*.gz; do
	spoil "$last/${file##*/}" garbage
done
check "all of them garbage: there is a report" report
check "which names them all" has "$incident/summary.txt" "$last/goroutine.txt.gz: "
check "the archive is as promised" sound

again
ln -sf /etc/passwd "$incident/$last/heap-gc.pb.gz"
check "a link for a heap is not followed" report
check "and named" has "$incident/summary.txt" "$last/heap-gc.pb.gz: "
again
rm "$incident/$last/heap-gc.pb.gz"
check "a file that is gone" report
check "is named" has "$incident/summary.txt" "$last/heap-gc.pb.gz: "

again
if [ "$(id -u)" = 0 ]; then
	chown -R nobody "$archive"
	check "in another user's archive it cannot be written" fails report
	check "which says the way out" has "$tmp/err" "-o FILE"
	check "which works" report -o "$tmp/page.html"
	again
fi
check "the captures are as they were" [ "$(captures)" = "$before" ]
check "the archive is as promised" sound

# ------------------------------------------------------------------ nothing but its end

# A kill that no rule saw coming: a verdict, a timeline, no capture and no base.
id=20261121T201204Z-oom-kill-7f3a incident=$archive/cron/20261121T201204Z-oom-kill-7f3a
"$leakdog" keep seal --archive "$archive" << END
kind=seal
service=cron
key=0a1b2c3d-4127-99
incident=$id
number=0
base=missing
base_why=not taken yet
reason.rule=oom kill
reason.slug=oom-kill
reason.at=1795291924123
target.pid=4127
target.exe=/opt/cron
target.limit=1073741824
verdict.outcome=oom-killed
verdict.at=1795291924123
verdict.evidence=own-counter
verdict.victim=target

at,step_s,memory,memory_min
2026-11-21T20:12:02.000Z,1,104857600,104857600
2026-11-21T20:12:03.000Z,1,734003200,104857600
END
check "an incident without a capture has a report" report "$id"
check "nobody is named" has "$incident/summary.txt" "No profile could be read: nobody can be named."
check "nothing is explained" is "$incident/report.json" memory.of nothing
check "how it ended is told" has "$incident/summary.txt" "oom-killed"
check "the memory before it as well" is "$incident/report.json" series.signals.0.name memory
check "show says the same" has <("$leakdog" show --archive "$archive" "$id") "nobody can be named"
check "there is no line for pprof" fails "$leakdog" pprof --print --archive "$archive" "$id"
check "the page holds in a browser" pages_hold "$incident"
check "the archive is as promised" sound
