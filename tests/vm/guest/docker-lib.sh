# Shared by the tests with Docker in the guest; to be sourced after containers-lib.sh.
# shellcheck shell=bash
#
# The packages docker.io and apparmor are unpacked beside the build (scripts/setup long), as
# they would begin to run where they are installed: here they stand where they belong, and
# systemd starts dockerd by its own unit. AppArmor is the kernel's default in Debian.
peers=$SOURCE/build/peers
docker() { /usr/bin/docker "$@"; } # whatever else this machine calls so

tell() {
	log
	journalctl -u docker -p warning --no-pager | tail -n 20
	grep . /tmp/*.log
	[ ! -e "${manifest-}" ] || cat "$manifest"
}

# begin_docker: dockerd, with the storage driver that it takes by itself.
begin_docker() {
	at "docker"
	cp -as "$peers"/docker.io/usr/{bin,sbin} "$peers"/apparmor/usr/sbin /usr/
	cp -as "$peers"/apparmor/usr/share/apparmor-features /usr/share/
	cp -s "$peers/apparmor/sbin/apparmor_parser" /sbin/
	cp -as "$peers"/apparmor/etc/apparmor{,.d} /etc/
	cp "$peers"/docker.io/lib/systemd/system/docker.* /etc/systemd/system/
	groupadd -r docker 2> /dev/null || true
	mkdir -p /var/lib/docker /var/lib/containerd /etc/containerd
	mount -t tmpfs docker /var/lib/docker
	mount -t tmpfs containerd /var/lib/containerd
	echo 'disabled_plugins = ["io.containerd.grpc.v1.cri"]' > /etc/containerd/config.toml
	systemctl daemon-reload
	check "dockerd starts" systemctl start containerd docker.socket docker
	docker info --format 'docker {{.ServerVersion}}, storage {{.Driver}}, control groups {{.CgroupVersion}} by {{.CgroupDriver}}, {{.SecurityOptions}}'
}

# import_image NAME: of the leaker alone.
import_image() {
	tar -c -C $root . | docker import --change 'ENTRYPOINT ["/leaker"]' - "$1" > /dev/null
}
# identity ID NAME IMAGE: what the manifest says of its container.
identity() {
	check "its runtime" is "$manifest" target.container.runtime docker
	check "its id" is "$manifest" target.container.id "$1"
	check "its name" is "$manifest" target.container.name "$2"
	check "its image" is "$manifest" target.container.image "$3"
}
# box NAME OPTION... IMAGE ARGUMENT...: started; its pid in $pid.
box() {
	docker run -d --name "$1" --memory $limit --memory-swap $limit "${@:2}" > /dev/null
	pid=$(pid_of "$1")
}
pid_of() { docker inspect -f '{{.State.Pid}}' "$1"; }
docker_id() { docker inspect -f '{{.Id}}' "$1"; }
# restarted NAME PID: it lives again, as another process, in $pid.
restarted() {
	pid=$(pid_of "$1")
	[ "$pid" != 0 ] && [ "$pid" != "$2" ]
}
# has_base SERVICE PID: a whole one, by the log of the agent. Here a container is its runtime's
# first step ("runc:[2:INIT]") for seconds, which is watched too, and has no pprof.
has_base() { log | grep -qE "base of '$1' pid $2 complete" && watched "$1" "$2"; }
