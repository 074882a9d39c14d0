#!/bin/bash
# As 44-kill-capture, at every point.
# tier: long
# limit: 3600
exec "$(dirname "$(readlink -f "$0")")/44-kill-capture.sh" long
