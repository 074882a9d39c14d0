#!/bin/bash
# config/kubernetes: the manifests are YAML without double keys, the configuration in each is
# one that leakdog takes, what is mounted is there, and every right has its reason beside it.
# needs: root
# limit: 60
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
# shellcheck source=tests/tools/manifest.sh
. "$top/tests/tools/manifest.sh"
BUILD=$build

# container_of FILE: its kind in $kind, the path of the container "leakdog" in $at.
container_of() {
	for kind in DaemonSet Deployment; do
		for at in spec.template.spec.{initContainers,containers}.name=leakdog; do
			! "$build/yaml-at" "$1" $kind "$at.image" > "$tmp/image" || return 0
		done
	done
	return 1
}
# Each "- NAME" below add: and every other right follows a comment that says why.
explained() {
	awk '/^ *#/ { said = 1; next }
		/^ *(- (SYS_|DAC_|NET_)[A-Z_]+|hostPID:|shareProcessNamespace:|runAsUser:)/ && !said { print; bad = 1 }
		{ said = 0 }
		END { exit bad }' "$1"
}
# 5: it is right, and this machine is no node.
takes() {
	local code=0
	"$build/leakdog" check "$1" > "$tmp/check" 2>&1 || code=$?
	[ $code = 0 ] || [ $code = 5 ] || { cat "$tmp/check" && return 1; }
}
no_more_than() {
	! grep -nE 'privileged: *true|hostNetwork: *true|hostIPC: *true|allowPrivilegeEscalation: *true' "$1"
}
refused() { ! "$@"; }
for file in "$top"/config/kubernetes/*.yaml; do
	name=${file##*/}
	check "$name: every document is YAML, every key stands once" [ "$("$build/yaml-at" "$file" ConfigMap kind)" = ConfigMap ]
	check "$name: a container of leakdog's" container_of "$file"
	# What is the node's stays out of this: its directories are made here.
	sed -E "s,(path: )(/var/lib/leakdog|/var/log/[a-z]+),\1$tmp/node\2," "$file" > "$tmp/$name"
	check "$name: rights and mounts are such as runc can give" \
		manifest_options "$tmp/$name" "$kind" "$at" "$tmp/${name%.yaml}"
	check "$name: leakdog finds its three directories" \
		[ -n "${mounted[/etc/leakdog]-}" ] && [ -n "${mounted[/run/leakdog]-}" ]
	check "$name: leakdog takes the configuration" takes "${mounted[/etc/leakdog]}/leakdog.yaml"
	check "$name: every right has its reason" explained "$file"
	check "$name: and there are no others" no_more_than "$file"
done

http=$top/config/kubernetes/sidecar-http.yaml
check "over HTTP alone: nothing of another process is to be seen" \
	refused grep -nE '^ *(- )?(shareProcessNamespace|hostPID|hostPath|add):' "$http"
limit_said() { sed -nE 's/^ *limit: ([0-9]+)M .*/\1Mi/p' "$1"; }
check "and the limit that is said is the container's" [ "$(limit_said "$http")" = \
	"$("$build/yaml-at" "$http" Deployment spec.template.spec.containers.name=api.resources.limits.memory)" ]

# --- What would be wrong is seen -----------------------------------------------------------
sed 's/allowPrivilegeEscalation: false/allowPrivilegeEscalation: true/' "$top/config/kubernetes/sidecar.yaml" > "$tmp/more.yaml"
check "more rights than are tested are refused" refused no_more_than "$tmp/more.yaml"
check "by runc's bundle as well" refused manifest_options "$tmp/more.yaml" Deployment spec.template.spec.initContainers.name=leakdog "$tmp/more"
sed "s,^ *# .*,," "$top/config/kubernetes/sidecar.yaml" > "$tmp/bare.yaml"
check "a right without its reason is seen" refused explained "$tmp/bare.yaml"
