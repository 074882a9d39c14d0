# A command on a terminal, for the end-to-end tests; sourced after lib.sh.
# shellcheck shell=bash

# on_terminal NAME COMMAND...: runs it on a pseudo-terminal of its own. What it writes is in
# $tmp/NAME.screen, its exit code in $tmp/NAME.code when it has ended; keys are typed with
# press.
on_terminal() {
	local name=$1 command
	shift
	command="$(printf '%q ' "$@"); echo \$? > $(printf %q "$tmp/$name.code")"
	rm -f "$tmp/$name.keys" "$tmp/$name.code"
	mkfifo "$tmp/$name.keys"
	env SHELL=/bin/bash script -qfc "$command" "$tmp/$name.screen" \
		< "$tmp/$name.keys" > /dev/null 2>&1 &
	children+=("$!")
	disown "$!"
	exec {keys}> "$tmp/$name.keys"
}

# press BYTES: into the terminal that was started last, as printf writes them.
press() {
	# shellcheck disable=SC2059 # the bytes are a format on purpose: \003 is Ctrl-C
	printf "$1" >&"$keys"
}

# has_ended NAME: with its exit code in $code.
has_ended() {
	[ -s "$tmp/$1.code" ] && code=$(cat "$tmp/$1.code")
}

# shows NAME TEXT: the terminal has shown it; clearing a line is \r ESC [ K.
shows() { grep -qsF "$2" "$tmp/$1.screen"; }
