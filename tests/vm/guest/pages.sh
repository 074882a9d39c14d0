# Runs in the guest (tests/vm/run), as root, below systemd and cgroup v2: what the pages
# "systemd" and "Docker or Podman" of config/places.md tell a newcomer to type, word by word.
# What needs a network or minutes of an emulated compiler is there already: the programs in
# $BUILD, the image in $OUT/leakdog.tar.
# shellcheck source=tests/vm/guest/lib.sh
. "$SOURCE/tests/vm/guest/lib.sh"

tell() { journalctl -o short-monotonic --no-pager | tail -n 100; }
# page HEADING: its blocks in /tmp/page, NUMBER.LANGUAGE.
page() {
	rm -rf /tmp/page && mkdir /tmp/page
	awk -v heading="## $1" '/^## / { on = $0 == heading }
		on && /^```/ { if (file) { close(file); file = "" } else {
			file = sprintf("/tmp/page/%d.%s", ++n, substr($0, 4) ? substr($0, 4) : "sh"); printf "" > file }; next }
		on && file { print > file }' "$SOURCE/config/places.md"
	check "$1: the page has its three blocks" [ "$(echo /tmp/page/*)" = "/tmp/page/1.sh /tmp/page/2.yaml /tmp/page/3.sh" ]
	# shellcheck disable=SC2016 # of the one who types
	sed -i -E '/^scripts\/|^cmake -S/d; s,--install build,--install "$BUILD",; s,build/image,"$OUT",' /tmp/page/*.sh
}
# types FILE: each of its commands must succeed.
types() {
	check "$1 is typed" bash -euxc "cd /tmp; . $1"
}
target_of() { field /run/leakdog/status.json "targets.service=$1.pid" 2> /dev/null; }
is_watched() { [ "$(target_of "$1")" = "$2" ]; }

at "systemd"
cat > /etc/systemd/system/cron.service << END
[Service]
DynamicUser=yes
ExecStart=$services/leaker -listen 127.0.0.1:6060 -max 1
MemoryMax=8G
END
systemctl daemon-reload
systemctl start cron
page systemd
types /tmp/page/1.sh
cp /tmp/page/2.yaml /etc/leakdog/leakdog.yaml
types /tmp/page/3.sh
check "its service is watched" wait_for $patience is_watched cron "$(property cron MainPID)"
check "for its user the archive is the unit's" \
	grep -q '^  archive /var/lib/leakdog$' <(runuser -u leakdog -- leakdog check)
check "the way into containers is opened" systemctl enable --now leakdog-capture.socket
check "doctor sees it" grep -qE '^ok +capture unit +leakdog-capture.socket takes' <(leakdog doctor)
# The next page begins on another machine.
systemctl stop leakdog leakdog-capture.socket cron
rm -rf /var/lib/leakdog /etc/leakdog

at "Docker or Podman"
mkdir -p /var/lib/containers /tmp/root
mount -t tmpfs -o mode=755 containers /var/lib/containers
cp "$services/leaker" /tmp/root/
tar -C /tmp/root -c . | podman import -q --change 'ENTRYPOINT ["/leaker"]' - localhost/shop:1 > /dev/null
podman run -d --name shop --network none --memory 64m localhost/shop:1 -listen 127.0.0.1:6060 -delay 100s -rate 3
page "Docker or Podman"
types /tmp/page/1.sh
cp /tmp/page/2.yaml /etc/leakdog/leakdog.yaml
types /tmp/page/3.sh
says() { podman logs leakdog 2>&1 | grep -qE "$1"; }
check "the container is watched" wait_for $patience says "watching 'shop' pid .*libpod-"
check "the kernel tells of new ones" eval '! says "not told by the kernel"'
check "its end is a counted kill" wait_for $((3 * patience)) says "of 'shop' sealed: oom-killed, OOM kills counted"
listed() { podman exec leakdog leakdog list | grep -qE "oom-killed .*main.rememberReply"; }
check "list names what grew" wait_for $patience listed
podman stop leakdog > /dev/null
