#!/bin/bash
# Domains, limits and units on real cgroup v2 with systemd, with containers as the kubelet
# makes them and from inside cgroup namespaces: tests/vm/guest/domains.sh.
# limit: 600
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

check "domains are found and read" env BUILD="$build" \
	"$top/tests/vm/run" -t 500 "$top/tests/vm/guest/domains.sh"
