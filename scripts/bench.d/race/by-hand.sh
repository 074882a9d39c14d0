#!/bin/bash
# by-hand.sh PAUSE PID ADDRESS KB DIR: what people write when their service is killed at
# night: look at the resident set every PAUSE seconds, and fetch profiles once it is over KB.
pause=$1 pid=$2 address=$3 threshold=$4 dir=$5
while rss=$(awk '/^VmRSS/ { print $2 }' "/proc/$pid/status" 2> /dev/null) && [ -n "$rss" ]; do
	if [ "$rss" -gt "$threshold" ]; then
		curl -s -o "$dir/heap.pb.gz" "http://$address/debug/pprof/heap"
		curl -s -o "$dir/goroutine.txt" "http://$address/debug/pprof/goroutine?debug=2"
		exit
	fi
	sleep "$pause"
done
