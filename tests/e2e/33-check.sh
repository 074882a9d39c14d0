#!/bin/bash
# leakdog check end to end: what is wrong in a file, what is missing on the machine, and
# with whose rights. Exit codes: 0 all can work, 2 the file is wrong, 5 a part cannot work.
# needs: root
# limit: 180
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
build_services leaker field

# Nobody may reach neither this directory nor the build.
public=$(mktemp -d)
at_end "rm -rf '$public'"
chmod 755 "$public"
cp "$build/leakdog" "$build/leakdog-fetch" "$public/"
mkdir "$public/archive"
chown 65534:65534 "$public/archive"
config=$public/leakdog.yaml
as=()
as_nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)

# checks CODE [OPTION...]: the configuration on stdin; $tmp/out, $tmp/err.
checks() {
	local wanted=$1 code=0
	shift
	cat > "$config"
	chmod 644 "$config"
	"${as[@]}" "$public/leakdog" check "$@" "$config" > "$tmp/out" 2> "$tmp/err" || code=$?
	[ "$code" = "$wanted" ] || { echo "exit code $code" && cat "$tmp/out" "$tmp/err" && return 1; }
}
out() { grep -qE -- "$1" "$tmp/out"; }
err() { grep -qF -- "$1" "$tmp/err"; }

# --- The file ----------------------------------------------------------------------------
check "a wrong file ends with 2" checks 2 << END
services:
  shop:
    pid: 1
    rulse: [memory > 5G]
    cooldown: 10 parsecs
END
check "with place" err 'leakdog.yaml:4:5: unknown key'
check "and a caret" err '      |     ^'
check "and what was meant" err "did you mean 'rules'?"
check "and all faults at once" err 'leakdog.yaml:5:'
check "nothing is on stdout" [ ! -s "$tmp/out" ]
missing() {
	local code=0
	"$public/leakdog" check "$public/none.yaml" 2> "$tmp/err" || code=$?
	[ "$code" = 2 ]
}
check "a file that is not there" missing
check "is named" err "$public/none.yaml"

# --- The machine -------------------------------------------------------------------------
make_cgroup $((512 << 20))
start_in "$cgroup" shop "$services/leaker" -listen 127.0.0.1:0 -max 1
shop=$pid
address_of shop
shop_address=$address
start other "$services/leaker" -listen 127.0.0.1:0 -max 1
other=$pid

check "what can work ends with 0" checks 0 << END
archive: {dir: $public/archive}
services: {shop: {pid: $shop, pprof: "http://$shop_address", rules: [memory > 62%, goroutines > 100]}}
END
check "a share is resolved against the live limit" \
	out 'memory > 62% += 317M \(332859965\) of 512M, limit from /'
check "goroutines are counted" out 'goroutines > 100 += 100; now [0-9]+$'
check "defaults that apply are named" out 'by default: .*settle 5m'

check "the same as JSON" checks 0 --json << END
archive: {dir: $public/archive}
services: {shop: {pid: $shop, pprof: "http://$shop_address", rules: [memory > 62%]}}
END
check "has the threshold" is "$tmp/out" services.0.targets.0.rules.0.threshold 332859965

kill -KILL "$other"
wait_for $patience gone "$other"
check "a dead process is no failure" checks 0 << END
archive: {dir: $public/archive}
services: {other: {pid: $other, rules: [memory > 62%, memory > 5G]}}
END
check "it is said" out '^  no process now$'
check "what depends on it is said" out 'memory > 62% +depends on the process'
check "what does not is resolved" out 'memory > 5G += 5.0G'

check "one address for two processes ends with 2" checks 2 << END
archive: {dir: $public/archive}
services:
  shop: {pid: $shop, pprof: "http://$shop_address"}
  init: {pid: 1, pprof: "http://$shop_address"}
END
check "both are named" err "one pprof address for two processes: 'shop' pid $shop and 'init' pid 1"

check "a secret that cannot be read ends with 5" checks 5 << END
archive: {dir: $public/archive}
services: {shop: {pid: $shop, pprof: "http://$shop_address", auth: {bearer: $public/none}, rules: [memory > 5G]}}
END
check "the secret is named" out "! auth.bearer: $public/none: No such file"

check "who is watched over HTTP alone beside others" checks 0 << END
archive: {dir: $public/archive}
services:
  shop: {pid: $shop, rules: [memory > 62%]}
  far: {metrics: "http://$shop_address/metrics", limit: 5G, rules: [memory > 62%]}
END
check "is no process of this machine" out '^  watched over HTTP alone$'
check "one runtime that does not answer ends with 5" checks 5 << END
archive: {dir: $public/archive}
runtime: {socket: $public/none.sock}
services: {shop: {container: {label: app=shop}, rules: [memory > 5G]}}
END
check "its socket is named" out '! runtime.socket: .*/none.sock: No such file'

# --- The rights --------------------------------------------------------------------------
as=("${as_nobody[@]}")
check "with somebody else's rights memory works" checks 0 << END
archive: {dir: $public/archive}
services: {shop: {pid: $shop, pprof: "http://$shop_address", rules: [memory > 62%, threads > 500]}}
END
check "whose they are is said" out 'looked at with the rights of uid 65534'
check "what is less is named beside its key" out '! capture.artifacts: .*CAP_SYS_PTRACE'
check "and that the address is unproved" out '! pprof: unverified .*CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH'
check "a selector without its right ends with 5" checks 5 << END
archive: {dir: $public/archive}
services: {dark: {exe: "*/leaker", rules: [memory > 5G]}}
END
check "which is named" out '! exe: .*CAP_SYS_PTRACE'
port=${shop_address##*:}
check "listen as well" checks 5 << END
archive: {dir: $public/archive}
services: {dark: {listen: "$port", rules: [memory > 5G]}}
END
check "which is named" out '! listen: .*CAP_SYS_PTRACE'
check "an archive of somebody else" checks 5 << END
archive: {dir: /root}
services: {shop: {pid: $shop, rules: [memory > 5G]}}
END
check "is named" out '! archive.dir: /root: Permission denied'
unreadable() {
	local code=0
	chmod 600 "$config"
	"${as_nobody[@]}" "$public/leakdog" check "$config" 2> "$tmp/err" || code=$?
	[ "$code" = 2 ]
}
check "a file of somebody else" unreadable
check "is said" err "uid 65534 may not read it"
