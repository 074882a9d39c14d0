# Runs in the guest (tests/vm/run), as root, below systemd and cgroup v2: a service in a network
# namespace of its own leaks until it is killed, beside an agent without any capability and
# leakdog-capture.socket; and what it said last, until systemd starts it again, is kept.
# shellcheck source=tests/vm/guest/lib.sh
. "$SOURCE/tests/vm/guest/lib.sh"

manifest=
tell() {
	journalctl -u leakdog -u 'leakdog-capture*' -u shop -o short-monotonic --no-pager
	[ ! -e "$manifest" ] || cat "$manifest"
}

install_leakdog leaker
cp "$SOURCE"/systemd/leakdog-capture* /etc/systemd/system/
cat > /etc/leakdog/leakdog.yaml << 'END'
services:
  shop:
    unit: shop.service
    pprof: http://127.0.0.1:6060
    rules: [memory > 62%]
    base: {after: 5s}
    log: journal
    again: off
archive: {keep_free: 16M}
END
cat > /etc/systemd/system/shop.service << 'END'
[Service]
DynamicUser=yes
PrivateNetwork=yes
ExecStart=/usr/local/bin/leaker -delay 30s -rate 1 -say
Restart=on-failure
RestartSec=1s
MemoryMax=128M
MemorySwapMax=0
END
cat > /etc/systemd/system/other.service << 'END'
[Service]
ExecStart=sh -c 'while echo not of the shop; do sleep 1; done'
END
for unit in leakdog.service leakdog-capture@.service; do
	install -D -m 644 "$SOURCE/systemd/leakdog-journal.conf" "/etc/systemd/system/$unit.d/journal.conf"
done
systemctl daemon-reload
systemctl start other

at "the agent has no capability, the socket is there"
check "the socket is opened" systemctl start leakdog-capture.socket
check "for the agent's user alone" [ "$(stat -c %U:%a /run/leakdog-capture.sock)" = leakdog:600 ]
check "the agent starts" systemctl start leakdog
pid=$(property leakdog MainPID)
check "its effective capabilities are none" grep -qx $'CapEff:\t0000000000000000' "/proc/$pid/status"

at "a service with a network of its own leaks until it is killed"
systemctl start shop
shop=$(property shop MainPID)
check "its network is another one" [ "$(readlink /proc/self/ns/net)" != "$(readlink "/proc/$shop/ns/net")" ]
filed() {
	manifest=$(echo /var/lib/leakdog/shop/*/manifest.json)
	[ -e "$manifest" ]
}
check "it is captured while it lives" wait_for 120 filed
sealed() { is "$manifest" state sealed; }
check "the incident is sealed" wait_for 200 sealed
check "its verdict is oom-killed" is "$manifest" verdict.outcome oom-killed
systemctl stop other
words() { zcat "$(dirname "$manifest")/$1"; }
check "systemd started it again" [ "$(property shop NRestarts)" -ge 1 ]
last() { journalctl "_PID=$shop" -u shop -o cat --no-pager | grep -o 'remembered.*' | tail -n 1; }
check "the capture has its log" is "$manifest" captures.0.artifacts.kind=log.result complete
check "in its words" grep -q remembered <(words 01/log.gz)
check "the seal has its last words before the kill" grep -qF "$(last)" <(words log.gz)
check "but none of another unit" eval "! { words log.gz; words 01/log.gz; } | grep -q 'not of the shop'"
check "its base was taken" is "$manifest" base.state taken
check "the address is proved to be its own" is "$manifest" captures.0.endpoint verified
for kind in heap goroutine; do
	check "$kind of the base is complete" is "$manifest" "base.artifacts.kind=$kind.result" complete
	check "$kind is complete" is "$manifest" "captures.0.artifacts.kind=$kind.result" complete
done
check "its descriptors were seen" is "$manifest" captures.0.artifacts.kind=fds.result complete
check "all of it is leakdog's" [ "$(find /var/lib/leakdog -printf '%U\n' | sort -u)" = "$(id -u leakdog)" ]
check "the archive is as promised" leakdog verify

at "the process with the rights is there before it is needed"
systemctl stop shop
sed -i "s/-delay 30s/-delay 1h/" /etc/systemd/system/shop.service
systemctl daemon-reload
bases() { journalctl -u leakdog -o cat --no-pager | grep -c 'base of .* complete'; }
before=$(bases)
systemctl start shop
based() { [ "$(bases)" -gt "$before" ]; }
check "the next process has a base" wait_for 120 based
partner() { systemctl list-units --plain --no-legend --state=active 'leakdog-capture@*' | awk '{ print $1 }'; }
# Alone, once the one of the base has ended; its name in $unit.
waits() {
	unit=$(partner)
	[ "$(wc -l <<< "$unit")" = 1 ] && [ -n "$unit" ] && bare "$(property "$unit" MainPID)"
}
bare() { grep -qsx $'CapEff:\t0000000000000000' "/proc/$1/status"; }
check "one waits, with no capability in effect" wait_for 60 waits
may() { ! grep -qx $'CapPrm:\t0000000000000000' "/proc/$(property "$unit" MainPID)/status"; }
check "that it may use" may
sleep 5 # nothing tells that it is prepared: an emulated machine is slow
ms() { date -d "$(field "$manifest" "$1")" +%s%3N; }
# captured N: how long it took from the wish to the heap on the disk, in $took
captured() {
	leakdog capture shop > "$OUT/asked"
	manifest=/var/lib/leakdog/$(sed 's/^incident //' "$OUT/asked")/manifest.json
	wait_for $patience is "$manifest" "captures.$1.artifacts.kind=heap.result" complete 2> /dev/null || return
	took=$(($(ms "captures.$1.artifacts.kind=heap.at") + $(field "$manifest" "captures.$1.artifacts.kind=heap.ms") - $(ms "captures.$1.at")))
}
check "a capture by the one that waits" captured 0
warm=$took
check "which has ended by then" wait_for 60 sh -c "! systemctl is-active -q '$unit'"
check "another one waits in its place" wait_for 60 waits
sleep 5
systemctl stop "$unit"
check "a capture by one that must start" captured 1
echo "from the wish to the heap on the disk: $warm ms by the one that waited, $took ms by one that had to start"
check "who waits is faster" [ "$warm" -lt "$took" ]
check "with the agent the one that waits ends" systemctl stop leakdog
nobody() { [ -z "$(partner)" ]; }
check "at once" wait_for 60 nobody
check "the archive is as promised" leakdog verify
no_failed() { [ -z "$(systemctl list-units --plain --no-legend --state=failed 'leakdog*')" ]; }
check "no unit of leakdog has failed" no_failed
