#!/bin/bash
# The incident says which build it was also where the program's file is gone or replaced, and
# where the process has died or become another one before it could be asked: the file is held
# from the first sight of the process on.
# needs: root
# tier: full
# limit: 240
# shellcheck source=tests/e2e/lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

command -v go > /dev/null || {
	echo "needs go"
	exit 77
}
archive=$tmp/archive module=$tmp/shop
build_services leaker field
mkdir -p "$module"
cat > "$module/go.mod" <<- 'END'
	module example.com/shop
	go 1.19
END
# It keeps growing, and the second heap that somebody asks for is its end.
cat > "$module/main.go" <<- 'END'
	package main

	import (
		"flag"
		"fmt"
		"net"
		"net/http"
		"net/http/pprof"
		"os"
		"syscall"
		"time"
	)

	var orders [][]byte

	func keepOrders() {
		for time.Sleep(3 * time.Second); len(orders) < 80; time.Sleep(10 * time.Millisecond) {
			orders = append(orders, make([]byte, 1<<20))
			for i := range orders[len(orders)-1] {
				orders[len(orders)-1][i] = 1
			}
		}
	}

	func main() {
		calm := flag.Bool("calm", false, "do not grow")
		end := flag.String("end", "", "of the second heap: exit, exec")
		flag.Parse()
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			panic(err)
		}
		fmt.Printf("shop listens on %s pid %d\n", listener.Addr(), os.Getpid())
		if !*calm {
			go keepOrders()
		}
		mux := http.NewServeMux()
		mux.HandleFunc("/debug/pprof/", func(w http.ResponseWriter, r *http.Request) {
			if r.FormValue("gc") != "" && *end == "exit" {
				os.Exit(1)
			}
			if r.FormValue("gc") != "" && *end == "exec" {
				panic(syscall.Exec("/bin/sleep", []string{"sleep", "86401"}, nil))
			}
			pprof.Index(w, r)
		})
		panic(http.Serve(listener, mux))
	}
END
(cd "$module" && git init -q . && git add -A &&
	git -c user.name=shop -c user.email=shop@example.com commit -qm shop &&
	CGO_ENABLED=0 GOFLAGS="" GOPROXY=off GOCACHE=$services/gocache go build -o "$tmp/built" .) ||
	die "shop is not built"
revision=$(git -C "$module" rev-parse HEAD)

# shop NAME [OPTION...]: runs a copy of the program.
shop() {
	local name=$1
	shift
	cp "$tmp/built" "$tmp/$name"
	start "$name.service" "$tmp/$name" "$@"
	address_of "$name.service"
	cat >> "$tmp/leakdog.yaml" <<- END
		  $name:
		    pid: $pid
		    pprof: http://$address
		    limit: 8G
		    rules: [ rss > 50M ]
	END
}
cat > "$tmp/leakdog.yaml" << END
archive: { dir: $archive, keep_free: 16M }
services:
END
# calm NAME: has a base soon.
calm() {
	shop "$1" -calm
	echo "    base: { after: 2s }" >> "$tmp/leakdog.yaml"
}
calm calm
# killed: by the kernel, before any rule has seen it coming.
make_cgroup 40M
cp "$tmp/built" "$tmp/killed"
start_in "$cgroup" killed.service "$tmp/killed"
address_of killed.service
cat >> "$tmp/leakdog.yaml" << END
  killed: { pid: $pid, pprof: "http://$address", rules: [ fds > 500 ] }
END
shop removed
shop replaced
shop died -end exit
shop became -end exec
start_agent "$tmp/leakdog.yaml"
meets() { [ "$(grep -c "watching '" "$tmp/leakdog.log")" = 6 ]; }
check "all are met" wait_for $patience meets
rm "$tmp/removed" "$tmp/died" "$tmp/became" "$tmp/killed"
mv "$services/leaker" "$tmp/replaced" # of another build
cp "$tmp/replaced" "$services/leaker"

# knows NAME [DIR]: its incident has the build, and the report says it.
reported() {
	incident=$(echo "$archive/$1"/2*)
	[ -e "$incident/report.json" ] && is "$incident/manifest.json" reported.result complete
}
says() { grep -qE "^  $1 +$2\$" "$incident/summary.txt"; }
knows() {
	check "$1: an incident is reported" wait_for $patience reported "$1" || return 0
	check "$1: module and revision are kept" [ "$(grep -cE \
		"^(mod	example.com/shop	.*|build	vcs.revision=$revision)$" "$incident/${2-01}/proc/buildinfo")" = 2 ]
	check "$1: Go's version is told" says "Go version" "$(go env GOVERSION)"
	check "$1: the module is told" says module "example.com/shop \(devel\)"
	check "$1: the revision is told" says revision "$revision"
}
fails() { ! "$@" 2> /dev/null; }
ended_in_the_middle() { is "$incident/manifest.json" captures.0.artifacts.kind=sockets.why "the target ended"; }
knows removed
knows replaced
knows died
check "died: in the middle of the capture" ended_in_the_middle
knows became
check "became: in the middle of the capture" ended_in_the_middle

knows killed base
check "killed: nothing was captured" fails field "$incident/manifest.json" captures.0.dir
check "killed: and there is no base" is "$incident/manifest.json" base.state missing

# holds NAME: its program is held; until there is a base, which has a copy of what it says.
holds() { readlink /proc/"$agent"/fd/* | grep -qE "^$tmp/$1( \(deleted\))?$"; }
based() { grep -q "base of '$1' pid .* complete" "$tmp/leakdog.log"; }
check "a program is held where there is no base" holds removed
check "there is one of the calm service" wait_for $patience based calm
check "its program is held no more" fails holds calm
stop_agent
