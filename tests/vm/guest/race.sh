# Runs in the guest (tests/vm/run), as root, below systemd and cgroup v2: a complete heap
# before the kill, by the shipped unit. First by a limit, then where the machine itself has
# no memory left: the guest has 256 MB, a ballast holds what is free but for $room MiB, and
# nothing limits the service but that. $OUT/rounds says how often (3); $OUT/results gets a
# line per race: what, complete or lost, ms of the heap's step.
# shellcheck source=tests/vm/guest/lib.sh
. "$SOURCE/tests/vm/guest/lib.sh"

rounds=$(cat "$OUT/rounds" 2> /dev/null || echo 3)
room=48
available() { echo $(($(awk '/^MemAvailable/ { print $2 }' /proc/meminfo) / 1024)); }

install_leakdog leaker hog
cat > /etc/leakdog/leakdog.yaml << 'END'
services:
  shop:
    unit: shop.service
    pprof: http://127.0.0.1:6060
    rules: [memory > 32M]
    cooldown: 1s # what comes after is a race of its own
    limits: { per_target: 200, per_service: 200, incidents: 200 }
archive: {keep_free: 4M}
END
systemctl daemon-reload
check "the agent starts" systemctl start leakdog

ended() { case $(systemctl show -p ActiveState --value shop) in failed | inactive) ;; *) return 1 ;; esac; }
watched() { journalctl -u leakdog --no-pager | grep -q "watching 'shop' pid $1 "; }
sealed() {
	manifest=$(grep -l "\"pid\": *$1\b" /var/lib/leakdog/shop/*/manifest.json 2> /dev/null | head -n 1)
	[ -n "$manifest" ] && [ "$(field "$manifest" state)" = sealed ]
}
# race WHAT RATE PROPERTY...: one race of the unit shop.
race() {
	local what=$1 rate=$2 pid result=lost ms=
	shift 2
	systemctl reset-failed shop 2> /dev/null || true
	systemd-run -q --unit=shop -p MemorySwapMax=0 -p OOMScoreAdjust=900 "$@" \
		/usr/local/bin/leaker -delay 6s -rate "$rate"
	pid=$(systemctl show -p MainPID --value shop)
	check "$what: it is watched" wait_for $patience watched "$pid"
	[ "$what" = limit ] || shrink
	check "$what: it is killed" wait_for $patience ended
	[ "$what" = limit ] || grow
	check "$what: the incident is sealed" wait_for $patience sealed "$pid"
	if [ "$(field "$manifest" captures.0.artifacts.kind=heap.result)" = complete ]; then
		result=complete
		ms=$(field "$manifest" captures.0.artifacts.kind=heap.ms)
	fi
	echo "$what $result $ms" >> "$OUT/results"
	[ $result = complete ] || cat "$manifest"
	check "$what: the heap is complete, $ms ms" [ $result = complete ]
	check "$what: the agent is the same" [ "$(systemctl show -p MainPID --value leakdog)" = "$agent" ]
}
# The ballast: what it holds nobody can take back.
shrink() {
	local mib=$(($(available) - room))
	systemd-run -q --unit=ballast -p OOMScoreAdjust=-1000 /usr/local/bin/hog -rate 1000 -max $mib
	sleep 2
}
grow() { systemctl stop ballast; }

agent=$(systemctl show -p MainPID --value leakdog)
for ((round = 1; round <= rounds; round++)); do
	at "round $round, $(available) MiB are available"
	race limit 300 -p MemoryMax=64M
	race machine 20
done
check "the archive is as promised" leakdog verify
cat "$OUT/results"
