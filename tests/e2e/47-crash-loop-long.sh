#!/bin/bash
# A hundred lives of 47-crash-loop.sh.
# tier: long
# needs: root
# limit: 1500
exec "$(dirname "$(readlink -f "$0")")/47-crash-loop.sh" 100
