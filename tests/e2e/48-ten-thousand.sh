#!/bin/bash
# A thousand and ten thousand processes: the agent keeps up with them.
# tier: long
# needs: root
# limit: 3000
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

check "the agent keeps up" env LEAKDOG_BUILD="$build" "$top/scripts/bench" scale --runs 3
