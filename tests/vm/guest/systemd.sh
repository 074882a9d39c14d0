# Runs in the guest (tests/vm/run), as root, below systemd and cgroup v2: the shipped unit
# from its installation to the sealed incident of another unit. Under emulation all is ten
# times slower than on a real machine; the limits are generous for that.
# shellcheck source=tests/vm/guest/lib.sh
. "$SOURCE/tests/vm/guest/lib.sh"

active() { [ "$(property "$1" ActiveState)" = active ]; }
ended() { case $(property "$1" ActiveState) in failed | inactive) ;; *) return 1 ;; esac; }

manifest=
tell() {
	journalctl -u leakdog -u shop -u other -o short-monotonic --no-pager
	[ ! -e "$manifest" ] || cat "$manifest"
}

install_leakdog leaker hog
cat > /etc/leakdog/leakdog.yaml << 'END'
services:
  shop:
    unit: shop.service
    pprof: http://127.0.0.1:6060
    rules: [memory > 62%]
    base: {after: 5s} # five minutes are too long for a test
    log: journal
archive: {keep_free: 16M}
END
cat > /etc/systemd/system/shop.service << 'END'
[Service]
DynamicUser=yes
ExecStart=/usr/local/bin/leaker -delay 15s -rate 5 -say
MemoryMax=128M
MemorySwapMax=0
END
cat > /etc/systemd/system/other.service << 'END'
[Service]
ExecStart=sh -c 'while echo not of the shop; do sleep 1; done'
END
cp "$SOURCE/systemd/leakdog-journal.conf" /etc/systemd/system/leakdog.service.d/
systemctl daemon-reload
systemctl start other

at "the shipped unit starts, notifies, and has no capability"
check "it starts" systemctl start leakdog
pid=$(property leakdog MainPID)
check "its type is notify, and it said that it is ready" active leakdog
check "it waits for the watchdog" [ "$(property leakdog WatchdogUSec)" = 30s ]
check "its effective capabilities are none" grep -qx $'CapEff:\t0000000000000000' "/proc/$pid/status"
check "its bounding set is empty" grep -qx $'CapBnd:\t0000000000000000' "/proc/$pid/status"
check "it runs as leakdog" [ "$(stat -c %U "/proc/$pid")" = leakdog ]

at "a unit leaks until it is killed"
systemctl start shop
shop=$(property shop MainPID)
filed() {
	manifest=$(echo /var/lib/leakdog/shop/*/manifest.json)
	[ -e "$manifest" ]
}
check "it is captured while it lives" wait_for $patience filed
# The agent sleeps in the moment in which the cgroup still is there, as it may on a machine
# under pressure: only the counter of system.slice can tell it what happened.
kill -STOP "$pid"
check "the kernel kills it" wait_for 25 ended shop
kill -CONT "$pid"
check "systemd saw the kill too" [ "$(property shop Result)" = oom-kill ]
sealed() { is "$manifest" state sealed; }
check "the incident is sealed" wait_for 60 sealed
check "its verdict is oom-killed" is "$manifest" verdict.outcome oom-killed
check "by the counter of the parent" is "$manifest" verdict.evidence parent-counter
check "its target is the unit's process" is "$manifest" target.pid "$shop"
check "its limit is the unit's" is "$manifest" target.limit $((128 << 20))
check "its base was taken" is "$manifest" base.state taken
for kind in heap goroutine; do
	check "$kind of the base is complete" is "$manifest" "base.artifacts.kind=$kind.result" complete
	check "$kind is complete" is "$manifest" "captures.0.artifacts.kind=$kind.result" complete
done
incident=$(dirname "$manifest")
systemctl stop other
words() { zcat "$incident/$1"; }
said() { journalctl -u shop -o cat --no-pager | grep -o 'remembered.*'; }
check "the other unit spoke" sh -c 'journalctl -u other | grep -q "not of the shop"'
check "its capture has the log" is "$manifest" captures.0.artifacts.kind=log.result complete
check "in the service's words" grep -q remembered <(words 01/log.gz)
check "and its seal, too" is "$manifest" log.result complete
check "with its last words" [ "$(words log.gz | grep -o 'remembered.*' | tail -n 1)" = "$(said | tail -n 1)" ]
check "and what systemd said of its end" grep -qi "oom" <(words log.gz)
check "not with those of another unit" eval "! zcat '$incident'/log.gz '$incident'/01/log.gz | grep -q 'not of the shop'"
top=$(go tool pprof -top -base "$incident/base/heap-gc.pb.gz" "$incident/01/heap.pb.gz" 2>&1 || true)
check "pprof -base names the leak" grep -q main.rememberReply <<< "$top"
check "the archive is as promised" leakdog verify
check "the agent has not been restarted" [ "$(property leakdog MainPID)" = "$pid" ]

at "a hostile child eats the limit of the agent's own cgroup"
group=/sys/fs/cgroup$(cut -d: -f3 "/proc/$pid/cgroup")
kills() { awk '$1 == "oom_kill" { print $2 }' "$group/memory.events"; }
before=$(kills)
(echo $BASHPID > "$group/cgroup.procs" && exec hog -rate 200) &
hog=$!
wait $hog || true
check "the kernel killed in the agent's cgroup" [ "$(kills)" -gt "$before" ]
sleep 3 # what systemd would do about it, it does now
check "the agent is active" active leakdog
check "it has kept its pid" [ "$(property leakdog MainPID)" = "$pid" ]

at "a stopped agent is restarted by the watchdog"
kill -STOP "$pid"
restarted() { active leakdog && [ "$(property leakdog MainPID)" != "$pid" ]; }
check "there is another agent" wait_for $patience restarted
check "systemd says why" wait_for 10 sh -c 'journalctl -u leakdog | grep -q "Watchdog timeout"'
check "the archive is still as promised" leakdog verify

at "with leakdog-full.conf it also sees what is not its own"
cp "$SOURCE/systemd/leakdog-full.conf" /etc/systemd/system/leakdog.service.d/
sed -i "s/-delay 15s/-delay 1h/" /etc/systemd/system/shop.service
systemctl daemon-reload
check "it stops and starts again" systemctl restart leakdog
systemctl reset-failed shop
systemctl start shop
shop=$(property shop MainPID)
seen() {
	field /run/leakdog/status.json targets.service=shop.pid 2> /dev/null | grep -qx "$shop"
}
check "the new process is met" wait_for $patience seen
as_user() { setpriv --reuid leakdog --regid leakdog --clear-groups "$@" || true; }
check "check says that the journal is closed without the drop-in" \
	grep -q 'log.*leakdog-journal.conf' <(as_user leakdog check 2>&1)
check "doctor, too" grep -q 'leakdog-journal.conf' <(as_user leakdog doctor)
asked=$(leakdog capture shop) # "incident SERVICE/ID": it is on its way
manifest=/var/lib/leakdog/${asked#incident }/manifest.json
check "a person asks for a capture, and gets it" wait_for $patience [ -e "$manifest" ]
check "the address is proved to be the target's" is "$manifest" target.endpoint verified
check "smaps_rollup is complete" is "$manifest" captures.0.artifacts.kind=smaps.result complete
check "descriptors are complete" is "$manifest" captures.0.artifacts.kind=fds.result complete
check "it stops" systemctl stop leakdog
check "as if nothing had happened" [ "$(property leakdog Result)" = success ]

