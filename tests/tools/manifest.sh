# A container of a Kubernetes manifest as runc gets it: rights and mounts are those that stand
# in the file, so that what is tested is what is shipped. To be sourced after bundle.sh.
# shellcheck shell=bash

manifest_at() { "$BUILD/yaml-at" "$@" 2> /dev/null; }

# config_map FILE NAME DIR: the files of a ConfigMap, behind the links that the kubelet makes.
config_map() {
	local name
	[ "$(manifest_at "$1" ConfigMap metadata.name)" = "$2" ] || return
	mkdir -p "$3/..2026_11_22"
	ln -sfn ..2026_11_22 "$3/..data"
	for name in $(manifest_at "$1" ConfigMap data); do
		manifest_at "$1" ConfigMap "data.${name//./\/}" > "$3/..data/$name"
		ln -sfn "..data/$name" "$3/$name"
	done
}

# volume FILE KIND POD-PATH NAME DIR: what is mounted, in $source.
volume() {
	local at=$3.volumes.name=$4 group
	source=$(manifest_at "$1" "$2" "$at.hostPath.path") && mkdir -p "$source" && return
	source=$5/$4
	mkdir -p "$source"
	if manifest_at "$1" "$2" "$at.emptyDir" > /dev/null; then
		group=$(manifest_at "$1" "$2" "$3.securityContext.fsGroup" || echo 0)
		chgrp "$group" "$source" && chmod 2777 "$source" # as the kubelet does it
		return
	fi
	config_map "$1" "$(manifest_at "$1" "$2" "$at.configMap.name")" "$source"
}

# manifest_options FILE KIND CONTAINER-PATH DIR: what make_bundle is told of a container, in
# the list $options; where each mount is on this machine in $mounted. Volumes of the pod are
# made in DIR.
manifest_options() {
	local file=$1 kind=$2 at=$3 dir=$4 pod=${3%%.initContainers*} rights=$3.securityContext
	local i path mode source user group caps memory
	pod=${pod%%.containers*}
	declare -gA mounted=()
	[ "$(manifest_at "$file" "$kind" "$rights.readOnlyRootFilesystem")" = true ] &&
		[ "$(manifest_at "$file" "$kind" "$rights.allowPrivilegeEscalation")" = false ] &&
		[ "$(manifest_at "$file" "$kind" "$rights.capabilities.drop.0")" = ALL ] || {
		echo "$file: more rights than runc is to give"
		return 1
	}
	user=$(manifest_at "$file" "$kind" "$rights.runAsUser" || manifest_at "$file" "$kind" "$pod.securityContext.runAsUser")
	group=$(manifest_at "$file" "$kind" "$rights.runAsGroup" || manifest_at "$file" "$kind" "$pod.securityContext.runAsGroup")
	caps=$(manifest_at "$file" "$kind" "$rights.capabilities.add" | sed 's/^/CAP_/' | paste -sd,) || caps=
	memory=$(manifest_at "$file" "$kind" "$at.resources.limits.memory")
	options=(user="$user:$group" caps="$caps" limit="$(numfmt --from=auto "$memory")")
	for ((i = 0; ; i++)); do
		path=$(manifest_at "$file" "$kind" "$at.volumeMounts.$i.mountPath") || break
		volume "$file" "$kind" "$pod" "$(manifest_at "$file" "$kind" "$at.volumeMounts.$i.name")" "$dir" || return
		mode=rw
		[ "$(manifest_at "$file" "$kind" "$at.volumeMounts.$i.readOnly")" != true ] || mode=ro
		options+=("bind=$source:$path:$mode")
		mounted[$path]=$source
	done
}
