#!/bin/bash
# Ten of ten: a whole heap profile on disk before the kill, at 1,000 MB/s and at 50 MB/s.
# tier: long
# needs: root
# limit: 1800
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

check "leakdog wins every race" env LEAKDOG_BUILD="$build" "$top/scripts/bench" race --runs 10
