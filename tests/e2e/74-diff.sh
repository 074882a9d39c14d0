#!/bin/bash
# leakdog diff as a person and as a pipeline use it: files, incidents, what it refuses and what
# it says then, and its exit codes.
# tier: quick
# shellcheck source=tests/e2e/archive.sh
. "$(dirname "$(readlink -f "$0")")/archive.sh"

build_services field
seeds=$top/tests/fuzz/seeds/profile
base=$seeds/leaker1-heap.pb now=$seeds/leaker2-heap.pb

# diff OPTION...: its streams in $tmp/out and $tmp/err, its exit code in $code.
diff() {
	code=0
	"$leakdog" diff "$@" > "$tmp/out" 2> "$tmp/err" < "${input:-/dev/null}" || code=$?
}
# answers CODE FILE PATTERN: of the last diff.
answers() { [ "$code" = "$1" ] && grep -qE -- "$3" "$tmp/$2"; }

# --- Files ------------------------------------------------------------------------------
diff "$base" "$now"
check "what grew is said" answers 0 out '^ +\+[0-9.]+M .*main\.rememberReply$'
check "and between what" answers 0 out "^base .* inuse_space, .*leaker1-heap.pb$"
check "nothing is said to stderr" [ ! -s "$tmp/err" ]
diff --metric alloc_objects --cum --top 2 "$base" "$now"
check "rows are counted" answers 0 out '^\.\.\. and [0-9]+ functions more'
diff --json --top 0 "$base" "$now"
cp "$tmp/out" "$tmp/diff.json"
check "JSON has the metric" [ "$code:$(field "$tmp/diff.json" metric)" = 0:inuse_space ]
check "and all functions" [ "$(field "$tmp/diff.json" more)" = 0 ]
growth=$(field "$tmp/diff.json" growth)
diff "$now" "$base"
check "the wrong order is noticed" answers 0 err 'the first is newer than the second'
diff "$now"
check "one file is shown as it is" answers 0 out 'flat +share +cum'
input=$now diff "$base" -
check "the second may come from a pipe" answers 0 out 'main\.rememberReply$'
check "and is named so" answers 0 out ', -$'

threads=$seeds/threads
diff "$threads"{1,2}-threadcreate.pb
check "threads are counted" answers 0 out '^grew +\+[0-9]+ in '
check "Go does not tell whose they are" answers 0 out '^bare +\+[0-9]+ of it without a stack'
check "so no function is named" answers 0 out '^no function has changed$'
diff --json "$threads"{1,2}-threadcreate.pb
cp "$tmp/out" "$tmp/diff.json"
check "JSON has them" [ "$(field "$tmp/diff.json" now.without_stack)" -gt 70 ]

# --- A pipeline -------------------------------------------------------------------------
diff --fail-above "$growth" "$base" "$now"
check "growth up to the limit passes" answers 0 out rememberReply
diff --fail-above "$((growth - 1))" "$base" "$now"
check "growth above it fails" answers 1 err 'inuse_space grew by [0-9.]+M, which is above'
check "and is shown" answers 1 out rememberReply
diff --fail-above 1 "$now" "$base"
check "shrinking passes" answers 0 out rememberReply
diff --fail-above 1M "$now"
check "one file fails by what it holds" answers 1 err 'inuse_space is [0-9.]+M, which is above'

# --- What is refused --------------------------------------------------------------------
# refuses CODE WHAT ARGUMENT...: with these words, and nothing on stdout.
refuses() {
	local wanted=$1 words=$2
	shift 2
	diff "$@"
	answers "$wanted" err "$words" && [ ! -s "$tmp/out" ]
}
printf '<!DOCTYPE html>' > "$tmp/page.pb.gz"
printf 'goroutine 1 [running]:\nmain.main()\n' > "$tmp/goroutine.txt"
gzip < "$now" > "$tmp/whole.pb.gz"
head -c -9 "$tmp/whole.pb.gz" > "$tmp/cut.pb.gz"
gzip < "$tmp/whole.pb.gz" > "$tmp/twice.pb.gz"
head -c 1G /dev/zero | gzip -1 > "$tmp/bomb.pb.gz"
: > "$tmp/empty.pb.gz"
hostile=$tmp/$'\e[2Jname\n.pb'
cp "$tmp/page.pb.gz" "$hostile"
check "a page" refuses 1 'page.pb.gz: it is a page of HTML' "$tmp/page.pb.gz" "$now"
check "a text of goroutines" refuses 1 'use leakdog goroutines' "$now" "$tmp/goroutine.txt"
check "a cut file" refuses 1 'cut.pb.gz: its gzip is cut' "$tmp/cut.pb.gz"
check "a file that is gzipped twice" refuses 1 'it is gzipped twice' "$tmp/twice.pb.gz"
check "a bomb" refuses 1 'it inflates to more than is allowed' "$tmp/bomb.pb.gz"
check "an empty file" refuses 1 'empty.pb.gz: it is empty' "$tmp/empty.pb.gz"
check "a directory" refuses 1 'it is no file' "$tmp"
check "two kinds" refuses 1 'these two cannot be compared' "$now" "$seeds/grpc1-goroutine.pb"
check "a file that is not there" refuses 3 'nowhere.pb.gz: No such file' "$tmp/nowhere.pb.gz"
check "a metric that is not in it" refuses 2 'it has alloc_objects, alloc_space' --metric foo "$now"
check "no argument" refuses 2 '^usage: leakdog diff'
check "three of them" refuses 2 '^usage: leakdog diff' a b c
check "rows that are no number" refuses 2 '--top: a number' --top -1 "$now"
check "a limit that is no quantity" refuses 2 '--fail-above: a quantity' --fail-above x "$now"
check "an option that does not exist" refuses 2 '^usage: leakdog diff' --nothing
check "a name that moves a terminal" refuses 1 'x1b\[2Jname.x0a' "$hostile"

# --- Incidents --------------------------------------------------------------------------
archive=$shm/archive
begin_archive "$archive"
capture_into "$archive" 1
incident=$archive/cron/$id
put() { cp --remove-destination "$seeds/$1" "$incident/$2"; }
put leaker1-heap.pb base/heap.pb.gz
put leaker2-heap.pb 01/heap.pb.gz
put grpc1-goroutine.pb base/goroutine.pb.gz
put grpc1-goroutine.pb 01/goroutine.pb.gz
diff --archive "$archive" 7f3a
check "an incident against its base" answers 0 out "^base .*/$id/base/heap.pb.gz$"
check "says what grew" answers 0 out 'main\.rememberReply$'
diff --archive "$archive" --metric goroutine "$id"
check "its goroutines" answers 0 out '^nothing has changed$'
diff --archive "$archive" "$base" 7f3a
check "its newest capture against a file" answers 0 out "^now .*/$id/01/heap.pb.gz$"
sed -i '0,/"goroutine"/s//"heap-gc"/' "$incident/manifest.json" # of the base, not of 01
put leaker1-heap.pb base/goroutine.pb.gz
diff --archive "$archive" 7f3a
check "a plain heap is compared with a plain one" answers 0 out "^base .*/base/heap.pb.gz$"
diff --archive "$archive" 7f3a "$now"
check "beside a file the newest is taken" answers 0 out "^base .*/01/heap.pb.gz$"
capture_into "$archive" 1 20261121T211204Z-memory-5G-8888
cp --remove-destination "$now" "$archive/cron/20261121T211204Z-memory-5G-8888/01/heap.pb.gz"
diff --archive "$archive" 7f3a 8888
check "two incidents are compared" answers 0 out '^nothing has changed$'
check "no such incident" refuses 3 "no incident 'ffff'" --archive "$archive" ffff
