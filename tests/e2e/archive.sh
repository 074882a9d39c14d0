# What the tests of the archive share:  . "$(dirname "$(readlink -f "$0")")/archive.sh"
# shellcheck shell=bash
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/lib.sh"

# In memory where that is possible: a kill does not ask for the disk, and an fsync of it makes
# a test of a minute one of five.
[ -w /dev/shm ] && shm=$(mktemp -d /dev/shm/leakdog-test-XXXXXX) || shm=$tmp
[ "$shm" = "$tmp" ] || at_end "rm -rf '$shm'"

leakdog=$build/leakdog
file_capture=$build/file-capture
# Everything that changes a file system, as our programs call it.
mutating=openat,mkdirat,write,pwrite64,fsync,fdatasync,sync_file_range,ftruncate,fchmod,fchown
mutating+=,linkat,renameat,renameat2,unlinkat
id=20261121T201204Z-memory-5G-7f3a
key=0a1b2c3d-4127-99

# job KIND NUMBER [INCIDENT]: what the agent would say.
job() {
	cat << END
kind=$1
service=cron
key=$key
incident=${3-$id}
number=$2
base=taken
base_at_ms=1795291000000
recorder_keep=2
reason.rule=memory > 5G
reason.slug=memory-5G
reason.signal=memory
reason.unit=bytes
reason.value=5368709121
reason.threshold=5368709120
reason.at=$((1795291924123 + $2 * 60000))
target.pid=4127
target.exe=/opt/cron
target.build=12-3456-789
verdict.outcome=recovered
verdict.at=$((1795291984123 + $2 * 60000))

END
}
seal() {
	job seal "$@"
	printf 'at,memory\n1,2\n'
}

# begin_archive DIR: with the live files of a target.
begin_archive() {
	mkdir -m 750 "$1"
	job base 0 > "$tmp/job"
	"$file_capture" --archive "$1" < "$tmp/job"
	for number in 1 2; do
		job record $number > "$tmp/job"
		"$file_capture" --archive "$1" < "$tmp/job"
	done
}
# capture_into DIR NUMBER [INCIDENT]
capture_into() {
	job capture "${@:2}" > "$tmp/job"
	"$file_capture" --archive "$1" < "$tmp/job"
}

# points DIR COMMAND...: "SYSCALL COUNT FIRST" for each mutating call that COMMAND makes; the
# calls before FIRST come before it has seen the archive DIR.
points() {
	local dir=$1
	shift
	strace -f -qq -o "$tmp/calls" -e "trace=$mutating" "$@" > /dev/null 2>&1 < "$tmp/input" || return
	awk -v dir="$dir" '
		index($0, dir) { seen = 1 }
		{ sub(/^[0-9]+ +/, ""); sub(/\(.*/, "") }
		/^[a-z0-9_]+$/ { count[$0]++; if (!seen) before[$0]++ }
		END { for (name in count) print name, count[name], before[name] + 1 }' "$tmp/calls"
}

salvage() { "$leakdog" keep salvage --archive "$1" < /dev/null > "$tmp/told" 2> "$tmp/salvage.log"; }
sound() { "$leakdog" verify --archive "$1" > "$tmp/findings" 2>&1; }
# Visible names in a directory.
entries() { find "$1" -mindepth 1 -maxdepth 1 -not -name ".*" | wc -l; }
nothing_staged() { [ -z "$(ls -A "$1/.staging")" ]; }
