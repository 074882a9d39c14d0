# Bundles for runc (OCI runtime specification), on cgroup v1 and v2; to be sourced.
# shellcheck shell=bash

# json_words WORD...: as the elements of a list. They hold nothing that needs an escape.
json_words() {
	local words
	printf -v words '"%s",' "$@"
	[ $# = 0 ] || echo "${words%,}"
}

# make_bundle DIR [KEY=VALUE...] -- COMMAND...: DIR/config.json.
#   root=DIR        root file system, read-only      user=UID[:GID] (65532)
#   cgroup=PATH     as cgroupsPath takes it          limit=BYTES    of memory; none
#   caps=CAP,...    capabilities; none               env=NAME=VALUE again for each
#   pid=, net=      a namespace to join by its path; "host"; one of its own
#   cgroupns=host   the machine's; one of its own
#   bind=FROM:TO[:rw]  again for each                tmpfs=DIR      again for each
make_bundle() {
	local dir=$1 root='' user=65532 cgroup='' limit='' caps='' pid=own net=own cgroupns=own
	local caps_list=() env=(PATH=/usr/bin) binds=() tmpfs=() mounts=() namespaces=(mount ipc uts) kind from to mode
	shift
	while [ "$1" != -- ]; do
		case $1 in
		env=*) env+=("${1#env=}") ;;
		bind=*) binds+=("${1#bind=}") ;;
		tmpfs=*) tmpfs+=("${1#tmpfs=}") ;;
		*) printf -v "${1%%=*}" %s "${1#*=}" ;;
		esac
		shift
	done
	shift
	mounts+=('"destination": "/proc", "type": "proc", "source": "proc"'
		'"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755", "size=64k"]'
		'"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup", "options": ["ro", "nosuid", "noexec", "nodev"]')
	for to in "${tmpfs[@]}"; do
		mounts+=("\"destination\": \"$to\", \"type\": \"tmpfs\", \"source\": \"tmpfs\", \"options\": [\"nosuid\", \"nodev\", \"mode=1777\"]")
	done
	for from in "${binds[@]}"; do
		IFS=: read -r from to mode <<< "$from"
		mounts+=("\"destination\": \"$to\", \"type\": \"bind\", \"source\": \"$from\", \"options\": [\"rbind\", \"${mode:-ro}\"]")
	done
	printf -v mounts '{%s},' "${mounts[@]}"
	for kind in "pid:$pid" "network:$net" "cgroup:$cgroupns"; do
		case ${kind#*:} in
		own) namespaces+=("${kind%%:*}") ;;
		host) ;;
		*) namespaces+=("${kind%%:*}\", \"path\": \"${kind#*:}") ;;
		esac
	done
	printf -v namespaces '{"type": "%s"},' "${namespaces[@]}"
	IFS=, read -ra caps_list <<< "$caps"
	caps=$(json_words "${caps_list[@]}")
	mkdir -p "$dir"
	cat > "$dir/config.json" << END
{"ociVersion": "1.0.2", "hostname": "container",
 "process": {"args": [$(json_words "$@")], "cwd": "/", "env": [$(json_words "${env[@]}")],
  "user": {"uid": ${user%%:*}, "gid": ${user##*:}}, "noNewPrivileges": true,
  "capabilities": {"bounding": [$caps], "effective": [$caps], "permitted": [$caps]}},
 "root": {"path": "$root", "readonly": true},
 "mounts": [${mounts%,}],
 "linux": {"cgroupsPath": "$cgroup", "namespaces": [${namespaces%,}],
  "resources": {"memory": {${limit:+"\"limit\": $limit, \"swap\": $limit"}}},
  "maskedPaths": ["/proc/kcore"], "readonlyPaths": ["/proc/sys"]}}
END
}

# service_root DIR SERVICE: a root file system that holds one static program, at /SERVICE.
service_root() {
	mkdir -p "$1"/{dev,proc,sys/fs/cgroup,tmp,var/log}
	install -m 755 "$2" "$1/${2##*/}"
}

# image_root IMAGE DIR: unpacks the one layer of an image that scripts/image has made.
image_root() {
	local unpacked=$2.layout
	mkdir -p "$2" "$unpacked"
	tar -xf "$1" -C "$unpacked"
	tar -xzf "$unpacked/$(sed -nE 's/.*"Layers": \["([^"]+)"\].*/\1/p' "$unpacked/manifest.json")" \
		-C "$2" --numeric-owner --same-owner --same-permissions
	rm -r "$unpacked"
	mkdir -p "$2/sys/fs/cgroup"
}
