#!/bin/bash
# 10,000 times a pid is given to another process, mostly with the same start time: whoever
# was held is never taken for its successor. Then 5,000 opens race with the exchange.
# needs: root
# limit: 120
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

export ASAN_OPTIONS=detect_leaks=0 # it cannot look from inside the namespace
check "no process is taken for another" "$build/pid-reuse" 10000 5000
