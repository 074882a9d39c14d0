// ticker: every download has a goroutine that notes its progress at every tick, and goes on
// doing so when the download is over. In the field there were hundreds of thousands of them,
// and nothing in the heap: a goroutine's stack is not in it.
//
// Expected: the rule about goroutines fires; as first sentence the group of goroutines in
// followProgress; the memory is in the stacks, and nobody is accused for the heap.
//
// With -peer it is people who download, ten times as many once they are not healthy.
package main

import (
	"flag"
	"fmt"
	"net/http"
	"time"

	"leakdog/load"
	"leakdog/serve"
	// twin: import
)

func main() {
	flag.Parse()
	if *load.IsPeer {
		load.Requests(load.Pace(100*time.Millisecond, 8*time.Millisecond), func(n int) *http.Request {
			return load.Request(http.MethodGet, fmt.Sprint("/download?id=", n), nil)
		})
	}
	http.Handle("/download", Downloads(5000))
	serve.Pprof("ticker")
	select {}
}
