#!/bin/bash
# As 47-crash-loop, until a hundred kills were seen.
# tier: long
# needs: root
# limit: 1500
exec "$(dirname "$(readlink -f "$0")")/47-crash-loop.sh" 100
