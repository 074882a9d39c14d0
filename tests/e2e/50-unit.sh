#!/bin/bash
# The shipped unit is correct, and open to little: systemd's own rating, from 0 (closed) to
# 10, is at most 1.6.
# tier: quick
# limit: 60
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

# systemd looks whether the program exists: let it find one.
unit=$tmp/leakdog.service
sed "s,/usr/bin/leakdog,$(type -P true)," "$top/systemd/leakdog.service" > "$unit"

exposure() {
	local rating
	rating=$(systemd-analyze security --offline=true --no-pager "$unit" | tail -n 1)
	echo "$1: ${rating#*→ }"
	systemd-analyze security --offline=true --no-pager --threshold="$2" "$unit" > /dev/null
}
quiet() { [ -z "$("$@" 2>&1 | tee /dev/stderr)" ]; }

check "the unit has no fault" quiet systemd-analyze verify "$unit"
check "without capabilities it is rated at most 1.6" exposure leakdog.service 16
mkdir "$unit.d"
cp "$top/systemd/leakdog-full.conf" "$unit.d/full.conf"
check "the unit with leakdog-full.conf has no fault" quiet systemd-analyze verify "$unit"
check "with leakdog-full.conf it is rated at most 2.1" exposure leakdog-full.conf 21
rm "$unit.d/full.conf"
sed "s,/usr/bin/leakdog,$(type -P true)," "$top/systemd/leakdog-hold.conf" > "$unit.d/hold.conf"
check "the unit with leakdog-hold.conf has no fault" quiet systemd-analyze verify "$unit"
check "with leakdog-hold.conf it is rated at most 2.0" exposure leakdog-hold.conf 20
cp "$top/systemd/leakdog-journal.conf" "$unit.d/journal.conf"
rm "$unit.d/hold.conf"
check "the unit with leakdog-journal.conf has no fault" quiet systemd-analyze verify "$unit"
check "with leakdog-journal.conf it is rated at most 1.6" exposure leakdog-journal.conf 16
check "sysusers makes the user" systemd-sysusers --root="$tmp" --dry-run \
	"$top/systemd/leakdog.sysusers.conf"
