# Runs in the guest (tests/vm/run), as root, below systemd and cgroup v2: the image of leakdog
# ($OUT/leakdog.tar) in docker, by the very command of config/places.md, confined as docker
# confines all; then with the options that the page names for the rest.
# shellcheck source=tests/vm/guest/lib.sh
. "$SOURCE/tests/vm/guest/lib.sh"
# shellcheck source=tests/vm/guest/containers-lib.sh
. "$SOURCE/tests/vm/guest/containers-lib.sh"
# shellcheck source=tests/vm/guest/docker-lib.sh
. "$SOURCE/tests/vm/guest/docker-lib.sh"

log() { docker logs leakdog 2>&1; }
# configure SERVICE...: a line each.
configure() {
	cat > /etc/leakdog/leakdog.yaml << 'END'
defaults:
  pprof: http://127.0.0.1:6060
  rules: [memory > 40%]
  base: { after: 5s } # five minutes are too long for a test
  cooldown: 1s
archive: { keep_free: 16M }
END
	printf '%s\n' "$@" >> /etc/leakdog/leakdog.yaml
}
# run_leakdog OPTION...: what the page says, and these; its status in $status.
run_leakdog() {
	local command
	command=$(sed -n '/^podman run/,/[^\\]$/p' "$SOURCE/config/places.md")
	command=${command//\/var\/lib\/containers\/storage//var/lib/docker/containers}
	eval "${command/podman run/docker run $*}" > /dev/null
	pid=$(pid_of leakdog)
	status=/proc/$pid/root/run/leakdog/status.json
	check "leakdog runs" wait_for $patience [ -e "$status" ]
}
# say COMMAND: what leakdog says in there, in /tmp/COMMAND.log.
say() { docker exec leakdog leakdog "$1" > "/tmp/$1.log" 2>&1 || true; }
says() { grep -qE -- "$2" "/tmp/$1.log"; }

mkdir -p /etc/leakdog /var/lib/leakdog
begin_docker
service_root $root "$services/leaker"
check "an image of a service is imported" import_image shop:1
check "docker load takes the image of leakdog" docker load -qi "$OUT/leakdog.tar"
install -m 755 "$services/leaker" /usr/local/bin/beside
systemd-run -q --unit=beside -p MemoryMax=$limit beside -max 1
beside=$(property beside MainPID)

# --- As the page has it --------------------------------------------------------------------
at "confined"
configure 'services:' '  order: { container: order }' '  beside: { name: beside }'
run_leakdog
check "it is confined" grep -qx 'docker-default (enforce)' "/proc/$pid/attr/current"
check "it has three capabilities" grep -qx $'CapEff:\t0000000000280004' "/proc/$pid/status"
check "who runs outside is seen, and its memory" wait_for $patience watched beside "$beside"
trouble() { [[ $(field "$status" targets.service=beside.trouble) = *"$1"* ]]; }
check "but it cannot be asked" wait_for $patience trouble "that AppArmor lets us"
say doctor
check "doctor names what bars it" says doctor '^degraded +confinement +AppArmor: docker-default \(enforce\); [1-9]'
check "and what lifts it" says doctor 'apparmor=unconfined'
check "it knows that nothing is proved of networks" says doctor '^ok +network .* where AppArmor lets us'
box order --restart=on-failure:3 shop:1 -delay 20s -rate 3
order=$pid id=$(docker_id order)
check "a container is known by its name" wait_for $patience watched order "$order"
evidence_of order "$order" "own-counter parent-counter"
identity "$id" order shop:1
check "docker starts it again" wait_for $patience restarted order "$order"
check "the next one has a base of its own" wait_for $patience has_base order "$pid"
docker rm -f order leakdog > /dev/null

# --- With what it names for the rest -------------------------------------------------------
at "unconfined"
configure 'runtime: { socket: /run/docker.sock }' 'services:' '  beside: { name: beside }' \
	'  shop: { container: { label: app=shop } }'
run_leakdog --security-opt apparmor=unconfined -v /run/docker.sock:/run/docker.sock
check "it is not confined" grep -qx unconfined "/proc/$pid/attr/current"
box shop-1 --label app=shop shop:1 -max 1
check "a container is known by its label" wait_for $patience watched shop "$pid"
asked() { [[ $(field "$status" "targets.service=$1.signals.goroutines") =~ ^[0-9]+$ ]]; }
check "it is asked" wait_for $patience asked shop
check "so is who runs outside" wait_for $patience asked beside
check "the control groups have the machine's names" is "$status" targets.service=beside.cgroup /system.slice/beside.service
say doctor
check "doctor: nothing bars it" says doctor '^ok +confinement +no profile of AppArmor'
check "doctor: the socket can be asked" says doctor '^ok +runtime +/run/docker.sock: can be asked'
