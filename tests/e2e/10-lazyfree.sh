#!/bin/bash
# Memory that was freed lazily counts, whether it is in use again or not, as nothing tells;
# a file's cache does not. Three programs, each in a cgroup of its own.
# needs: root
# limit: 120
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

mb=$((1024 * 1024))
file=$tmp/file
[ "$(stat -f -c %T "$tmp")" != tmpfs ] || file=$(mktemp "$build/lazyfree.XXXXXX") # tmpfs is no cache

# begin KIND MB [FILE]: its readings in $tmp/KIND.
begin() {
	make_cgroup $((512 * mb))
	start_in "$cgroup" "$1" "$build/lazyfree" "$@"
	wait_for $patience grep -q ready "$tmp/$1.log" || die "$1 did not start"
	"$build/look" "$pid" > "$tmp/$1"
	sed "s/^/$1: /" "$tmp/$1" | grep -E 'domain|memory|usage|limit|anon'
}
value() { awk -v name="$2" '$1 == name { print $2 }' "$tmp/$1"; }
at_least() { [ "$(value "$1" "$2")" -ge $(($3 * mb)) ]; }
at_most() { [ "$(value "$1" "$2")" -le $(($3 * mb)) ]; }

begin freed 200
check "freed lazily: still charged" at_least freed usage 200
check "freed lazily: counts" at_least freed memory 200
begin reused 200
check "freed lazily and used again: counts" at_least reused memory 200
begin cache 200 "$file"
check "cached file: charged" at_least cache usage 200
check "cached file: does not count" at_most cache memory 20
check "the limit is the cgroup's" [ "$(value cache limit)" = $((512 * mb)) ]
rm -f "$file"
