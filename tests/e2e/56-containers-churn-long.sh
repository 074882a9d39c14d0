#!/bin/bash
# As 56-containers-churn, with a thousand containers, fifty a second.
# tier: long
# needs: root
# limit: 600
exec "$(dirname "$(readlink -f "$0")")/56-containers-churn.sh" 1000 50
