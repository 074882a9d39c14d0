#!/bin/bash
# leakdog goroutines on what a real Go program writes: with debug=2, debug=1 and binary,
# crashed, gzipped, through a pipe, cut; each compared with the others.
# limit: 120
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

leakdog=$build/leakdog
build_services dumps leaker
mkdir "$tmp/few" "$tmp/many"
"$services/dumps" "$tmp/few" 10
GOTRACEBACK=all "$services/dumps" "$tmp/many" 200 crash 2> "$tmp/crash.log" && die "it lives"

# counts ARGUMENT...: "COUNT FUNCTION" per group as the table has it, but for the goroutine
# that writes the dump: it is on another line in each.
counts() {
	"$leakdog" goroutines --json --top 1000 "$@" | awk '
		/^   "count":/ { count = $2 + 0 }
		/^   "own": \{/ { own = 1 }
		own && /"function":/ { gsub(/[",]/, "", $2); if ($2 !~ /^main\.(main|write)$/)
			n[$2] += count; own = 0 }
		END { for (f in n) print n[f], f }' | sort
}
# deltas ARGUMENT...: the same of what grew.
deltas() {
	"$leakdog" goroutines --top 1000 "$@" | awk '
		/^$/ { part++ }
		part == 1 && match($0, / \+[0-9]+ /) && !/main\.(main|write)( |$)/ {
			delta = substr($0, RSTART + 2, RLENGTH - 3)
			match($0, /main\.[A-Za-z(*]+[^ ]*/)
			n[substr($0, RSTART, RLENGTH)] += delta }
		END { for (f in n) print n[f], f }' | sort
}
same() { [ -n "$1" ] && diff <(echo "$1") <(echo "$2"); }
says() { grep -qF -- "$2" <<< "$1"; }

want='1 main.accept
1 main.lockedToThread
1 main.recovered.func1
1 main.start.func1
1 main.start.func2
2 main.deep
20 main.(*pool[...]).work
10 main.waitForLock'
text=$(counts "$tmp/few/goroutine2.txt")
check "every goroutine of a text is in its group" same "$(sort <<< "$want")" "$text"
check "debug=1 has the same" same "$text" "$(counts "$tmp/few/goroutine1.txt")"
check "the binary profile has the same" same "$text" "$(counts "$tmp/few/goroutine.pb.gz")"
gzip -k "$tmp/few/goroutine2.txt"
check "gzipped it is the same" same "$text" "$(counts "$tmp/few/goroutine2.txt.gz")"
check "through a pipe it is the same" same "$text" \
	"$(counts - < <(cat "$tmp/few/goroutine2.txt"))"
sed 's/^/Nov 22 01:00:00 host dumps[812]: /' "$tmp/few/goroutine2.txt" > "$tmp/journal.log"
check "from a journal it is the same" same "$text" "$(counts "$tmp/journal.log")"
check "a crash tells the same as a dump" same "$(counts "$tmp/many/goroutine2.txt")" \
	"$(counts "$tmp/crash.log")"

grown='190 main.waitForLock
380 main.(*pool[...]).work'
for base in goroutine2.txt goroutine1.txt goroutine.pb.gz; do
	for now in goroutine2.txt goroutine1.txt goroutine.pb.gz; do
		check "$now against $base: what grew" same "$grown" \
			"$(deltas --base "$tmp/few/$base" "$tmp/many/$now")"
	done
done

out=$("$leakdog" goroutines --state semacquire "$tmp/many/goroutine2.txt")
check "a state alone" says "$out" "200 in 1 that match"
out=$("$leakdog" goroutines --match 'waitFor|accept$' "$tmp/many/goroutine2.txt")
check "a regular expression" says "$out" "201 in 2 that match"
status=0
"$leakdog" goroutines --match nowhere "$tmp/many/goroutine2.txt" > "$tmp/out" 2>&1 || status=$?
check "nothing that matches is exit code 3" [ $status = 3 ]
head -c -20 "$tmp/few/goroutine2.txt" > "$tmp/cut.txt"
out=$("$leakdog" goroutines "$tmp/cut.txt")
check "a cut text says so" says "$out" "the text is cut"

under_valgrind() {
	valgrind -q --error-exitcode=9 "$leakdog" goroutines --json "$1" > "$tmp/out"
}
# No sanitizer sees a variable that was never set, and it works on most days.
for file in goroutine2.txt goroutine2.txt.gz goroutine.pb.gz; do
	check "$file: valgrind sees nothing" under_valgrind "$tmp/few/$file"
done

start leaker "$services/leaker" -listen 127.0.0.1:0
address_of leaker
"$leakdog" capture --archive "$tmp/archive" "http://$address" > "$tmp/capture.log" 2>&1 ||
	die "$(cat "$tmp/capture.log")"
id=$(basename "$(find "$tmp/archive" -maxdepth 2 -name '*-by-hand-*')")
out=$("$leakdog" goroutines --archive "$tmp/archive" "${id##*-}" 2> "$tmp/err")
check "an incident's id takes its capture" grep -qxF "now: 01/goroutine.txt.gz" "$tmp/err"
check "it is told that there is no base" grep -qxF "base: none" "$tmp/err"
check "its goroutines are there" says "$out" "main.leak"

# refused WHAT WORDS FILE: an error on stderr that says it, exit code 1, nothing on stdout.
refused() {
	local status=0 out
	out=$("$leakdog" goroutines "$3" 2> "$tmp/err") || status=$?
	check "$1 is refused in words" [ "$status$out" = 1 ]
	check "$1: $2" grep -qF "$2" "$tmp/err"
}
: > "$tmp/empty"
refused "an empty file" "it is empty" "$tmp/empty"
refused "a heap profile" "leakdog diff" "$tmp/few/heap.pb.gz"
refused "a script" "no goroutine in" "$top/scripts/setup"
refused "a program" "it is a program" "$services/dumps"
refused "a file that is not there" "No such file" "$tmp/nothing"
head -c 100 "$tmp/few/goroutine.pb.gz" > "$tmp/half.pb.gz"
refused "a cut profile" "cut" "$tmp/half.pb.gz"
