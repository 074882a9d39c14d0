#!/bin/bash
# by-hand.sh PID...: the resident pages of each as scripts read them, with cat; its own
# processor time tells what that costs.
for pid; do
	statm=$(cat "/proc/$pid/statm")
	read -r _ rss _ <<<"$statm"
	[ "$rss" -gt 0 ] || exit 1
done
