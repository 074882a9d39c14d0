#!/bin/bash
# As 41-errors-everywhere, with further captures, bases and recorder heaps.
# tier: long
# limit: 1800
exec "$(dirname "$(readlink -f "$0")")/41-errors-everywhere.sh" long
