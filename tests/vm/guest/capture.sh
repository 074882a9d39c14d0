# Runs in the guest (tests/vm/run), as root, below systemd and cgroup v2: a service in a network
# namespace of its own leaks until it is killed, beside an agent without any capability and
# leakdog-capture.socket.
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
archive: {keep_free: 16M}
END
cat > /etc/systemd/system/shop.service << 'END'
[Service]
DynamicUser=yes
PrivateNetwork=yes
ExecStart=/usr/local/bin/leaker -delay 30s -rate 1
MemoryMax=128M
MemorySwapMax=0
END
systemctl daemon-reload

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
check "its base was taken" is "$manifest" base.state taken
check "the address is proved to be its own" is "$manifest" captures.0.endpoint verified
for kind in heap goroutine; do
	check "$kind of the base is complete" is "$manifest" "base.artifacts.kind=$kind.result" complete
	check "$kind is complete" is "$manifest" "captures.0.artifacts.kind=$kind.result" complete
done
check "its descriptors were seen" is "$manifest" captures.0.artifacts.kind=fds.result complete
check "all of it is leakdog's" [ "$(find /var/lib/leakdog -printf '%U\n' | sort -u)" = "$(id -u leakdog)" ]
check "the archive is as promised" leakdog verify
no_failed() { [ -z "$(systemctl list-units --plain --no-legend --state=failed 'leakdog*')" ]; }
check "no unit of leakdog has failed" no_failed
