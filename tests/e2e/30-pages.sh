#!/bin/bash
# What README.md and config/places.md tell a newcomer to type is there: files, commands and
# their options, units, the image's name; their configurations are such as leakdog takes. The
# same of what is installed.
# tier: quick
# limit: 60
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
pages=(README.md config/places.md)
root=$tmp/root doc=$tmp/root/usr/share/doc/leakdog
check "it is installed" eval "DESTDIR=\"$root\" cmake --install \"$build\" --prefix /usr > \"$tmp/install.log\" 2>&1"

# blocks PAGE DIR: every fenced block of it as a file of its own, NUMBER.LANGUAGE.
blocks() {
	awk -v dir="$2" '/^```/ { if (file) { close(file); file = "" } else {
			file = dir "/" ++n "." (substr($0, 4) ? substr($0, 4) : "text"); printf "" > file }; next }
		file { print > file }' "$1"
}
# links FILE: what it points at, but for the web.
links() { grep -oE '\]\([^)]+\)' "$1" | sed -E 's/^\]\((.*)\)$/\1/' | grep -v '^https\?:' | sort -u; }
heading() { grep -E '^#+ ' "$1" | sed -E 's/^#+ //; s/[^A-Za-z0-9 -]//g; s/ /-/g' | tr '[:upper:]' '[:lower:]' | grep -qxF -- "$2"; }
# leads FILE LINK: somewhere.
leads() {
	case $2 in
	'#'*) heading "$1" "${2#\#}" ;;
	*) [ -e "$(dirname "$1")/$2" ] ;;
	esac
}
# 5: it is right, and something of it is not on this machine.
takes() {
	local code=0
	"$build/leakdog" check "$1" > "$tmp/checked" 2>&1 || code=$?
	[ $code = 0 ] || [ $code = 5 ] || { cat "$tmp/checked" && return 1; }
}
# knows COMMAND OPTION...: leakdog has it, and its help names them.
knows() {
	local option
	"$build/leakdog" "$1" --help > "$tmp/help" 2>&1 || return 1
	for option in "${@:2}"; do grep -qF -- "$option" "$tmp/help" || return 1; done
}
# Lines "COMMAND OPTION..." for each time that a page says "leakdog COMMAND ...".
commands() {
	# shellcheck disable=SC2016 # the marks of Markdown
	grep -ohE '(^|[ `(])leakdog [a-z]+[^`|;&#>]*' "$@" | sed -E 's/^[ `(]*leakdog (leakdog )?//; s/ -- .*//' |
		awk '{ printf "%s", $1; for (i = 2; i <= NF; i++) if ($i ~ /^\[?--[a-z]/) {
			gsub(/[][]/, "", $i); split($i, both, "|")
			for (j in both) printf " %s", both[j] }; print "" }' | sort -u
}

for page in "${pages[@]}"; do
	mkdir -p "$tmp/$page"
	blocks "$top/$page" "$tmp/$page"
	for file in "$tmp/$page"/*.yaml; do
		check "$page: leakdog takes $(basename "$file")" takes "$file"
	done
	while read -r link; do
		check "$page: $link is there" leads "$top/$page" "$link"
		# Pictures and figures are of the source alone.
		[[ $link =~ ^(agent|tests)/ ]] || check "$page: $link is installed" leads "$doc/$page" "$link"
	done < <(links "$top/$page")
	while read -r path; do
		check "$page: $path is there" [ -e "$top/$path" ]
	done < <(grep -ohE '(^|[ `])(scripts|config|systemd)/[a-zA-Z0-9@./-]*[a-zA-Z]' "$top/$page" | tr -d ' `' | sort -u)
	while read -r unit; do
		check "$page: the unit $unit is installed" compgen -G "$root/usr/lib/systemd/system/${unit%.service}*" > "$tmp/found"
	done < <(grep -ohE 'systemctl (enable --now|restart|start) [a-z-]+(\.[a-z]+)?' "$top/$page" | awk '{ print $NF }' | sort -u)
done

# --- Commands ------------------------------------------------------------------------------
# What is typed, not what is shown: in blocks without a prompt, and in tables of commands.
grep -LE '^\$ ' "$tmp"/{README.md,config/places.md}/*.text | xargs grep -hE '(^|[ `])leakdog [a-z]' > "$tmp/typed" || true
grep -hE '^\| `leakdog ' "$top/README.md" >> "$tmp/typed"
while read -r -a words; do
	check "leakdog ${words[*]}" knows "${words[@]}"
done < <(commands "$tmp/typed")
check "they were found" [ "$(commands "$tmp/typed" | wc -l)" -ge 15 ]
for file in "$tmp/config/places.md"/*.text; do
	check "places: $(basename "$file") is what a shell reads" bash -n "$file"
done

# --- The image -----------------------------------------------------------------------------
version=$("$build/leakdog" version | awk 'NR == 1 { print $NF }')
other() { grep -rnoE 'leakdog:[0-9]+[0-9.]*[0-9]' "$top/README.md" "$top/config" | grep -v ":leakdog:$version\$"; }
check "pages and manifests name the image of this version, $version" eval '! other'
