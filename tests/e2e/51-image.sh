#!/bin/bash
# scripts/image: every digest in it is true, the same input makes the same bytes, nothing in it
# is a shell, and runc runs it from a read-only root as its own user without any capability.
# needs: root
# limit: 200
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"
# shellcheck source=tests/tools/bundle.sh
. "$top/tests/tools/bundle.sh"
build_services field plain

image=$tmp/leakdog.tar layout=$tmp/layout root=$tmp/root
check "it is built" env LEAKDOG_BUILD="$build" "$top/scripts/image" "$image"
mkdir "$tmp/elsewhere"
check "and again, elsewhere" env LEAKDOG_BUILD="$build" TMPDIR="$tmp/elsewhere" \
	"$top/scripts/image" "$tmp/again.tar"
check "to the same bytes" cmp "$image" "$tmp/again.tar"
mkfifo "$tmp/fifo"
check "what is no file is not replaced" [ "$(LEAKDOG_BUILD=$build "$top/scripts/image" "$tmp/fifo" > "$tmp/out" 2>&1 || tail -n 1 "$tmp/out")" = "image: $tmp/fifo is there, and no file" ]
check "what is not its own is left as it was" [ -z "$(ls "$tmp/elsewhere")" ]

# --- What describes it ---------------------------------------------------------------------
mkdir "$layout"
tar -xf "$image" -C "$layout"
blobs=$layout/blobs/sha256
true_digests() { (cd "$blobs" && for blob in *; do echo "$blob  $blob"; done | sha256sum --quiet -c); }
check "every blob has the digest that it is named by" true_digests
# blob FILE PATH: the blob that a descriptor names, which must have the size that it tells.
blob() {
	local digest
	digest=$(field "$1" "$2.digest") || return
	[ "$(stat -c %s "$blobs/${digest#sha256:}")" = "$(field "$1" "$2.size")" ] || return
	echo "$blobs/${digest#sha256:}"
}
manifest=$(blob "$layout/index.json" manifests.0) || die "the index names no manifest of its size"
config=$(blob "$manifest" config) || die "the manifest names no configuration of its size"
layer=$(blob "$manifest" layers.0) || die "the manifest names no layer of its size"
check "three blobs and no more" [ "$(find "$blobs" -type f | wc -l)" = 3 ]
unpacked() { [ "sha256:$(zcat "$layer" | sha256sum | cut -d' ' -f1)" = "$(field "$config" rootfs.diff_ids.0)" ]; }
check "the layer unpacks to the digest of the configuration" unpacked
check "it runs leakdog" is "$config" config.Entrypoint '["/usr/bin/leakdog"]'
check "which watches" is "$config" config.Cmd '["run"]'
check "as nobody's user" is "$config" config.User 65532:65532
check "for docker load it is the same configuration" is "$layout/manifest.json" 0.Config "blobs/sha256/${config##*/}"
check "and the same layer" is "$layout/manifest.json" 0.Layers "[\"blobs/sha256/${layer##*/}\"]"

# --- What is in it -------------------------------------------------------------------------
image_root "$image" "$root"
check "two programs and no other, no shell" [ "$(find "$root" -type f -perm /111 ! -name '*.so*' -printf '%f\n' | sort | xargs)" = "leakdog leakdog-fetch" ]
check "no set-id bits" [ -z "$(find "$root" -perm /6000)" ]
check "nothing that its user could change but two directories and /tmp" \
	[ "$(find "$root" \( -user 65532 -o -group 65532 -o -perm -o+w \) -printf '/%P\n' | sort | xargs)" = "/run/leakdog /tmp /var/lib/leakdog" ]

# --- It runs -------------------------------------------------------------------------------
mkdir "$tmp/etc" "$tmp/archive"
chown 65532 "$tmp/archive"
cat > "$tmp/etc/leakdog.yaml" << 'END'
services: {shop: {name: shop, rules: [memory > 62%]}}
archive: {keep_free: 1M}
END
# contained [KEY=VALUE...] -- COMMAND...: its status; what it says in $tmp/out.
runs=0
contained() {
	local name=leakdog-image-$$-$((runs += 1))
	make_bundle "$tmp/bundle" root="$root" cgroup="/$name" limit=$((64 << 20)) \
		env=STATE_DIRECTORY=/var/lib/leakdog env=RUNTIME_DIRECTORY=/run/leakdog "$@"
	runc run --bundle "$tmp/bundle" "$name" > "$tmp/out" 2>&1 < /dev/null || {
		cat "$tmp/out"
		return 1
	}
}
check "runc runs it" contained -- /usr/bin/leakdog version
check "which says its version" grep -q '^leakdog [0-9]' "$tmp/out"
check "the other program finds its libraries" contained -- /usr/bin/leakdog-fetch version
check "check reads a mounted configuration" contained "bind=$tmp/etc:/etc/leakdog" \
	"bind=$tmp/archive:/var/lib/leakdog:rw" -- /usr/bin/leakdog check
check "nothing was written into its root" [ -z "$(find "$root" -newer "$tmp/etc/leakdog.yaml" -type f)" ]
