#!/bin/bash
# Build information is read as Go's own tool reads it, however a program was built.
# limit: 240
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

command -v go > /dev/null || {
	echo "needs go"
	exit 77
}
export GOCACHE=$services/gocache GOFLAGS="" GOPROXY=off
module=$tmp/shop
mkdir -p "$module/cmd/shop" "$module/cart"
cat > "$module/go.mod" <<- 'END'
	module example.com/shop
	go 1.19
END
printf 'package cart\n\nfunc Price() int { return 7 }\n' > "$module/cart/cart.go"
cat > "$module/cmd/shop/main.go" <<- 'END'
	package main

	import "example.com/shop/cart"

	func main() { println(cart.Price()) }
END
# A revision stands in it as well.
(cd "$module" && git init -q . && git add -A &&
	git -c user.name=shop -c user.email=shop@example.com commit -qm shop)

# as_go_says FILE: the tool prints the name of the file in front, and a blank.
as_go_says() {
	"$build/buildinfo" "$1" > "$tmp/ours" || return
	go version -m "$1" | sed -e '1s/.*: /go\t/' -e '2,$s/^\t//' > "$tmp/theirs"
	diff "$tmp/theirs" "$tmp/ours"
}
# built NAME OPTIONS...
built() {
	local name=$1
	shift
	(cd "$module" && CGO_ENABLED=0 go build -o "$tmp/$name" "$@" ./cmd/shop) || die "$name is not built"
}

build_services leaker
check "a program of GOPATH" as_go_says "$services/leaker"
check "it says so by having no module" bash -c "! grep -q '^mod' '$tmp/ours'"
built plain
check "a program of a module" as_go_says "$tmp/plain"
check "module and revision are told" [ "$(grep -cE '^(mod	example.com/shop	|build	vcs.revision=)' "$tmp/ours")" = 2 ]
built trimmed -trimpath
check "without paths" as_go_says "$tmp/trimmed"
built linked -ldflags "-s -w"
check "without symbols" as_go_says "$tmp/linked"
strip -o "$tmp/stripped" "$tmp/plain"
check "stripped" as_go_says "$tmp/stripped"
built anywhere -buildmode=pie
check "to be placed anywhere" as_go_says "$tmp/anywhere"
GOARCH=386 built narrow
check "of 32 bits" as_go_says "$tmp/narrow"
GOARCH=mips64 built big
check "of the other byte order" as_go_says "$tmp/big"
check "Go's own program" as_go_says "$(go env GOROOT)/bin/go"
check "a program that is not Go's has none" bash -c "! '$build/buildinfo' /bin/true > '$tmp/none' && [ ! -s '$tmp/none' ]"
