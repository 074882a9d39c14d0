# Runs in the guest (tests/vm/run), as root, below systemd and cgroup v2: a unit's limit is
# raised by the shipped unit with leakdog-hold.conf, survives a daemon-reload, and goes back
# in every end; what systemd was told goes with it. Under emulation all is ten times slower.
# shellcheck source=tests/vm/guest/lib.sh
. "$SOURCE/tests/vm/guest/lib.sh"

is_property() { [ "$(property "$1" "$2")" = "$3" ]; }
group=/sys/fs/cgroup/system.slice/shop.service
control=/run/systemd/system.control/shop.service.d
kernel_says() { [ "$(cat $group/memory.max)" = "$1" ]; } 2> /dev/null
raised() { kernel_says $((256 * mib)); }
# freeze: from the moment when the limit is raised, whoever captures runs in short steps until
# systemd was told, and then no more: it does not end before the test has seen what it wants.
step() {
	kill -CONT "${capture[@]}" && sleep 0.1
	kill -STOP "${capture[@]}"
} 2> /dev/null # a spare may be gone
told() { is_property shop MemoryMax $((256 * mib)) || { step && false; }; }
freeze() {
	local agent
	agent=$(property leakdog MainPID)
	check "it is raised" wait_for $patience raised
	mapfile -t capture < <(pgrep -P "$agent" leakdog-fetch)
	kill -STOP "${capture[@]}"
	check "and systemd was told" wait_for $patience told
	check "and it still is, as whoever captures stops" raised
}
thaw() { kill -CONT "${capture[@]}" 2> /dev/null || true; } # a spare may be gone
over() { [ "$(cat $group/memory.current || echo 0)" -gt "$1" ]; } 2> /dev/null
active() { is_property "$1" ActiveState active; }
held() { [ -n "$(ls -A /var/lib/leakdog/.hold 2> /dev/null)" ]; }
not_held() { ! held; }
no_file() { ! compgen -G "$control/50-Memory*" > /dev/null; }
newest() { local all=(/var/lib/leakdog/shop/2*/manifest.json); echo "${all[-1]}"; }
says() { journalctl -u leakdog -o cat --no-pager | grep -qF "$1"; }
mib=$((1 << 20))

tell() {
	journalctl -u leakdog -u shop -o short-monotonic --no-pager
	ls -lR /var/lib/leakdog/.hold $control
	[ ! -e "$(newest)" ] || grep -A 8 '"hold"' "$(newest)"
}

install_leakdog leaker
cp "$SOURCE/systemd/leakdog-hold.conf" /etc/systemd/system/leakdog.service.d/hold.conf
cat > /etc/leakdog/leakdog.yaml << 'END'
services:
  shop:
    unit: shop.service
    pprof: http://127.0.0.1:6060
    rules: [memory > 62%]
    base: {after: 1h}
    recorder: {every: off}
    again: off
    cooldown: 1s # a new process inherits that of the one before
    capture: {artifacts: [kernel, heap, heap-gc], timeout: 10m} # it is stopped in the middle
    hold: {limit: +100%, at_most: 1h}
archive: {keep_free: 16M}
END
# shop MB: it leaks up to that, quickly.
shop() {
	cat > /etc/systemd/system/shop.service << END
[Service]
DynamicUser=yes
ExecStart=/usr/local/bin/leaker -busy 12 -delay 12s -rate 20 -max $1
MemoryMax=128M
MemorySwapMax=0
END
	systemctl daemon-reload
	systemctl restart shop
}
systemctl daemon-reload
check "the agent starts" systemctl start leakdog
pid=$(property leakdog MainPID)
check "without any capability" grep -qx $'CapEff:\t0000000000000000' "/proc/$pid/status"

at "raised above what it uses later: it stays, over a daemon-reload and a kill"
shop 170
freeze
check "usage passes the old limit" wait_for $patience over $((140 * mib))
systemctl daemon-reload
check "a daemon-reload does not undo it" kernel_says $((256 * mib))
thaw
check "the log says so" wait_for $patience says "raised from 128M to 256M"
captured() { says "capture of 'shop'"; }
check "the capture ends" wait_for $patience captured
check "with a heap after a collection" is "$(newest)" captures.0.artifacts.kind=heap-gc.result complete
kill -KILL "$(property leakdog MainPID)"
restarted() { active leakdog && [ "$(property leakdog MainPID)" != "$pid" ]; }
check "the killed agent is followed by another" wait_for $patience restarted
check "unhold ran in between, and lowered nothing below usage" wait_for $patience says "stays at 256M: usage"
check "the limit is still raised" kernel_says $((256 * mib))
check "the target lives" active shop
check "the next agent shows it" wait_for $patience is /run/leakdog/status.json holds.0.to $((256 * mib))

at "the target ends: systemd's property goes back, too"
systemctl stop shop
check "nothing is held any more" wait_for $patience not_held
check "systemd has the unit's own limit" is_property shop MemoryMax $((128 * mib))
check "no runtime file stays" no_file
sed -i 's/-max 170/-max 20/' /etc/systemd/system/shop.service
systemctl daemon-reload
systemctl start shop
check "the next life has the unit's own limit" kernel_says $((128 * mib))

at "killed in the middle, and no other agent: ExecStopPost puts it back"
printf '[Service]\nRestart=no\n' > /etc/systemd/system/leakdog.service.d/once.conf
systemctl daemon-reload
systemctl restart leakdog
shop 100
freeze
systemctl kill -s KILL leakdog
ended() { is_property leakdog ActiveState failed; }
check "the agent is dead" wait_for $patience ended
check "the limit is back" kernel_says $((128 * mib))
check "systemd says so" is_property shop MemoryMax $((128 * mib))
check "no runtime file stays here either" no_file
check "nothing is held" not_held
systemctl daemon-reload
check "a daemon-reload changes nothing" kernel_says $((128 * mib))
check "the target lives" active shop

at "SIGTERM; and a limit that somebody else sets is theirs"
systemctl start leakdog
shop 170
freeze
check "usage passes the old limit again" wait_for $patience over $((140 * mib))
systemctl set-property --runtime shop MemoryMax=200M
thaw
check "it is given up" wait_for $patience says "somebody else set it to 200M: left alone"
check "the kernel has their value" kernel_says $((200 * mib))
systemctl daemon-reload
check "and keeps it" kernel_says $((200 * mib))
rm -f $control/50-MemoryMax.conf
systemctl stop leakdog
systemctl start leakdog
shop 100
freeze
thaw
check "it stops" systemctl stop leakdog
check "the limit is back" kernel_says $((128 * mib))
check "systemd says so" is_property shop MemoryMax $((128 * mib))
check "no runtime file stays" no_file
check "the archive is as promised" leakdog verify
