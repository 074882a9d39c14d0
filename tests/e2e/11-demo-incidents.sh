#!/bin/bash
# scripts/demo shows each of the published incidents.
# tier: long
# needs: root
# limit: 1500
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

demo() { "$top/scripts/demo" "$1" > "$tmp/$1.log" 2>&1; }
for incident in cron grpc upload gzip ticker map ssh; do
	check "the demo of $incident ends well" demo $incident
	tail -n 20 "$tmp/$incident.log"
done
