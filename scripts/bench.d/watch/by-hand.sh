#!/bin/bash
# by-hand.sh PAUSE PID...: the loop that people write: resident pages of each, then sleep.
pause=$1
shift
while :; do
	for pid; do
		statm=$(cat "/proc/$pid/statm")
		read -r _ rss _ <<<"$statm"
		if [ "$((rss * 4096))" -gt $((5 << 30)) ]; then
			echo "$pid is over 5G"
		fi
	done
	sleep "$pause"
done
