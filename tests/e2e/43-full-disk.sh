#!/bin/bash
# A disk that is really full: by bytes, by inodes, and by keep_free. Old incidents give way,
# what is filed is whole or says what is missing, verify never finds anything, the free space
# never falls below keep_free, and after room was made all goes on.
# tier: full
# needs: root
# limit: 300
# shellcheck source=tests/e2e/archive.sh
. "$(dirname "$(readlink -f "$0")")/archive.sh"

disk=$tmp/disk
mkdir -m 750 "$disk"
at_end "umount '$disk' 2> /dev/null"

# disk_of OPTIONS: a new file system.
disk_of() {
	umount "$disk" 2> /dev/null || true
	mount -t tmpfs -o "mode=750,$1" leakdog-test "$disk"
}
free_bytes() { df --output=avail -B 1 "$disk" | tail -n 1; }
incidents() { if [ -d "$disk/cron" ]; then entries "$disk/cron"; else echo 0; fi; }

# one N [OPTION...]: the Nth incident: capture and seal. Sets $status to that of the capture.
one() {
	local n=$1
	name=$(printf '20261121T%06dZ-memory-5G-%04x' "$n" "$n")
	shift
	status=0
	job capture "$n" "$name" | sed 's/^number=.*/number=1/' > "$tmp/job"
	"$file_capture" --archive "$disk" "$@" < "$tmp/job" 2>> "$tmp/log" || status=$?
	[ -d "$disk/cron/$name" ] || return 0
	seal "$n" "$name" > "$tmp/job"
	"$leakdog" keep seal --archive "$disk" "$@" < "$tmp/job" 2>> "$tmp/log" || sealing=failed
}

# many N OPTION...: N incidents; counts what became of them, looks at every step.
many() {
	local count=$1 n before
	shift
	whole=0 partial=0 refused=0 lowest=$(free_bytes) sealing=ok faults=0
	for ((n = 1; n <= count; n++)); do
		one $n "$@"
		case $status in
		0) whole=$((whole + 1)) ;;
		3)
			partial=$((partial + 1))
			grep -h '"why": "[^"]' "$disk/cron/$name/manifest.json" | sort -u
			;;
		1) refused=$((refused + 1)) ;;
		*) die "the capture ends with $status" ;;
		esac
		before=$(free_bytes)
		[ "$before" -ge "$lowest" ] || lowest=$before
		[ $((n % 20)) != 0 ] || sound "$disk" || faults=$((faults + 1))
	done
	sound "$disk" || { faults=$((faults + 1)) && cat "$tmp/findings"; }
	echo "$count captures: $whole whole, $partial partial, $refused refused; $(incidents) stand," \
		"$lowest bytes free at the least"
}

disk_of size=1m
many 100
# One that meets the end of the disk in the middle of a file says what it has not.
check "on a full disk old incidents give way: all are filed" [ $((whole + partial)) = 100 ]
check "nearly all of them whole" [ $whole -ge 97 ]
check "the disk was full before that" [ "$(incidents)" -lt 60 ]
check "and all are sealed" [ $sealing = ok ]
check "and verify finds nothing" [ $faults = 0 ]

disk_of size=64m,nr_inodes=300
many 40
check "without inodes old incidents give way" [ $whole = 40 ]
check "and verify finds nothing" [ $faults = 0 ]

disk_of size=64m
fill=$((52 << 20)) # of a stranger: 12M are left, 10M have to stay
head -c $fill /dev/zero > "$disk/stranger"
many 150 --keep-free $((10 << 20))
check "nothing is written below keep_free" [ "$lowest" -ge $((10 << 20)) ]
rm "$disk/stranger"
check "and verify finds nothing but the stranger" [ $faults -le 8 ]
check "really nothing" sound "$disk"

disk_of size=64m
head -c $((60 << 20)) /dev/zero > "$disk/stranger"
rm -rf "$disk/cron"
one 1 --keep-free $((10 << 20))
check "where nothing can give way a capture is refused" [ "$status" = 1 ]
check "in words" grep -q 'disk is full' "$tmp/log"
rm "$disk/stranger"
one 1 --keep-free $((10 << 20))
check "and filed as soon as there is room" [ "$status" = 0 ]

disk_of size=64m
many 60 --max-use $((300 << 10))
check "the archive stays within max_use" [ "$(du -sB 1 "$disk/cron" | cut -f 1)" -le $((330 << 10)) ]
check "the first incident still stands" [ -d "$disk/cron/20261121T000001Z-memory-5G-0001" ]
check "and verify finds nothing" [ $faults = 0 ]
