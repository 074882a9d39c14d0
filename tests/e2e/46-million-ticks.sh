#!/bin/bash
# A million ticks of 60 steady targets over a captured tree, the clock handed in: eleven
# days of an agent that neither grows nor opens anything. Prints bytes and descriptors
# before and after.
# tier: long
# limit: 3600
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

export LEAKDOG_TICKS=${LEAKDOG_TICKS:-1000000}
test=$build/agent_test_steady
[ -x "$test" ] || die "$test is not there: it is built with the unit tests"
quietly() { "$test" 2> "$tmp/log"; } # it tells of its targets and of children that say nothing
check "$LEAKDOG_TICKS ticks neither allocate nor open" quietly
