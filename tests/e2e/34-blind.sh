#!/bin/bash
# A rule that cannot work is blind, and a service that cannot be seen is in trouble: with
# the reason in the log, in check, in list and in status.json.
# needs: root
# limit: 240
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
build_services leaker hostile field
config=$tmp/leakdog.yaml
export RUNTIME_DIRECTORY=$tmp/run

leaker() { # NAME: healthy, alone in a cgroup of 512M; $pid, $address
	make_cgroup $((512 << 20))
	start_in "$cgroup" "$1" "$services/leaker" -listen 127.0.0.1:0 -max 1
	address_of "$1"
}
start no-limit sleep 8640124
no_limit=$pid
start html "$services/hostile" -listen 127.0.0.1:0 -mode html
address_of html
html=$pid html_address=$address
leaker above
above=$pid
leaker new
new=$pid new_address=$address

cat > "$config" << END
archive: {dir: $tmp/archive, keep_free: 16M}
defaults: {base: {after: 1h}}
services:
  no-limit: {pid: $no_limit, rules: [memory > 62%]}
  above: {pid: $above, rules: [memory > 600M]}
  no-base: {pid: $new, pprof: "http://$new_address", rules: [goroutines > 5x base]}
  no-pprof: {pid: $no_limit, rules: [goroutines > 100]}
  html: {pid: $html, pprof: "http://$html_address", rules: [goroutines > 100]}
  refused: {pid: $above, pprof: "http://127.0.0.1:1", rules: [goroutines > 100]}
END

start_agent "$config"
logged() { grep -qsF "$1" "$tmp/leakdog.log"; }
listed() { "$build/leakdog" list --archive "$tmp/archive" 2>&1 > /dev/null | grep -qF "$1"; }
checked() { grep -A 3 -E "^$1 \(" "$tmp/checked" | grep -qE "$2"; }
in_status() { [ "$(field "$tmp/run/status.json" "targets.service=$1.rules.0.blind" 2> /dev/null)" = "$2" ]; }
"$build/leakdog" check "$config" > "$tmp/checked" 2> "$tmp/check.err" && code=0 || code=$?
check "check ends with 5: a part cannot work" [ "$code" = 5 ]

# blind SERVICE PID RULE REASON [CHECK'S WORDS]
blind() {
	local line="rule '$3' of '$1' pid $2 is blind"
	check "$1: status.json has '$4'" wait_for $patience in_status "$1" "$4"
	check "$1: the log has it" logged "$line"
	check "$1: it has it once" [ "$(grep -cF "$line" "$tmp/leakdog.log")" = 1 ]
	check "$1: list has it" listed "$line: $4"
	check "$1: check has it" checked "$1" "$3 +${5:-blind: $4}"
}
blind no-limit "$no_limit" 'memory > 62%' 'there is no limit'
blind above "$above" 'memory > 600M' 'above the limit'
blind no-base "$new" 'goroutines > 5x base' 'there is no base' 'waits for the base'
blind no-pprof "$no_limit" 'goroutines > 100' 'the service has no pprof'
blind html "$html" 'goroutines > 100' 'the index page is not one of pprof'
blind refused "$above" 'goroutines > 100' 'cannot be read'
check "refused: list says what is in the way" listed "'refused' pid $above: pprof: "
check "refused: and check does" grep -qE "^  ! pprof: http://127.0.0.1:1 of pid $above: .*connect" "$tmp/checked"
check "html: check says what came" grep -qE "^  ! pprof: .* of pid $html: HTTP 200" "$tmp/checked"
check "no-base: check counts goroutines" grep -qE 'goroutines > 5x base .*; now [0-9]+$' "$tmp/checked"
stop_agent

# --- Without rights, and where /proc hides -----------------------------------------------
# Nobody may reach neither this directory nor the build.
public=$(mktemp -d)
at_end "rm -rf '$public'"
cp "$build/leakdog" "$build/leakdog-fetch" "$public/"
mkdir "$public/archive" "$public/run"
cat > "$public/leakdog.yaml" << END
archive: {dir: $public/archive, keep_free: 16M}
services: {dark: {exe: "*/leaker", rules: [memory > 1G]}}
END
chmod 755 "$public"
chown -R 65534:65534 "$public/archive" "$public/run"
nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups env "RUNTIME_DIRECTORY=$public/run")
hiding=(unshare -m sh -c 'mount -t proc -o hidepid=invisible proc /proc && exec "$@"' hiding)

# troubled NAME WORDS PREFIX...: the service cannot be found, for these words.
troubled() {
	local name=$1 words=$2 status=$public/run/status.json
	shift 2
	rm -f "$status"
	start "$name" "$@" "${nobody[@]}" "$public/leakdog" run \
		--config "$public/leakdog.yaml" --run-dir "$public/run"
	agent=$pid
	said() { grep -qsF "service 'dark': cannot be found: $words" "$tmp/$name.log"; }
	check "$name: the log says so" wait_for $patience said
	shown() { [[ "$(field "$status" services.0.trouble 2> /dev/null)" == "cannot be found: $words"* ]]; }
	check "$name: status.json says so" wait_for $patience shown
	told() {
		"$@" "${nobody[@]}" "$public/leakdog" list --archive "$public/archive" 2>&1 |
			grep -qF "service 'dark': cannot be found: $words"
	}
	check "$name: list says so" told "$@"
	"$@" "${nobody[@]}" "$public/leakdog" check "$public/leakdog.yaml" > "$tmp/checked" &&
		code=0 || code=$?
	check "$name: check ends with 5" [ "$code" = 5 ]
	check "$name: check names the key" grep -qE '^  ! exe: processes of other users' "$tmp/checked"
	check "$name: check names the right" grep -qE '^  ! exe: .*CAP_SYS_PTRACE' "$tmp/checked"
	kill -TERM "$agent"
	check "$name: the agent ends" wait_for $patience gone "$agent"
}
troubled rights 'its selector asks for a right that is missing' env
troubled hidden 'processes of other users are hidden here' "${hiding[@]}"

# watch_as_nobody PREFIX...
watch_as_nobody() {
	local code=0
	"$@" "${nobody[@]}" "$public/leakdog" watch --archive "$public/archive" "$above" \
		2> "$tmp/watch.err" || code=$?
	[ "$code" = 6 ] && grep -qF 'hidepid' "$tmp/watch.err"
}
check "watch does not say that a hidden process is none" watch_as_nobody "${hiding[@]}"

# --- Too few descriptors -----------------------------------------------------------------
for n in {1..40}; do
	start "one-of-$n" sleep 8640125
done
cat > "$config" << END
archive: {dir: $tmp/archive, keep_free: 16M}
services: {many: {cmdline: "sleep 8640125", rules: [memory > 1G]}}
END
rm -f "$tmp/run/status.json"
# shellcheck disable=SC2016 # that shell's own words
few=(bash -c 'ulimit -n 130; exec "$@"' few)
start leakdog "${few[@]}" "$build/leakdog" run --config "$config" --run-dir "$tmp/run"
agent=$pid
words="service 'many': not all of its processes are watched: too few descriptors"
check "few descriptors: the log says so" wait_for $patience logged "$words"
check "few descriptors: list says so" wait_for $patience listed "$words"
some() { n=$(field "$tmp/run/status.json" services.0.targets) && [ "$n" -gt 3 ] && [ "$n" -lt 40 ]; }
check "few descriptors: some are watched" wait_for $patience some
"${few[@]}" "$build/leakdog" check "$config" > "$tmp/checked" || true
check "few descriptors: check says so" grep -qF '! services: 40 processes need about 369 descriptors' "$tmp/checked"
stop_agent
