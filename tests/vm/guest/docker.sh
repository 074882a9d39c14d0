# Runs in the guest (tests/vm/run), as root, below systemd and cgroup v2: leakdog on a machine
# whose containers are docker's, confined by its AppArmor profile: known by their name, by a
# label and by an image, each with pprof on a loopback of its own. dockerd itself restarts who
# is killed.
# shellcheck source=tests/vm/guest/lib.sh
. "$SOURCE/tests/vm/guest/lib.sh"
# shellcheck source=tests/vm/guest/containers-lib.sh
. "$SOURCE/tests/vm/guest/containers-lib.sh"
# shellcheck source=tests/vm/guest/docker-lib.sh
. "$SOURCE/tests/vm/guest/docker-lib.sh"

install_leakdog leaker
begin_docker
service_root $root "$services/leaker"
check "images are imported" import_image shop:1
docker tag shop:1 till:2
cat > /etc/leakdog/leakdog.yaml << 'END'
runtime: { socket: /run/docker.sock }
defaults:
  pprof: http://127.0.0.1:6060
  rules: [memory > 40%]
  base: { after: 5s } # five minutes are too long for a test
  cooldown: 1s
services:
  order: { container: order }
  shop: { container: { label: app=shop } }
  till: { container: { image: "till:*" } }
archive: { keep_free: 16M }
END
log() { journalctl -u agent -o cat --no-pager; }
check "the configuration is right" leakdog check
check "the agent starts" systemd-run -q --unit=agent -p Type=notify -p OOMScoreAdjust=-900 \
	leakdog run

# --- Who they are --------------------------------------------------------------------------
at "containers"
box order --restart=always shop:1 -delay 20s -rate 3
order=$pid id=$(docker_id order)
check "docker confines it" grep -qx 'docker-default (enforce)' "/proc/$order/attr/current"
check "one is known by its name" wait_for $patience watched order "$order"
check "with its id" watched order "$order" container.id "$id"

# --- Its end -------------------------------------------------------------------------------
evidence_of order "$order" "own-counter parent-counter"
identity "$id" order shop:1
check "docker starts it again" wait_for $patience restarted order "$order"
check "the next one has a base of its own" wait_for $patience has_base order "$pid"
check "it is the same container" watched order "$pid" container.id "$id"

# --- An end that is none of the kernel's ---------------------------------------------------
docker rm -f order > /dev/null
box till-1 --network none till:2 -delay 15s -rate 10 -max 50
till=$pid
check "one is known by its image" wait_for $patience watched till "$till"
captured() { manifest_of till "$till" && is "$manifest" captures.0.artifacts.kind=heap.result complete; }
check "it is captured while it lives" wait_for $patience captured
docker stop -t 1 till-1 > /dev/null
check "stopped: its incident is sealed" wait_for $patience is_sealed till "$till"
check "as exited" is "$manifest" verdict.outcome exited
identity "$(docker_id till-1)" till-1 till:2
docker rm till-1 > /dev/null

# --- Another one under the same name -------------------------------------------------------
box order --label app=shop shop:1 -max 1
first=$pid first_id=$(docker_id order)
check "one is known by its name and its label" wait_for $patience watched order "$first"
check "as both" wait_for $patience watched shop "$first"
docker rename order order-before
box order shop:1 -max 1
check "a container that takes over its name is watched" wait_for $patience has_base order "$pid"
check "as another one" watched order "$pid" container.id "$(docker_id order)"
newer=$pid
check "the one that had it goes on under its label" watched shop "$first" container.id "$first_id"
docker restart -t 1 order-before > /dev/null
pid=$(pid_of order-before)
check "also when it is started again" \
	wait_for $patience watched shop "$pid" container.id "$first_id"

# --- What leakdog says of the place --------------------------------------------------------
at "doctor and discover"
systemctl stop agent # or all are watched already
cat > /etc/leakdog/leakdog.yaml << 'END'
runtime: { socket: /run/docker.sock }
services: { other: { name: nobody } }
END
leakdog doctor > /tmp/doctor.log || true
check "doctor: the socket answers" grep -qE '^ok +runtime +/run/docker.sock: can be asked' /tmp/doctor.log
check "networks can be joined" grep -qE '^ok +network .* can be joined' /tmp/doctor.log
leakdog discover > /tmp/discover.log || true
check "discover: dockerd itself, by its unit" grep -q '^  unit *docker.service' /tmp/discover.log
check "the container, by the name that it has now" \
	grep -q "^  container order-before (docker ${first_id:0:12}), image shop:1" /tmp/discover.log
check "each is asked in its own network" [ "$(grep -c '127.0.0.1:6060  pprof' /tmp/discover.log)" = 2 ]
check "nobody is taken for another" grep -q "^pid $newer  /leaker" /tmp/discover.log
check "its file selects by name" grep -qxF '    container: { name: "order" }' /tmp/discover.log
check "the archive is as promised" leakdog verify
