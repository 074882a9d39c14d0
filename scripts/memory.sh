# What processes weigh, for the scripts that tell or test it; to be sourced.
# shellcheck shell=bash

# rss_kb PID
rss_kb() { awk '$1 == "VmRSS:" { print $2 }' "/proc/$1/status"; }

# family_kb PID...: "RSS PSS" of all of them together. One that has ended weighs nothing.
family_kb() {
	local each
	for each; do
		cat "/proc/$each/smaps_rollup" 2>/dev/null || true
	done |
		awk '$1 == "Rss:" { rss += $2 } $1 == "Pss:" { pss += $2 } END { print rss + 0, pss + 0 }'
}
