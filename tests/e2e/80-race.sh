#!/bin/bash
# Twenty of twenty: a whole heap profile on disk before the kill, and what else of scripts/bench
# race is won or lost. How soon is no promise of a test: the table says it.
# tier: long
# needs: root
# limit: 2400
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

race() {
	local status=0
	LEAKDOG_BUILD=$build "$top/scripts/bench" race --only leakdog > "$tmp/table" || status=$?
	cat "$tmp/table"
	[ $status = 0 ] || [ $status = 3 ] # a goal that is a time
}
# "20 of 20" in every row that counts.
all() {
	awk -F '|' '$5 ~ / of / { split($5, n, " of "); rows++; lost += n[1] + 0 != n[2] + 0 }
		END { exit !rows || lost }' "$tmp/table"
}
check "the race is run" race
check "leakdog wins every one" all
