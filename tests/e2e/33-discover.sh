#!/bin/bash
# leakdog discover end to end: which Go services there are, where they serve pprof, and a file
# for them that works; and that nobody else is asked. It runs in a pid namespace of its own, so
# that it finds its own services and no others.
# needs: root
# limit: 120
[ -n "${DISCOVER_OUTSIDE-}" ] || DISCOVER_OUTSIDE=$$ exec unshare --pid --fork --kill-child --mount-proc "$0"
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
build_services leaker plain field

# Nobody may reach neither this directory nor the build.
public=$(mktemp -d)
at_end "rm -rf '$public'"
chmod 755 "$public"
mkdir "$public/archive"
cp "$build/leakdog" "$build/leakdog-fetch" "$services/leaker" "$public/"
as_nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
none=$public/none.yaml
echo 'services: {none: {pid: 4194304}}' > "$none"

# discovers CODE [OPTION...]: what it says in $tmp/out.
as=()
discovers() {
	local wanted=$1 code=0
	shift
	"${as[@]}" "$public/leakdog" discover --config "$none" "$@" > "$tmp/out" 2> "$tmp/err" || code=$?
	[ "$code" = "$wanted" ] || { echo "exit code $code" && cat "$tmp/out" "$tmp/err" && return 1; }
}
# of PID: the block of the text about it.
of() { awk -v head="pid $1 " 'index($0, head) == 1 { on = 1 } /^$/ { on = 0 } on' "$tmp/out"; }
says() { of "$1" | grep -qE -- "$2" || { of "$1" && return 1; }; }
out() { grep -qF -- "$1" "$tmp/out" || { cat "$tmp/out" && return 1; }; }
lacks() { ! grep -qF -- "$1" "$tmp/out"; }
asked() { grep -c '^asked' "$tmp/$1.log" || true; }

check "a machine without Go services ends with 3" discovers 3

# --- The services ------------------------------------------------------------------------
cgroup=$(cgroup_make "leakdog-discover-$DISCOVER_OUTSIDE" $((512 << 20)))
cgroups+=("$cgroup")
start_in "$cgroup" shop "$services/leaker" -listen 127.0.0.1:0 -max 1
shop=$pid
start plain "$services/plain"
plain=$pid
start shared "$services/plain" -share
shared=$pid
start local "$services/leaker" -listen "unix:$public/pprof.sock" -max 1
local=$pid
start wide "$services/leaker" -listen :0 -max 1
wide=$pid
start nobody "${as_nobody[@]}" "$public/leaker" -listen 127.0.0.1:0 -max 1
nobody=$pid
# A container: its loopback is its own, where pprof answers, and somebody else listens, too.
contained() { # COMMAND...: in a network of its own
	local up='ip link set lo up && exec "$@"'
	exec unshare --net sh -c "$up" sh "$@"
}
start far contained "$services/leaker" -listen :6060 -max 1
far=$pid
wait_for $patience grep -qs 'listens on' "$tmp/far.log"
start far-other nsenter --net="/proc/$far/ns/net" "$build/count-asked" 0
start far-beside nsenter --net="/proc/$far/ns/net" "$services/plain" -listen 127.0.0.1:6061 -share
far_shared=$pid
address_of far-beside
start far-count nsenter --net="/proc/$far/ns/net" "$build/count-asked" 6061
# What a program is called is its maker's choice.
nasty=$public/$'x"\\\n  evil: [&a *b] {%#\x1b[2J \xc3\xa9\xff\xe2\x80\xa8'
cp "$services/leaker" "$nasty"
start nasty "$nasty" -listen 127.0.0.1:0 -max 1
nasty_pid=$pid
# Where it bound its socket is another file to us.
start apart unshare --mount sh -c "mount -t tmpfs none '$public/archive' && exec '$services/leaker' -listen 'unix:$public/archive/x.sock' -max 1"
apart=$pid
start idle env LEAKER_IDLE=1 "$public/leaker"
idle=$pid
for name in shop local wide nobody far nasty apart; do
	address_of $name
	[ $name != shop ] || shop_address=$address
	[ $name != wide ] || wide_address=$address
done
address_of plain
address_of shared
start beside "$build/count-asked" "${address##*:}"
start other "$build/count-asked" 0
address_of beside
address_of other

# --- What is found -----------------------------------------------------------------------
begin=$SECONDS
check "it ends with 0" discovers 0
echo "took $((SECONDS - begin)) s"
check "pprof is found, with its goroutines" says "$shop" "$shop_address +pprof, [0-9]+ goroutines"
check "with its limit" says "$shop" 'memory .* of 512M, limit from /.*leakdog-discover'
check "and its build" says "$shop" 'built +go1.*leakdog/leaker'
check "on a unix socket" says "$local" "$public/pprof.sock +pprof"
check "on all addresses" says "$wide" ' pprof,'
check "of another user" says "$nobody" 'uid 65534'
check "as well" says "$nobody" ' pprof,'
check "what is no pprof is told" says "$plain" 'no pprof: HTTP 404'
check "pprof in a container's own network is found" says "$far" ':6060 +pprof, [0-9]+ goroutines'
check "a shared port in there is not asked" says "$far_shared" 'not asked: .*cannot be proved'
check "nobody asked it" [ "$(asked far-beside)$(asked far-count)" = 00 ]
check "nor who else is in there" [ "$(asked far-other)" = 0 ]
check "a path in other files is asked in there" says "$apart" "$public/archive/x.sock +pprof,"
check "who listens nowhere is told" says "$idle" 'listens +nowhere'
check "a nasty name is escaped" says "$nasty_pid" '\\x0a  evil: .*\\x1b\[2J'
check "a shared port is not asked" says "$shared" 'not asked: .*cannot be proved'
check "nobody asked it" [ "$(asked shared)$(asked beside)" = 00 ]
check "nor what is no Go process" [ "$(asked other)" = 0 ]
check "the index page is asked once" [ "$(grep '^asked' "$tmp/plain.log")" = "asked for /debug/pprof/" ]

# --- The file ----------------------------------------------------------------------------
check "the file alone" discovers 0 --yaml
file=$public/services.yaml
cp "$tmp/out" "$file"
checked() {
	local code=0
	"${as[@]}" "$public/leakdog" check "$file" > "$tmp/out" 2>&1 || code=$?
	[ "$code" = 0 ] || { cat "$file" "$tmp/out" && return 1; }
}
check "it works as it is" checked
for pid in "$shop" "$plain" "$shared" "$local" "$wide" "$nobody" "$far" "$apart" "$nasty_pid"; do
	check "pid $pid is in it, once" [ "$(grep -c "^  pid $pid " "$tmp/out")" = 1 ]
done
check "a tool is not" lacks "pid $idle "
check "pprof answers under it" [ "$(grep -cE 'goroutines > 5x base +waits for the base; now [0-9]' "$tmp/out")" = 7 ]
check "nobody else was asked" [ "$(asked shared)$(asked beside)$(asked other)" = 000 ]
check "what is there is watched" "$public/leakdog" discover --config "$file" > "$tmp/out"
check "it is said" says "$shop" "watched +as '[a-z0-9-]+' \($file:[0-9]+\)"
check "and left out" out "left out: pid $shop $services/leaker"
check "nothing is left" out "# There is nothing to add."

check "as JSON" discovers 0 --json
check "all of it" "$services/field" "$tmp/out" processes.9.pid
check "without asking" discovers 0 --no-probe
check "nobody is known to serve pprof" lacks ' goroutines'
wide_port=${wide_address##*:}
check "places are" says "$wide" "listens .*:$wide_port +not asked"

# --- With fewer rights -------------------------------------------------------------------
as=("${as_nobody[@]}")
check "somebody else sees his own and ends with 5" discovers 5
check "with pprof" says "$nobody" ' pprof,'
check "not those of others" lacks "pid $shop "
check "which is said" out 'may not be looked into'
check "his file" discovers 5 --yaml
cp "$tmp/out" "$file"
chmod 644 "$file"
chown 65534 "$public/archive"
echo "archive: {dir: $public/archive}" >> "$file"
check "works for him" checked
