# shellcheck shell=bash
# Shared by the scripts of this directory:  . "$(dirname "$(readlink -f "$0")")/lib.sh"
# It stands in the top of the source ($top); results go to standard output, talk to the
# standard error.

top=$(readlink -f "$(dirname "${BASH_SOURCE[0]}")/..")

say() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

die() {
	say "$@"
	exit 1
}

is_root() {
	[ "$(id -u)" -eq 0 ]
}

# build_in DIRECTORY [-DKEY=VALUE...]: configures and builds; what the compiler says is shown
# only where it has something to say.
build_in() {
	local dir=$1 log=$1/build.log
	shift
	mkdir -p "$dir"
	{ cmake -S "$top" -B "$dir" "$@" && cmake --build "$dir" -j "$(nproc)"; } >"$log" 2>&1 || {
		grep -E ': (fatal )?error|: warning|undefined reference|CMake Error' -A 5 "$log" ||
			tail -n 20 "$log"
		return 1
	}
}
